package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

var update = flag.Bool("update", false, "write testdata anew")

func sample() core.Transaction {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	return core.Transaction{
		ID: "pay_01", Kind: sdk.KindPayment, Merchant: "default", State: core.StateRequiresAction, Reference: "order-42",
		Amount: money.Of(5000, money.XOF), Country: "CI", Method: "mobile_money", Network: "ORANGE",
		Description: "hidden", Language: "fr", ReturnURL: "https://hidden.example", CreatedBy: "hidden",
		Customer: sdk.Customer{
			ID: "c-7", Name: "hidden", Surname: "hidden", Email: "hidden@example.com", Phone: "+2250707123456",
			Address: "hidden", ProviderCustomer: "hidden",
		},
		Metadata: map[string]string{"plan": "pro"},
		Route:    core.Route{Rule: "ivory-coast", Generation: 3, Removed: []core.Removed{{Account: "hidden"}}},
		Attempts: []core.Attempt{{
			ID: "att_01", Number: 1, Account: "cinetpay-ci", Ref: "ref", ProviderRef: "tok", ProviderData: []byte("hidden"),
			State: core.AttemptRequiresAction, Outcome: sdk.OutcomeRequiresAction, ProviderStatus: "CREATED", ProviderCode: "201",
			Message:    "sent to 2250707123456, card 4111 1111 1111 1111",
			NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://checkout.example/tok"},
			Evidence:   &sdk.Evidence{ProviderRef: "hidden"}, StartedAt: at,
		}},
		Timers:    []core.Timer{{Kind: core.TimerPoll, At: at}},
		CreatedAt: at, UpdatedAt: at.Add(1500*time.Millisecond + 7*time.Nanosecond), ExpiresAt: at.Add(30 * time.Minute),
	}
}

func TestATransactionLooksLikeItsSample(t *testing.T) {
	t.Parallel()
	golden(t, "transaction.json", api.TransactionOf(sample()))
}

func TestATransactionWithNothingHasNoNullLists(t *testing.T) {
	t.Parallel()
	golden(t, "bare.json", api.TransactionOf(core.Transaction{
		ID: "pay_02", Kind: sdk.KindPayment, State: core.StateCreated, Amount: money.Of(20050, money.EUR), Provider: "numipay",
	}))
}

func TestEndedTransactionsShowNoAction(t *testing.T) {
	t.Parallel()
	for _, state := range core.States() {
		tx := sample()
		tx.State = state
		shown := api.TransactionOf(tx).NextAction != nil
		if want := !state.Final() && state != core.StateReview; shown != want {
			t.Errorf("%s shows an action: %t, want %t", state, shown, want)
		}
	}
}

func TestTheProviderIsTheOneThatTookTheMoney(t *testing.T) {
	t.Parallel()
	tx := sample()
	tx.Attempts = append(tx.Attempts, core.Attempt{Number: 2, Account: "enovepay", State: core.AttemptPending})
	tx.Attempts[0].State = core.AttemptDeclined
	if got := api.TransactionOf(tx).Provider; got != "enovepay" {
		t.Errorf("live: provider = %q, want enovepay", got)
	}
	tx.Attempts[0].State = core.AttemptSucceeded
	if got := api.TransactionOf(tx).Provider; got != "cinetpay-ci" {
		t.Errorf("late success: provider = %q, want cinetpay-ci", got)
	}
}

func TestHistoryAndProvidersAreShown(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	golden(t, "history.json", api.HistoryOf(sample(), []core.HistoryEntry{
		{Sequence: 1, At: at, Event: "created", To: core.StateCreated, Cause: "asked", Actor: "shop", EventID: "hidden"},
		{Sequence: 2, At: at, Event: "outcome", From: core.StateCreated, To: core.StateRequiresAction, Cause: "told +2250707123456", Actor: "provider"},
	}))
	golden(t, "providers.json", api.ProvidersOf([]core.Standing{{
		Account: "cinetpay-ci", Plugin: "cinetpay", Version: "1.0.0", Checksum: "ab12", Health: core.HealthBackoff, Detail: "exit 1",
		Enabled: true, Generation: 2, Timeout: 30 * time.Second, Capabilities: sdk.Capabilities{
			Operations: []sdk.Operation{sdk.OperationPayment}, Identity: "hidden",
			Corridors: []sdk.Corridor{{Kind: sdk.KindPayment, Currencies: []money.Currency{money.XOF}, Min: money.Of(100, money.XOF)}},
			Needs:     map[sdk.Operation][]string{sdk.OperationPayment: {"customer.phone"}},
		},
	}}))
}

