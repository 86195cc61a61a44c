package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// heldBack is how long before its attempt a transaction may have been created:
	// payouts wait for an approval, and an operator may retry what is in review.
	heldBack = 7 * 24 * time.Hour
	// heldMax bounds what is compared at once.
	heldMax = 20_000
	// bookPage is how many records are read at once.
	bookPage = 100
	// transfersSeenBack is how much earlier than it was created a transfer may have
	// been seen: the provider's clock may be ahead.
	transfersSeenBack = time.Hour
)

// Book finds what is recorded of an account. All but lists return core.ErrNotFound.
type Book interface {
	TransactionByULID(ctx context.Context, u ulid.ULID) (core.Transaction, error)
	// ByProviderRef returns the transaction and the number of its attempt that the
	// provider calls ref, where notifications are found by that.
	ByProviderRef(ctx context.Context, account, ref string) (core.Transaction, int, error)
}

// TransferBook finds what pull-only accounts received.
type TransferBook interface {
	TransferByRef(ctx context.Context, account, ref string) (core.Transfer, error)
	// Transfers returns a page of those that the filter selects, newest first.
	Transfers(ctx context.Context, f core.TransferFilter) (core.Page[core.Transfer], error)
}

// heldAttempt is an attempt as a statement should show it.
func heldAttempt(tx core.Transaction, a core.Attempt) core.Held {
	held := core.Held{
		ID: a.ID, Ref: a.Ref, ProviderRef: a.ProviderRef, Transaction: tx.ID, Attempt: a.Number, Kind: tx.Kind,
		Belief: believed(a.State), State: a.State.String(), Amount: tx.Amount, Told: a.Told, At: a.StartedAt, Phone: tx.Customer.Phone,
	}
	if a.Confirmed.IsPositive() && a.State != core.AttemptMismatch {
		held.Amount = a.Confirmed
	}
	return held
}

func believed(state core.AttemptState) core.Belief {
	switch state {
	case core.AttemptSucceeded:
		return core.BeliefPaid
	case core.AttemptReversed:
		return core.BeliefReversed
	case core.AttemptMismatch:
		return core.BeliefMismatch
	case core.AttemptNotSent, core.AttemptRejected:
		return core.BeliefNothing
	case core.AttemptDeclined, core.AttemptCanceled, core.AttemptExpired, core.AttemptAbandoned:
		return core.BeliefNoMoney
	default:
		return core.BeliefOpen
	}
}

// heldTransfer is a transfer as a statement should show it. Nobody's reference is on it.
func heldTransfer(t core.Transfer) core.Held {
	return core.Held{
		ID: t.ID, ProviderRef: t.ProviderRef, Transaction: t.Transaction, Kind: sdk.KindPayment,
		Belief: beliefOf(t.Outcome), State: t.Outcome.String(), Amount: t.Amount, At: t.CreatedAt,
	}
}

// book reads what is recorded of one account.
type book struct {
	*Reconciler
	account string
	// lists says that the account's payments are found in its list only.
	lists bool
}

