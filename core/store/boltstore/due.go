package boltstore

import (
	"bytes"
	"context"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
)

// holds are the pieces of work that were handed out, by their key in the due
// bucket, and until when. They are in memory: one process has the file.
type holds struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// take holds key until then, and reports whether it was free at now.
func (h *holds) take(key []byte, now, then time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.until[string(key)].After(now) {
		return false
	}
	if !then.After(now) {
		return true
	}
	if h.until == nil {
		h.until = make(map[string]time.Time)
	}
	h.until[string(key)] = then
	return true
}

// release forgets key: the work is done or has another time.
func (h *holds) release(key []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.until, string(key))
}

func (h *holds) heldUntil(key []byte) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.until[string(key)]
}

// Due returns at most limit pieces of work that are due at now, the earliest
// first, and holds them until now + hold.
func (s *Store) Due(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]core.Due, error) {
	var due []core.Due
	err := s.view(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket([]byte(bucketDue)).Cursor()
		for key, value := cursor.First(); key != nil && len(due) < limit; key, value = cursor.Next() {
			if timeAt(key).After(now) {
				return nil
			}
			if s.holds.take(key, now, now.Add(hold)) {
				due = append(due, dueAt(key, value))
			}
		}
		return nil
	})
	return due, err
}

// NextDue returns the earliest time at which Due returns something; zero if it never will.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var next time.Time
	err := s.view(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket([]byte(bucketDue)).Cursor()
		for key, _ := cursor.First(); key != nil; key, _ = cursor.Next() {
			at := timeAt(key)
			if !next.IsZero() && !at.Before(next) {
				return nil
			}
			if held := s.holds.heldUntil(key); held.After(at) {
				at = held
			}
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
		return nil
	})
	return next, err
}

func dueAt(key, value []byte) core.Due {
	id := key[timeSize+1:]
	due := core.Due{Kind: core.DueKind(key[timeSize]), At: timeAt(key)}
	switch due.Kind {
	case core.DueTransaction:
		due.ID = idOf(prefixOf(value[0]), id)
	case core.DueInbox:
		due.ID = idOf(core.PrefixInbox, id)
	case core.DueOutbox:
		due.ID = idOf(core.PrefixEvent, id)
	default:
		due.ID = string(bytes.Clone(id))
	}
	return due
}
