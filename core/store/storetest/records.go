package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
)

func recordTests() map[string]func(*testing.T, store.Store) {
	return map[string]func(*testing.T, store.Store){
		"an event is kept until it is delivered": func(t *testing.T, s store.Store) {
			event := Event(Payment(Start(), 1), 1)
			apply(t, s, core.Commit{Outbox: []core.OutboxRow{event}})
			equal(t, "event", event, must(s.Outbox(t.Context(), event.ID))(t))
			event.DueAt, event.Tries = event.DueAt.Add(time.Minute), 1
			apply(t, s, core.Commit{Outbox: []core.OutboxRow{event}})
			equal(t, "event tried once", event, must(s.Outbox(t.Context(), event.ID))(t))
			equal(t, "size", 1, must(s.OutboxSize(t.Context()))(t))
			equal(t, "due once", 1, len(must(s.Due(t.Context(), Start().Add(time.Hour), 0, 10))(t)))
			apply(t, s, core.Commit{OutboxDone: []string{event.ID}})
			_, err := s.Outbox(t.Context(), event.ID)
			missing(t, "event", err)
			equal(t, "size", 0, must(s.OutboxSize(t.Context()))(t))
			equal(t, "due", 0, len(must(s.Due(t.Context(), Start().Add(time.Hour), 0, 10))(t)))
			apply(t, s, core.Commit{OutboxDone: []string{event.ID}})
		},
		"actions are listed, newest first, and never rewritten": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1).ID
			var entries []core.AuditEntry
			for n := range 3 {
				moment := Start().Add(time.Duration(n) * time.Second)
				entries = append(entries, core.AuditEntry{
					ID: ID(core.PrefixEvent, moment, n), At: moment, Actor: "ada", Action: "resolve", Detail: "asked by phone",
				})
			}
			entries[1].Transaction = payment
			apply(t, s, core.Commit{Audit: entries})
			refused(t, s, core.Commit{Audit: entries[:1]}, core.ErrConflict)
			page := must(s.Audit(t.Context(), core.AuditFilter{Limit: 2}))(t)
			equal(t, "first page", []core.AuditEntry{entries[2], entries[1]}, page.Items)
			page = must(s.Audit(t.Context(), core.AuditFilter{Limit: 2, Cursor: page.Next}))(t)
			equal(t, "last page", core.Page[core.AuditEntry]{Items: entries[:1]}, page)
			page = must(s.Audit(t.Context(), core.AuditFilter{Transaction: payment, Actor: "ada"}))(t)
			equal(t, "of a transaction", []core.AuditEntry{entries[1]}, page.Items)
		},
	}
}

func listTests() map[string]func(*testing.T, store.Store) {
	ids := func(page core.Page[core.Transaction]) []string {
		return idsOf(page.Items, func(t core.Transaction) string { return t.ID })
	}
	return map[string]func(*testing.T, store.Store){
		"pages go from the newest to the oldest": func(t *testing.T, s store.Store) {
			var want []string
			for n := range 7 {
				payment := Payment(Start().Add(time.Duration(n)*time.Second), n)
				apply(t, s, only(Create(payment)))
				want = append([]string{payment.ID}, want...)
			}
			var got []string
			f := core.Filter{Limit: 3}
			for range 3 {
				page := must(s.Transactions(t.Context(), f))(t)
				got = append(got, ids(page)...)
				f.Cursor = page.Next
			}
			equal(t, "all pages", want, got)
			equal(t, "cursor at the end", "", f.Cursor)
		},
		"pages of a span of time go on where they ended": func(t *testing.T, s store.Store) {
			for n := range 4 {
				apply(t, s, only(Create(Payment(Start().AddDate(0, 0, n), n))))
			}
			f := core.Filter{Limit: 1, CreatedAfter: Start().AddDate(0, 0, 1), CreatedBefore: Start().AddDate(0, 0, 3)}
			first := must(s.Transactions(t.Context(), f))(t)
			f.Cursor = first.Next
			second := must(s.Transactions(t.Context(), f))(t)
			want := []string{Payment(Start().AddDate(0, 0, 2), 2).ID, Payment(Start().AddDate(0, 0, 1), 1).ID}
			equal(t, "both pages", want, append(ids(first), ids(second)...))
		},
		"an exact last page has no next one": func(t *testing.T, s store.Store) {
			apply(t, s, only(Create(Payment(Start(), 1)), Create(Payment(Start(), 2))))
			page := must(s.Transactions(t.Context(), core.Filter{Limit: 2}))(t)
			equal(t, "items", 2, len(page.Items))
			equal(t, "next", "", page.Next)
		},
		"every field of the filter selects": testFilter,
		"a cursor that is none is refused": func(t *testing.T, s store.Store) {
			for _, cursor := range []string{"!", "AAAA", "pay_01"} {
				if _, err := s.Transactions(t.Context(), core.Filter{Cursor: cursor}); !errors.Is(err, core.ErrInvalidRequest) {
					t.Errorf("cursor %q: error is %v, want %v", cursor, err, core.ErrInvalidRequest)
				}
			}
		},
	}
}