func TestATransferActionTellsTheAmount(t *testing.T) {
	t.Parallel()
	tx := sample()
	tx.Attempts[0].NextAction = &sdk.NextAction{
		Type: sdk.ActionTransfer, Instructions: "send it", Account: "TR01", Amount: money.Of(20000, money.EUR), Until: tx.ExpiresAt,
	}
	got := api.TransactionOf(tx).NextAction
	if got.Amount != "200.00" || got.Currency != "EUR" || got.Until == nil || got.Account != "TR01" {
		t.Errorf("next_action = %+v", got)
	}
}

func TestEveryProblemOfCoreHasAStatus(t *testing.T) {
	t.Parallel()
	want := map[*core.Problem]int{
		core.ErrInvalidRequest: 400, core.ErrIdempotencyKeyMissing: 400, core.ErrUnauthorized: 401, core.ErrForbidden: 403,
		core.ErrUnknownTransaction: 404, core.ErrCustomerUnknown: 404, core.ErrDuplicateReference: 409, core.ErrDecisionMade: 409, core.ErrAlreadyFinal: 409,
		core.ErrNotSupported: 409, core.ErrNotAllowed: 409, core.ErrIdempotencyInFlight: 409, core.ErrIdempotencyKeyReused: 422,
		core.ErrNoRoute: 422, core.ErrDenied: 422, core.ErrTooLarge: 413, core.ErrProviderUnavailable: 503, core.ErrStoreUnavailable: 503,
	}
	for problem, status := range want {
		got, ok := api.ProblemOf(problem)
		if !ok || got.Status != status || got.Code != problem.Code || got.Title == "" || got.Detail == "" || http.StatusText(status) == "" {
			t.Errorf("%s: %+v, %t, want status %d", problem.Code, got, ok, status)
		}
	}
	if _, ok := api.ProblemOf(&core.Problem{Code: "invented"}); ok {
		t.Error("an unknown code has a status")
	}
}

func TestProblemsNameFieldsAndAccounts(t *testing.T) {
	t.Parallel()
	got, _ := api.ProblemOf(&core.Problem{
		Code: "no_route", Detail: "card 4111111111111111", Fields: []core.FieldError{{Location: "customer.phone", Message: "cinetpay-ci needs it"}},
		Removed: []core.Removed{{Account: "enovepay", Reason: "drained"}},
	})
	want := api.Problem{
		Type: "urn:paymux:problem:no_route", Title: "No provider account fits", Status: 422, Detail: "card •••••", Code: "no_route",
		Errors: []api.FieldError{
			{Location: "body.customer.phone", Message: "cinetpay-ci needs it"}, {Location: "providers.enovepay", Message: "drained"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problem (-want +got):\n%s", diff)
	}
}

func TestAFilterIsRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	query, _ := url.ParseQuery("kind=payment&state=unknown&provider=a&reference=b&merchant=c&customer=d&q=e&limit=100&cursor=f" +
		"&created_after=2026-11-20T10:00:00Z&created_before=2026-11-20T12:00:00%2B01:00&older_than=1d")
	want := core.Filter{
		Kind: sdk.KindPayment, State: core.StateUnknown, Provider: "a", Reference: "b", Merchant: "c", Customer: "d", Query: "e",
		Limit: 100, Cursor: "f", CreatedAfter: now.Add(-14 * time.Hour), CreatedBefore: now.Add(-13 * time.Hour), UpdatedBefore: now.Add(-24 * time.Hour),
	}
	got, err := api.FilterOf(query, now)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("filter (-want +got):\n%s", diff)
	}
	if got, err := api.FilterOf(nil, now); err != nil || got != (core.Filter{Limit: api.LimitDefault}) {
		t.Errorf("no query: %+v, %v", got, err)
	}
	for _, wrong := range []string{
		"kind=x", "state=none", "limit=0", "limit=101", "limit=x", "created_after=yesterday", "created_before=1", "older_than=-1h",
		"older_than=5", "q=" + strings.Repeat("x", 256), "reference=%00", "q=4111111111111111",
	} {
		query, _ := url.ParseQuery(wrong)
		if _, err := api.FilterOf(query, now); err == nil {
			t.Errorf("%s is accepted", wrong)
		}
	}
}

func golden(t *testing.T, name string, value any) {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "hidden") {
		t.Errorf("%s shows what is hidden:\n%s", name, text.String())
	}
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
