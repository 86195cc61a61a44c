package coretest

import (
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// chargedOnce looks for money that was taken, or could have been taken, twice.
func (b *book) chargedOnce(tx core.Transaction) {
	entries := b.entries[tx.ID]
	paid := 0
	for _, entry := range entries {
		paid += entry.Charges
		if entry.Created > 1 {
			b.report(ChargedOnce, tx.ID, "%s created %s %d times", entry.Account, entry.Ref, entry.Created)
		}
	}
	if paid > 1 && tx.State != core.StateReview && !tx.DuplicateRisk {
		b.report(ChargedOnce, tx.ID, "was paid %d times and is %s", paid, standing(tx))
	}
	for i, one := range entries {
		for _, other := range entries[i+1:] {
			if openAtOnce(one, other) && !tx.DuplicateRisk {
				b.report(ChargedOnce, tx.ID, "could be paid at %s and at %s at the same time", one.Account, other.Account)
			}
		}
	}
}

// openAtOnce reports whether two payments could be paid at the same time.
func openAtOnce(a, b Entry) bool {
	if a.Created == 0 || b.Created == 0 {
		return false
	}
	if b.OpenedAt.Before(a.OpenedAt) {
		a, b = b, a
	}
	return a.ClosedAt.IsZero() || a.ClosedAt.After(b.OpenedAt)
}

func inReviewFor(tx core.Transaction, reason sdk.Reason) bool {
	return tx.State == core.StateReview && tx.Reason != nil && tx.Reason.Code == reason
}

// standing is the state, with its reason where there is one.
func standing(tx core.Transaction) string {
	if tx.Reason == nil {
		return tx.State.String()
	}
	return tx.State.String() + " (" + string(tx.Reason.Code) + ")"
}

// truth compares the transaction with the ledgers.
func (b *book) truth(tx core.Transaction) {
	entries := map[string]Entry{}
	for _, entry := range b.entries[tx.ID] {
		entries[entry.Ref] = entry
	}
	paid, differing := 0, 0
	for _, a := range tx.Attempts {
		entry := entries[a.Ref]
		delete(entries, a.Ref)
		b.attempt(tx, a, entry)
		switch {
		case entry.Charges == 0:
		case entry.Paid == tx.Amount:
			paid++
		default:
			differing++
		}
	}
	for _, entry := range entries {
		b.report(True, tx.ID, "%s has %s, which is no attempt of it", entry.Account, entry.Ref)
	}
	if !agrees(tx, paid, differing, b.undecided(tx)) {
		b.report(True, tx.ID, "is %s; the ledgers have %d paid attempts and %d with another amount", standing(tx), paid, differing)
	}
}

// agrees reports whether the state says what the ledgers say.
func agrees(tx core.Transaction, paid, differing int, undecided bool) bool {
	switch {
	case differing > 0:
		return tx.State == core.StateReview
	case paid > 1:
		return inReviewFor(tx, core.ReasonDuplicateSuccess)
	case paid == 1:
		return tx.State == core.StateSucceeded && tx.Received == tx.Amount
	case undecided:
		return true
	default:
		return tx.State == core.StateFailed || tx.State == core.StateCanceled || tx.State == core.StateExpired
	}
}

// undecided reports whether no provider can say how it ended, and the engine
// rightly does not claim to know: it waits for a person, or was ended by a
// person or by the time to pay.
func (b *book) undecided(tx core.Transaction) bool {
	return inReviewFor(tx, core.ReasonOutcomeUnknown) && slices.ContainsFunc(tx.Attempts, func(a core.Attempt) bool {
		return a.State.Live()
	})
}

// attempt compares one attempt with the provider's entry of its reference.
func (b *book) attempt(tx core.Transaction, a core.Attempt, entry Entry) {
	believed := a.State == core.AttemptSucceeded
	switch {
	case entry.Charges > 0 && entry.Paid == tx.Amount && !believed:
		b.report(True, tx.ID, "attempt %d is %s; %s has it paid", a.Number, a.State, a.Account)
	case entry.Charges > 0 && entry.Paid != tx.Amount && a.State != core.AttemptMismatch:
		b.report(True, tx.ID, "attempt %d is %s; %s took %s", a.Number, a.State, a.Account, entry.Paid)
	case entry.Charges == 0 && (believed || a.State == core.AttemptMismatch):
		b.report(True, tx.ID, "attempt %d is %s; %s has no money of it", a.Number, a.State, a.Account)
	case a.State.Live() && entry.Created > 0 && entry.Status != Waiting:
		b.report(True, tx.ID, "attempt %d is %s; %s has it as %s", a.Number, a.State, a.Account, entry.Status)
	case a.State == core.AttemptNotSent || a.State == core.AttemptRejected:
		if entry.Created > 0 {
			b.report(True, tx.ID, "attempt %d is %s; %s created it", a.Number, a.State, a.Account)
		}
	}
}
