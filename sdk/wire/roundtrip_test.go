package wire_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// same compares what was sent with what arrived. Nil and empty mean the same.
func same(t *rapid.T, what string, want, got any) {
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(sdk.Error{}, "Err")); diff != "" {
		t.Fatalf("%s changed on the way (-want +got):\n%s", what, diff)
	}
}

// crossing makes a property: what is asked arrives as it was sent, and so does the answer.
func crossing[Req, Resp any](
	s *script, answer *Resp, call func(context.Context, Req) (Resp, error),
) func(*rapid.T) {
	return func(t *rapid.T) {
		req := generated[Req]().Draw(t, "request")
		*answer = generated[Resp]().Draw(t, "answer")
		s.asked = nil
		got, err := call(t.Context(), req)
		if err != nil {
			t.Fatalf("call: %v", err)
		}
		same(t, "the request", any(req), s.asked)
		same(t, "the answer", *answer, got)
	}
}

func TestEveryRequestAndAnswerArrivesAsItWasSent(t *testing.T) {
	s := &script{}
	account := dial(t, s).Account("cinetpay-ci", "hash")
	tests := map[string]func(*rapid.T){
		"create payment":      crossing(s, &s.result, account.CreatePayment),
		"create payout":       crossing(s, &s.result, account.CreatePayout),
		"create refund":       crossing(s, &s.result, account.CreateRefund),
		"cancel":              crossing(s, &s.verdict, account.Cancel),
		"approve payout":      crossing(s, &s.verdict, account.ApprovePayout),
		"reject payout":       crossing(s, &s.verdict, account.RejectPayout),
		"query status":        crossing(s, &s.result, account.QueryStatus),
		"list transactions":   crossing(s, &s.page, account.ListTransactions),
		"handle notification": crossing(s, &s.notification, account.HandleNotification),
		"look up customer":    crossing(s, &s.customer, account.LookupCustomer),
	}
	for name, property := range tests {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, property)
			if want := (wire.AccountID{Name: "cinetpay-ci", SettingsHash: "hash"}); s.id != want {
				t.Errorf("asked of account %v, want %v", s.id, want)
			}
		})
	}
}

func TestBalancesArriveAsTheyWereSent(t *testing.T) {
	s := &script{}
	account := dial(t, s).Account("cinetpay-ci", "hash")
	rapid.Check(t, func(t *rapid.T) {
		s.balances = generated[[]sdk.Balance]().Draw(t, "balances")
		got, err := account.GetBalance(t.Context())
		if err != nil {
			t.Fatalf("call: %v", err)
		}
		same(t, "the answer", s.balances, got)
	})
}

func TestEveryManifestArrivesAsItWasSent(t *testing.T) {
	s := &script{}
	client := dial(t, s)
	rapid.Check(t, func(t *rapid.T) {
		s.manifest = generated[sdk.Manifest]().Draw(t, "manifest")
		got, err := client.Describe(t.Context())
		if err != nil {
			t.Fatalf("describe: %v", err)
		}
		same(t, "the manifest", s.manifest, got)
	})
}

func TestEveryFaultArrivesAsItWasSent(t *testing.T) {
	s := &script{}
	account := dial(t, s).Account("cinetpay-ci", "hash")
	rapid.Check(t, func(t *rapid.T) {
		fault := generated[sdk.Error]().Draw(t, "fault")
		fault.Exchanges = fault.Exchanges[:min(len(fault.Exchanges), 32)] // Of more only the latest arrive.
		s.err = &fault
		_, err := account.CreatePayment(t.Context(), sdk.PaymentRequest{})
		var got *sdk.Error
		if !errors.As(err, &got) {
			t.Fatalf("%T is no *sdk.Error: %v", err, err)
		}
		same(t, "the fault", fault, *got)
		if want := sdk.CreateOutcome(&fault); sdk.CreateOutcome(err) != want {
			t.Fatalf("counts as %s, want %s", sdk.CreateOutcome(err), want)
		}
	})
}

// schema has a setting of every kind, some of them secret.
var schema = sdk.Schema{
	{Name: "site_id", Kind: sdk.FieldString},
	{Name: "api_key", Kind: sdk.FieldString, Secret: true},
	{Name: "base_url", Kind: sdk.FieldURL},
	{Name: "timeout", Kind: sdk.FieldDuration},
	{Name: "live", Kind: sdk.FieldBool},
	{Name: "retries", Kind: sdk.FieldInt},
	{Name: "countries", Kind: sdk.FieldList},
	{Name: "operators", Kind: sdk.FieldMap},
}

func rawSettings() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		return map[string]any{
			"site_id":   rapid.String().Draw(t, "site_id"),
			"api_key":   rapid.String().Draw(t, "api_key"),
			"base_url":  "https://api.example",
			"timeout":   "20s",
			"live":      rapid.Bool().Draw(t, "live"),
			"retries":   rapid.Int64().Draw(t, "retries"),
			"countries": rapid.SliceOf(rapid.String()).Draw(t, "countries"),
			"operators": rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "operators"),
		}
	})
}

func parsed(t rapid.TB, raw map[string]any) sdk.Settings {
	settings, diagnostics := schema.Parse(raw)
	if diagnostics.Failed() {
		t.Fatalf("settings: %v", diagnostics)
	}
	return settings
}

func TestSettingsAndCapabilitiesArriveAsTheyWereSent(t *testing.T) {
	s := &script{}
	client := dial(t, s)
	rapid.Check(t, func(t *rapid.T) {
		settings := parsed(t, rawSettings().Draw(t, "settings"))
		s.capabilities = generated[sdk.Capabilities]().Draw(t, "capabilities")
		got, err := client.Configure(t.Context(), "cinetpay-ci", settings)
		if err != nil {
			t.Fatalf("configure: %v", err)
		}
		same(t, "the settings", settings.Raw(), parsed(t, s.raw).Raw())
		same(t, "the capabilities", s.capabilities, got)
		hash := wire.SettingsHash(settings)
		if want := (wire.AccountID{Name: "cinetpay-ci", SettingsHash: hash}); s.id != want {
			t.Fatalf("configured as %v, want %v", s.id, want)
		}
		same(t, "the account's capabilities", s.capabilities, client.Account("cinetpay-ci", hash).Capabilities())
	})
}

func TestDiagnosticsArriveAsTheyWereSent(t *testing.T) {
	s := &script{}
	client := dial(t, s)
	rapid.Check(t, func(t *rapid.T) {
		s.diagnostics = generated[sdk.Diagnostics]().Draw(t, "diagnostics")
		got, err := client.ValidateSettings(t.Context(), sdk.Settings{})
		if err != nil {
			t.Fatalf("validate: %v", err)
		}
		same(t, "what validation found", s.diagnostics, got)
		_, err = client.Configure(t.Context(), "cinetpay-ci", sdk.Settings{})
		var refused sdk.Diagnostics
		if errors.As(err, &refused) != s.diagnostics.Failed() {
			t.Fatalf("configure: %v, want an error where a diagnostic is more than a warning", err)
		}
		if s.diagnostics.Failed() {
			same(t, "what kept the account from opening", s.diagnostics, refused)
		}
	})
}
