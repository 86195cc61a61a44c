package main

import (
	"context"
	"sync"
	"time"

	"github.com/paymux/paymux/sdk/httpx"
)

const (
	// waitFirst and waitMax bound how long we hold back where Cenoa says that we
	// call too often and not for how long: 1, 2, 4 s ... 5 min.
	waitFirst = time.Second
	waitMax   = 5 * time.Minute
)

// gate lets the calls of an account through one by one, with a gap between
// them, and none while Cenoa asked us to wait.
type gate struct {
	gap time.Duration

	mu       sync.Mutex
	next     time.Time // When the next call may go.
	opens    time.Time // Until when Cenoa asked us to wait.
	refusals int       // In a row.
}

// reserve returns how long to wait for the next place. It takes none, and
// returns false, where that is longer than patience.
func (g *gate) reserve(now time.Time, patience time.Duration) (time.Duration, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	wait := max(g.next.Sub(now), 0)
	if wait > patience {
		return wait, false
	}
	g.next = now.Add(wait + g.gap)
	return wait, true
}

// refused closes the gate for as long as Cenoa told, or twice as long as the
// last time where it did not, and returns how long that is.
func (g *gate) refused(now time.Time, told time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	wait := told
	if wait <= 0 {
		g.refusals++
		wait = httpx.Backoff(g.refusals, waitFirst, waitMax)
	}
	if until := now.Add(wait); until.After(g.opens) {
		g.opens = until
	}
	if g.opens.After(g.next) {
		g.next = g.opens
	}
	return wait
}

// closed reports whether Cenoa asked us to wait, also those who have a place.
func (g *gate) closed(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return now.Before(g.opens)
}

// passed forgets the refusals, after an answer that was none.
func (g *gate) passed() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusals = 0
}

// pause waits, and returns the context's error where that ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
