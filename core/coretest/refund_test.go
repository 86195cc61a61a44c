package coretest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

var operator = core.Caller{Actor: "op_1", Merchant: "shop", Operator: true}

// counter is an engine with scripted providers, whose books must agree in the end.
type counter struct {
	*testing.T
	*engine.Engine
	providers []*coretest.Provider
}

// counterAt runs a test in virtual time and audits what it came to.
func counterAt(t *testing.T, test func(counter), providers ...*coretest.Provider) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := coretest.MustOpenStore(t)
		test(counter{t, coretest.MustStart(t, s, providers...), providers})
		time.Sleep(5 * 24 * time.Hour)
		found, err := coretest.Audit{Store: s, Providers: providers}.Violations(context.Background())
		if err != nil || len(found) > 0 {
			t.Errorf("%v, %v", found, err)
		}
	})
}

// till is a provider at which payments are paid at once, and refunds go as planned.
func till(refund coretest.Plan) *coretest.Provider {
	p := coretest.NewProvider("till")
	p.Script = func(c coretest.Creation) coretest.Plan {
		if c.Kind == sdk.KindRefund {
			return refund
		}
		return coretest.Plan{Answer: coretest.AnswerPaid}
	}
	return p
}

func (c counter) paid() core.Transaction {
	c.Helper()
	answer, err := c.Pay(c.Context(), core.PaymentRequest{Caller: operator, IdempotencyKey: "pay", Amount: money.Of(5000, money.XOF)})
	if err != nil {
		c.Fatal(err)
	}
	return answer.Transaction
}

// give asks for a refund; an amount of 0 is all that is left.
func (c counter) give(payment core.Transaction, key string, amount int64) (core.Transaction, error) {
	req := core.RefundRequest{Caller: operator, IdempotencyKey: key, Payment: payment.ID, Reason: "returned"}
	if amount > 0 {
		req.Amount = money.Of(amount, money.XOF)
	}
	answer, err := c.Refund(c.Context(), req)
	return answer.Transaction, err
}

// stands is a payment as "succeeded: 5000 refunded, 5000 reserved".
func (c counter) stands(payment core.Transaction) string {
	c.Helper()
	tx, err := c.Transaction(c.Context(), operator, payment.ID)
	if err != nil {
		c.Fatal(err)
	}
	return fmt.Sprintf("%s: %s refunded, %s reserved", tx.State, tx.Refunded.Decimal(), tx.Attempts[0].Reserved.Decimal())
}

func TestAPaymentIsGivenBackInPartsAndNeverMoreThanItWas(t *testing.T) {
	counterAt(t, func(c counter) {
		payment := c.paid()
		for key, amount := range map[string]int64{"a part": 2000, "another": 1500} {
			if tx, err := c.give(payment, key, amount); err != nil || tx.State != core.StateSucceeded {
				c.Errorf("%s is %s, %v", key, tx.State, err)
			}
		}
		if _, err := c.give(payment, "too much", 1501); !errors.Is(err, core.ErrInvalidRequest) {
			c.Errorf("more than is left: %v", err)
		}
		if rest, err := c.give(payment, "the rest", 0); err != nil || rest.Amount != money.Of(1500, money.XOF) {
			c.Errorf("the rest is %s, %v", rest.Amount, err)
		}
		if _, err := c.give(payment, "nothing is left", 0); !errors.Is(err, core.ErrNotAllowed) {
			c.Errorf("all that is left of nothing: %v", err)
		}
		if diff := cmp.Diff("succeeded: 5000 refunded, 5000 reserved", c.stands(payment)); diff != "" {
			c.Error(diff)
		}
	}, till(coretest.Plan{Answer: coretest.AnswerPaid}))
}

func TestRefundsAtTheSameTimeShareWhatIsLeft(t *testing.T) {
	counterAt(t, func(c counter) {
		payment := c.paid()
		var asked sync.WaitGroup
		var mu sync.Mutex
		given := 0
		for i := range 20 {
			asked.Go(func() {
				if _, err := c.give(payment, fmt.Sprint(i), 1000); err == nil {
					mu.Lock()
					defer mu.Unlock()
					given++
				}
			})
		}
		asked.Wait()
		if given != 5 || len(c.providers[0].Entries()) != 6 {
			c.Errorf("%d refunds of 1000 of 5000, the provider has %d entries", given, len(c.providers[0].Entries()))
		}
	}, till(coretest.Plan{Answer: coretest.AnswerPending, Then: []coretest.Turn{{After: time.Hour, Becomes: coretest.Paid}}}))
}

// What a lost answer may have given back is not given back again, until it is
// known that it was not.
func TestARefundWithoutAnAnswerKeepsItsPart(t *testing.T) {
	for name, end := range map[coretest.Status]string{
		coretest.Paid:     "succeeded: 5000 refunded, 5000 reserved",
		coretest.Declined: "succeeded: 0 refunded, 0 reserved",
	} {
		t.Run(string(name), func(t *testing.T) {
			counterAt(t, func(c counter) {
				payment := c.paid()
				if tx, err := c.give(payment, "lost", 5000); err != nil || tx.State != core.StateUnknown {
					c.Errorf("it is %s, %v", tx.State, err)
				}
				if _, err := c.give(payment, "again", 1); !errors.Is(err, core.ErrInvalidRequest) {
					c.Errorf("given back again: %v", err)
				}
				time.Sleep(2 * time.Hour)
				if diff := cmp.Diff(end, c.stands(payment)); diff != "" {
					c.Error(diff)
				}
			}, till(coretest.Plan{Answer: coretest.AnswerLostResponse, Then: []coretest.Turn{{After: time.Hour, Becomes: name}}}))
		})
	}
}

