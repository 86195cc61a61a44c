package storetest

import (
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
)

// keep returns a commit that writes row.
func keep(row core.IdempotencyRow, isNew bool) core.Commit {
	return core.Commit{Idempotency: []core.IdempotencyWrite{{Row: row, New: isNew}}}
}

func idempotencyTests() map[string]func(*testing.T, store.Store) {
	return map[string]func(*testing.T, store.Store){
		"a new row is kept with its transaction": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			c := only(Create(payment))
			c.Idempotency = []core.IdempotencyWrite{{Row: Row(payment, "k1"), New: true}}
			apply(t, s, c)
			equal(t, "row", Row(payment, "k1"), must(s.Idempotency(t.Context(), Scope("k1")))(t))
		},
		"a taken key refuses the whole commit": func(t *testing.T, s store.Store) {
			first, second := Payment(Start(), 1), Payment(Start(), 2)
			apply(t, s, keep(Row(first, "k1"), true))
			c := only(Create(second))
			c.Idempotency = []core.IdempotencyWrite{{Row: Row(second, "k1"), New: true}}
			refused(t, s, c, core.ErrKeyTaken)
			_, err := s.Transaction(t.Context(), second.ID)
			missing(t, "the refused transaction", err)
			equal(t, "row", Row(first, "k1"), must(s.Idempotency(t.Context(), Scope("k1")))(t))
		},
		"a key taken on another day is taken": func(t *testing.T, s store.Store) {
			apply(t, s, keep(Row(Payment(Start(), 1), "k1"), true))
			refused(t, s, keep(Row(Payment(Start().AddDate(0, 0, 2), 2), "k1"), true), core.ErrKeyTaken)
		},
		"a key is of one merchant and one route": func(t *testing.T, s store.Store) {
			row := Row(Payment(Start(), 1), "k1")
			apply(t, s, keep(row, true))
			other := row
			other.Scope.Merchant = "another"
			apply(t, s, keep(other, true))
			elsewhere := row
			elsewhere.Scope.Route = "POST /v1/payouts"
			apply(t, s, keep(elsewhere, true))
			_, err := s.Idempotency(t.Context(), core.IdempotencyScope{Merchant: "shopPOST ", Route: "/v1/payments", Key: "k1"})
			missing(t, "a scope whose texts run together the same", err)
		},
		"the answer is kept as it was given, with its version": func(t *testing.T, s store.Store) {
			payment := Payment(Start(), 1)
			c := only(Create(payment))
			c.Idempotency = []core.IdempotencyWrite{{Row: Row(payment, "k1"), New: true}}
			apply(t, s, c)
			waiting := Waiting(payment, Start().Add(time.Second))
			row := Row(payment, "k1")
			row.DoneAt, row.Answered = Start().Add(time.Second), &waiting
			c = only(Update(waiting, 1, 1))
			c.Idempotency = []core.IdempotencyWrite{{Row: row}}
			apply(t, s, c)
			apply(t, s, only(Update(Ended(waiting, core.StateSucceeded, Start().Add(time.Minute)), 2, 1)))

			got := must(s.Idempotency(t.Context(), Scope("k1")))(t)
			answered := at(waiting, 2)
			row.Answered = &answered
			equal(t, "row", row, got)
		},
		"an unknown key is not found": func(t *testing.T, s store.Store) {
			_, err := s.Idempotency(t.Context(), Scope("k1"))
			missing(t, "row", err)
		},
	}
}

func pruneTests() map[string]func(*testing.T, store.Store) {
	const day = 24 * time.Hour
	policy := func(after time.Duration) store.PrunePolicy {
		return store.PrunePolicy{Now: Start().Add(after), IdempotencyKept: 3 * day, DedupeKept: 30 * day}
	}
	// answered stores payment n, ended, and its row, answered.
	answered := func(t *testing.T, s store.Store, n int) {
		payment := Ended(Payment(Start(), n), core.StateSucceeded, Start())
		row := Row(payment, payment.Reference)
		row.DoneAt, row.Answered = Start(), &payment
		c := only(Create(payment))
		c.Idempotency = []core.IdempotencyWrite{{Row: row, New: true}}
		apply(t, s, c)
	}
	key := func(n int) core.IdempotencyScope { return Scope(Payment(Start(), n).Reference) }
	return map[string]func(*testing.T, store.Store){
		"answered rows go when their time is over": func(t *testing.T, s store.Store) {
			answered(t, s, 1)
			answered(t, s, 2)
			equal(t, "pruned early", store.Pruned{}, must(s.Prune(t.Context(), policy(2*day)))(t))
			must(s.Idempotency(t.Context(), key(1)))(t)
			equal(t, "pruned", store.Pruned{Idempotency: 2}, must(s.Prune(t.Context(), policy(5*day)))(t))
			_, err := s.Idempotency(t.Context(), key(1))
			missing(t, "row", err)
			equal(t, "pruned again", store.Pruned{}, must(s.Prune(t.Context(), policy(5*day)))(t))
		},
		"a row stays while its transaction is not final": func(t *testing.T, s store.Store) {
			answered(t, s, 1)
			open := Waiting(Payment(Start(), 2), Start())
			c := only(Create(open))
			c.Idempotency = []core.IdempotencyWrite{{Row: Row(open, open.Reference), New: true}}
			apply(t, s, c)
			equal(t, "pruned", store.Pruned{Idempotency: 1}, must(s.Prune(t.Context(), policy(9*day)))(t))
			equal(t, "row", Row(open, open.Reference), must(s.Idempotency(t.Context(), key(2)))(t))
			refused(t, s, keep(Row(open, open.Reference), true), core.ErrKeyTaken)

			apply(t, s, only(Update(Ended(open, core.StateExpired, Start().Add(9*day)), 1, 1)))
			equal(t, "pruned", store.Pruned{Idempotency: 1}, must(s.Prune(t.Context(), policy(14*day)))(t))
			_, err := s.Idempotency(t.Context(), key(2))
			missing(t, "row", err)
		},
		"a row answered late is kept from then on": func(t *testing.T, s store.Store) {
			payment := Ended(Payment(Start(), 1), core.StateSucceeded, Start())
			row := Row(payment, "k1")
			apply(t, s, only(Create(payment)))
			apply(t, s, keep(row, true))
			row.DoneAt = Start().Add(4 * day)
			apply(t, s, keep(row, false))
			must(s.Prune(t.Context(), policy(6*day)))(t)
			equal(t, "row", row, must(s.Idempotency(t.Context(), Scope("k1")))(t))
			row.DoneAt = Start().Add(5 * day)
			apply(t, s, keep(row, false))
			equal(t, "row carried over and written again", row, must(s.Idempotency(t.Context(), Scope("k1")))(t))
		},
		"applied notifications are forgotten last": func(t *testing.T, s store.Store) {
			apply(t, s, core.Commit{Dedupe: []core.Dedupe{{Account: "numipay", Key: "n1", At: Start()}}})
			must(s.Prune(t.Context(), policy(29*day)))(t)
			equal(t, "seen", true, must(s.Deduped(t.Context(), "numipay", "n1"))(t))
			equal(t, "pruned", store.Pruned{Dedupe: 1}, must(s.Prune(t.Context(), policy(32*day)))(t))
			equal(t, "seen", false, must(s.Deduped(t.Context(), "numipay", "n1"))(t))
		},
	}
}
