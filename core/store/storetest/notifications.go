package storetest

import (
	"net/http"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
)

func notificationTests() map[string]func(*testing.T, store.Store) {
	size := func(t *testing.T, s store.Store, want int) {
		t.Helper()
		equal(t, "inbox size", want, must(s.InboxSize(t.Context(), ""))(t))
	}
	return map[string]func(*testing.T, store.Store){
		"a row is kept until it is done": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			row := inboxRow(1, payment.ID, Start())
			apply(t, s, core.Commit{Inbox: []core.InboxRow{row}})
			equal(t, "row", row, must(s.Inbox(t.Context(), row.ID))(t))
			equal(t, "rows of the transaction", []core.InboxRow{row}, must(s.InboxOf(t.Context(), payment.ID))(t))
			size(t, s, 1)
			apply(t, s, core.Commit{InboxDone: []string{row.ID}})
			_, err := s.Inbox(t.Context(), row.ID)
			missing(t, "row", err)
			equal(t, "rows of the transaction", nil, must(s.InboxOf(t.Context(), payment.ID))(t))
			equal(t, "due", 0, len(must(s.Due(t.Context(), Start().Add(time.Hour), 0, 10))(t)))
			size(t, s, 0)
			apply(t, s, core.Commit{InboxDone: []string{row.ID}})
			size(t, s, 0)
		},
		"an unverified one keeps the request as it came": func(t *testing.T, s store.Store) {
			row := inboxRow(1, "", Start())
			row.Read = nil
			row.Request = &sdk.NotificationRequest{
				Method: "POST", Query: "a=1&b=\xff", Header: http.Header{"X-Signature": {"s1", "s2"}, "X-Odd": {"caf\xe9"}},
				Body: []byte{0, 1, 0xff}, PeerIP: "192.0.2.1", ReceivedAt: Start(),
			}
			apply(t, s, core.Commit{Inbox: []core.InboxRow{row}})
			equal(t, "row", row, must(s.Inbox(t.Context(), row.ID))(t))
		},
		"rows of a transaction come in order and without strangers": func(t *testing.T, s store.Store) {
			first, second := Payment(Start(), 1), Payment(Start(), 2)
			rows := []core.InboxRow{
				inboxRow(1, first.ID, Start()), inboxRow(2, first.ID, Start()), inboxRow(3, second.ID, Start()), inboxRow(4, "", Start()),
			}
			apply(t, s, core.Commit{Inbox: rows})
			equal(t, "rows", rows[:2], must(s.InboxOf(t.Context(), first.ID))(t))
			size(t, s, 4)
		},
		"a retry moves the time and never brings a row back": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			row := inboxRow(1, "", Start())
			apply(t, s, core.Commit{Inbox: []core.InboxRow{row}})
			later := row
			later.DueAt, later.Tries, later.Transaction = Start().Add(time.Minute), 1, payment.ID
			apply(t, s, core.Commit{InboxRetry: []core.InboxRow{later}})
			equal(t, "row", later, must(s.Inbox(t.Context(), row.ID))(t))
			equal(t, "found by its transaction now", 1, len(must(s.InboxOf(t.Context(), payment.ID))(t)))
			equal(t, "next", later.DueAt, must(s.NextDue(t.Context()))(t))
			size(t, s, 1)
			apply(t, s, core.Commit{InboxDone: []string{row.ID}})
			apply(t, s, core.Commit{InboxRetry: []core.InboxRow{later}})
			_, err := s.Inbox(t.Context(), row.ID)
			missing(t, "row", err)
			size(t, s, 0)
		},
		"rows are counted by account": func(t *testing.T, s store.Store) {
			mine, other := inboxRow(1, "", Start()), inboxRow(2, "", Start())
			other.Account = mine.Account + "2"
			apply(t, s, core.Commit{Inbox: []core.InboxRow{mine, other}})
			apply(t, s, core.Commit{InboxRetry: []core.InboxRow{mine}})
			of := func(account string) int { return must(s.InboxSize(t.Context(), account))(t) }
			equal(t, "rows of the first", 1, of(mine.Account))
			equal(t, "rows of the second", 1, of(other.Account))
			apply(t, s, core.Commit{InboxDone: []string{mine.ID}})
			equal(t, "rows of the first", 0, of(mine.Account))
			equal(t, "rows of the second", 1, of(other.Account))
			size(t, s, 1)
		},
		"applied notifications are remembered by account": func(t *testing.T, s store.Store) {
			equal(t, "seen", false, must(s.Deduped(t.Context(), "numipay", "n1"))(t))
			mark := core.Commit{Dedupe: []core.Dedupe{{Account: "numipay", Key: "n1", At: Start()}}}
			apply(t, s, mark)
			apply(t, s, mark)
			equal(t, "seen", true, must(s.Deduped(t.Context(), "numipay", "n1"))(t))
			equal(t, "seen at another account", false, must(s.Deduped(t.Context(), "cenoa", "n1"))(t))
			equal(t, "texts that run together", false, must(s.Deduped(t.Context(), "numipayn", "1"))(t))
		},
		"the mark goes with its transition": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			c := only(Update(Waiting(payment, Start()), 4, 1))
			c.Dedupe = []core.Dedupe{{Account: "numipay", Key: "n1", At: Start()}}
			refused(t, s, c, core.ErrConflict)
			equal(t, "seen", false, must(s.Deduped(t.Context(), "numipay", "n1"))(t))
		},
	}
}
