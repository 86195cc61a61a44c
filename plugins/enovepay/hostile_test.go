package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestARefusedTokenIsNotSentAgainWhereATransactionIsNamed(t *testing.T) {
	for name, body := range map[string]string{
		"an id":           `{"status_code":101,"transaction_id":"` + testID + `"}`,
		"an id of a kind": `{"status_code":101,"transaction_id":{"id":"` + testID + `"}}`,
		"a word":          `{"status_code":101,"transaction_status":"Credit In Progress"}`,
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			p := local(t, loginMode, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v1/auth/token" {
					fmt.Fprint(w, strings.ReplaceAll(granting, "%d", "1"))
					return
				}
				calls++
				fmt.Fprint(w, body)
			})
			got, err := p.CreatePayment(t.Context(), collection(nil))
			if err != nil || calls != 1 || got.Outcome == refused {
				t.Errorf("want one call that is not REJECTED, got %v after %d calls, %v", got.Outcome, calls, err)
			}
		})
	}
}

func TestAWordWithoutAnEnvelopeCountsBesideSuccessOnly(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 409, 429, 500, 502, 503} {
		for _, word := range []string{"Failed", "Success", "Credit In Progress", "Refunded"} {
			body := strings.Replace(tells("100", word), `"status_code":100,`, "", 1)
			if got := live(t).created(answered(status, body), opCollect); got.Outcome != unknown {
				t.Errorf("HTTP %d with %s to collect: want UNKNOWN, got %v", status, word, got.Outcome)
			}
			if got := live(t).told(answered(status, body), asked()); got.Outcome != unknown {
				t.Errorf("HTTP %d with %s to status: want UNKNOWN, got %v", status, word, got.Outcome)
			}
		}
	}
}
