package coretest

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
)

// MustOpenStore returns a new store in a file of its own, closed and removed
// when the test ends.
func MustOpenStore(tb testing.TB) *boltstore.Store {
	tb.Helper()
	opened, err := boltstore.Open(filepath.Join(tb.TempDir(), "paymux.db"))
	if err != nil {
		tb.Fatalf("open a store: %v", err)
	}
	tb.Cleanup(func() {
		if err := opened.Close(); err != nil {
			tb.Errorf("close the store: %v", err)
		}
	})
	return opened
}

// ErrDied is what a Mortal store answers once its process is dead.
var ErrDied = errors.New("coretest: the process is dead")

// Mortal is a store that dies with its process at a chosen commit. What a dead
// process reads harms nobody; what it would write is refused.
type Mortal struct {
	store.Store
	at      int
	written bool
	died    chan struct{}

	mu      sync.Mutex
	commits int
	dead    bool
}

// NewMortal returns a store that dies at the commit with number at, from 1, and
// never if at is 0. written says that this commit is in the file although nobody
// learns it; else it is lost.
func NewMortal(s store.Store, at int, written bool) *Mortal {
	return &Mortal{Store: s, at: at, written: written, died: make(chan struct{})}
}

// Died is closed when the store dies.
func (m *Mortal) Died() <-chan struct{} { return m.died }

// Dead reports whether the store is dead.
func (m *Mortal) Dead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

// Kill makes the store dead now.
func (m *Mortal) Kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.dead {
		m.dead = true
		close(m.died)
	}
}

// Apply writes the commit unless the store is dead. A commit under way while the
// store dies may be in the file; who made it is not told.
func (m *Mortal) Apply(ctx context.Context, c core.Commit) error {
	last, dead := m.count()
	if last && !m.written {
		m.Kill()
	}
	if dead || last && !m.written {
		return ErrDied
	}
	err := m.Store.Apply(ctx, c)
	if last {
		m.Kill()
	}
	if m.Dead() {
		return ErrDied
	}
	return err
}

// count reports whether this is the commit to die at, and whether it is too late.
func (m *Mortal) count() (last, dead bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commits++
	return m.commits == m.at, m.dead
}