// The first refund was declined, its money was given back by a second one, and
// then the first one was paid all the same.
func TestMoneyGivenBackTwiceIsLookedAt(t *testing.T) {
	p, refunds := till(coretest.Plan{}), 0
	paid := p.Script
	p.Script = func(c coretest.Creation) coretest.Plan {
		if c.Kind != sdk.KindRefund {
			return paid(c)
		}
		if refunds++; refunds == 1 {
			return coretest.Plan{
				Answer: coretest.AnswerDeclined, Reason: sdk.ReasonDeclined,
				Then: []coretest.Turn{{After: time.Hour, Becomes: coretest.Paid}},
			}
		}
		return coretest.Plan{Answer: coretest.AnswerPaid}
	}
	counterAt(t, func(c counter) {
		payment := c.paid()
		first, err := c.give(payment, "first", 5000)
		if err != nil || first.State != core.StateFailed {
			c.Fatalf("first: %s, %v", first.State, err)
		}
		if second, err := c.give(payment, "second", 5000); err != nil || second.State != core.StateSucceeded {
			c.Fatalf("second: %s, %v", second.State, err)
		}
		time.Sleep(24 * time.Hour)
		if first, err = c.Transaction(c.Context(), operator, first.ID); err != nil || first.State != core.StateReview {
			c.Errorf("first is %s, %v, want review", first.State, err)
		}
		if diff := cmp.Diff("succeeded: 5000 refunded, 5000 reserved", c.stands(payment)); diff != "" {
			c.Error(diff)
		}
	}, p)
}

// The refund was declined, and then a part of it was paid all the same: until a
// person has looked, its whole part is not given back again.
func TestARefundThatMovedAnotherAmountAfterItsEndKeepsItsPart(t *testing.T) {
	counterAt(t, func(c counter) {
		payment := c.paid()
		if tx, err := c.give(payment, "declined", 5000); err != nil || tx.State != core.StateFailed {
			c.Fatalf("it is %s, %v", tx.State, err)
		}
		time.Sleep(24 * time.Hour)
		if _, err := c.give(payment, "again", 1); !errors.Is(err, core.ErrInvalidRequest) {
			c.Errorf("given back again: %v", err)
		}
		if diff := cmp.Diff("succeeded: 0 refunded, 5000 reserved", c.stands(payment)); diff != "" {
			c.Error(diff)
		}
	}, till(coretest.Plan{
		Answer: coretest.AnswerDeclined, Reason: sdk.ReasonDeclined,
		Then: []coretest.Turn{{After: time.Hour, Becomes: coretest.Paid, Amount: money.Of(2000, money.XOF)}},
	}))
}

// A customer paid twice, at two providers; what came second goes back where it came from.
func TestTheSecondOfTwoSuccessesIsGivenBack(t *testing.T) {
	one, two := coretest.NewProvider("one"), coretest.NewProvider("two")
	one.Script = func(c coretest.Creation) coretest.Plan {
		if c.Kind == sdk.KindRefund {
			return coretest.Plan{Answer: coretest.AnswerPaid}
		}
		return coretest.Plan{
			Answer: coretest.AnswerDeclined, Reason: sdk.ReasonDeclined,
			Then: []coretest.Turn{{After: time.Hour, Becomes: coretest.Paid, Notify: []time.Duration{0}}},
		}
	}
	two.Script = func(coretest.Creation) coretest.Plan { return coretest.Plan{Answer: coretest.AnswerPaid} }
	counterAt(t, func(c counter) {
		payment := c.paid()
		if payment.State != core.StateSucceeded || len(payment.Attempts) != 2 {
			c.Fatalf("it is %s after %d attempts", payment.State, len(payment.Attempts))
		}
		time.Sleep(2 * time.Hour)
		answer, err := c.Refund(c.Context(), core.RefundRequest{
			Caller: operator, IdempotencyKey: "back", Payment: payment.ID, Attempt: payment.Attempts[0].ID, Reason: "paid twice",
		})
		if err != nil || answer.Transaction.State != core.StateSucceeded {
			c.Fatalf("%s, %v", answer.Transaction.State, err)
		}
		entry, _ := one.Entry(answer.Transaction.Attempts[0].Ref)
		if entry.Kind != sdk.KindRefund || entry.Payment != payment.Attempts[0].Ref || len(two.Entries()) != 1 {
			c.Errorf("one has %+v, two %d entries", entry, len(two.Entries()))
		}
		if diff := cmp.Diff("review: 5000 refunded, 5000 reserved", c.stands(payment)); diff != "" {
			c.Error(diff)
		}
	}, one, two)
}

func TestWhatIsNotPaidIsNotGivenBack(t *testing.T) {
	p := coretest.NewProvider("till")
	counterAt(t, func(c counter) {
		payment := c.paid() // A link that nobody opens.
		if _, err := c.give(payment, "back", 1000); !errors.Is(err, core.ErrNotAllowed) {
			c.Errorf("got %v, want not_allowed", err)
		}
		if _, err := c.give(core.Transaction{ID: "pay_01JZZZZZZZZZZZZZZZZZZZZZZZ"}, "nobody's", 1000); !errors.Is(err, core.ErrNotFound) {
			c.Errorf("got %v, want not found", err)
		}
	}, p)
}
