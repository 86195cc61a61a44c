package sandboxkit

import (
	"container/heap"
	"time"
)

// pollMax bounds how long the timer sleeps beside a base clock that is not real
// time, because moving such a clock does not wake it.
const pollMax = 10 * time.Millisecond

// Clock is the time of a sandbox, for its ledger.
type Clock struct {
	Now time.Time `json:"now"`
	// SkewMS is how far the clock that clients see differs from Now, in milliseconds.
	SkewMS int64 `json:"skew_ms"`
}

// clock is the base clock moved on by offset. Skew is only shown to clients.
type clock struct {
	base    func() time.Time
	foreign bool // base is not real time
	offset  time.Duration
	skew    time.Duration
}

// Now is the time on the sandbox clock, in UTC. The caller holds the lock.
func (s *Stage) Now() time.Time { return s.clock.base().Add(s.clock.offset).UTC() }

// Shown is a time as clients see it, in UTC. The caller holds the lock.
func (s *Stage) Shown(at time.Time) time.Time { return at.Add(s.clock.skew).UTC() }

// event is something that becomes due on the sandbox clock: a change, which runs
// with the lock held, or a parcel, which is delivered without it.
type event struct {
	due    time.Time
	number int64
	change func()
	parcel *parcel
}

// eventQueue is a heap: earliest first, equal times in order of scheduling.
type eventQueue []*event

func (q eventQueue) Len() int { return len(q) }

func (q eventQueue) Less(i, j int) bool {
	if q[i].due.Equal(q[j].due) {
		return q[i].number < q[j].number
	}
	return q[i].due.Before(q[j].due)
}

func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push adds an event; it is for container/heap.
func (q *eventQueue) Push(x any) { *q = append(*q, x.(*event)) }

// Pop removes the last event; it is for container/heap.
func (q *eventQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return last
}

// After plans a change, which will run with the lock held. One that may have
// become void by then looks at the world first. The caller holds the lock.
func (s *Stage) After(delay time.Duration, change func()) {
	s.plan(&event{due: s.Now().Add(delay), change: change})
}

func (s *Stage) plan(planned *event) {
	if s.closed {
		return
	}
	planned.number = s.Next()
	heap.Push(&s.queue, planned)
	s.arm()
}

// settle fires what is due. Parcels go to the lanes, so that a slow receiver
// does not stop the clock. While Advance runs it alone fires events, to keep
// their order.
func (s *Stage) settle() {
	if s.advancing {
		return
	}
	for len(s.queue) > 0 && !s.queue[0].due.After(s.Now()) {
		next := heap.Pop(&s.queue).(*event)
		if next.parcel != nil {
			s.dispatch(next.parcel)
			continue
		}
		next.change()
	}
	s.arm()
}

// arm sets the one timer to the next event.
func (s *Stage) arm() {
	if len(s.queue) == 0 || s.advancing {
		if s.timer != nil {
			s.timer.Stop()
		}
		return
	}
	wait := max(s.queue[0].due.Sub(s.Now()), 0)
	if s.clock.foreign {
		wait = min(wait, pollMax)
	}
	if s.timer == nil {
		s.timer = time.AfterFunc(wait, s.tick)
		return
	}
	s.timer.Reset(wait)
}

func (s *Stage) tick() {
	s.Lock()
	defer s.Unlock()
}

// advance is Server.Advance. It waits for what is on its way first, so that what
// it delivers comes later.
func (s *Stage) advance(d time.Duration) {
	for s.advancing {
		s.idle.Wait()
	}
	s.advancing = true
	for s.carrying > 0 {
		s.idle.Wait()
	}
	s.advanceBy(d)
	s.advancing = false
	s.settle()
	s.idle.Broadcast()
}

func (s *Stage) advanceBy(left time.Duration) {
	target := s.Now().Add(left)
	epoch := s.epoch
	for len(s.queue) > 0 && !s.queue[0].due.After(target) {
		next := heap.Pop(&s.queue).(*event)
		step := min(max(next.due.Sub(s.Now()), 0), left)
		s.clock.offset += step
		left -= step
		if next.parcel != nil {
			s.mu.Unlock()
			s.deliver(next.parcel)
			s.mu.Lock()
		} else {
			next.change()
		}
		if s.epoch != epoch {
			return
		}
	}
	s.clock.offset += left
}

// sleep waits on the sandbox clock. It gives up when the sandbox is reset or
// closed, or when gone is closed. The lock is not held.
func (s *Stage) sleep(d time.Duration, gone <-chan struct{}) {
	passed := make(chan struct{})
	s.mu.Lock()
	epoch := s.epoch
	s.After(d, func() { close(passed) })
	s.mu.Unlock()
	select {
	case <-passed:
	case <-epoch:
	case <-gone:
	case <-s.done.Done():
	}
}
