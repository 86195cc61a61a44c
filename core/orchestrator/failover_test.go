package orchestrator_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/orchestrator"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
)

// counted counts the commits that change transactions.
type counted struct {
	store.Store
	mu      sync.Mutex
	commits int
}

func (c *counted) Apply(ctx context.Context, commit core.Commit) error {
	c.mu.Lock()
	c.commits += min(len(commit.Transactions), 1)
	c.mu.Unlock()
	return c.Store.Apply(ctx, commit)
}

func TestADefiniteNoGoesOnInOneCommit(t *testing.T) {
	for name, no := range map[string]coretest.Plan{
		"not sent": {Answer: coretest.AnswerNotSent},
		"rejected": {Answer: coretest.AnswerRejected, Reason: sdk.ReasonLimitExceeded},
		"declined": {Answer: coretest.AnswerDeclined, Reason: sdk.ReasonDeclined},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ledger := &counted{Store: coretest.MustOpenStore(t)}
				e := coretest.MustStart(t, ledger, bank("one", no), bank("two", no), bank("three", coretest.Plan{}))
				tx := mustPay(t, e, order("7")).Transaction
				if tx.State != core.StateRequiresAction || len(tx.Attempts) != 3 || tx.Attempts[2].Account != "three" {
					t.Errorf("it is %s with %d attempts", tx.State, len(tx.Attempts))
				}
				if ledger.commits != 4 {
					t.Errorf("3 attempts cost %d commits, want 4", ledger.commits)
				}
			})
		})
	}
}

func TestNobodyElseIsAsked(t *testing.T) {
	for name, plan := range map[string]coretest.Plan{
		"the request is lost":             {Answer: coretest.AnswerLostRequest},
		"the response is lost":            {Answer: coretest.AnswerLostResponse},
		"the answer is a word unknown":    {Answer: coretest.AnswerGarbage},
		"the plugin panics":               {Answer: coretest.AnswerPanic},
		"the answer takes too long":       {Takes: time.Hour},
		"the customer must act":           {},
		"it is declined for good":         {Answer: coretest.AnswerDeclinedFinal, Reason: sdk.ReasonDeclined},
		"the request would never be good": {Answer: coretest.AnswerRejected, Reason: sdk.ReasonInvalidRequest},
		"it is declined later":            {Then: []coretest.Turn{{After: time.Minute, Becomes: coretest.Declined}}},
	} {
		t.Run(name, func(t *testing.T) {
			other := bank("two", coretest.Plan{})
			inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
				mustPay(t, e, order("7"))
				time.Sleep(4 * 24 * time.Hour)
			}, bank("one", plan), other)
			if got := received(other); got != 0 {
				t.Errorf("the other account was asked %d times", got)
			}
		})
	}
}

func TestNoFurtherAttemptBeginsAfterTheDeadline(t *testing.T) {
	late := bank("one", coretest.Plan{Answer: coretest.AnswerRejected, Reason: sdk.ReasonLimitExceeded, Takes: 26 * time.Second})
	other := bank("two", coretest.Plan{})
	inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
		mustPay(t, e, order("7"))
		time.Sleep(time.Minute)
	}, late, other)
	if got := received(other); got != 0 {
		t.Errorf("the other account was asked %d times", got)
	}
}

// gates count the permits of a market that are not given back.
type gates struct {
	market
	mu   sync.Mutex
	open map[string]int
}

func (g *gates) Acquire(name string) (core.Permit, error) {
	g.add(name, 1)
	return core.Permit{Account: name, Release: func() { g.add(name, -1) }}, nil
}

func (g *gates) add(name string, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open[name] += n
}

// slow answers the create call once it is let go.
type slow struct {
	account
	called chan string
	let    chan struct{}
}

func (s *slow) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	s.called <- req.TransactionID
	<-s.let
	return s.account.CreatePayment(ctx, req)
}

// The permit of the next account is taken before the commit; when something else
// has ended the payment meanwhile, the attempt does not begin.
func TestAPermitThatWasNotUsedIsGivenBack(t *testing.T) {
	one := &slow{account: account{create: declined}, called: make(chan string), let: make(chan struct{})}
	two := &account{create: redirect}
	g := &gates{market: market{"one": one, "two": two}, open: map[string]int{}}
	o := orchestrator.New(orchestrator.Options{
		Ledger: coretest.MustOpenStore(t), Accounts: g, Router: g, Logger: hclog.NewNullLogger(), Now: time.Now,
		NewID: func(prefix string, at time.Time) string {
			return prefix + ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()
		},
		Jitter: func() int { return 0 }, Deadline: 5 * time.Second, MaxAttempts: 3, Committed: func() {},
	})
	answered := make(chan core.Answer)
	go func() {
		answer, err := o.Pay(context.Background(), order("7"))
		if err != nil {
			t.Error(err)
		}
		answered <- answer
	}()
	id := <-one.called
	event := core.Event{Type: core.EventOutcome, Source: core.SourceNotification, Attempt: 1, Result: paid}
	if _, err := o.Handle(t.Context(), id, event, core.Commit{}); err != nil {
		t.Fatal(err)
	}
	close(one.let)
	tx := (<-answered).Transaction
	if err := o.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if tx.State != core.StateSucceeded || len(tx.Attempts) != 1 {
		t.Errorf("it is %s with %d attempts", tx.State, len(tx.Attempts))
	}
	if diff := cmp.Diff(map[string]int{"one": 0, "two": 0}, g.open); diff != "" {
		t.Errorf("permits not given back (-want +got):\n%s", diff)
	}
}

// routed is a router with one decision.
type routed core.Choice

func (r routed) Decide(core.Sample) core.Choice { return core.Choice(r) }

func TestWhyNobodyCanBeAsked(t *testing.T) {
	never := core.Removed{Account: "one", Reason: "country SN is not offered"}
	notNow := core.Removed{Account: "two", Reason: "drained by an operator", Passing: true}
	tests := map[string]struct {
		choice core.Choice
		want   *core.Problem
		again  bool
	}{
		"no account is named":        {core.Choice{}, core.ErrNoRoute, false},
		"no account ever can":        {core.Choice{Removed: []core.Removed{never}}, core.ErrNoRoute, false},
		"one account can later":      {core.Choice{Removed: []core.Removed{never, notNow}}, core.ErrProviderUnavailable, true},
		"a rule says no":             {core.Choice{Denied: "not served"}, core.ErrDenied, false},
		"a rule says no, whoever is": {core.Choice{Denied: "not served", Removed: []core.Removed{notNow}}, core.ErrDenied, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := orchestrator.New(orchestrator.Options{
				Ledger: coretest.MustOpenStore(t), Accounts: market{}, Router: routed(test.choice), Logger: hclog.NewNullLogger(),
				Now: time.Now, NewID: func(prefix string, at time.Time) string { return prefix + ulid.Make().String() },
			})
			_, err := o.Pay(t.Context(), order("7"))
			var problem *core.Problem
			if !errors.As(err, &problem) || !errors.Is(err, test.want) || (problem.RetryAfter > 0) != test.again {
				t.Fatalf("refused with %v, want %s", err, test.want.Code)
			}
			if diff := cmp.Diff(test.choice.Removed, problem.Removed); diff != "" {
				t.Errorf("removed (-want +got):\n%s", diff)
			}
		})
	}
}
