package main

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk"
)

const (
	// pageSize is how many transfers a page is asked for.
	pageSize = 50
	// pagesMax ends a read that finds no end.
	pagesMax = 50
)

// ListTransactions reads one page of the transfers made to the account, newest
// first, and says where the next one is. A read ends at a transfer older than
// From, at an empty or a short page, and is Cut after 50 pages. What Cenoa lists
// beyond the range is passed on: a transfer that was seen is never dropped. A
// transfer may be on two pages, because pages shift while they are read.
//
// The errors are sdk.ErrAuthentication, ErrInvalid, ErrRateLimited with
// RetryAfter, ErrUnavailable, and one of no kind for an unreadable list.
func (p *provider) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	number, err := readCursor(req.Cursor)
	if err != nil {
		return sdk.ListPage{}, err
	}
	a, err := p.ask(ctx, p.pageURL(req, number), p.clock.now().Add(p.settings.timeout))
	if err != nil {
		return sdk.ListPage{}, err
	}
	if !a.OK() {
		return sdk.ListPage{}, p.fault(a, troubleOf(a.Status), p.sentence(a))
	}
	rows, size, ok := readPage(a.Body)
	if !ok {
		return sdk.ListPage{}, p.fault(a, unreadable(), p.sentence(a)+" without a list")
	}
	return p.page(a, reading{rows: rows, size: size, number: number, from: req.From}), nil
}

// readCursor is the number of the page that a cursor asks for.
func readCursor(cursor string) (int, error) {
	if cursor == "" {
		return 1, nil
	}
	number, err := strconv.Atoi(cursor)
	if err != nil || number < 2 || number > pagesMax || strconv.Itoa(number) != cursor {
		return 0, &sdk.Error{Kind: sdk.KindInvalid, Message: "the cursor is none that a page told", Sent: sdk.NotSent}
	}
	return number, nil
}

// pageURL asks for whole seconds, so that any reader of RFC 3339 takes them, and
// never for less than the range. A zero From or To is no bound.
func (p *provider) pageURL(req sdk.ListRequest, number int) target {
	values := map[string]string{
		valuePage: strconv.Itoa(number), valueLimit: strconv.Itoa(pageSize), valueUser: "", valueFrom: "", valueTo: "",
	}
	if !req.From.IsZero() {
		values[valueFrom] = req.From.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	if !req.To.IsZero() {
		values[valueTo] = req.To.UTC().Add(time.Second - time.Nanosecond).Truncate(time.Second).Format(time.RFC3339)
	}
	return p.settings.url(opTransactions, values)
}

// fault is an answer that says nothing about any transfer.
func (p *provider) fault(a answer, t trouble, message string) error {
	return &sdk.Error{
		Kind: t.kind, ProviderCode: strconv.Itoa(a.Status), Message: join(message, t.alert, a.alert),
		RetryAfter: a.wait, Exchanges: a.Exchanges,
	}
}

// readPage returns the rows of a list and how many a full page has: an object
// with a list in data, transactions or items, or a bare list.
func readPage(body []byte) (rows []json.RawMessage, size int, ok bool) {
	size = pageSize
	if json.Unmarshal(body, &rows) == nil && rows != nil {
		return rows, size, true
	}
	f, ok := readObject(body)
	if !ok {
		return nil, 0, false
	}
	// A server that gives fewer than we asked for says so, and its pages are full all the same.
	limit, _ := f.text("limit")
	if told, err := strconv.Atoi(limit); err == nil && told > 0 {
		size = min(size, told)
	}
	for _, name := range []string{"data", "transactions", "items"} {
		if json.Unmarshal(f[name], &rows) == nil && rows != nil {
			return rows, size, true
		}
	}
	return nil, 0, false
}

// reading is a page on the way to the start of the range.
type reading struct {
	rows   []json.RawMessage
	size   int // Of a full page.
	number int
	from   time.Time
}

func (p *provider) page(a answer, r reading) sdk.ListPage {
	var notes notes
	items := make([]sdk.ListItem, 0, len(r.rows))
	listed, ids := map[sdk.ListItem]bool{}, map[string]bool{}
	for _, row := range r.rows {
		item, ok := p.item(row, &notes)
		if !ok || listed[item] {
			continue
		}
		if ids[item.ID] {
			notes.add("Cenoa listed two transfers with one id that differ")
		}
		listed[item], ids[item.ID] = true, true
		items = append(items, item)
	}
	page := sdk.ListPage{Items: items, Exchanges: a.Exchanges}
	switch {
	case len(r.rows) < r.size || r.reachesStart(items):
	case r.number == pagesMax:
		page.Cut = true
		notes.add("the list has no end after " + strconv.Itoa(pagesMax) + " pages")
	default:
		page.Next = strconv.Itoa(r.number + 1)
	}
	page.Alert = join(a.alert, notes.String())
	return page
}

// reachesStart reports whether the page holds what is older than the range. On a
// page that is not newest first one old transfer proves nothing: then all must be,
// and on a page that is oldest first not even they do.
func (r reading) reachesStart(items []sdk.ListItem) bool {
	older := 0
	for _, item := range items {
		if item.CreatedAt.Before(r.from) {
			older++
		}
	}
	byTime := func(a, b sdk.ListItem) int { return a.CreatedAt.Compare(b.CreatedAt) }
	newestFirst := slices.IsSortedFunc(items, func(a, b sdk.ListItem) int { return byTime(b, a) })
	return older > 0 && (newestFirst || older == len(items) && !slices.IsSortedFunc(items, byTime))
}
