package storetest

import (
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
)

func inboxRow(n int, transaction string, due time.Time) core.InboxRow {
	return core.InboxRow{
		ID: ID(core.PrefixInbox, Start(), n), Account: "numipay", Transaction: transaction, Attempt: 1,
		Read: &sdk.Notification{
			Authenticity: sdk.Genuine, Ref: "ref", DedupeKey: "n1",
			Result: sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "5000", Currency: "XOF"}},
		},
		DedupeKey: "n1", ReceivedAt: Start(), DueAt: due,
	}
}

func scheduleTests() map[string]func(*testing.T, store.Store) {
	due := func(t *testing.T, s store.Store, now time.Time, hold time.Duration, limit int) []core.Due {
		t.Helper()
		return must(s.Due(t.Context(), now, hold, limit))(t)
	}
	next := func(t *testing.T, s store.Store) time.Time {
		t.Helper()
		return must(s.NextDue(t.Context()))(t)
	}
	const lost = 35 * time.Second // When the sample's call counts as lost.
	return map[string]func(*testing.T, store.Store){
		"all kinds of work are due in the order of their time": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			event := Event(payment, 9)
			event.DueAt = Start().Add(time.Second)
			row := inboxRow(1, payment.ID, Start().Add(2*time.Second))
			work := core.AccountWork{Account: "cenoa", DueAt: Start().Add(3 * time.Second)}
			c := only(Create(payment))
			c.Outbox, c.Inbox, c.Accounts = []core.OutboxRow{event}, []core.InboxRow{row}, []core.AccountWork{work}
			apply(t, s, c)
			want := []core.Due{
				{Kind: core.DueOutbox, ID: event.ID, At: event.DueAt},
				{Kind: core.DueInbox, ID: row.ID, At: row.DueAt},
				{Kind: core.DueAccount, ID: "cenoa", At: work.DueAt},
				{Kind: core.DueTransaction, ID: payment.ID, At: Start().Add(lost)},
			}
			equal(t, "next", event.DueAt, next(t, s))
			equal(t, "before its time", nil, due(t, s, Start(), 0, 10))
			equal(t, "two of them", want[:2], due(t, s, Start().Add(time.Minute), 0, 2))
			equal(t, "all", want, due(t, s, Start().Add(time.Minute), 0, 10))
			equal(t, "at the very time", want[:1], due(t, s, event.DueAt, 0, 10))
		},
		"what was handed out is held": func(t *testing.T, s store.Store) {
			now := Start().Add(time.Minute)
			apply(t, s, only(Create(Payment(Start(), 1)), Create(Payment(Start(), 2))))
			equal(t, "first", 1, len(due(t, s, now, 30*time.Second, 1)))
			equal(t, "the other", 1, len(due(t, s, now, 10*time.Second, 10)))
			equal(t, "held", 0, len(due(t, s, now.Add(9*time.Second), 0, 10)))
			equal(t, "next", now.Add(10*time.Second), next(t, s))
			equal(t, "one is free", 1, len(due(t, s, now.Add(10*time.Second), 0, 10)))
			equal(t, "both are free", 2, len(due(t, s, now.Add(30*time.Second), 0, 10)))
		},
		"another time is another piece of work": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			now := Start().Add(time.Minute)
			equal(t, "handed out", 1, len(due(t, s, now, time.Hour, 10)))
			waiting := Waiting(payment, now)
			apply(t, s, only(Update(waiting, 1, 1)))
			equal(t, "the old time is gone", 0, len(due(t, s, now, 0, 10)))
			equal(t, "next", waiting.DueAt(), next(t, s))
			equal(t, "the new time", 1, len(due(t, s, waiting.DueAt(), 0, 10)))
		},
		"a time that comes back is free": func(t *testing.T, s store.Store) {
			row := inboxRow(1, "", Start())
			apply(t, s, core.Commit{Inbox: []core.InboxRow{row}})
			equal(t, "handed out", 1, len(due(t, s, Start(), time.Hour, 10)))
			later := row
			later.DueAt = Start().Add(time.Minute)
			apply(t, s, core.Commit{InboxRetry: []core.InboxRow{later}})
			apply(t, s, core.Commit{InboxRetry: []core.InboxRow{row}})
			equal(t, "handed out again", 1, len(due(t, s, Start(), time.Hour, 10)))
		},
		"the end of all timers is the end of its work": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			apply(t, s, only(Create(payment)))
			apply(t, s, only(Update(Ended(payment, core.StateFailed, Start()), 1, 1)))
			equal(t, "due", 0, len(due(t, s, Start().Add(time.Hour), 0, 10)))
			equal(t, "next", time.Time{}, next(t, s))
		},
		"a payout is due under its own id": func(t *testing.T, s store.Store) {
			payout := Payment(Start(), 1)
			payout.ID, payout.Kind, payout.Attempts = ID(core.PrefixPayout, Start(), 1), sdk.KindPayout, nil
			payout = WithAttempt(payout, "cinetpay-ci", Start())
			apply(t, s, only(Create(payout)))
			equal(t, "due", []core.Due{{Kind: core.DueTransaction, ID: payout.ID, At: payout.DueAt()}},
				due(t, s, Start().Add(time.Hour), 0, 10))
		},
		"account work has a version": func(t *testing.T, s store.Store) {
			work := core.AccountWork{
				Account: "cenoa", Cursor: Start(), ReadFrom: Start().Add(-time.Hour), DailyReadAt: Start().Add(time.Hour),
				DueAt: Start().Add(time.Minute), Drained: true,
			}
			apply(t, s, core.Commit{Accounts: []core.AccountWork{work}})
			refused(t, s, core.Commit{Accounts: []core.AccountWork{work}}, core.ErrConflict)
			work.Version = 1
			equal(t, "work", work, must(s.AccountWork(t.Context(), "cenoa"))(t))
			work.Was, work.DueAt = 1, Start().Add(2*time.Minute)
			apply(t, s, core.Commit{Accounts: []core.AccountWork{work}})
			equal(t, "next", work.DueAt, next(t, s))
			equal(t, "due once", 1, len(due(t, s, Start().Add(time.Hour), 0, 10)))
			_, err := s.AccountWork(t.Context(), "nobody")
			missing(t, "work", err)
		},
	}
}
