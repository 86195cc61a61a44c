package boltstore

import (
	"fmt"
	"runtime"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
)

// run is the writer: take what is queued, commit, repeat, with no fixed delay.
// While one batch is synced the next one gathers.
func (s *Store) run() {
	defer close(s.stopped)
	var retry <-chan time.Time
	for {
		if retry == nil && s.resumable() {
			retry = time.After(retryGap)
		}
		select {
		case <-s.queue.wake:
			s.drain()
		case <-retry:
			retry = nil
			s.resume()
		case <-s.queue.quit:
			s.drain()
			return
		}
	}
}

// drain commits until nothing waits. Callers that were just answered get one
// chance to queue their next commit first: it makes batches larger for free.
func (s *Store) drain() {
	for more := true; more; {
		runtime.Gosched()
		var batch []*pending
		batch, more = s.queue.take()
		if len(batch) > 0 {
			s.commitBatch(batch)
			more = true
		}
	}
}

// commitBatch gives every piece of work its fate. Work whose writing fails is
// taken out and the rest is done again: it has written nothing.
func (s *Store) commitBatch(batch []*pending) {
	for len(batch) > 0 {
		culprit, err := s.try(batch)
		if culprit == nil {
			s.answer(batch, err)
			return
		}
		culprit.done <- culprit.err
		batch = without(batch, culprit)
	}
}

// try commits the batch. The error is the fate of all of it; a culprit is work
// that must be left out for the rest to be tried again.
func (s *Store) try(batch []*pending) (culprit *pending, fate error) {
	if err := s.refusal(); err != nil {
		return nil, err
	}
	tx, err := s.begin()
	if err != nil {
		return nil, s.fail(err, nothingInFlight)
	}
	s.open.begin()
	written, culprit, err := s.fill(tx, batch)
	if err != nil {
		abandon(tx)
		return nil, s.fail(err, nothingInFlight)
	}
	if culprit != nil || written == 0 {
		abandon(tx)
		return culprit, nil
	}
	id := tx.ID()
	if err := guarded(func() error { return s.commit(tx) }); err != nil {
		abandon(tx)
		if err := s.fail(err, id); err != nil {
			return nil, err
		}
	}
	s.open.keep()
	s.counters.batches.Add(1)
	s.counters.commits.Add(uint64(written))
	return nil, nil
}

// begin is never called while another one writes: there is one writer.
func (s *Store) begin() (tx *bolt.Tx, err error) {
	err = guarded(func() error {
		tx, err = s.db.Begin(true)
		return err
	})
	return tx, err
}

// fill checks and writes the whole batch into tx. The error means that the file
// itself is not as it should be.
func (s *Store) fill(tx *bolt.Tx, batch []*pending) (written int, culprit *pending, err error) {
	err = guarded(func() error {
		t := openTables(tx, s)
		for _, p := range batch {
			if p.err = p.work.check(t); p.err != nil {
				continue
			}
			if err := p.work.write(t); err != nil {
				p.err = fmt.Errorf("write: %w: %w", core.ErrInvalidRecord, err)
				culprit = p
				return nil
			}
			written++
		}
		return nil
	})
	return written, culprit, err
}

// answer tells everybody: what was refused by itself, or the fate of all.
func (s *Store) answer(batch []*pending, fate error) {
	for _, p := range batch {
		err := fate
		if err == nil {
			err = p.err
		}
		if err != nil {
			s.counters.refused.Add(1)
		}
		p.done <- err
	}
}

func without(batch []*pending, culprit *pending) []*pending {
	rest := make([]*pending, 0, len(batch)-1)
	for _, p := range batch {
		if p != culprit {
			rest = append(rest, p)
		}
	}
	return rest
}

// abandon rolls tx back. It may have been closed by a failed commit already,
// and on a damaged file it may panic: both leave nothing to undo.
func abandon(tx *bolt.Tx) {
	_ = guarded(func() error { return tx.Rollback() })
}
