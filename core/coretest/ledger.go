package coretest

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Entry is what a provider knows of one reference.
type Entry struct {
	Ref           string
	ProviderRef   string
	Account       string
	TransactionID string
	Kind          sdk.Kind
	// Description is what the merchant said it is for.
	Description string
	// Payment is the reference of the payment that a refund gives back.
	Payment string
	// Amount is what was asked for, Paid the money that moved, all charges together.
	// It stays when they are reversed.
	Amount, Paid money.Amount
	Status       Status
	// Received counts the create calls that arrived, Created the payments that came
	// of them, Refused those that were refused because the reference was known,
	// and Charges how often money was taken.
	Received, Created, Refused, Charges int
	// Asked counts the questions about it.
	Asked int
	// Approved and Rejected count the decisions that were accepted, Undecidable
	// those that came when nothing was held.
	Approved, Rejected, Undecidable int
	// OpenedAt is when it was created; ClosedAt when it first was neither held nor waiting any more.
	OpenedAt, ClosedAt time.Time

	// before is the status before the latest turn, which was taken at turnedAt.
	before   Status
	turnedAt time.Time
	// final says that a no stays one, as the provider documents.
	final bool
}

// Ledger is a provider's own book. Its methods may be called concurrently.
type Ledger struct {
	mu      sync.Mutex
	entries map[string]*Entry
}

// Entries returns every entry, sorted by reference.
func (l *Ledger) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]Entry, 0, len(l.entries))
	for _, e := range l.entries {
		all = append(all, *e)
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Ref, b.Ref) })
	return all
}

// Entry returns the entry of a reference, and false if no call with it arrived.
func (l *Ledger) Entry(ref string) (Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[ref]
	if !ok {
		return Entry{}, false
	}
	return *e, true
}

// receive enters a create call that arrived, for something with the first status
// or for nothing where that is empty. It reports whether it was created; a known
// reference is refused unless twice says that it is not noticed. Final says that a no stays one.
func (l *Ledger) receive(account string, c Creation, first Status, twice, final bool) (Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, known := l.entries[c.Ref]
	if !known {
		e = &Entry{
			Ref: c.Ref, Account: account, TransactionID: c.TransactionID, Kind: c.Kind, Description: c.Description,
			Payment: c.Payment, Amount: c.Amount, Paid: money.Zero(c.Amount.Currency()),
			final: final,
		}
		l.entries[c.Ref] = e
	}
	e.Received++
	creates := first != ""
	switch {
	case !creates:
	case e.Created == 0:
		e.Created, e.Status, e.OpenedAt = 1, first, time.Now()
		e.ProviderRef = account + "-" + c.Ref[len(c.Ref)-8:]
	case twice:
		e.Created++
	default:
		e.Refused++
		creates = false
	}
	return *e, creates
}

// turn changes the status of what was created and takes the money. It reports
// whether that was possible.
func (l *Ledger) turn(ref string, to Status, amount money.Amount) (Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[ref]
	if !ok || !e.mayTurn(to) {
		return Entry{}, false
	}
	e.become(to)
	if to == Paid {
		e.pay(amount)
	}
	return *e, true
}

func (e *Entry) mayTurn(to Status) bool {
	switch e.Status {
	case Declined:
		return to != Reversed && !e.final
	case Held, Waiting, Expired:
		return to != Reversed
	case Paid:
		return to == Reversed
	case Canceled, Reversed:
		return false
	default:
		return false // Nothing was created.
	}
}

func (e *Entry) become(to Status) {
	e.before, e.turnedAt, e.Status = e.Status, time.Now(), to
	if e.ClosedAt.IsZero() && to != Waiting {
		e.ClosedAt = time.Now()
	}
}

// decide takes a decision about what is held: Waiting approves it, Declined
// rejects it. It reports whether there was something to decide.
func (l *Ledger) decide(ref string, to Status) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[ref]
	if !ok {
		return false
	}
	if e.Status != Held {
		e.Undecidable++
		return false
	}
	e.become(to)
	if to == Waiting {
		e.Approved++
	} else {
		e.Rejected++
	}
	return true
}

// pay takes the money once for each payment that was created.
func (e *Entry) pay(amount money.Amount) {
	if amount.IsZero() {
		amount = e.Amount
	}
	for range e.Created {
		// Amounts of one currency in a test cannot overflow.
		e.Paid, _ = e.Paid.Add(amount)
		e.Charges++
	}
}

// ask counts a question and returns what is known, as a copy shows it that lags
// behind, and how many were asked before.
func (l *Ledger) ask(ref string, lag time.Duration) (e Entry, asked int, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.entries[ref]
	if !ok || found.Created == 0 {
		return Entry{}, 0, false
	}
	found.Asked++
	e = *found
	if !e.turnedAt.IsZero() && time.Since(e.turnedAt) < lag {
		e.Status = e.before
	}
	return e, e.Asked - 1, true
}
