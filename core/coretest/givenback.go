package coretest

import (
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// givenBack compares a payment with its refunds, in the store and at the provider.
func (b *book) givenBack(payment core.Transaction) {
	if payment.Kind != sdk.KindPayment {
		return
	}
	nothing := money.Zero(payment.Amount.Currency())
	refunded := nothing
	for _, a := range payment.Attempts {
		reserved, paid := nothing, nothing
		for _, refund := range b.refundsOf(payment.ID, a.ID) {
			if reserves(refund) {
				reserved = plus(reserved, refund.Amount)
				paid = plus(paid, b.movedOf(refund.ID, nothing))
			}
			if refund.State == core.StateSucceeded {
				refunded = plus(refunded, refund.Amount)
			}
		}
		if !reserved.Equal(a.Reserved) {
			b.report(GivenBack, payment.ID, "attempt %d has %s reserved for refunds of %s", a.Number, a.Reserved, reserved)
		}
		if most := b.movedBy(a.Ref, nothing); more(reserved, most) || more(paid, most) {
			b.report(GivenBack, payment.ID, "attempt %d took %s; refunds of %s, %s of it paid", a.Number, most, reserved, paid)
		}
	}
	if !refunded.Equal(payment.Refunded) {
		b.report(GivenBack, payment.ID, "says %s was refunded; its refunds say %s", payment.Refunded, refunded)
	}
}

func (b *book) refundsOf(payment, attempt string) []core.Transaction {
	var all []core.Transaction
	for _, tx := range b.transactions {
		if tx.Kind == sdk.KindRefund && tx.Parent == payment && tx.ParentAttempt == attempt {
			all = append(all, tx)
		}
	}
	return all
}

// reserves reports whether what the refund gives back cannot be given back
// again. One that had ended without money and moved some all the same waits in
// review, with its part unless others have that by now.
func reserves(refund core.Transaction) bool {
	last, _ := refund.Last()
	ended := []core.State{core.StateFailed, core.StateCanceled, core.StateExpired}
	return !slices.Contains(ended, refund.State) &&
		(refund.State != core.StateReview || refund.EndedAt.IsZero() || last.Reserved.IsPositive())
}

// movedOf is what providers have moved for a transaction, movedBy for a reference.
func (b *book) movedOf(transaction string, sum money.Amount) money.Amount {
	for _, entry := range b.entries[transaction] {
		sum = plus(sum, entry.Paid)
	}
	return sum
}

func (b *book) movedBy(ref string, sum money.Amount) money.Amount {
	for _, p := range b.Providers {
		if entry, ok := p.Entry(ref); ok {
			sum = plus(sum, entry.Paid)
		}
	}
	return sum
}

// plus adds amounts of one currency, which in a test cannot overflow.
func plus(a, b money.Amount) money.Amount {
	sum, _ := a.Add(b)
	return sum
}

func more(a, b money.Amount) bool {
	difference, err := a.Compare(b)
	return err != nil || difference > 0
}
