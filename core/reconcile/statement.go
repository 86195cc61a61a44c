package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// statementEdge is how far beyond a statement's time its list is read: clocks
	// differ, and what is created before midnight may be listed after it.
	statementEdge = readBack
	// statementAround is how far around it is looked before something is called missing there.
	statementAround = 24 * time.Hour
	// statementWithin bounds how long the provider is asked, so that the answer
	// leaves within what a caller waits for.
	statementWithin = 40 * time.Second
	// expectedPages bounds how much is read for one page of what is expected.
	expectedPages = 20
)

// Statement compares what the provider lists of an account, or the rows of a
// file, with what is recorded. Of a file's rows nothing can be called missing
// there, because the others are not known: Expected tells what must be there.
//
// It returns core.ErrNotFound for an unknown account, ErrNotSupported where the
// provider has no list, ErrProviderUnavailable with RetryAfter where it could not
// be read at all, and ErrTooLarge where too much is recorded in that time.
func (r *Reconciler) Statement(ctx context.Context, about core.Statement) (core.Comparison, error) {
	b, standing, err := r.bookOf(about.Account)
	if err != nil {
		return core.Comparison{}, err
	}
	if about.Rows != nil {
		return b.compareRows(ctx, about)
	}
	if !standing.Capabilities.Can(sdk.OperationList) {
		return core.Comparison{}, &core.Problem{
			Code:   core.ErrNotSupported.Code,
			Detail: about.Account + " has no list: compare a file that the provider gives you, with engine reconcile --csv",
		}
	}
	return b.compareList(ctx, about)
}

// Expected returns a page of what a statement of the account must show, newest
// first. It may be short or empty and still have a next one.
func (r *Reconciler) Expected(ctx context.Context, about core.Statement, cursor string) (core.Page[core.Held], error) {
	b, _, err := r.bookOf(about.Account)
	if err != nil {
		return core.Page[core.Held]{}, err
	}
	expected := core.Page[core.Held]{Next: cursor}
	for range expectedPages {
		page, err := b.page(ctx, about.From, about.To, expected.Next)
		if err != nil {
			return expected, err
		}
		for _, record := range page.Items {
			if record.Belief.Expected() {
				expected.Items = append(expected.Items, record)
			}
		}
		if expected.Next = page.Next; page.Next == "" || len(expected.Items) >= bookPage {
			break
		}
	}
	return expected, nil
}

// bookOf is the book of an account whose plugin has said what it can do: until
// then nobody knows whether it takes orders or only lists.
func (r *Reconciler) bookOf(account string) (book, core.Standing, error) {
	standing, ok := r.Accounts.Standings()[account]
	switch {
	case !ok:
		return book{}, standing, fmt.Errorf("reconcile: account %q: %w", account, core.ErrNotFound)
	case len(standing.Capabilities.Operations) == 0:
		return book{}, standing, &core.Problem{
			Code: core.ErrProviderUnavailable.Code, Detail: "the plugin of " + account + " has not said yet what it can do",
		}
	default:
		return book{Reconciler: r, account: account, lists: pullOnly(standing)}, standing, nil
	}
}

func (b book) compareRows(ctx context.Context, about core.Statement) (core.Comparison, error) {
	held, err := b.complete(ctx, about.Rows, nil)
	if err != nil {
		return core.Comparison{}, err
	}
	if held, err = b.searched(ctx, about, held); err != nil {
		return core.Comparison{}, err
	}
	return core.Comparison{Findings: b.receivable(compare(about, about.Rows, held, false))}, nil
}

// compareList reads the list with an edge at both ends. Only where something is
// missing there it looks a day around, and calls nothing missing that it could
// not look for.
func (b book) compareList(ctx context.Context, about core.Statement) (core.Comparison, error) {
	asking, cancel := context.WithTimeout(ctx, statementWithin)
	defer cancel()
	rows, got := b.rows(asking, about.From.Add(-statementEdge), about.To.Add(statementEdge))
	if got.fault != nil && !got.some {
		return core.Comparison{}, b.unreadable(got)
	}
	held, err := b.heldBy(ctx, about, rows)
	if err != nil {
		return core.Comparison{}, err
	}
	findings := compare(about, rows, held, got.fault == nil)
	if got.fault == nil && missing(findings) {
		var more []core.StatementRow
		more, got = b.rows(asking, about.From.Add(-statementAround), about.To.Add(statementAround))
		rows = once(append(rows, more...))
		if held, err = b.complete(ctx, rows, held); err != nil {
			return core.Comparison{}, err
		}
		findings = compare(about, rows, held, got.fault == nil)
	}
	return core.Comparison{Findings: b.receivable(findings), Unread: unread(got)}, nil
}

