package host

import "sync"

// record is what the host itself knows of the calls it handed to a process. It
// alone decides what became of a call without an answer: one that could not
// enter was never handed over and is NOT_SENT, one that did may have left.
type record struct {
	mu     sync.Mutex
	closed bool
	calls  int
	idle   chan struct{} // Closed when closed and no call is left.
}

func newRecord() *record { return &record{idle: make(chan struct{})} }

// enter notes a call that is about to be handed over. False means that the
// process takes no calls any more, and the call must not be made.
func (r *record) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.calls++
	return true
}

// leave notes that a call that entered came back, with whatever answer.
func (r *record) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls--
	r.settle()
}

// close lets no further call in. It may be called again.
func (r *record) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.closed = true
	r.settle()
}

func (r *record) settle() {
	if r.closed && r.calls == 0 {
		close(r.idle)
	}
}
