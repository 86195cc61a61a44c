package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/paymux/paymux/sdk"
)

const (
	// dayForm is how the list takes days, although it is typed as a date-time.
	dayForm = "02-01-2006"
	// cursorForm is how a cursor names the first day of the next window.
	cursorForm = time.DateOnly
	// windowDays is the most between the two ends. Numipay says 7 and not
	// whether both ends count.
	windowDays = 6
	// margin is by how many days we ask beyond what is wanted, because Numipay
	// says neither in which time zone a day begins nor whether its ends count.
	margin = 1
)

// window is a range of days, in UTC. The zero value is the list's own default,
// which is today.
type window struct{ from, to time.Time }

func (w window) query() string {
	if w.from.IsZero() {
		return ""
	}
	return url.Values{"from": {w.from.Format(dayForm)}, "to": {w.to.Format(dayForm)}}.Encode()
}

// windowAround is where an attempt must be listed: by the day on which it was created.
func windowAround(at time.Time) window {
	if at.IsZero() {
		return window{}
	}
	return window{day(at).AddDate(0, 0, -margin), day(at).AddDate(0, 0, margin)}
}

func day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// entry is one transaction of the list.
type entry struct{ fields }

func (e entry) word() string { return e.either("status", "transaction_status") }

// entriesOf reads the list, which is an array. Elements that are no objects are
// left out, and whole says whether there were none.
func entriesOf(body []byte) (entries []entry, readable, whole bool) {
	var elements []json.RawMessage
	if json.Unmarshal(body, &elements) != nil || elements == nil {
		return nil, false, false
	}
	whole = true
	for _, element := range elements {
		object, ok := readObject(element)
		if !ok {
			whole = false
			continue
		}
		entries = append(entries, entry{object})
	}
	return entries, true, whole
}

// listed asks for the list of a window.
func (p *provider) listed(ctx context.Context, days window) (answer, error) {
	resp, err := p.ask(ctx, p.settings.listURL(days))
	if err != nil {
		return answer{}, err
	}
	return read(resp), nil
}

// found is what the list says of one of our references.
type found struct {
	entry entry
	// there says that one entry is ours, and twice that more than one is.
	there, twice bool
	exchanges    []sdk.Exchange
}

// find looks for a reference in the list of the day on which its attempt began.
// That it is not there, or stands there twice, proves nothing.
func (p *provider) find(ctx context.Context, attempt sdk.Attempt) found {
	a, err := p.listed(ctx, windowAround(attempt.StartedAt))
	if err != nil {
		return found{exchanges: sdk.ExchangesOf(err)}
	}
	looked := found{exchanges: a.Exchanges}
	if !a.OK() {
		return looked
	}
	entries, _, _ := entriesOf(a.Body)
	matches := 0
	for _, one := range entries {
		if attempt.Ref != "" && one.text("tracking_id") == attempt.Ref {
			looked.entry = one
			matches++
		}
	}
	looked.there, looked.twice = matches == 1, matches > 1
	return looked
}

// ListTransactions returns the transactions of one window of days and the cursor
// of the next. Neighbouring windows share a day, and the whole range is asked a
// day wider at both ends, so that a transaction may come twice and some may lie
// outside. An item never ends an attempt: that takes status as well.
func (p *provider) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	days, next, err := windowOf(req)
	if err != nil {
		return sdk.ListPage{}, err
	}
	a, err := p.listed(ctx, days)
	if err != nil {
		return sdk.ListPage{}, err
	}
	if !a.OK() {
		return sdk.ListPage{}, a.unlisted()
	}
	entries, readable, whole := entriesOf(a.Body)
	if !readable {
		return sdk.ListPage{}, &sdk.Error{Message: "the list is no JSON array", Exchanges: a.Exchanges}
	}
	page := sdk.ListPage{Next: next, Exchanges: a.Exchanges}
	for _, one := range entries {
		page.Items = append(page.Items, one.item())
	}
	if !whole {
		page.Alert = "some transactions of Numipay's list cannot be read and were left out"
	}
	return page, nil
}

// windowOf is the window that a request asks for, and the cursor of the one after.
func windowOf(req sdk.ListRequest) (days window, next string, err error) {
	first, last := day(req.From).AddDate(0, 0, -margin), day(req.To).AddDate(0, 0, margin)
	if req.From.IsZero() || req.To.IsZero() || req.To.Before(req.From) {
		return window{}, "", sdk.Errorf(sdk.KindInvalid, "the range of the list needs two ends, the later one last")
	}
	if req.Cursor != "" {
		from, err := time.Parse(cursorForm, req.Cursor)
		if err != nil || from.Before(first) || from.After(last) {
			return window{}, "", sdk.Errorf(sdk.KindInvalid, "the cursor is none of this list's")
		}
		first = from
	}
	end := first.AddDate(0, 0, windowDays)
	if !end.Before(last) {
		return window{first, last}, "", nil
	}
	return window{first, end}, end.Format(cursorForm), nil
}

// item is the entry for the engine. What Numipay's status calls an end is here
// no more than a reason to ask, and stands as what the list claims.
func (e entry) item() sdk.ListItem {
	said := claimOf(e.word(), "")
	outcome := sdk.OutcomeUnknown
	if said.outcome != sdk.OutcomeUnknown {
		outcome = sdk.OutcomePending
	}
	told := toldOf(e.fields)
	item := sdk.ListItem{
		ID: sdk.Clean(e.text("transaction_id"), wordMax), Ref: told.Reference, Customer: sdk.Clean(e.text("user_id"), wordMax),
		Outcome: outcome, Told: told, Status: sdk.Clean(e.word(), wordMax), Claimed: said.outcome,
	}
	if told.Type == string(sdk.KindPayment) || told.Type == string(sdk.KindPayout) {
		item.Kind = sdk.Kind(told.Type)
	}
	if at, err := time.Parse(time.RFC3339, e.text("created_at")); err == nil {
		item.CreatedAt = at.UTC()
	}
	return item
}

// unlisted is why there is no list.
func (a answer) unlisted() *sdk.Error {
	fault := sdk.Errorf(sdk.KindUnavailable, "Numipay answered the list with HTTP %d", a.Status)
	fault.Exchanges, fault.RetryAfter = a.Exchanges, a.RetryAfter()
	switch {
	case a.refusedAccount():
		fault.Kind = sdk.KindAuthentication
	case a.notThere():
		fault.Kind = sdk.KindNotFound
	case a.Status == http.StatusTooManyRequests:
		fault.Kind = sdk.KindRateLimited
	case a.Status >= 400 && a.Status <= 499:
		fault.Kind = sdk.KindInvalid
	}
	return fault
}