// heldBy is what is recorded in the statement's time, and what its rows name.
func (b book) heldBy(ctx context.Context, about core.Statement, rows []core.StatementRow) ([]core.Held, error) {
	held, err := b.during(ctx, about.From.Add(-statementEdge), about.To.Add(statementEdge))
	if err != nil {
		return nil, err
	}
	return b.complete(ctx, rows, held)
}

func missing(findings []core.Finding) bool {
	for _, f := range findings {
		if f.Class == core.StatementMissingThere {
			return true
		}
	}
	return false
}

func unread(got reach) string {
	if got.fault == nil {
		return ""
	}
	return "the list was not read to its end, so that nothing can be called missing there: " + clip(got.fault.Error())
}

// unreadable is what a caller sees of a list that could not be read at all.
func (b book) unreadable(got reach) error {
	var problem *core.Problem
	if errors.As(got.fault, &problem) {
		return got.fault
	}
	if errors.Is(got.fault, sdk.ErrInvalid) {
		return &core.Problem{Code: core.ErrInvalidRequest.Code, Detail: "the provider lists nothing of that time: " + clip(got.fault.Error())}
	}
	return &core.Problem{
		Code: core.ErrProviderUnavailable.Code, RetryAfter: got.wait,
		Detail: "the list of " + b.account + " cannot be read now: " + clip(got.fault.Error()),
	}
}

// rows are what the provider lists of a time. It asks again where it is asked to
// wait, as long as there is time for it.
func (b book) rows(ctx context.Context, from, to time.Time) ([]core.StatementRow, reach) {
	items, got := b.pages(ctx, b.account, sdk.ListRequest{From: from, To: to}, b.patientPage)
	rows := make([]core.StatementRow, 0, len(items))
	for _, item := range items {
		if b.lists && item.Kind != "" && item.Kind != sdk.KindPayment {
			continue // Money that went out is no transfer.
		}
		rows = append(rows, rowOf(item))
	}
	return once(rows), got
}

func (r *Reconciler) patientPage(ctx context.Context, account string, req sdk.ListRequest) (sdk.ListPage, error) {
	for {
		page, err := r.page(ctx, account, req)
		wait := retryAfter(err)
		if until, _ := ctx.Deadline(); wait <= 0 || time.Until(until) < wait {
			return page, err
		}
		sleep(ctx, wait)
	}
}

func rowOf(item sdk.ListItem) core.StatementRow {
	outcome := item.Outcome.Known()
	if claimed := item.Claimed.Known(); claimed != sdk.OutcomeUnknown {
		outcome = claimed
	}
	return core.StatementRow{
		Ref: cmp.Or(item.Ref, item.Told.Reference), ProviderRef: item.ID, Kind: item.Kind, Outcome: outcome, Status: item.Status,
		Amount: item.Told.Amount, Currency: item.Told.Currency, At: item.CreatedAt,
	}
}

// once leaves out what a list shows again because its pages overlap or because
// it was read again: of what was not over yet the later word stands. Rows of one
// id that are over and tell of another kind, money or end are kept, because a
// reversal or a second payment may stand under the id of the first. What has no
// id of the provider's own is kept.
func once(rows []core.StatementRow) []core.StatementRow {
	type thing struct {
		id   string
		kind sdk.Kind
	}
	seen := map[thing][]int{}
	kept := rows[:0]
	for _, row := range rows {
		of := thing{row.ProviderRef, row.Kind}
		at := slices.IndexFunc(seen[of], func(i int) bool { return again(kept[i], row) })
		switch {
		case row.ProviderRef == "" || at < 0:
			seen[of] = append(seen[of], len(kept))
			kept = append(kept, row)
		case over(row):
			kept[seen[of][at]] = row
		}
	}
	return kept
}

// again reports whether a row of the same id and kind is the same thing as an
// earlier one, perhaps seen at another time.
func again(before, row core.StatementRow) bool {
	if !over(before) || !over(row) {
		return true
	}
	return beliefOf(before.Outcome) == beliefOf(row.Outcome) &&
		before.Ref == row.Ref && before.Amount == row.Amount && before.Currency == row.Currency
}

// over reports whether a row tells of an end.
func over(row core.StatementRow) bool {
	belief := beliefOf(row.Outcome)
	return belief != core.BeliefOpen && belief != core.BeliefUnclear
}

// receivable says of transfers that are missing here, or stand otherwise, that
// they can be received as the list shows them.
func (b book) receivable(findings []core.Finding) []core.Finding {
	if !b.lists {
		return findings
	}
	for i := range findings {
		f := &findings[i]
		switch {
		case f.Class == core.StatementMissingHere && f.Row.ProviderRef != "":
			f.Adoptable, f.Why = true, "a transfer that was not received here yet"
		case f.Class == core.StatementMissingThere:
			f.Adoptable = false
		}
	}
	return findings
}
