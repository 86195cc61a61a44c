package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func (o *office) refund(key, payment string, amount int64) (core.Transaction, error) {
	req := core.RefundRequest{Caller: operator, IdempotencyKey: key, Payment: payment, Reason: "returned"}
	if amount > 0 {
		req.Amount = money.Of(amount, money.XOF)
	}
	answer, err := o.engine.Refund(o.Context(), req)
	return answer.Transaction, err
}

// paid leads a payment of 5000 to its success.
func (o *office) paid(d *desk) core.Transaction {
	o.Helper()
	d.will(func(d *desk) { d.create, d.status = paidOf("5000"), paidOf("5000") })
	return o.is(o.pay("pay", 5000).ID, core.StateSucceeded)
}

func TestARefundGivenBackOutsideIsRecorded(t *testing.T) {
	d := &desk{name: "one"}
	open(t, func(o *office) {
		payment := o.paid(d)
		answer, err := o.engine.Refund(o.Context(), core.RefundRequest{
			Caller: operator, IdempotencyKey: "m", Payment: payment.ID, Amount: money.Of(1500, money.XOF), Manual: true, Reason: "by mail",
		})
		if err != nil || answer.Transaction.State != core.StateSucceeded || len(answer.Transaction.Attempts) != 0 {
			o.Fatalf("%+v, %v", answer.Transaction, err)
		}
		if payment = o.is(payment.ID, core.StateSucceeded); payment.Refunded != money.Of(1500, money.XOF) {
			o.Errorf("refunded %s", payment.Refunded)
		}
	}, nil, d)
}

func TestARefundIsNeverTriedAtAnotherAccount(t *testing.T) {
	one := &desk{name: "one"}
	two := &desk{name: "two", create: paidOf("5000")}
	open(t, func(o *office) {
		payment := o.paid(one)
		one.will(func(d *desk) { d.create, d.status = sdk.Result{}, sdk.Result{} })
		refund, err := o.refund("r", payment.ID, 5000)
		if err != nil || refund.State != core.StateUnknown {
			o.Fatalf("%s, %v", refund.State, err)
		}
		_, err = o.engine.Resolve(o.Context(), operator, refund.ID, core.Resolution{Verb: "retry", Reason: "impatient"})
		if !errors.Is(err, core.ErrNotAllowed) {
			o.Errorf("got %v, want not_allowed", err)
		}
		if told := two.wasTold(); len(told) != 0 {
			o.Errorf("another account was told %v", told)
		}
	}, nil, one, two)
}

func TestOnlyAPaymentIsRefunded(t *testing.T) {
	d := &desk{name: "one", create: paidOf("5000"), status: paidOf("5000")}
	open(t, func(o *office) {
		payout := o.is(o.payout("k", 5000).ID, core.StateSucceeded)
		if refund, err := o.refund("r", payout.ID, 5000); !errors.Is(err, core.ErrNotFound) {
			o.Errorf("a payout was refunded: %s, %v", refund.State, err)
		}
		refund, err := o.refund("r1", o.paid(d).ID, 5000)
		if err != nil {
			o.Fatal(err)
		}
		if again, err := o.refund("r2", refund.ID, 5000); !errors.Is(err, core.ErrNotFound) {
			o.Errorf("a refund was refunded: %s, %v", again.State, err)
		}
	}, nil, d)
}

func TestARefundThatIsInDoubtAfterItsEndKeepsItsPart(t *testing.T) {
	d := &desk{name: "one"}
	open(t, func(o *office) {
		payment := o.paid(d)
		d.will(func(d *desk) { d.create = declined })
		refund, err := o.refund("r1", payment.ID, 5000)
		if err != nil || refund.State != core.StateFailed {
			o.Fatalf("%s, %v", refund.State, err)
		}
		// The provider gave something back all the same, only how much is in doubt.
		d.will(func(d *desk) { d.create, d.status = paidOf("5000"), paidOf("4900") })
		if _, err := o.engine.Sync(o.Context(), operator, refund.ID); err != nil {
			o.Fatal(err)
		}
		o.is(refund.ID, core.StateReview)
		if again, err := o.refund("r2", payment.ID, 5000); !errors.Is(err, core.ErrInvalidRequest) {
			o.Errorf("given back twice: %s, %v", again.State, err)
		}
		if _, err := o.engine.Resolve(o.Context(), operator, refund.ID, core.Resolution{Verb: "failed", Reason: "it came back"}); err != nil {
			o.Fatal(err)
		}
		if again, err := o.refund("r3", payment.ID, 5000); err != nil || again.State != core.StateSucceeded {
			o.Errorf("after it was settled: %s, %v", again.State, err)
		}
	}, nil, d)
}

func TestWhatAnAccountThatHasNotSpokenYetIsAskedForIsRefusedForNow(t *testing.T) {
	d := &desk{name: "one"}
	synctest.Test(t, func(t *testing.T) {
		store := coretest.MustOpenStore(t)
		begin := func(p sdk.Plugin) (*office, func()) {
			e, err := engine.New(t.Context(), engine.Options{
				Config: coretest.MustConfig(t, t.TempDir()), Store: store, Rules: coretest.Rules("one"),
				Providers: map[string]engine.Provider{"one": {Plugin: p}},
			})
			if err != nil {
				t.Fatal(err)
			}
			return &office{T: t, engine: e}, func() {
				if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
					t.Error(err)
				}
			}
		}
		o, end := begin(d)
		payment := o.paid(d)
		d.will(func(d *desk) { d.create, d.status = waiting, waiting })
		open := o.pay("open", 5000)
		end()
		o, end = begin(unopened{d})
		defer end()
		if _, err := o.refund("r", payment.ID, 1000); !errors.Is(err, core.ErrProviderUnavailable) {
			t.Errorf("refund: %v, want provider_unavailable", err)
		}
		if _, err := o.engine.Cancel(t.Context(), operator, open.ID, ""); !errors.Is(err, core.ErrProviderUnavailable) {
			t.Errorf("cancel: %v, want provider_unavailable", err)
		}
	})
}

// unopened is a plugin whose account does not open.
type unopened struct{ *desk }

func (unopened) Open(sdk.Settings) (sdk.Provider, error) { return nil, errors.New("not now") }
