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
	var have tally
	for _, a := range tx.Attempts {
		entry := entries[a.Ref]
		delete(entries, a.Ref)
		b.attempt(tx, a, entry)
		have.add(tx, a, entry)
	}
	for _, entry := range entries {
		b.report(True, tx.ID, "%s has %s, which is no attempt of it", entry.Account, entry.Ref)
	}
	if !tx.Manual && !have.agrees(tx, b.undecided(tx)) {
		b.report(True, tx.ID, "is %s; the ledgers have %+v", standing(tx), have)
	}
}

// tally counts the attempts that moved money, by how that ended.
type tally struct{ paid, reversed, differing int }

func (t *tally) add(tx core.Transaction, a core.Attempt, entry Entry) {
	switch {
	case entry.Charges == 0 || cameAndWent(a, entry):
	case entry.Paid != tx.Amount:
		t.differing++
	case entry.Status == Reversed:
		t.reversed++
	default:
		t.paid++
	}
}

// cameAndWent reports whether money moved and was taken back after the attempt
// had ended, and before anybody asked: what is left is what the engine says.
func cameAndWent(a core.Attempt, entry Entry) bool {
	return entry.Status == Reversed && !a.State.Live() && a.Confirmed.IsZero()
}

// agrees reports whether the state says what the ledgers say.
func (t tally) agrees(tx core.Transaction, undecided bool) bool {
	switch {
	case t.differing > 0:
		return tx.State == core.StateReview
	case t.paid+t.reversed > 1:
		return inReviewFor(tx, core.ReasonDuplicateSuccess)
	case t.paid+t.reversed == 1 && overBound(tx):
		return true
	case t.paid == 1:
		return tx.State == core.StateSucceeded && tx.Received == tx.Amount
	case t.reversed == 1:
		return tx.State == core.StateReversed
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
	if live, ok := tx.Live(); ok && tx.State == core.StateAwaitingApproval {
		return slices.ContainsFunc(b.entries[tx.ID], func(e Entry) bool { return e.Ref == live.Ref && e.Status == Held })
	}
	return inReviewFor(tx, core.ReasonOutcomeUnknown) && slices.ContainsFunc(tx.Attempts, func(a core.Attempt) bool {
		return a.State.Live()
	})
}

// overBound reports whether a person looks at a refund that had ended and was
// paid all the same, when what it gave back may have been given back by others.
func overBound(tx core.Transaction) bool {
	return tx.Kind == sdk.KindRefund && tx.State == core.StateReview && !reserves(tx)
}

// attempt compares one attempt with the provider's entry of its reference.
func (b *book) attempt(tx core.Transaction, a core.Attempt, entry Entry) {
	believed := a.State == core.AttemptSucceeded
	if entry.Status == Reversed {
		believed = a.State == core.AttemptReversed
	}
	switch {
	case cameAndWent(a, entry), overBound(tx) && a.State == core.AttemptMismatch:
	case entry.Charges > 0 && entry.Paid == tx.Amount && !believed:
		b.report(True, tx.ID, "attempt %d is %s; %s has it paid", a.Number, a.State, a.Account)
	case entry.Charges > 0 && entry.Paid != tx.Amount && a.State != core.AttemptMismatch:
		b.report(True, tx.ID, "attempt %d is %s; %s took %s", a.Number, a.State, a.Account, entry.Paid)
	case entry.Charges == 0 && (believed || a.State == core.AttemptMismatch):
		b.report(True, tx.ID, "attempt %d is %s; %s has no money of it", a.Number, a.State, a.Account)
	case a.State.Live() && entry.Created > 0 && entry.Status != Waiting && entry.Status != Held:
		b.report(True, tx.ID, "attempt %d is %s; %s has it as %s", a.Number, a.State, a.Account, entry.Status)
	case a.State == core.AttemptNotSent || a.State == core.AttemptRejected:
		if entry.Created > 0 {
			b.report(True, tx.ID, "attempt %d is %s; %s created it", a.Number, a.State, a.Account)
		}
	}
}
