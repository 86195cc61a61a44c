package orchestrator_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/oklog/ulid/v2"
	"go.uber.org/goleak"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/orchestrator"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// account is a provider account whose answers a test sets.
type account struct {
	create   sdk.Result
	canceled chan string
}

func (a *account) Capabilities() sdk.Capabilities { return sdk.Capabilities{} }

func (a *account) CreatePayment(context.Context, sdk.PaymentRequest) (sdk.Result, error) {
	return a.create, nil
}

// canceler is an account that can cancel.
type canceler struct{ *account }

func (c canceler) Cancel(_ context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	c.canceled <- a.Ref
	return sdk.VerdictResult{Verdict: sdk.VerdictAccepted}, nil
}

// market is the accounts by name, tried in the order of their names.
type market map[string]sdk.Provider

func (m market) Acquire(name string) (core.Permit, error) {
	return core.Permit{Account: name, Release: func() {}}, nil
}

func (m market) Provider(name string) (sdk.FullProvider, bool) {
	p, ok := m[name]
	return sdk.Complete(p), ok
}

func (m market) Standing(name string) (core.Standing, bool) {
	p, ok := m[name]
	if !ok {
		return core.Standing{}, false
	}
	return core.Standing{
		Account: name, Capabilities: sdk.CapabilitiesOf(p), Timeout: time.Second,
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {LateSuccess: 48 * time.Hour}},
	}, true
}

func (m market) Decide(s core.Sample) core.Choice {
	var choice core.Choice
	for _, name := range []string{"one", "two", "three"} {
		if _, ok := m[name]; ok && !slices.Contains(s.Tried, name) {
			choice.Candidates = append(choice.Candidates, core.Candidate{Account: name})
		}
	}
	return choice
}

// marketplace is the accounts, and who chooses among them.
type marketplace interface {
	orchestrator.Accounts
	orchestrator.Router
}

func newOrchestrator(t *testing.T, m marketplace) (*orchestrator.Orchestrator, store.Store) {
	t.Helper()
	ledger := coretest.MustOpenStore(t)
	return newOrchestratorOn(t, m, ledger), ledger
}

func newOrchestratorOn(t *testing.T, m marketplace, ledger store.Store) *orchestrator.Orchestrator {
	t.Helper()
	o := orchestrator.New(orchestrator.Options{
		Ledger: ledger, Accounts: m, Router: m, Logger: hclog.NewNullLogger(), Now: time.Now,
		NewID: func(prefix string, at time.Time) string {
			return prefix + ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
		},
		Jitter:    func() int { return 0 },
		PublicURL: "https://pay.example", Deadline: 5 * time.Second, MaxAttempts: 3, Committed: func() {},
	})
	t.Cleanup(func() {
		if err := o.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return o
}

func pay(t *testing.T, o *orchestrator.Orchestrator) core.Transaction {
	t.Helper()
	answer, err := o.Pay(t.Context(), core.PaymentRequest{
		Caller: core.Caller{Merchant: "default"}, IdempotencyKey: "key", Amount: money.Of(5000, money.XOF),
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Transaction
}

var (
	declined = sdk.Result{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined}
	redirect = sdk.Result{Outcome: sdk.OutcomeRequiresAction, NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://pay.example/1"}}
	paid     = sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "5000", Currency: "XOF"}}
)

func TestAnOvertakenAttemptIsCanceledAtItsOwnProvider(t *testing.T) {
	two := &account{create: redirect, canceled: make(chan string, 1)}
	o, _ := newOrchestrator(t, market{"one": &account{create: declined}, "two": canceler{two}})
	tx := pay(t, o)
	late := core.Event{Type: core.EventOutcome, Source: core.SourceNotification, Attempt: 1, Result: paid}
	tx, err := o.Handle(t.Context(), tx.ID, late, core.Commit{})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case ref := <-two.canceled:
		if diff := cmp.Diff(tx.Attempts[1].Ref, ref); diff != "" {
			t.Errorf("canceled (-want +got):\n%s", diff)
		}
	case <-time.After(10 * time.Second):
		t.Error("the live attempt was not canceled")
	}
}

// interrupted is a market in which something else happens before the next choice.
type interrupted struct {
	market
	before func()
}

func (m *interrupted) Decide(s core.Sample) core.Choice {
	if happens := m.before; happens != nil {
		m.before = nil
		happens()
	}
	return m.market.Decide(s)
}

// TestARetryMeansTheAttemptThatWasSeen lets a retry overtake another one.
func TestARetryMeansTheAttemptThatWasSeen(t *testing.T) {
	m := &interrupted{market: market{"one": &account{}, "two": &account{}}}
	o, ledger := newOrchestrator(t, m)
	tx := pay(t, o)
	again := func() error {
		_, err := o.Resolve(t.Context(), core.Caller{Actor: "awa", Operator: true}, tx.ID, core.Resolution{Verb: "retry", Reason: "seen in the portal"})
		return err
	}
	m.before = func() {
		if err := again(); err != nil {
			t.Error(err)
		}
	}
	if err := again(); !errors.Is(err, core.ErrNotAllowed) {
		t.Errorf("the retry that came second: %v, want not_allowed", err)
	}
	tx, err := ledger.Transaction(t.Context(), tx.ID)
	if err != nil || len(tx.Attempts) != 2 {
		t.Errorf("%d attempts, %v, want 2", len(tx.Attempts), err)
	}
}
