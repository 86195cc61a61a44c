package engine

import (
	"crypto/rand"
	"math/big"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// ids makes ULIDs that always grow, also within a millisecond and when the clock
// is set back.
type ids struct {
	mu   sync.Mutex
	last ulid.ULID
}

func newIDs() *ids { return &ids{} }

// next returns a new id with the prefix.
func (i *ids) next(prefix string, at time.Time) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	next := ulid.MustNew(ulid.Timestamp(at), rand.Reader)
	if next.Compare(i.last) <= 0 {
		next = after(i.last)
	}
	i.last = next
	return prefix + next.String()
}

// after is the last id and a random step, so that it cannot be guessed.
func after(last ulid.ULID) ulid.ULID {
	step := new(big.Int).SetUint64(uint64(mathrand.Uint32()) + 1)
	sum := step.Add(step, new(big.Int).SetBytes(last[:]))
	var next ulid.ULID
	sum.FillBytes(next[:])
	return next
}

// jitter is a number from 0 to 999 that spreads questions.
func jitter() int { return mathrand.IntN(1000) }
