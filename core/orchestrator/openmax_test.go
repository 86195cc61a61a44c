package orchestrator_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/orchestrator"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk/money"
)

func atMost(n int) options { return func(o *orchestrator.Options) { o.OpenMax = n } }

// tooMany checks that a request is refused because of the merchant's open ones.
func tooMany(t *testing.T, what string, err error) {
	t.Helper()
	var problem *core.Problem
	if !errors.As(err, &problem) || !errors.Is(err, core.ErrTooManyOpen) || problem.RetryAfter == 0 {
		t.Errorf("%s: %v, want too_many_open with when to come again", what, err)
	}
}

// A merchant has at most so many that have not ended, of whatever kind. What is one
// too many is not stored and reaches nobody; another merchant is not held up, and
// neither is a repeat of what was accepted.
func TestAMerchantHasAtMostSoManyOpen(t *testing.T) {
	p := bank("bank", coretest.Plan{Answer: coretest.AnswerPending, Then: []coretest.Turn{{After: time.Hour, Becomes: coretest.Paid, Notify: []time.Duration{0}}}})
	inTheWorks(t, ruled(core.Choice{}, "bank"), atMost(2), func(t *testing.T, w *works) {
		ctx := context.Background()
		first := w.mustPay(t, order("1"))
		w.HoldPayout = func(money.Amount) bool { return true }
		w.mustPayOut(t, payoutOrder("2")) // It waits for approval, and is open all the same.
		_, err := w.Pay(ctx, order("3"))
		tooMany(t, "a payment", err)
		_, err = w.Payout(ctx, payoutOrder("4"))
		tooMany(t, "a payout that waits for approval", err)
		w.HoldPayout = func(money.Amount) bool { return false }
		_, err = w.Payout(ctx, payoutOrder("5"))
		tooMany(t, "a payout", err)
		if got := received(p); got != 1 {
			t.Errorf("the provider received %d calls, want 1", got)
		}
		if again := w.mustPay(t, order("1")); again.ID != first.ID {
			t.Error("the repeat of what was accepted is another payment")
		}
		other := order("1")
		other.Caller.Merchant = "other"
		w.mustPay(t, other)

		time.Sleep(2 * time.Hour) // The payments are paid; the payout still waits.
		w.mustPay(t, order("3"))
		_, err = w.Refund(ctx, core.RefundRequest{Caller: order("1").Caller, IdempotencyKey: "back", Payment: first.ID})
		tooMany(t, "a refund", err)
		manual := core.RefundRequest{Caller: order("1").Caller, IdempotencyKey: "by hand", Payment: first.ID, Manual: true, Amount: money.Of(100, money.XOF)}
		if _, err := w.Refund(ctx, manual); err != nil {
			t.Errorf("a refund that was given back already: %v", err)
		}
	}, p)
}

// The control: without a bound as many are taken as come.
func TestWithoutABoundAsManyAreOpenAsCome(t *testing.T) {
	inTheWorks(t, ruled(core.Choice{}, "bank"), nil, func(t *testing.T, w *works) {
		for n := range 20 {
			w.mustPay(t, order(strconv.Itoa(n)))
		}
	}, bank("bank", coretest.Plan{}))
}

// One that was refused gives its permit and its key back.
func TestWhatWasOneTooManyMayComeAgain(t *testing.T) {
	one := &account{create: declined}
	g := &gates{market: market{"one": one}, open: map[string]int{}}
	ledger := &crowded{Store: coretest.MustOpenStore(t), full: true}
	o := newOrchestratorOn(t, g, ledger)
	o.OpenMax = 1
	_, err := o.Pay(t.Context(), order("7"))
	tooMany(t, "a commit that was one too many", err)
	if g.open["one"] != 0 {
		t.Errorf("%d permits were not given back", g.open["one"])
	}
	ledger.full = false
	if _, err := o.Pay(t.Context(), order("7")); err != nil {
		t.Errorf("the repeat: %v", err)
	}
}

// crowded is a store in which others are faster: the look before the commit shows
// room that is gone at the commit.
type crowded struct {
	store.Store
	full bool
}

func (c *crowded) Apply(ctx context.Context, commit core.Commit) error {
	if c.full {
		return core.ErrOpenMax
	}
	return c.Store.Apply(ctx, commit)
}
