package coretest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/machine"
	"github.com/paymux/paymux/core/store"
)

// The invariants that an Audit looks at.
const (
	// Kept: what was acknowledged is there, with the acknowledged fields.
	Kept = "I1 kept"
	// ChargedOnce: a reference is created once, a transaction is paid once or in review for it,
	// and nobody else is asked while an attempt may still be paid.
	ChargedOnce = "I2 charged once"
	// Legal: the history is a path of legal transitions without a gap.
	Legal = "I3 legal"
	// Heard: no accepted notification lies about unread.
	Heard = "I4 heard"
	// Timed: what is not over has a timer.
	Timed = "I6 timed"
	// GivenBack: refunds never pass what was paid, and the payment knows of each.
	GivenBack = "I7 given back"
	// SameAnswer: the same key gives the same answer.
	SameAnswer = "I8 same answer"
	// DecidedOnce: of two opposite decisions one counts, and holds.
	DecidedOnce = "decided once"
	// True: the engine says what the provider's ledger says.
	True = "I12 true"
)

// Violation is an invariant that does not hold.
type Violation struct {
	Invariant string
	// Subject is the transaction, reference or key that it is about.
	Subject string
	Detail  string
}

// String reads as "I2 charged once: pay_...: paid twice".
func (v Violation) String() string { return v.Invariant + ": " + v.Subject + ": " + v.Detail }

// Acknowledged is one answer that a merchant got.
type Acknowledged struct {
	// Request is a core.PaymentRequest, core.PayoutRequest or core.RefundRequest.
	Request any
	Answer  core.Answer
}

// Decided is a decision of an operator that the engine accepted.
type Decided struct {
	Transaction string
	Verb        core.Call
}

// Audit compares what an engine has stored with what its merchants were told and
// with its providers' ledgers. It is meaningful once everything has come to
// rest: when the longest watch of the providers is over.
type Audit struct {
	Store     store.Store
	Providers []*Provider
	Answers   []Acknowledged
	Decisions []Decided
	// Bank is where transfers are found, nil where none are.
	Bank *Bank
}

// Violations returns what does not hold, sorted. It returns an error if the
// store cannot be read.
func (a Audit) Violations(ctx context.Context) ([]Violation, error) {
	book := &book{Audit: a, transactions: map[string]core.Transaction{}, entries: map[string][]Entry{}}
	if err := book.read(ctx); err != nil {
		return nil, fmt.Errorf("coretest: %w", err)
	}
	book.answers()
	for _, id := range slices.Sorted(maps.Keys(book.transactions)) {
		if err := book.transaction(ctx, book.transactions[id]); err != nil {
			return nil, fmt.Errorf("coretest: %s: %w", id, err)
		}
	}
	book.strangers()
	if a.Bank != nil {
		if err := book.transfers(ctx, a.Bank); err != nil {
			return nil, fmt.Errorf("coretest: %w", err)
		}
	}
	slices.SortStableFunc(book.found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Invariant, b.Invariant), cmp.Compare(a.Subject, b.Subject))
	})
	return book.found, nil
}

// book is an audit under way.
type book struct {
	Audit
	transactions map[string]core.Transaction
	// entries are what all providers know, by transaction.
	entries map[string][]Entry
	found   []Violation
}

func (b *book) report(invariant, subject, format string, args ...any) {
	b.found = append(b.found, Violation{invariant, subject, fmt.Sprintf(format, args...)})
}

func (b *book) read(ctx context.Context) error {
	for filter := (core.Filter{Limit: store.PageMax}); ; {
		page, err := b.Store.Transactions(ctx, filter)
		if err != nil {
			return err
		}
		for _, tx := range page.Items {
			b.transactions[tx.ID] = tx
		}
		if filter.Cursor = page.Next; filter.Cursor == "" {
			break
		}
	}
	for _, provider := range b.Providers {
		for _, entry := range provider.Entries() {
			b.entries[entry.TransactionID] = append(b.entries[entry.TransactionID], entry)
		}
	}
	return nil
}

// answers looks at what merchants were told.
func (b *book) answers() {
	first := map[core.IdempotencyScope]core.Transaction{}
	for _, told := range b.Answers {
		asked := wishOf(told.Request)
		b.kept(asked, told.Answer.Transaction)
		before, again := first[asked.scope]
		if !again {
			first[asked.scope] = told.Answer.Transaction
			continue
		}
		if diff := gocmp.Diff(before, told.Answer.Transaction, alike()...); diff != "" {
			b.report(SameAnswer, asked.scope.Key, "answers differ (-first +later):\n%s", diff)
		}
	}
}

func (b *book) transaction(ctx context.Context, tx core.Transaction) error {
	history, err := b.Store.History(ctx, tx.ID)
	if err != nil {
		return err
	}
	for _, v := range path(tx, history) {
		b.report(Legal, tx.ID, "%s", v)
	}
	for _, v := range untimed(tx) {
		b.report(Timed, tx.ID, "%s", v)
	}
	rows, err := b.Store.InboxOf(ctx, tx.ID)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return err
	}
	if len(rows) > 0 {
		b.report(Heard, tx.ID, "%d notifications were accepted and not used", len(rows))
	}
	if b.Bank != nil {
		if _, ok := waitedAt(tx, b.Bank.Name); ok {
			return nil // Its transfers say what it is.
		}
	}
	b.chargedOnce(tx)
	b.decidedOnce(tx)
	b.givenBack(tx)
	b.truth(tx)
	return nil
}

// path says where the history is no path of legal transitions to the state.
func path(tx core.Transaction, history []core.HistoryEntry) []string {
	var wrong []string
	at := core.StateNone
	for i, entry := range history {
		if entry.Sequence != uint32(i+1) {
			wrong = append(wrong, fmt.Sprintf("entry %d has the sequence %d", i+1, entry.Sequence))
		}
		if entry.From != at || !legal(entry.From, entry.To) {
			wrong = append(wrong, fmt.Sprintf("entry %d goes from %s to %s, it stood at %s", i+1, entry.From, entry.To, at))
		}
		at = entry.To
	}
	if at != tx.State || int(tx.Sequence) != len(history) {
		wrong = append(wrong, fmt.Sprintf("is %s at sequence %d, its history ends %s at %d", tx.State, tx.Sequence, at, len(history)))
	}
	return wrong
}

func legal(from, to core.State) bool {
	return slices.ContainsFunc(machine.Signals(), func(s machine.Signal) bool {
		next, ok := machine.Step(from, s)
		return ok && next == to
	})
}

// untimed says what of the transaction nobody will look at again.
func untimed(tx core.Transaction) []string {
	var wrong []string
	for _, a := range tx.Attempts {
		timed := slices.ContainsFunc(tx.Timers, func(t core.Timer) bool { return t.Attempt == a.Number })
		if (a.State.Live() || !a.WatchFrom.IsZero()) && !timed {
			wrong = append(wrong, fmt.Sprintf("attempt %d is %s and has no timer", a.Number, a.State))
		}
	}
	if !tx.State.Final() && tx.State != core.StateReview && len(tx.Timers) == 0 {
		wrong = append(wrong, fmt.Sprintf("is %s and has no timer", tx.State))
	}
	return wrong
}

// strangers are what a provider created for a transaction that the engine does not know.
func (b *book) strangers() {
	for id, entries := range b.entries {
		if _, known := b.transactions[id]; known {
			continue
		}
		for _, entry := range entries {
			b.report(True, entry.Ref, "%s has it as %s, the engine does not know %s", entry.Account, entry.Status, id)
		}
	}
}
