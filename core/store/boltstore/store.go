package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
)

// retryGap is how long a store that cannot be written waits before it tries again.
const retryGap = 5 * time.Second

// Store is one file.
type Store struct {
	path string
	// mu is held for writing only while the file is closed and opened again.
	mu sync.RWMutex
	db *bolt.DB
	// ended is why nothing can be read any more: store.ErrClosed or core.ErrPoisoned. Guarded by mu.
	ended error

	queue    queue
	holds    holds
	open     openCounts
	poisoned chan struct{}
	stopped  chan struct{}
	counters counters
	// commit is (*bolt.Tx).Commit, and a failing one in tests.
	commit func(*bolt.Tx) error
	// readOnly is why nothing can be written now, nil while it can; only the writer changes it.
	readOnly atomic.Pointer[error]
	// offline is a store opened for reading only, which never tries to write.
	offline bool
}

var (
	_ store.Store = (*Store)(nil)
	_ io.Closer   = (*Store)(nil)
)

// counters count what the writer did.
type counters struct {
	commits, batches, refused atomic.Uint64
}

// Open opens the store in the file at path, and creates it if there is none. The
// folder must be there. It returns ErrInUse within a second when another process
// has the store open, ErrDamaged for a file that is not whole, and ErrFormat for
// one that another version wrote.
func Open(path string) (*Store, error) {
	if err := createIfAbsent(path); err != nil {
		return nil, err
	}
	db, err := openFile(path, false)
	if err != nil {
		return nil, err
	}
	removeDrafts(path)
	s := newStore(path, db)
	if err := s.countOpen(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go s.run()
	return s, nil
}

// OpenReadOnly opens the store for reading beside other readers. It returns
// ErrInUse within a second while an engine has it open. Apply and Prune return
// core.ErrReadOnly.
func OpenReadOnly(path string) (*Store, error) {
	db, err := openFile(path, true)
	if err != nil {
		return nil, err
	}
	s := newStore(path, db)
	if err := s.countOpen(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.offline = true
	s.setReadOnly(errOffline)
	go s.run()
	return s, nil
}

func newStore(path string, db *bolt.DB) *Store {
	return &Store{
		path: path, db: db, queue: newQueue(),
		poisoned: make(chan struct{}), stopped: make(chan struct{}), commit: (*bolt.Tx).Commit,
	}
}

// Poisoned is closed when a write failed in a way that leaves its fate unknown.
// Nothing is written or read from then on: the process must end and open the
// file again.
func (s *Store) Poisoned() <-chan struct{} { return s.poisoned }

// Apply makes the commit durable, whole or not at all. Commits of concurrent
// callers share one sync of the file; one that is refused does not harm the others.
func (s *Store) Apply(ctx context.Context, c core.Commit) error {
	prepared, err := prepare(c)
	if err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	return s.submit(ctx, prepared)
}

// submit queues work and waits for its fate, whatever becomes of ctx meanwhile.
func (s *Store) submit(ctx context.Context, w work) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("boltstore: not queued: %w", err)
	}
	p := &pending{work: w, done: make(chan error, 1)}
	if !s.queue.put(p) {
		return fmt.Errorf("boltstore: %w", store.ErrClosed)
	}
	if err := <-p.done; err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	return nil
}

// Close waits for the commits that are queued and closes the file.
func (s *Store) Close() error {
	if !s.queue.close() {
		<-s.stopped
		return nil
	}
	<-s.stopped
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = store.ErrClosed
		if s.readOnly.Load() == nil {
			return errors.Join(keepFreelist(s.db), s.closeFile())
		}
	}
	return s.closeFile()
}

// keepFreelist writes the list of free pages, which no other commit does: on a
// big file it would be most of what a commit writes. With it the file is opened
// at once; without, after a crash, all pages are read first.
func keepFreelist(db *bolt.DB) error {
	db.NoFreelistSync = false
	err := guarded(func() error { return db.Update(func(*bolt.Tx) error { return nil }) })
	if err != nil && !full(err) {
		return fmt.Errorf("boltstore: close: %w", err)
	}
	return nil
}

// closeFile gives the file back. The caller holds mu.
func (s *Store) closeFile() error {
	if s.db == nil {
		return nil
	}
	err := s.db.Close()
	s.db = nil
	if err != nil {
		return fmt.Errorf("boltstore: close %s: %w", s.path, err)
	}
	return nil
}

// view reads in one bolt transaction. It never nests: a waiting writer of mu
// would stand between the two.
func (s *Store) view(ctx context.Context, read func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.ended != nil {
		return fmt.Errorf("boltstore: %w", s.ended)
	}
	err := guarded(func() error { return s.db.View(read) })
	if err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	return nil
}
