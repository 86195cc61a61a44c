package boltstore_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
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

// pruneRows is how many idempotency rows and dedupe rows the day has that is pruned.
func pruneRows() int {
	if chaos() {
		return 150_000
	}
	return 20_000
}

// TestPruningStopsNoWriter prunes a busy day, of which a part must stay, while
// others write, and looks how long the slowest of them waits.
func TestPruningStopsNoWriter(t *testing.T) {
	rows := pruneRows()
	path := newPath(t)
	s := mustOpen(t, path)
	stay := busyDay(t, s, rows)
	var applies slowest
	stop := writeMeanwhile(t, s, applies.measure)
	quiet := applies.waited(200 * time.Millisecond)
	begun := time.Now()
	policy := store.PrunePolicy{
		Now: storetest.Start().AddDate(0, 1, 0), IdempotencyKept: 72 * time.Hour, DedupeKept: 72 * time.Hour,
	}
	pruned, err := s.Prune(t.Context(), policy)
	took := time.Since(begun)
	longest, acked := applies.reset(), stop()
	if err != nil || pruned.Idempotency != rows-stay || pruned.Dedupe != rows {
		t.Fatalf("pruned %+v of %d rows and %d that must stay, %v", pruned, rows, stay, err)
	}
	if longest > pruneWaitMax {
		t.Errorf("a commit waited %s while %d rows were pruned, want at most %s", longest, rows, pruneWaitMax)
	}
	t.Logf("%d idempotency rows, %d of them to stay, and %d dedupe rows pruned in %s; the slowest of %d other commits waited "+
		"%s (%s before)", rows, stay, rows, took.Round(time.Millisecond), acked,
		longest.Round(time.Microsecond), quiet.Round(time.Microsecond))
}

// pruneWaitMax bounds the wait of a commit while a day is pruned, on a slow disk too.
const pruneWaitMax = 2 * time.Second

// slowest keeps the longest commit.
type slowest struct {
	mu      sync.Mutex
	longest time.Duration
}

func (c *slowest) measure(commit func() error) error {
	begun := time.Now()
	err := commit()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.longest = max(c.longest, time.Since(begun))
	return err
}

func (c *slowest) reset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	longest := c.longest
	c.longest = 0
	return longest
}

// waited is the longest commit within a time.
func (c *slowest) waited(d time.Duration) time.Duration {
	c.reset()
	time.Sleep(d) // Nothing is waited for: it is a time to measure.
	return c.reset()
}

// busyDay stores one day of rows, a tenth of them of transactions that are not
// over, and returns how many must stay.
func busyDay(t *testing.T, s *boltstore.Store, rows int) (stay int) {
	t.Helper()
	const batch = 1000
	open, over := payment(1), storetest.Ended(payment(2), core.StateSucceeded, storetest.Start())
	c := core.Commit{Transactions: []core.Change{storetest.Create(open), storetest.Create(over)}}
	for n := range rows {
		of := over
		if n%10 == 0 {
			of = open
			stay++
		}
		c.Idempotency = append(c.Idempotency, core.IdempotencyWrite{Row: storetest.Row(of, "key-"+strconv.Itoa(n)), New: true})
		c.Dedupe = append(c.Dedupe, core.Dedupe{Account: "one", Key: "notification-" + strconv.Itoa(n), At: storetest.Start()})
		if len(c.Dedupe) == batch || n == rows-1 {
			if err := s.Apply(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			c = core.Commit{}
		}
	}
	return stay
}

// writeMeanwhile lets callers write payments until stop is called, which returns how many were written.
func writeMeanwhile(t *testing.T, s *boltstore.Store, measure func(func() error) error) (stop func() int) {
	t.Helper()
	const callers = 8
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	var acked atomic.Int64
	for caller := range callers {
		writers.Go(func() {
			for n := 10 + caller; ctx.Err() == nil; n += callers {
				if err := measure(func() error { return s.Apply(t.Context(), create(n)) }); err != nil {
					t.Error(err)
					return
				}
				acked.Add(1)
			}
		})
	}
	return func() int {
		cancel()
		writers.Wait()
		return int(acked.Load())
	}
}
