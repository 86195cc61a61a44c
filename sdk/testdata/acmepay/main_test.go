package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/plugintest"
)

// answering is an account whose AcmePay always answers with this status and body.
func answering(t *testing.T, status int, body string) sdk.FullProvider {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return plugintest.Serve(t, acmepay{}, map[string]any{"base_url": server.URL, "api_key": "a-secret"})
}

func order() sdk.PaymentRequest {
	return sdk.PaymentRequest{Attempt: sdk.Attempt{Ref: "3h9z8ohzv4rhlkcx7fpyzs181", Amount: money.Of(4990, money.EUR)}}
}

func TestWhatAcmePaySaysIsMapped(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   sdk.Outcome
	}{
		"a payment page":     {201, `{"status":"open","url":"https://pay.acmepay.example/1"}`, sdk.OutcomeRequiresAction},
		"a decline":          {200, `{"status":"declined","code":"05"}`, sdk.OutcomeDeclined},
		"a refused request":  {422, `{"code":"amount"}`, sdk.OutcomeRejected},
		"an error of theirs": {500, `{"status":"declined"}`, sdk.OutcomeUnknown},
		"a word of tomorrow": {200, `{"status":"settling"}`, sdk.OutcomeUnknown},
		"half of an answer":  {200, `{"status":"pa`, sdk.OutcomeUnknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			result, err := answering(t, test.status, test.body).CreatePayment(t.Context(), order())
			if err != nil || result.Outcome != test.want {
				t.Errorf("outcome %s, %v; want %s", result.Outcome, err, test.want)
			}
		})
	}
}

func TestTheMoneyIsReportedAsAcmePayTellsIt(t *testing.T) {
	account := answering(t, 200, `{"id":"ap_1","status":"paid","amount":"49.91","currency":"EUR","reference":"r"}`)
	result, err := account.QueryStatus(t.Context(), order().Attempt)
	want := sdk.Told{Amount: "49.91", Currency: "EUR", Reference: "r"} // One cent off: the engine sees it.
	if err != nil || result.Told != want {
		t.Errorf("told %+v, %v; want %+v", result.Told, err, want)
	}
}

func TestARefusedConnectionIsNotSent(t *testing.T) {
	nobody := map[string]any{"base_url": "http://127.0.0.1:1", "api_key": "a-secret"}
	_, err := plugintest.Serve(t, acmepay{}, nobody).CreatePayment(t.Context(), order())
	if outcome := sdk.CreateOutcome(err); outcome != sdk.OutcomeNotSent {
		t.Errorf("outcome %s (%v), want NOT_SENT", outcome, err)
	}
}
