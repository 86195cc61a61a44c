package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
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
			if got := live(t).created(answered(status, body), opCollect, testRef); got.Outcome != unknown {
				t.Errorf("HTTP %d with %s to collect: want UNKNOWN, got %v", status, word, got.Outcome)
			}
			if got := live(t).told(answered(status, body), asked()); got.Outcome != unknown {
				t.Errorf("HTTP %d with %s to status: want UNKNOWN, got %v", status, word, got.Outcome)
			}
		}
	}
}

func TestAnAnswerOfCollectAboutAnotherReferenceSaysNothing(t *testing.T) {
	for name, body := range map[string]string{
		"failed":   tells("112", "Failed"),
		"accepted": sample(t, "answer-accepted.json"),
		"refused":  `{"status_code":107,"reference_number":"` + testRef + `"}`,
		"by code":  `{"status_code":116,"transaction_ref":"` + testRef + `"}`,
	} {
		for _, op := range []operation{opCollect, opPayout} {
			p := local(t, nil, func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, strings.ReplaceAll(body, testRef, "p01j8xk2m4n6q8r0s2t4v6other"))
			})
			var got sdk.Result
			var err error
			if op == opCollect {
				got, err = p.CreatePayment(t.Context(), collection(nil))
			} else {
				got, err = p.CreatePayout(t.Context(), disbursement(nil))
			}
			if err != nil || got.Outcome != unknown || got.Alert == "" || got.ProviderRef != "" {
				t.Errorf("%s to %s: want UNKNOWN with an alert and no id, got %+v, %v", name, op, got, err)
			}
		}
	}
}

func TestAnAnswerByReferenceEndsOnlyTheOneItNames(t *testing.T) {
	attempt := collection(nil).Attempt
	for name, c := range map[string]struct {
		body string
		want sdk.Outcome
	}{
		"ours":                        {tells("112", "Failed"), declined},
		"ours by the older name":      {strings.Replace(tells("100", "Success"), "reference_number", "transaction_ref", 1), succeeded},
		"nobody failed":               {says("112"), unknown},
		"an id failed":                {`{"status_code":112,"transaction_id":"` + testID + `"}`, unknown},
		"an id was paid":              {`{"status_code":100,"transaction_id":"` + testID + `","transaction_status":"Success","transaction_amount":1000}`, unknown},
		"nobody was refunded":         {`{"status_code":100,"transaction_status":"Refunded"}`, unknown},
		"nobody, tries exceeded":      {says("115"), unknown},
		"nobody waits, which is fine": {says("114"), pending},
		"an id waits":                 {`{"status_code":114,"transaction_id":"` + testID + `"}`, pending},
	} {
		t.Run(name, func(t *testing.T) {
			got := live(t).told(answered(200, c.body), attempt)
			if got.Outcome != c.want || (got.Alert != "") != (c.want == unknown) {
				t.Errorf("want %v, got %v with %q", c.want, got.Outcome, got.Alert)
			}
			if named := c.want == declined || c.want == succeeded; named != (got.ProviderRef == testID) || !named && got.ProviderRef != "" {
				t.Errorf("got the id %q", got.ProviderRef)
			}
		})
	}
}

// unreadable are objects that two readers could read in two ways, or none.
func unreadable() map[string]string {
	return map[string]string{
		"half an answer":     `{"success":true,"status_code":100,"transaction_id":"4c2a169d`,
		"a name twice":       `{"status_code":103,"status_code":100}`,
		"a name twice, deep": `{"status_code":103,"data":{"a":1,"a":2}}`,
		"a code of a kind":   `{"status_code":{"code":100}}`,
		"two answers":        says("103") + says("100"),
	}
}

func TestWhatCannotBeReadInOneWayIsUnknownWhateverItsNumber(t *testing.T) {
	for name, body := range unreadable() {
		for _, status := range []int{200, 400, 401, 403, 404, 422, 429, 503} {
			if got := live(t).created(answered(status, body), opCollect, testRef); got.Outcome != unknown {
				t.Errorf("%s with HTTP %d: want UNKNOWN, got %v", name, status, got.Outcome)
			}
		}
	}
	for name, body := range map[string]string{
		"a word twice":      strings.Replace(tells("100", "Success"), "{", `{"transaction_status":"Failed",`, 1),
		"an amount twice":   strings.Replace(tells("100", "Success"), "{", `{"transaction_amount":1,`, 1),
		"a word of a kind":  `{"status_code":112,"transaction_status":{"name":"Success"}}`,
		"a word in a list":  `{"status_code":112,"transaction_status":["Success"]}`,
		"a word that is no": `{"status_code":115,"transaction_status":false}`,
	} {
		if got := live(t).told(answered(200, body), asked()); got.Outcome != unknown {
			t.Errorf("%s in a status answer: want UNKNOWN, got %v", name, got.Outcome)
		}
		if got := live(t).created(answered(200, body), opCollect, testRef); got.Outcome == declined || got.Outcome == final || got.Outcome == refused {
			t.Errorf("%s in the answer of collect: got %v", name, got.Outcome)
		}
	}
}

func TestNoWordOfAnAnswerShowsAPhone(t *testing.T) {
	body := `{"status_code":103,"transaction_id":"` + testID + `","transaction_status":"no wallet at 0707123456"}`
	read, err := live(t).HandleNotification(t.Context(), posted(body, tokenOK))
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"a status answer":       live(t).told(answered(200, body), asked()).ProviderStatus,
		"the answer of collect": live(t).created(answered(200, body), opCollect, testRef).ProviderStatus,
		"a webhook":             read.Result.ProviderStatus,
	} {
		if got != "no wallet at [number]" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestAWebhookThatCanBeReadInTwoWaysIsAHint(t *testing.T) {
	for name, body := range map[string]string{
		"two ids":        `{"transaction_id":"ffffffffffffffffffff","transaction_id":"` + testID + `","transaction_status":"Success"}`,
		"two words":      `{"transaction_id":"` + testID + `","transaction_status":"Failed","transaction_status":"Success"}`,
		"two of a form":  "transaction_id=" + testID + "&transaction_status=Failed&transaction_status=Success",
		"two references": `{"transaction_id":"` + testID + `","reference_number":"` + testRef + `","reference_number":"x"}`,
	} {
		got, err := live(t).HandleNotification(t.Context(), posted(body, tokenOK))
		if err != nil || got.Authenticity != sdk.Hint || got.ProviderRef != testID || got.Ref != "" || got.DedupeKey != "" || !got.Confirm {
			t.Errorf("%s: want a hint of %s, got %+v, %v", name, testID, got, err)
		}
	}
}

func TestMoneyOfAnotherReferenceIsReportedWithoutItsID(t *testing.T) {
	body := strings.Replace(tells("100", "Success"), testRef, "other", 1)
	got := live(t).told(answered(200, body), collection(nil).Attempt)
	if got.Outcome != succeeded || got.Told.Reference != "other" || got.ProviderRef != "" {
		t.Errorf("want SUCCEEDED of other, and that later questions go by our reference, got %+v", got)
	}
	renamed := asked()
	renamed.ProviderRef = "ffffffffffffffffffff"
	if got := live(t).told(answered(200, tells("100", "Success")), renamed); got.Outcome != succeeded || got.ProviderRef != testID {
		t.Errorf("ours by another id: want SUCCEEDED and the id, for the engine to see, got %+v", got)
	}
}
