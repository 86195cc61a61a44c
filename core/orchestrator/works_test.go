package orchestrator_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/core"
	provideraccount "github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/orchestrator"
	"github.com/paymux/paymux/core/reconcile"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/webhook"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// rule is a router with one rule, which remembers what it saw.
type rule struct {
	core.Choice
	mu   sync.Mutex
	seen []core.Sample
}

// ruled returns a rule that tries the accounts in this order.
func ruled(choice core.Choice, accounts ...string) *rule {
	for _, name := range accounts {
		choice.Candidates = append(choice.Candidates, core.Candidate{Account: name, Reason: name + " is in the rule"})
	}
	if choice.Rule == "" {
		choice.Rule, choice.Generation = "the rule", 7
	}
	return &rule{Choice: choice}
}

func (r *rule) Decide(sample core.Sample) core.Choice {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, sample)
	choice := r.Choice
	choice.Candidates, choice.Removed = nil, slices.Clone(choice.Removed)
	for _, candidate := range r.Candidates {
		if slices.Contains(sample.Tried, candidate.Account) {
			choice.Removed = append(choice.Removed, core.Removed{Account: candidate.Account, Reason: "already tried"})
			continue
		}
		choice.Candidates = append(choice.Candidates, candidate)
	}
	return choice
}

// works are an orchestrator and everything around it that brings it outcomes.
type works struct {
	*orchestrator.Orchestrator
	store      store.Store
	accounts   *provideraccount.Accounts
	reconciler *reconcile.Reconciler
}

// options are those of an orchestrator of its own.
type options = func(*orchestrator.Options)

// inTheWorks runs a test in virtual time, with these providers under one rule.
func inTheWorks(t *testing.T, r *rule, change options, test func(*testing.T, *works), providers ...*coretest.Provider) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorks(t, r, change, providers...)) })
}

func newWorks(t *testing.T, r *rule, change options, providers ...*coretest.Provider) *works {
	t.Helper()
	w := &works{store: coretest.MustOpenStore(t)}
	accounts := map[string]provideraccount.Account{}
	for _, p := range providers {
		accounts[p.Name] = provideraccount.Account{Inside: p, Plugin: p.Name, Enabled: true}
	}
	var err error
	if w.accounts, err = provideraccount.New(provideraccount.Options{Accounts: accounts}); err != nil {
		t.Fatal(err)
	}
	newID := func(prefix string, at time.Time) string {
		return prefix + ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
	}
	o := orchestrator.Options{
		Ledger: w.store, Transfers: w.store, Accounts: w.accounts, Router: r, Logger: hclog.NewNullLogger(), Now: time.Now, NewID: newID,
		Jitter: func() int { return 0 }, PublicURL: "https://pay.example", Deadline: 25 * time.Second, MaxAttempts: 3,
		HoldPayout: func(money.Amount) bool { return false }, Waiting: func(string) {}, Committed: func() { w.reconciler.Wake() },
	}
	if change != nil {
		change(&o)
	}
	w.Orchestrator = orchestrator.New(o)
	hears := webhook.New(webhook.Options{
		Accounts: w.accounts, Finder: w.store, Inbox: w.store, Logger: hclog.NewNullLogger(), Now: time.Now, NewID: newID,
		Committed: func() { w.reconciler.Wake() },
	})
	w.reconciler = reconcile.New(reconcile.Options{
		Schedule: w.store, Transactions: w.store, Inbox: w.store, Accounts: w.accounts, Reader: hears, Reading: w.store,
		Receiver: w.Orchestrator, Book: w.store, TransferBook: w.store, Orchestrator: w.Orchestrator,
		Logger: hclog.NewNullLogger(), Now: time.Now, StartedAt: time.Now(), InboxKept: func() time.Duration { return 30 * 24 * time.Hour },
	})
	for _, p := range providers {
		p.Deliver = hears.Receive
	}
	w.run(t)
	return w
}

// run does what is due until the test ends.
func (w *works) run(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() { w.reconciler.Run(ctx) })
	t.Cleanup(func() {
		if err := w.Close(context.Background()); err != nil {
			t.Error(err)
		}
		stop()
		working.Wait()
	})
}

// payoutOrder asks for a payout.
func payoutOrder(number string) core.PayoutRequest {
	return core.PayoutRequest{
		Caller: core.Caller{Actor: "key_1", Merchant: "shop"}, IdempotencyKey: "payout-" + number,
		Amount: money.Of(5000, money.XOF), Country: "CI", Recipient: sdk.Customer{Name: "Awa", Phone: "+2250700000000"},
	}
}

func (w *works) mustPayOut(t *testing.T, req core.PayoutRequest) core.Transaction {
	t.Helper()
	answer, err := w.Payout(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Transaction
}

func (w *works) mustPay(t *testing.T, req core.PaymentRequest) core.Transaction {
	t.Helper()
	answer, err := w.Pay(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Transaction
}

// now returns the transaction as it is stored.
func (w *works) now(t *testing.T, id string) core.Transaction {
	t.Helper()
	tx, err := w.store.Transaction(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// audited reports what does not hold in the store, compared with the providers.
func (w *works) audited(t *testing.T, providers ...*coretest.Provider) {
	t.Helper()
	violations, err := coretest.Audit{Store: w.store, Providers: providers}.Violations(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Error(v)
	}
}
