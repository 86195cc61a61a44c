package boltstore_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/store/storetest"
)

// preloadVariable is how many payments the full store of BenchmarkPayment holds.
const preloadVariable = "PAYMUX_BENCH_PRELOAD"

func preloadSize(b *testing.B) int {
	text := os.Getenv(preloadVariable)
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("%s: %v", preloadVariable, err)
	}
	return n
}

// shop makes payments as merchants do: ids and references count upwards,
// idempotency keys are random.
type shop struct {
	path  string
	store *boltstore.Store
	next  atomic.Int64
}

func newShop(b *testing.B) *shop {
	path := newPath(b)
	s, err := boltstore.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return &shop{path: path, store: s}
}

func (s *shop) payment(at time.Time) core.Transaction {
	n := s.next.Add(1)
	p := storetest.Payment(at, int(n))
	p.Reference = fmt.Sprintf("order-%010d", n)
	return p
}

func (s *shop) create(b *testing.B, at time.Time) core.Transaction {
	p := s.payment(at)
	c := core.Commit{Transactions: []core.Change{storetest.Create(p)}}
	c.Idempotency = []core.IdempotencyWrite{{Row: storetest.Row(p, key(p)), New: true}}
	if err := s.store.Apply(b.Context(), c); err != nil {
		b.Error(err)
	}
	return p
}

// key is as random as what clients send, and the same again for the same payment.
func key(p core.Transaction) string {
	seed := uint64(len(p.ID))
	for _, c := range []byte(p.ID) {
		seed = seed*1099511628211 + uint64(c)
	}
	random := rand.New(rand.NewPCG(seed, seed))
	return fmt.Sprintf("%016x-%016x", random.Uint64(), random.Uint64())
}

func (s *shop) finish(b *testing.B, p core.Transaction) {
	if err := s.store.Apply(b.Context(), outcome(p, 1)); err != nil {
		b.Error(err)
	}
}

// outcome is the second commit of a payment: record, history, answer and event.
func outcome(p core.Transaction, was uint64) core.Commit {
	ended := storetest.Ended(p, core.StateSucceeded, p.CreatedAt.Add(time.Second))
	row := storetest.Row(p, key(p))
	row.DoneAt, row.Answered = ended.UpdatedAt, &ended
	return core.Commit{
		Transactions: []core.Change{storetest.Update(ended, was, 1)},
		Idempotency:  []core.IdempotencyWrite{{Row: row}},
	}
}

// preload fills the store with ended payments of the last hundred days. Their
// idempotency rows are pruned but for those of the last three days.
func (s *shop) preload(b *testing.B, payments int) {
	const batch, kept = 500, 3 * 24 * time.Hour
	gap := 100 * 24 * time.Hour / time.Duration(payments)
	for first := 0; first < payments; first += batch {
		var c core.Commit
		for i := first; i < min(first+batch, payments); i++ {
			age := time.Duration(payments-i) * gap
			done := outcome(s.payment(benchNow().Add(-age)), 0)
			c.Transactions = append(c.Transactions, storetest.Create(done.Transactions[0].Transaction))
			if age < kept {
				done.Idempotency[0].New = true
				c.Idempotency = append(c.Idempotency, done.Idempotency...)
			}
		}
		if err := s.store.Apply(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
}

func benchNow() time.Time { return storetest.Start().AddDate(0, 3, 0) }

// rate returns how often a second many callers get do done, n times in all.
func rate(callers, n int, do func(i int)) float64 {
	var next atomic.Int64
	var all sync.WaitGroup
	begun := time.Now()
	for range callers {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	all.Wait()
	return float64(n) / time.Since(begun).Seconds()
}

// measure makes n payments and returns creates and outcomes a second.
func (s *shop) measure(b *testing.B, callers, n int) (creates, outcomes float64) {
	payments := make([]core.Transaction, n)
	creates = rate(callers, n, func(i int) {
		payments[i] = s.create(b, benchNow().Add(time.Duration(s.next.Load())*time.Microsecond))
	})
	outcomes = rate(callers, n, func(i int) { s.finish(b, payments[i]) })
	return creates, outcomes
}

// BenchmarkPayment compares an empty store with a full one in turns, so that
// both meet the same neighbours on the machine. An operation is one payment in
// each: a whole create, with history, reference, key and timer, and its outcome.
func BenchmarkPayment(b *testing.B) {
	full := newShop(b)
	size := preloadSize(b)
	begun := time.Now()
	full.preload(b, size)
	stats, err := full.store.Stats(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("preloaded %d payments in %s: %d bytes each, %d of them free", size, time.Since(begun).Round(time.Millisecond), stats.Bytes/int64(size), stats.FreeBytes/int64(size))
	for _, callers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			compare(b, full, callers)
		})
	}
}

// compare runs rounds on a new store and on the full one, in turns.
func compare(b *testing.B, full *shop, callers int) {
	const rounds = 4
	empty := newShop(b)
	var sums [4]float64
	n := max(b.N/rounds, 1)
	for range rounds {
		for i, s := range []*shop{empty, full} {
			creates, outcomes := s.measure(b, callers, n)
			sums[2*i] += 1 / creates
			sums[2*i+1] += 1 / outcomes
		}
	}
	b.ReportMetric(rounds/sums[0], "creates/s-empty")
	b.ReportMetric(rounds/sums[2], "creates/s-full")
	b.ReportMetric(sums[0]/sums[2], "creates-ratio")
	b.ReportMetric(rounds/sums[1], "outcomes/s-empty")
	b.ReportMetric(rounds/sums[3], "outcomes/s-full")
	b.ReportMetric(sums[1]/sums[3], "outcomes-ratio")
}

func BenchmarkRead(b *testing.B) {
	s := newShop(b)
	const payments = 20_000
	s.preload(b, payments)
	page, err := s.store.Transactions(b.Context(), core.Filter{Limit: 100})
	if err != nil {
		b.Fatal(err)
	}
	id := page.Items[50].ID
	b.Run("by id", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.store.Transaction(b.Context(), id); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("a page of 100", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.store.Transactions(b.Context(), core.Filter{Limit: 100, Merchant: "shop"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("10,000 records without a hit", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.store.Transactions(b.Context(), core.Filter{Limit: 100, Merchant: "another"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOpen opens a store as it was closed, and as a crash leaves it, when
// all its pages are read.
func BenchmarkOpen(b *testing.B) {
	s := newShop(b)
	s.preload(b, preloadSize(b))
	crashed, closed := newPath(b), newPath(b)
	copyFile(b, s.path, crashed)
	if err := s.store.Close(); err != nil {
		b.Fatal(err)
	}
	copyFile(b, s.path, closed)
	b.Run("closed", func(b *testing.B) { opens(b, closed) })
	b.Run("crashed", func(b *testing.B) { opens(b, crashed) })
}

func opens(b *testing.B, path string) {
	for b.Loop() {
		s, err := boltstore.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		// A crash again: only a store that was written to keeps a new list of free pages.
		s.Abandon()
		b.StartTimer()
	}
}

func copyFile(b *testing.B, from, to string) {
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	out, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, in.Close(), out.Sync(), out.Close()); err != nil {
		b.Fatal(err)
	}
}
