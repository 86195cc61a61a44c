package httpx_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// withoutSite hides a secret that holds a long number.
func withoutSite(text string) string { return strings.ReplaceAll(text, "a12345678b", "[redacted]") }

func TestBodiesAreKeptOnlyWhereTheyAreWanted(t *testing.T) {
	t.Parallel()
	server := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"status":"PAID","payment_token":"t-7"}`)
	})
	client := newClient(t, 10*time.Second)
	request := httpx.Request{
		Method: http.MethodPost, URL: server.URL, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Body: []byte("amount=5000&apikey=zzz&tel=0707123456&site=a12345678b"),
	}
	plain, err := client.Move(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if got := plain.Exchanges[0]; got.RequestBody != "" || got.AnswerBody != "" {
		t.Errorf("bodies that nobody wanted: %+v", got)
	}
	wanted, err := client.Move(sdk.WithBodies(t.Context(), withoutSite), request)
	if err != nil {
		t.Fatal(err)
	}
	got := wanted.Exchanges[0]
	if want := `{"amount":"5000","apikey":"[redacted]","site":"[redacted]","tel":"[redacted]"}`; got.RequestBody != want {
		t.Errorf("request %s, want %s", got.RequestBody, want)
	}
	if want := `{"payment_token":"[redacted]","status":"PAID"}`; got.AnswerBody != want {
		t.Errorf("answer %s, want %s", got.AnswerBody, want)
	}
	if string(wanted.Body) != `{"status":"PAID","payment_token":"t-7"}` {
		t.Errorf("the plugin read %s", wanted.Body)
	}
}

func TestWhatWasSentIsKeptWhereNoAnswerCame(t *testing.T) {
	t.Parallel()
	request := post("http://127.0.0.1:1")
	request.Header, request.Body = http.Header{"Content-Type": {"application/json"}}, []byte(`{"a":1}`)
	_, err := newClient(t, 10*time.Second).Move(sdk.WithBodies(t.Context(), withoutSite), request)
	var fault *sdk.Error
	if !errors.As(err, &fault) || len(fault.Exchanges) != 1 || fault.Exchanges[0].RequestBody != `{"a":1}` || fault.Exchanges[0].AnswerBody != "" {
		t.Errorf("error is %v with %+v", err, sdk.ExchangesOf(err))
	}
}
