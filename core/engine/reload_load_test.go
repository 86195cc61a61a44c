package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/sdk/money"
)

// reloadsFew are the reloads of a usual run, reloadsAll those of the catalogue.
const reloadsFew, reloadsAll = 40, 1000

// answerSlack and sendWithin are what is added to a call's and to a request's bound.
const answerSlack, sendWithin = 5 * time.Second, 5 * time.Second

// witness is a store that sees of which generations a transaction is: whose decision
// it has, whose deadline, and whose limits each of its attempts.
type witness struct {
	store.Store
	mu sync.Mutex
	// seen are the generations, odd or even, by transaction.
	seen map[string][]string
}

// traits tell an odd generation from an even one.
func traits(odd bool) setting {
	s := usual()
	if !odd {
		s.timeout, s.deadline, s.attempts = "21s", "15s", "3"
	}
	return s
}

func word(odd bool) string {
	if odd {
		return "odd"
	}
	return "even"
}

func (w *witness) Apply(ctx context.Context, c core.Commit) error {
	err := w.Store.Apply(ctx, c)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, change := range c.Transactions {
		w.look(change)
	}
	for _, row := range c.Idempotency {
		if row.New {
			deadline := row.Row.Until.Sub(row.Row.CreatedAt) - sendWithin
			w.note(row.Row.Transaction, deadline.Round(time.Second) == 10*time.Second)
		}
	}
	return nil
}

// look notes what a change shows of its generation.
func (w *witness) look(change core.Change) {
	tx := change.Transaction
	if change.Was == 0 {
		w.note(tx.ID, tx.Route.Generation%2 == 1)
		w.note(tx.ID, tx.Route.Rule == "odd")
		w.note(tx.ID, tx.Route.MaxAttempts == 2)
	}
	for _, timer := range tx.Timers {
		if timer.Kind == core.TimerCallLost {
			timeout := timer.At.Sub(tx.Attempts[timer.Attempt-1].StartedAt) - answerSlack
			w.note(tx.ID, timeout.Round(time.Second) == 11*time.Second)
		}
	}
}

func (w *witness) note(id string, odd bool) { w.seen[id] = append(w.seen[id], word(odd)) }

// torn returns how many transactions saw two generations.
func (w *witness) torn() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, words := range w.seen {
		slices.Sort(words)
		if len(slices.Compact(words)) > 1 {
			n++
		}
	}
	return n
}

// loaded is what a run of payments under reloads came to.
type loaded struct {
	payments, failed, lost, torn, observed int
	slowest, total                         time.Duration
	goroutines                             [2]int
	heap                                   [2]uint64
}

// reloadUnderLoad reloads while payments are made, each declined by the first account
// and taken by the second.
func reloadUnderLoad(t *testing.T, reloads int, change func(engine.Options) engine.Options) loaded {
	t.Helper()
	seen := &witness{seen: map[string][]string{}}
	w := newWorks(t, func(options engine.Options) engine.Options {
		must(t, os.MkdirAll(filepath.Dir(options.Config.Store.Path), 0o700))
		opened, err := boltstore.Open(options.Config.Store.Path)
		must(t, err)
		t.Cleanup(func() { must(t, opened.Close()) })
		seen.Store = opened
		options.Store = seen
		return change(options)
	})
	var result loaded
	var failed atomic.Int64
	ids := make([][]string, 8)
	over := make(chan struct{})
	var clients sync.WaitGroup
	for n := range ids {
		clients.Go(func() {
			for i := 0; !closed(over); i++ {
				answer, err := w.engine.Pay(context.Background(), core.PaymentRequest{
					IdempotencyKey: fmt.Sprintf("%d-%d", n, i), Amount: money.Of(5000, money.XOF),
				})
				if err != nil || answer.Transaction.State != core.StateRequiresAction || len(answer.Transaction.Attempts) != 2 {
					failed.Add(1)
					t.Logf("%s is %s with %+v: %v", answer.Transaction.ID, answer.Transaction.State, answer.Transaction.Attempts, err)
				}
				ids[n] = append(ids[n], answer.Transaction.ID)
			}
		})
	}
	for i := range reloads {
		if i == reloads/4 {
			result.goroutines[0], result.heap[0] = used()
		}
		odd := i%2 == 1
		w.write("paymux.yaml", traits(odd).text(t))
		w.write("routes.yaml", routes(word(odd)))
		began := time.Now()
		w.mustReload()
		took := time.Since(began)
		result.slowest, result.total = max(result.slowest, took), result.total+took
	}
	result.goroutines[1], result.heap[1] = used()
	close(over)
	clients.Wait()
	for _, id := range slices.Concat(ids...) {
		if tx, err := w.engine.Transaction(t.Context(), operator, id); err != nil || tx.State != core.StateRequiresAction {
			result.lost++
		}
	}
	result.payments, result.failed, result.torn = len(slices.Concat(ids...)), int(failed.Load()), seen.torn()
	result.observed = len(seen.seen)
	return result
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// used is what runs, and what is in use of the heap.
func used() (int, uint64) {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return runtime.NumGoroutine(), memory.HeapAlloc
}

// Payments go on under reloads, and each sees one generation from its acceptance to
// its last account. A build that reads the live generation at each use is noticed.
func TestReloadsUnderLoad(t *testing.T) {
	reloads := reloadsFew
	if os.Getenv("PAYMUX_CHAOS") != "" {
		reloads = reloadsAll
	}
	got := reloadUnderLoad(t, reloads, func(o engine.Options) engine.Options { return o })
	if got.failed+got.lost+got.torn > 0 || got.payments == 0 || got.observed < got.payments {
		t.Errorf("of %d payments (%d seen) %d failed, %d are lost and %d saw two generations", got.payments, got.observed, got.failed, got.lost, got.torn)
	}
	const spread = 80 // Of calls under way.
	if got.goroutines[1] > got.goroutines[0]+spread {
		t.Errorf("goroutines grew from %d to %d", got.goroutines[0], got.goroutines[1])
	}
	const growth = 64 << 20
	if got.heap[1] > got.heap[0]+growth {
		t.Errorf("the heap grew from %d to %d", got.heap[0], got.heap[1])
	}
	control := reloadUnderLoad(t, reloadsFew, engine.Loose)
	if control.torn == 0 {
		t.Error("a build that reads the pointer twice is not noticed")
	}
	t.Logf("chaos 23: %d reloads under load, %v each and %v at most: %d payments, %d failed, %d lost, %d saw two generations; "+
		"goroutines %d then %d, heap %d KiB then %d KiB; control, a build that reads the pointer at each use, %d reloads: %d of %d payments saw two",
		reloads, (got.total / time.Duration(reloads)).Round(10*time.Microsecond), got.slowest.Round(time.Millisecond), got.payments, got.failed, got.lost, got.torn,
		got.goroutines[0], got.goroutines[1], got.heap[0]>>10, got.heap[1]>>10, reloadsFew, control.torn, control.payments)
}
