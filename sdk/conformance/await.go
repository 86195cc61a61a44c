package conformance

import (
	"context"
	"time"
)

// pollEvery is how often await looks.
const pollEvery = 5 * time.Millisecond

// await polls until done, at most so long, and reports whether it was.
func await(ctx context.Context, most time.Duration, done func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return done()
		}
	}
	return true
}