// during returns what is recorded from one time to another. It returns
// core.ErrTooLarge where that is more than can be compared at once.
func (b book) during(ctx context.Context, from, to time.Time) ([]core.Held, error) {
	var all []core.Held
	cursor := ""
	for {
		page, err := b.page(ctx, from, to, cursor)
		if err != nil {
			return nil, err
		}
		if all = append(all, page.Items...); len(all) > heldMax {
			return nil, &core.Problem{
				Code:   core.ErrTooLarge.Code,
				Detail: fmt.Sprintf("more than %d payments of %s are recorded in that time: compare a shorter one", heldMax, b.account),
			}
		}
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

// settledCursor begins the cursors behind the last transfer.
const settledCursor = "attempts:"

// page returns some of what is recorded from one time to another. Of an account
// that only lists these are its transfers, and then the attempts that were
// settled without one: money that nobody has seen.
func (b book) page(ctx context.Context, from, to time.Time, cursor string) (core.Page[core.Held], error) {
	if !b.lists {
		return b.attempts(ctx, from, to, cursor)
	}
	behind, settled := strings.CutPrefix(cursor, settledCursor)
	if !settled {
		page, err := b.transfers(ctx, from, to, cursor)
		page.Next = cmp.Or(page.Next, settledCursor)
		return page, err
	}
	page, err := b.attempts(ctx, from, to, behind)
	if page.Next != "" {
		page.Next = settledCursor + page.Next
	}
	return page, err
}

func (b book) attempts(ctx context.Context, from, to time.Time, cursor string) (core.Page[core.Held], error) {
	page, err := b.Transactions.Transactions(ctx, core.Filter{
		Provider: b.account, CreatedAfter: from.Add(-heldBack), CreatedBefore: to, Limit: bookPage, Cursor: cursor,
	})
	if err != nil {
		return core.Page[core.Held]{}, fmt.Errorf("reconcile: %w", err)
	}
	held := core.Page[core.Held]{Next: page.Next}
	for _, tx := range page.Items {
		for _, a := range tx.Attempts {
			if b.keeps(tx, a) && !a.StartedAt.Before(from) && a.StartedAt.Before(to) {
				held.Items = append(held.Items, heldAttempt(tx, a))
			}
		}
	}
	return held, nil
}

// keeps reports whether a statement of the account may show an attempt. One that
// a transfer paid is shown as that.
func (b book) keeps(tx core.Transaction, a core.Attempt) bool {
	switch {
	case a.Account != b.account || tx.Manual:
		return false
	case b.lists:
		return a.Evidence == nil && (a.State == core.AttemptSucceeded || a.State == core.AttemptReversed)
	default:
		return true
	}
}

func (b book) transfers(ctx context.Context, from, to time.Time, cursor string) (core.Page[core.Held], error) {
	page, err := b.TransferBook.Transfers(ctx, core.TransferFilter{Account: b.account, Limit: bookPage, Cursor: cursor})
	if err != nil {
		return core.Page[core.Held]{}, fmt.Errorf("reconcile: %w", err)
	}
	held := core.Page[core.Held]{Next: page.Next}
	for _, t := range page.Items {
		if t.SeenAt.Before(from.Add(-transfersSeenBack)) {
			held.Next = "" // Newest first: the rest was seen before.
		}
		if !t.CreatedAt.Before(from) && t.CreatedAt.Before(to) {
			held.Items = append(held.Items, heldTransfer(t))
		}
	}
	return held, nil
}

// named returns what is recorded under a row's references, whenever it was.
func (b book) named(ctx context.Context, row core.StatementRow) (core.Held, bool, error) {
	if b.lists {
		t, err := b.TransferBook.TransferByRef(ctx, b.account, row.ProviderRef)
		return foundOrNot(heldTransfer(t), err)
	}
	if u, number, err := core.ParseRef(row.Ref); err == nil {
		tx, err := b.Book.TransactionByULID(ctx, u)
		if a, ok := tx.Attempt(number); err == nil && ok && a.Account == b.account {
			return heldAttempt(tx, a), true, nil
		}
		if err != nil && !errors.Is(err, core.ErrNotFound) {
			return core.Held{}, false, fmt.Errorf("reconcile: %w", err)
		}
	}
	if row.ProviderRef == "" {
		return core.Held{}, false, nil
	}
	tx, number, err := b.Book.ByProviderRef(ctx, b.account, row.ProviderRef)
	a, _ := tx.Attempt(number)
	return foundOrNot(heldAttempt(tx, a), err)
}

func foundOrNot(held core.Held, err error) (core.Held, bool, error) {
	switch {
	case err == nil:
		return held, true, nil
	case errors.Is(err, core.ErrNotFound):
		return core.Held{}, false, nil
	default:
		return core.Held{}, false, fmt.Errorf("reconcile: %w", err)
	}
}

// complete adds to what is held all that rows name and that is not there yet.
func (b book) complete(ctx context.Context, rows []core.StatementRow, held []core.Held) ([]core.Held, error) {
	there, byRef, byProviderRef := map[string]bool{}, map[string]bool{"": true}, map[string]bool{"": true}
	add := func(record core.Held) {
		there[record.ID], byRef[record.Ref], byProviderRef[record.ProviderRef] = true, true, true
	}
	for _, record := range held {
		add(record)
	}
	for _, row := range rows {
		if byRef[row.Ref] && (row.Ref != "" || byProviderRef[row.ProviderRef]) {
			continue
		}
		record, found, err := b.named(ctx, row)
		if err != nil {
			return nil, err
		}
		if found && !there[record.ID] {
			held = append(held, record)
			add(record)
		}
	}
	return held, nil
}

// searched returns what is recorded around the time of rows under the provider's
// references alone, which not every account is indexed by.
func (b book) searched(ctx context.Context, about core.Statement, held []core.Held) ([]core.Held, error) {
	found := map[string]bool{}
	for _, record := range held {
		found[record.Ref] = true
	}
	wanted := map[string]bool{}
	for _, row := range about.Rows {
		if row.ProviderRef != "" && (row.Ref == "" || !found[row.Ref]) {
			wanted[row.ProviderRef] = true
		}
	}
	for _, record := range held {
		delete(wanted, record.ProviderRef)
	}
	from, to := around(about)
	cursor := ""
	for len(wanted) > 0 && !b.lists {
		page, err := b.attempts(ctx, from, to, cursor)
		if err != nil {
			return nil, err
		}
		for _, record := range page.Items {
			if wanted[record.ProviderRef] {
				held = append(held, record)
				delete(wanted, record.ProviderRef)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	return held, nil
}

// around is the time of the rows, or of the statement where one has no time, and
// a day at both ends.
func around(about core.Statement) (from, to time.Time) {
	for _, row := range about.Rows {
		if row.At.IsZero() {
			from, to = about.From, about.To
			break
		}
		if from.IsZero() || row.At.Before(from) {
			from = row.At
		}
		to = latest(to, row.At)
	}
	return from.Add(-statementAround), to.Add(statementAround)
}
