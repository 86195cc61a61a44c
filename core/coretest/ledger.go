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
	// Description is what the merchant said the payment is for.
	Description string
	// Amount is what was asked for, Paid what was taken, all charges together.
	Amount, Paid money.Amount
	Status       Status
	// Received counts the create calls that arrived, Created the payments that came
	// of them, Refused those that were refused because the reference was known,
	// and Charges how often money was taken.
	Received, Created, Refused, Charges int
	// Asked counts the questions about it.
	Asked int
	// OpenedAt is when it was created; ClosedAt when it first was not Waiting any more.
	OpenedAt, ClosedAt time.Time

	// before is the status before the latest turn, which was taken at turnedAt.
	before   Status
	turnedAt time.Time
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

// receive enters a create call that arrived. It reports whether something was
// created; a known reference is refused unless twice says that it is not noticed.
func (l *Ledger) receive(account string, req sdk.PaymentRequest, creates, twice bool) (Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, known := l.entries[req.Ref]
	if !known {
		e = &Entry{
			Ref: req.Ref, Account: account, TransactionID: req.TransactionID, Description: req.Description,
			Amount: req.Amount, Paid: money.Zero(req.Amount.Currency()),
		}
		l.entries[req.Ref] = e
	}
	e.Received++
	switch {
	case !creates:
	case e.Created == 0:
		e.Created, e.Status, e.OpenedAt = 1, Waiting, time.Now()
		e.ProviderRef = account + "-" + req.Ref[len(req.Ref)-8:]
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
	if !ok || e.Created == 0 || e.Status == Paid || e.Status == Canceled {
		return Entry{}, false
	}
	e.before, e.turnedAt = e.Status, time.Now()
	e.Status = to
	if e.ClosedAt.IsZero() && to != Waiting {
		e.ClosedAt = time.Now()
	}
	if to == Paid {
		e.pay(amount)
	}
	return *e, true
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
