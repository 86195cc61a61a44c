package boltstore_test

import (
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/storetest"
)

func TestARowThatIsWrittenWhilePruningStays(t *testing.T) {
	ended := storetest.Ended(payment(1), core.StateSucceeded, storetest.Start())
	first, second := storetest.Row(ended, "first"), storetest.Row(ended, "second")
	answered := first
	answered.DoneAt = storetest.Start().AddDate(0, 0, 9)
	for name, late := range map[string]core.IdempotencyWrite{
		"a new row":                  {Row: second, New: true},
		"a row that is now answered": {Row: answered},
	} {
		t.Run(name, func(t *testing.T) {
			s := mustOpen(t, newPath(t))
			put := func(w core.IdempotencyWrite) {
				if err := s.Apply(t.Context(), core.Commit{Idempotency: []core.IdempotencyWrite{w}}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Apply(t.Context(), core.Commit{Transactions: []core.Change{storetest.Create(ended)}}); err != nil {
				t.Fatal(err)
			}
			put(core.IdempotencyWrite{Row: first, New: true})
			policy := store.PrunePolicy{Now: storetest.Start().AddDate(0, 0, 9), IdempotencyKept: 72 * time.Hour}
			day := storetest.Start().Format(time.DateOnly)
			if err := s.PruneDay(t.Context(), day, policy, func() { put(late) }); err == nil {
				t.Error("the day was dropped with a row that must stay")
			}
			if _, err := s.Idempotency(t.Context(), late.Row.Scope); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRefusalsCostNoSync(t *testing.T) {
	s := mustOpen(t, newPath(t))
	if err := s.Apply(t.Context(), create(1)); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		mustFail(t, s.Apply(t.Context(), create(1)), core.ErrConflict)
	}
	stats, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if stats.Batches != 1 || stats.Commits != 1 || stats.Refused != 5 {
		t.Errorf("%d batches, %d commits, %d refused, want 1, 1 and 5", stats.Batches, stats.Commits, stats.Refused)
	}
}
