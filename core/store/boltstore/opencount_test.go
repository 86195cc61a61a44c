package boltstore_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/store/storetest"
)

func openOf(t testing.TB, s *boltstore.Store, merchant string, want int) {
	t.Helper()
	got, err := s.Open(t.Context(), merchant)
	if err != nil || got != want {
		t.Errorf("%d of %s are open, %v, want %d", got, merchant, err, want)
	}
}

// The number of open transactions is the same after a start, however the process
// before ended, and in a file that is only read.
func TestOpenTransactionsAreCountedAgainAtTheStart(t *testing.T) {
	path := newPath(t)
	s, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 5 {
		apply(t, s, core.Commit{Transactions: []core.Change{storetest.Create(storetest.Payment(storetest.Start(), n))}})
	}
	failed := storetest.Ended(storetest.Payment(storetest.Start(), 0), core.StateFailed, storetest.Start())
	apply(t, s, core.Commit{Transactions: []core.Change{storetest.Update(failed, 1, 1)}})
	openOf(t, s, "shop", 4)
	s.Abandon()
	reader, err := boltstore.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	openOf(t, reader, "shop", 4)
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, path)
	openOf(t, s, "shop", 4)
	openOf(t, s, "other", 0)
}

func apply(t testing.TB, s *boltstore.Store, c core.Commit) {
	t.Helper()
	if err := s.Apply(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// Of many that come at once exactly as many are taken as may be open. The control
// is a check before the commit, which more of them pass.
func TestTheBoundHoldsHoweverManyComeAtOnce(t *testing.T) {
	const callers, most = 64, 10
	s, control := mustOpen(t, newPath(t)), mustOpen(t, newPath(t))
	var taken, refused, passed atomic.Int32
	var looked, done sync.WaitGroup
	looked.Add(callers)
	for n := range callers {
		done.Go(func() {
			change := storetest.Create(storetest.Payment(storetest.Start(), n))
			if open, err := control.Open(t.Context(), "shop"); err == nil && open < most {
				passed.Add(1)
			}
			looked.Done()
			looked.Wait()
			if err := control.Apply(t.Context(), core.Commit{Transactions: []core.Change{change}}); err != nil {
				t.Error(err)
			}
			change.OpenMax = most
			switch err := s.Apply(t.Context(), core.Commit{Transactions: []core.Change{change}}); {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, core.ErrOpenMax):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	done.Wait()
	if taken.Load() != most || refused.Load() != callers-most {
		t.Errorf("%d were taken and %d refused, want %d and %d", taken.Load(), refused.Load(), most, callers-most)
	}
	openOf(t, s, "shop", most)
	if passed.Load() <= most {
		t.Errorf("only %d passed a check before the commit: the test shows nothing", passed.Load())
	}
	openOf(t, control, "shop", callers)
}

// What could not be written does not count, and neither does what was in one batch with it.
func TestWhatWasNotWrittenIsNotOpen(t *testing.T) {
	s := mustOpen(t, newPath(t))
	var full atomic.Bool
	s.InterceptCommits(func(commit func() error) error {
		if full.Load() {
			return syscall.ENOSPC
		}
		return commit()
	})
	apply(t, s, core.Commit{Transactions: []core.Change{storetest.Create(storetest.Payment(storetest.Start(), 1))}})
	full.Store(true)
	err := s.Apply(t.Context(), core.Commit{Transactions: []core.Change{storetest.Create(storetest.Payment(storetest.Start(), 2))}})
	if !errors.Is(err, core.ErrReadOnly) {
		t.Fatalf("a full disk is answered with %v", err)
	}
	openOf(t, s, "shop", 1)
}

// BenchmarkOpenMany opens a store with many transactions that have not ended:
// they are counted at the start.
func BenchmarkOpenMany(b *testing.B) {
	const batch = 500
	path := newPath(b)
	s, err := boltstore.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < preloadSize(b); first += batch {
		var c core.Commit
		for n := first; n < first+batch; n++ {
			c.Transactions = append(c.Transactions, storetest.Create(storetest.Payment(storetest.Start(), n)))
		}
		apply(b, s, c)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	opens(b, path)
}