func testFilter(t *testing.T, s store.Store) {
	day := func(n int) time.Time { return Start().AddDate(0, 0, n) }
	a, b, c, d := Payment(day(0), 1), Payment(day(1), 2), Payment(day(2), 3), Payment(day(3), 4)
	b.Merchant = "another"
	c.Attempts = nil
	c = WithAttempt(c, "numipay", day(2))
	a.Customer.Phone, a.Customer.ProviderCustomer = "+2250707123456", "pc-1"
	apply(t, s, only(Create(a), Create(b), Create(c), Create(d)))
	a, d = Waiting(a, day(4)), Ended(d, core.StateSucceeded, day(4))
	apply(t, s, only(Update(a, 1, 1), Update(d, 1, 1)))
	for name, test := range map[string]struct {
		filter core.Filter
		want   []string
	}{
		"everything":                 {core.Filter{}, []string{d.ID, c.ID, b.ID, a.ID}},
		"merchant":                   {core.Filter{Merchant: "another"}, []string{b.ID}},
		"kind":                       {core.Filter{Kind: "payout"}, nil},
		"state that is open":         {core.Filter{State: core.StateRequiresAction}, []string{a.ID}},
		"state that is final":        {core.Filter{State: core.StateSucceeded}, []string{d.ID}},
		"state and merchant":         {core.Filter{State: core.StateProcessing, Merchant: "shop"}, []string{c.ID}},
		"provider":                   {core.Filter{Provider: "numipay"}, []string{c.ID}},
		"reference":                  {core.Filter{Reference: c.Reference}, []string{c.ID}},
		"reference and merchant":     {core.Filter{Reference: b.Reference, Merchant: "another"}, []string{b.ID}},
		"another's reference":        {core.Filter{Reference: b.Reference, Merchant: "shop"}, nil},
		"a part of a reference":      {core.Filter{Reference: "order"}, nil},
		"customer by id":             {core.Filter{Customer: "customer-3"}, []string{c.ID}},
		"customer by phone":          {core.Filter{Customer: "+2250707123456"}, []string{a.ID}},
		"customer of the provider":   {core.Filter{Customer: "pc-1"}, []string{a.ID}},
		"created after":              {core.Filter{CreatedAfter: day(2)}, []string{d.ID, c.ID}},
		"created before":             {core.Filter{CreatedBefore: day(2)}, []string{b.ID, a.ID}},
		"created between":            {core.Filter{CreatedAfter: day(1), CreatedBefore: day(2)}, []string{b.ID}},
		"not updated since":          {core.Filter{UpdatedBefore: day(4)}, []string{c.ID, b.ID}},
		"query by id":                {core.Filter{Query: b.ID}, []string{b.ID}},
		"query by ref":               {core.Filter{Query: c.Attempts[0].Ref}, []string{c.ID}},
		"query by provider ref":      {core.Filter{Query: a.Attempts[0].ProviderRef}, []string{a.ID}},
		"query by part of reference": {core.Filter{Query: d.Reference[:10], CreatedAfter: day(3)}, []string{d.ID}},
		"query and another merchant": {core.Filter{Query: b.ID, Merchant: "shop"}, nil},
		"query that nothing answers": {core.Filter{Query: "nowhere"}, nil},
	} {
		page, err := s.Transactions(t.Context(), test.filter)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		equal(t, name, test.want, idsOf(page.Items, func(t core.Transaction) string { return t.ID }))
		equal(t, name+": next", "", page.Next)
	}
}
