package host

import (
	"math/rand/v2"
	"time"
)

// backoff spreads starts: each pause is a random part of a bound that doubles
// from least to most, so that many plugins that fell together do not rise together.
type backoff struct {
	least, most time.Duration
	bound       time.Duration
}

// next returns how long to wait before the next start.
func (b *backoff) next() time.Duration {
	b.bound = min(max(2*b.bound, b.least), b.most)
	return rand.N(b.bound) + 1
}

// reset begins again with the least pause.
func (b *backoff) reset() { b.bound = 0 }
