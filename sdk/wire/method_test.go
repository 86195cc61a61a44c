package wire_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/wire"
)

func TestEveryMethodIsCalledByItsName(t *testing.T) {
	t.Parallel()
	want := []string{
		"ApprovePayout", "Cancel", "CheckHealth", "Configure", "CreatePayment", "CreatePayout", "CreateRefund", "Describe", "GetBalance",
		"HandleNotification", "ListTransactions", "LookupCustomer", "QueryStatus", "RejectPayout", "Remove", "Shutdown", "ValidateSettings",
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(wire.Methods()))); diff != "" {
		t.Errorf("methods (-want +got):\n%s", diff)
	}
	settings, _ := sdk.Schema{{Name: "key", Kind: sdk.FieldString}}.Parse(map[string]any{"key": "k"})
	for _, method := range wire.Methods() {
		s := &script{manifest: sdk.Manifest{Name: "script"}}
		answer, err := dial(t, s).Call(t.Context(), method, "ci", settings, nil, strings.ToUpper)
		if err != nil || !json.Valid(answer) {
			t.Errorf("%s: %s, %v", method, answer, err)
		}
	}
}

func TestACallByHandFillsInItsAccountAndHidesWhatNobodyMaySee(t *testing.T) {
	t.Parallel()
	s := &script{
		result:   sdk.Result{Outcome: sdk.OutcomePending, Message: "with k", Exchanges: []sdk.Exchange{{URL: "at k"}}, ProviderData: []byte("k")},
		customer: sdk.Customer{ProviderCustomer: "c-7", Phone: "+2250707123456", Email: "awa@example.com", City: "k"},
	}
	settings, _ := sdk.Schema{{Name: "key", Kind: sdk.FieldString}}.Parse(map[string]any{"key": "k"})
	client := dial(t, s)
	hide := func(text string) string { return strings.ReplaceAll(text, "k", "-") }
	request := `{"payment":{"attempt":{"ref":"r","amount":{"minor":"5000","currency":"XOF"}},"description":"shoes"}}`
	answer, err := client.Call(t.Context(), "CreatePayment", "ci", settings, []byte(request), hide)
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "result": {
    "exchanges": [
      {
        "url": "at -"
      }
    ],
    "message": "with -",
    "outcome": "OUTCOME_PENDING",
    "provider_data": "LQ=="
  }
}`
	if diff := cmp.Diff(want, string(answer)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	asked, _ := s.asked.(sdk.PaymentRequest)
	if asked.Description != "shoes" || !asked.Amount.Equal(money.Of(5000, money.XOF)) {
		t.Errorf("asked %+v", asked)
	}
	if want := (wire.AccountID{Name: "ci", SettingsHash: wire.SettingsHash(settings)}); s.id != want {
		t.Errorf("account %v, want %v", s.id, want)
	}
	answer, err = client.Call(t.Context(), "LookupCustomer", "ci", settings, []byte(`{"phone":"+225"}`), hide)
	if text := string(answer); err != nil || strings.Contains(text, "0707") || strings.Contains(text, "awa@") || !strings.Contains(text, `"phone": "[redacted]"`) || !strings.Contains(text, `"city": "-"`) {
		t.Errorf("customer %s, %v", text, err)
	}
}

func TestACallByHandThatCannotBeMadeSaysWhy(t *testing.T) {
	t.Parallel()
	fault := &sdk.Error{Kind: sdk.KindRateLimited, Message: "no k", Sent: sdk.NotSent}
	client := dial(t, &script{err: fault})
	for words, test := range map[string]struct{ method, request, say string }{
		"no method":       {"Pay", "", `"Pay" is no method: there are Describe, `},
		"no JSON":         {"QueryStatus", "{", "the request is no QueryStatusRequest, which has attempt: "},
		"another field":   {"QueryStatus", `{"atempt":{}}`, "the request is no QueryStatusRequest, which has attempt: "},
		"no field at all": {"GetBalance", `{"attempt":{}}`, "the request is no GetBalanceRequest, which has no fields: "},
		"the plugin's no": {"QueryStatus", "", "rate_limited: no k"},
	} {
		if _, err := client.Call(t.Context(), test.method, "ci", sdk.Settings{}, []byte(test.request), strings.Clone); err == nil || !strings.Contains(err.Error(), test.say) {
			t.Errorf("%s: %v, want %q", words, err, test.say)
		}
	}
	_, err := client.Call(t.Context(), "QueryStatus", "ci", sdk.Settings{}, nil, strings.Clone)
	var told *sdk.Error
	if !errors.As(err, &told) {
		t.Fatalf("error is %v", err)
	}
	text, err := wire.FaultJSON(told, func(text string) string { return strings.ReplaceAll(text, "k", "-") })
	if err != nil || !strings.Contains(string(text), `"kind": "FAULT_KIND_RATE_LIMITED"`) || !strings.Contains(string(text), `"message": "no -"`) {
		t.Errorf("fault %s, %v", text, err)
	}
}
