package boltstore

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"syscall"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
)

// nothingInFlight stands for the id of a bolt transaction that wrote nothing.
const nothingInFlight = -1

var errOffline = errors.New("opened for reading only")

// guarded runs do and turns a panic in it into ErrDamaged. The memory map of a
// file that is cut short while it is open faults instead of failing; that
// becomes a panic first.
func guarded(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	return do()
}

// full reports whether err means that there is no room or no right to write,
// and that nothing was written: disk or quota full, file-size limit, read-only
// file system. bbolt keeps no error number of a failed resize, only its text.
func full(err error) bool {
	const resize = "file resize error: "
	for _, number := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS} {
		if errors.Is(err, number) {
			return true
		}
		if strings.HasPrefix(err.Error(), resize) && strings.HasSuffix(err.Error(), number.Error()) {
			return true
		}
	}
	return false
}

// refusal returns why nothing is written now, or nil.
func (s *Store) refusal() error {
	select {
	case <-s.poisoned:
		return core.ErrPoisoned
	default:
	}
	if why := s.readOnly.Load(); why != nil {
		return fmt.Errorf("%w: %w", core.ErrReadOnly, *why)
	}
	return nil
}

// fail finds out what became of the bolt transaction id, whose commit failed
// with cause, and returns that: nil when it is in the file after all.
func (s *Store) fail(cause error, id int) error {
	if !full(cause) {
		return s.poison(cause)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.closeFile()
	db, err := openFile(s.path, true)
	if err != nil {
		return s.poisonLocked(fmt.Errorf("%w, then %w", cause, err))
	}
	s.db = db
	s.setReadOnly(cause)
	latest, err := latestID(db)
	if err != nil {
		return s.poisonLocked(fmt.Errorf("%w, then %w", cause, err))
	}
	if id == nothingInFlight || latest < id {
		return fmt.Errorf("%w: %w", core.ErrReadOnly, cause)
	}
	// The failed commit is in the file. It counts once it is sure to stay there.
	if err := syncFile(s.path); err != nil {
		return s.poisonLocked(fmt.Errorf("%w, then %w", cause, err))
	}
	return nil
}

func latestID(db *bolt.DB) (id int, err error) {
	err = guarded(func() error {
		return db.View(func(tx *bolt.Tx) error {
			id = tx.ID()
			return nil
		})
	})
	return id, err
}

func (s *Store) setReadOnly(why error) { s.readOnly.Store(&why) }

// poison ends the store: a write failed, and nobody knows what of it is in the
// file, or will be after the next sync.
func (s *Store) poison(cause error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.poisonLocked(cause)
}

func (s *Store) poisonLocked(cause error) error {
	if s.ended == nil {
		s.ended = fmt.Errorf("%w: %w", core.ErrPoisoned, cause)
		close(s.poisoned)
	}
	return s.ended
}

// resumable reports whether writing may come back by itself.
func (s *Store) resumable() bool {
	select {
	case <-s.poisoned:
		return false
	default:
		return s.readOnly.Load() != nil && !s.offline
	}
}

// resume tries to write again after the file could not be written. It proves it
// with a commit of its own; while that fails the store stays as it is.
func (s *Store) resume() {
	if !s.resumable() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.closeFile()
	db, err := openFile(s.path, false)
	if err != nil {
		s.reopenForReading(err)
		return
	}
	if err := probe(db); err != nil {
		_ = db.Close()
		s.reopenForReading(err)
		return
	}
	s.db = db
	s.readOnly.Store(nil)
}

// reopenForReading goes back to reading after a try to write. The caller holds mu.
func (s *Store) reopenForReading(cause error) {
	db, err := openFile(s.path, true)
	if err != nil {
		_ = s.poisonLocked(fmt.Errorf("%w, then %w", cause, err))
		return
	}
	s.db = db
	s.setReadOnly(cause)
}

// probe writes the format once more, which changes nothing.
func probe(db *bolt.DB) error {
	return guarded(func() error {
		return db.Update(func(tx *bolt.Tx) error {
			return tx.Bucket([]byte(bucketMeta)).Put([]byte(keyFormat), []byte{format})
		})
	})
}
