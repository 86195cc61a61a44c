package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/conformance"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/plugintest"
	"github.com/paymux/paymux/sdk/scaffold/redirect/sandbox"
)

func TestMain(m *testing.M) {
	plugintest.ServeIfStarted(plugin{}) // The test binary is the plugin too.
	os.Exit(m.Run())
}

func settingsAt(url string) map[string]any {
	return map[string]any{"base_url": url, "api_key": sandbox.APIKey, "webhook_secret": sandbox.WebhookSecret}
}

// TestConformance holds the plugin against every clause of the contract.
func TestConformance(t *testing.T) {
	server := sandbox.New("127.0.0.1:0")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	conformance.Run(t, conformance.Config{Plugin: plugin{}, Path: binary, Settings: settingsAt(server.URL())})
}

// answering is an account whose Acme always answers with this status and body.
func answering(t *testing.T, status int, body string) sdk.FullProvider {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return plugintest.Serve(t, plugin{}, settingsAt(server.URL))
}

func order() sdk.PaymentRequest {
	return sdk.PaymentRequest{Attempt: sdk.Attempt{Ref: "3h9z8ohzv4rhlkcx7fpyzs181", Amount: money.Of(4990, money.EUR)}}
}

func TestWhatAcmeSaysIsMapped(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   sdk.Outcome
	}{
		"a page":                {201, `{"status":"open","url":"https://pay.acme.example/1"}`, sdk.OutcomeRequiresAction},
		"a decline":             {200, `{"status":"declined","code":"05"}`, sdk.OutcomeDeclined},
		"a refused request":     {422, `{"code":"amount"}`, sdk.OutcomeRejected},
		"a refused key":         {401, `{"code":"key"}`, sdk.OutcomeRejected},
		"an error of theirs":    {500, `{"status":"declined"}`, sdk.OutcomeUnknown},
		"a duplicate":           {409, `{"status":"declined"}`, sdk.OutcomeUnknown},
		"a word of tomorrow":    {200, `{"status":"settling"}`, sdk.OutcomeUnknown},
		"half of an answer":     {200, `{"status":"pa`, sdk.OutcomeUnknown},
		"two words at a time":   {200, `{"status":"declined","status":"paid"}`, sdk.OutcomeUnknown},
		"a word that is a list": {200, `{"status":["paid"]}`, sdk.OutcomeUnknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			result, err := answering(t, test.status, test.body).CreatePayment(t.Context(), order())
			if err != nil {
				result.Outcome = sdk.CreateOutcome(err)
			}
			if result.Outcome != test.want {
				t.Errorf("outcome %s, %v; want %s", result.Outcome, err, test.want)
			}
		})
	}
}

func TestARefusedConnectionIsNotSent(t *testing.T) {
	_, err := plugintest.Serve(t, plugin{}, settingsAt("http://127.0.0.1:1")).CreatePayment(t.Context(), order())
	if outcome := sdk.CreateOutcome(err); outcome != sdk.OutcomeNotSent {
		t.Errorf("outcome %s (%v), want NOT_SENT", outcome, err)
	}
}
