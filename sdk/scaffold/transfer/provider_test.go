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
	"github.com/paymux/paymux/sdk/scaffold/transfer/sandbox"
)

func TestMain(m *testing.M) {
	plugintest.ServeIfStarted(plugin{}) // The test binary is the plugin too.
	os.Exit(m.Run())
}

func settingsAt(url string) map[string]any {
	return map[string]any{"base_url": url, "api_key": sandbox.APIKey, "account": sandbox.Account}
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

func TestTheOrderSaysWhoseTransferPaysIt(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   sdk.Outcome
	}{
		"a customer":         {200, `{"id":"cu_1"}`, sdk.OutcomeRequiresAction},
		"nobody":             {404, `{"code":"not_found"}`, sdk.OutcomeRejected},
		"a refused key":      {401, `{"code":"key"}`, sdk.OutcomeRejected},
		"an error of theirs": {500, `{"id":"cu_1"}`, sdk.OutcomeNotSent},
		"half of an answer":  {200, `{"id":"cu`, sdk.OutcomeNotSent},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			result, err := answering(t, test.status, test.body).CreatePayment(t.Context(), order())
			if err != nil || result.Outcome != test.want {
				t.Fatalf("outcome %s, %v; want %s", result.Outcome, err, test.want)
			}
			if found := result.Match != nil; found != (test.want == sdk.OutcomeRequiresAction) {
				t.Errorf("the match is %+v", result.Match)
			}
		})
	}
}

func TestWhatAcmeListsIsMapped(t *testing.T) {
	for status, want := range map[string]sdk.Outcome{
		"received": sdk.OutcomeSucceeded, "underway": sdk.OutcomePending, "failed": sdk.OutcomeDeclined,
		"returned": sdk.OutcomeReversed, "of tomorrow": sdk.OutcomeUnknown, "": sdk.OutcomeUnknown,
	} {
		body := `{"transfers":[{"id":"tr_1","customer":"cu_1","amount":"49.91","currency":"EUR","status":"` + status +
			`","created_at":"2026-11-20T10:00:00Z"},{"status":"received"}]}`
		page, err := answering(t, 200, body).ListTransactions(t.Context(), sdk.ListRequest{})
		if err != nil || len(page.Items) != 1 || page.Alert == "" {
			t.Fatalf("%q: %+v, %v", status, page, err)
		}
		if got := page.Items[0]; got.Outcome != want || got.Told.Amount != "49.91" {
			t.Errorf("%q is %s of %s, want %s", status, got.Outcome, got.Told.Amount, want)
		}
	}
}
