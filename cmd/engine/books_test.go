package main

import (
	"fmt"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// books are what everybody wrote down.
type books struct {
	// acknowledged are the ids that the merchant was told, by the order's name.
	acknowledged map[string]string
	// transactions are the engine's, by id.
	transactions map[string]api.Transaction
	// ledger is the provider's, the only truth about money.
	ledger []sandbox.Payment
}

// audit is in what the books differ. All of it must be zero.
type audit struct {
	// Lost are acknowledged payments that the engine does not have as they were,
	// Strangers payments at the provider that it does not have.
	Lost, Strangers int
	// PaidNotSucceeded and SucceededNotPaid are payments at the provider; RefusedNotFailed too.
	PaidNotSucceeded, SucceededNotPaid, RefusedNotFailed int
	// CreatedTwice are orders that have two payments at the provider, or one that
	// was asked for twice.
	CreatedTwice int
}

func (b books) audit() audit {
	var found audit
	for name, id := range b.acknowledged {
		tx, ok := b.transactions[id]
		if !ok || tx.Reference != name || tx.Amount != order(name).Amount {
			found.Lost++
		}
	}
	byRef := map[string]api.Transaction{}
	for _, tx := range b.transactions {
		for _, a := range tx.Attempts {
			byRef[a.Ref] = tx
		}
	}
	created := map[string]int{}
	for _, row := range b.ledger {
		found.compare(row, byRef)
		created[row.Description]++
		if created[row.Description] == 2 || row.Created != 1 || row.CreateCalls != 1 {
			found.CreatedTwice++
		}
	}
	return found
}

// compare holds a payment of the provider against the engine's.
func (a *audit) compare(row sandbox.Payment, byRef map[string]api.Transaction) {
	tx, known := byRef[row.Ref]
	succeeded := tx.State == "succeeded" && tx.AmountReceived == row.Amount
	switch {
	case !known:
		a.Strangers++
	case row.Paid && !succeeded:
		a.PaidNotSucceeded++
	case !row.Paid && tx.AmountReceived != "0":
		a.SucceededNotPaid++
	case !row.Paid && row.DecidedAt != nil && tx.State != "failed":
		a.RefusedNotFailed++
	}
}

// String reads as a line of a report.
func (a audit) String() string {
	return fmt.Sprintf("lost %d, strangers %d, paid but not succeeded %d, succeeded but not paid %d, refused but not failed %d, created twice %d",
		a.Lost, a.Strangers, a.PaidNotSucceeded, a.SucceededNotPaid, a.RefusedNotFailed, a.CreatedTwice)
}
