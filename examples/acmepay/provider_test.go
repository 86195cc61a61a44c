package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"example.com/acmepay/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/conformance"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/plugintest"
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
	server, _ := atSandbox(t)
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	conformance.Run(t, conformance.Config{Plugin: plugin{}, Path: binary, Settings: settingsAt(server.URL())})
}

// answering is an account whose AcmePay always answers with this status and body.
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

func TestWhatAcmePaySaysIsMapped(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		want   sdk.Outcome
	}{
		"a refund under way":    {201, `{"status":"underway"}`, sdk.OutcomePending},
		"a page":                {201, `{"status":"open","url":"https://pay.acmepay.example/1"}`, sdk.OutcomeRequiresAction},
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

func TestAPaymentIsGivenBackInParts(t *testing.T) {
	server, account := atSandbox(t)
	payment := order()
	if _, err := account.CreatePayment(t.Context(), payment); err != nil {
		t.Fatal(err)
	}
	server.Advance(time.Minute)
	for _, part := range []struct {
		ref   string
		minor int64
		want  sdk.Outcome
	}{
		{"part1", 1990, sdk.OutcomePending},
		{"part2", 3001, sdk.OutcomeRejected}, // One cent more than is left.
		{"part3", 3000, sdk.OutcomePending},
		{"part4", 1, sdk.OutcomeRejected},
	} {
		refund := sdk.RefundRequest{Payment: payment.Attempt, Attempt: sdk.Attempt{
			Ref: part.ref, Kind: sdk.KindRefund, Amount: money.Of(part.minor, money.EUR),
		}}
		result, err := account.CreateRefund(t.Context(), refund)
		if err != nil || result.Outcome != part.want {
			t.Errorf("%s: %s, %v; want %s", part.ref, result.Outcome, err, part.want)
		}
		server.Advance(time.Minute)
		told, err := account.QueryStatus(t.Context(), refund.Attempt)
		if returned := err == nil && told.Outcome == sdk.OutcomeSucceeded; returned != (part.want == sdk.OutcomePending) {
			t.Errorf("%s: a query tells %s, %v", part.ref, told.Outcome, err)
		}
	}
}

func TestOnlyAnOpenPaymentIsCanceled(t *testing.T) {
	server, account := atSandbox(t)
	for name, test := range map[string]struct {
		ref      string
		wait     time.Duration
		verdict  sdk.Verdict
		becoming sdk.Outcome
	}{
		"open": {"open1", 0, sdk.VerdictAccepted, sdk.OutcomeCanceled},
		"paid": {"paid1", time.Minute, sdk.VerdictRefused, sdk.OutcomeSucceeded},
	} {
		payment := order()
		payment.Ref = test.ref
		if _, err := account.CreatePayment(t.Context(), payment); err != nil {
			t.Fatal(err)
		}
		server.Advance(test.wait)
		for range 2 { // It is harmless twice.
			if got, err := account.Cancel(t.Context(), payment.Attempt); err != nil || got.Verdict != test.verdict {
				t.Errorf("%s: the verdict is %s, %v", name, got.Verdict, err)
			}
		}
		server.Advance(time.Minute)
		if told, err := account.QueryStatus(t.Context(), payment.Attempt); err != nil || told.Outcome != test.becoming {
			t.Errorf("%s: it is %s, %v; want %s", name, told.Outcome, err, test.becoming)
		}
	}
	if got, err := account.Cancel(t.Context(), sdk.Attempt{Ref: "nobody"}); err == nil || got.Verdict != sdk.VerdictUnknown {
		t.Errorf("what AcmePay does not know: %s, %v", got.Verdict, err)
	}
}

// atSandbox is an account at a sandbox of its own.
func atSandbox(t *testing.T) (*sandbox.Server, sdk.FullProvider) {
	t.Helper()
	server := sandbox.New("127.0.0.1:0")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server, plugintest.Serve(t, plugin{}, settingsAt(server.URL()))
}
