package coretest

import (
	"context"
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
)

// The times by which an order's own time is widened for its transfer.
const early, late = time.Minute, 10 * time.Minute

// transfers compares the bank's list with the transfers in the store, and those
// with the orders that they were given to.
func (b *book) transfers(ctx context.Context, bank *Bank) error {
	stored, err := b.stored(ctx, bank.Name)
	if err != nil {
		return err
	}
	given := map[string][]BankTransfer{}
	for _, t := range bank.Transfers() {
		known := stored[t.ID]
		delete(stored, t.ID)
		if len(known) != 1 {
			b.report(True, t.ID, "stands %d times in the store", len(known))
			continue
		}
		if known[0].Outcome != t.Status.outcome() || known[0].Amount != t.Amount || known[0].ProviderCustomer != t.Customer {
			b.report(True, t.ID, "is %s of %s at %s, and %s of %s in the store", t.Status, t.Amount, bank.Name, known[0].Outcome, known[0].Amount)
		}
		given[known[0].Transaction] = append(given[known[0].Transaction], t)
	}
	for id := range stored {
		b.report(True, id, "is in the store and not at %s", bank.Name)
	}
	for _, tx := range b.transactions {
		if a, ok := waitedAt(tx, bank.Name); ok {
			b.deposited(tx, a, given[tx.ID], given[""])
		}
	}
	return nil
}

func (b *book) stored(ctx context.Context, account string) (map[string][]core.Transfer, error) {
	all := map[string][]core.Transfer{}
	for filter := (core.TransferFilter{Account: account, Limit: store.PageMax}); ; {
		page, err := b.Store.Transfers(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, t := range page.Items {
			all[t.ProviderRef] = append(all[t.ProviderRef], t)
		}
		if filter.Cursor = page.Next; filter.Cursor == "" {
			return all, nil
		}
	}
}

// waitedAt is the attempt of a transaction that waited for a transfer.
func waitedAt(tx core.Transaction, account string) (core.Attempt, bool) {
	for _, a := range tx.Attempts {
		if a.Account == account && a.Match != nil {
			return a, true
		}
	}
	return core.Attempt{}, false
}

// deposited checks that an order is what its transfers say, and that none that
// is nobody's would pay it.
func (b *book) deposited(tx core.Transaction, a core.Attempt, own, nobodys []BankTransfer) {
	var paid, reversed int
	for _, t := range own {
		if !fits(t, tx, a) {
			b.report(True, tx.ID, "was given %s, which does not fit", t.ID)
		}
		switch t.Status {
		case Paid:
			paid++
		case Reversed:
			reversed++
		case Held, Waiting, Declined, Expired, Canceled:
		}
	}
	want := []core.State{core.StateExpired, core.StateCanceled}
	switch {
	case paid+reversed > 1:
		b.report(ChargedOnce, tx.ID, "was given %d transfers with money", paid+reversed)
	case paid == 1:
		want = []core.State{core.StateSucceeded}
	case reversed == 1:
		want = []core.State{core.StateReversed}
	default:
		b.missed(tx, a, nobodys)
	}
	if !slices.Contains(want, tx.State) {
		b.report(True, tx.ID, "is %s; its transfers want %v", standing(tx), want)
	}
}

// missed looks for money that would pay an order that has none.
func (b *book) missed(tx core.Transaction, a core.Attempt, nobodys []BankTransfer) {
	for _, t := range nobodys {
		if t.Status == Paid && fits(t, tx, a) {
			b.report(True, tx.ID, "is %s; %s would pay it and is nobody's", standing(tx), t.ID)
		}
	}
}

// fits reports whether a transfer pays an order. One that was canceled takes
// only what was sent before.
func fits(t BankTransfer, tx core.Transaction, a core.Attempt) bool {
	until := a.Match.Until.Add(late)
	if a.State == core.AttemptCanceled && tx.State == core.StateCanceled {
		until = a.EndedAt
	}
	return t.Customer == a.Match.Customer && t.Amount == a.Match.Amount &&
		!t.CreatedAt.Before(a.Match.From.Add(-early)) && !t.CreatedAt.After(until)
}
