package boltstore

import "sync"

// batchMax bounds how many commits share one sync, and with it how long one waits.
const batchMax = 1024

// work is one thing that the writer does: first all that may refuse, then the puts.
type work interface {
	check(*tables) error
	write(*tables) error
}

// pending is work whose caller waits.
type pending struct {
	work work
	// err is its fate as far as it is known before the file is synced.
	err  error
	done chan error
}

// queue holds the work that waits for the writer. It takes everything until it
// is closed, so that what it took is always answered.
type queue struct {
	mu      sync.Mutex
	waiting []*pending
	closed  bool
	// wake has room for one: that there is something is told once.
	wake chan struct{}
	// quit is closed with the queue.
	quit chan struct{}
}

func newQueue() queue {
	return queue{wake: make(chan struct{}, 1), quit: make(chan struct{})}
}

// put reports whether p was taken.
func (q *queue) put(p *pending) bool {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return false
	}
	q.waiting = append(q.waiting, p)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

// take returns what waits, at most batchMax, and whether more is left.
func (q *queue) take() ([]*pending, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) <= batchMax {
		batch := q.waiting
		q.waiting = nil
		return batch, false
	}
	batch := q.waiting[:batchMax:batchMax]
	q.waiting = q.waiting[batchMax:]
	return batch, true
}

// close reports whether it was the first to close.
func (q *queue) close() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.closed = true
	close(q.quit)
	return true
}
