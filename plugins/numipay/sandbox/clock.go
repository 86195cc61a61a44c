package sandbox

import (
	"container/heap"
	"time"
)

// pollMax bounds how long the timer sleeps beside a base clock that is not real
// time, because moving such a clock does not wake it.
const pollMax = 10 * time.Millisecond

// clock is real time moved on by offset. Skew is only shown to clients.
type clock struct {
	base    func() time.Time
	foreign bool // base is not real time
	offset  time.Duration
	skew    time.Duration
}

func (c *clock) now() time.Time { return c.base().Add(c.offset) }

// shown is the time that clients see.
func (c *clock) shown() time.Time { return c.now().Add(c.skew).UTC() }

// event is something that becomes due on the sandbox clock. Change runs with
// the lock held; the delivery that it returns, if any, runs without it.
type event struct {
	due    time.Time
	number int64
	change func() *delivery
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

// after schedules change; the caller holds the lock.
func (s *Server) after(delay time.Duration, change func() *delivery) {
	s.at(s.clock.now().Add(delay), change)
}

func (s *Server) at(due time.Time, change func() *delivery) {
	if s.closed {
		return
	}
	s.sequence++
	heap.Push(&s.queue, &event{due: due, number: s.sequence, change: change})
	s.arm()
}

// settle fires what is due. Deliveries go to the lanes, so that a slow receiver
// does not stop the clock. While Advance runs it alone fires events, to keep
// their order. The caller holds the lock.
func (s *Server) settle() {
	if s.advancing {
		return
	}
	for len(s.queue) > 0 && !s.queue[0].due.After(s.clock.now()) {
		next := heap.Pop(&s.queue).(*event)
		if sent := next.change(); sent != nil {
			s.dispatch(sent)
		}
	}
	s.arm()
}

// arm sets the one timer to the next event. The caller holds the lock.
func (s *Server) arm() {
	if len(s.queue) == 0 || s.advancing {
		if s.timer != nil {
			s.timer.Stop()
		}
		return
	}
	wait := max(s.queue[0].due.Sub(s.clock.now()), 0)
	if s.clock.foreign {
		wait = min(wait, pollMax)
	}
	if s.timer == nil {
		s.timer = time.AfterFunc(wait, s.tick)
		return
	}
	s.timer.Reset(wait)
}

func (s *Server) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
}

// Advance moves the sandbox clock on by d, in steps from one due event to the
// next, and returns when they were fired and their webhooks delivered or given
// up. A negative d moves nothing.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.advancing {
		s.idle.Wait()
	}
	s.advancing = true
	for s.carrying > 0 {
		s.idle.Wait()
	}
	s.advanceBy(max(d, 0))
	s.advancing = false
	s.settle()
	s.idle.Broadcast()
}

// Now returns the time on the sandbox clock, in UTC.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.now().UTC()
}

// Skew sets how far the clock that clients see is ahead of the sandbox clock, or
// behind it when d is negative: created_at of new transactions, and the day that
// the list takes for today. No delay runs on that clock.
func (s *Server) Skew(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.skew = d
}

func (s *Server) advanceBy(left time.Duration) {
	target := s.clock.now().Add(left)
	epoch := s.epoch
	for len(s.queue) > 0 && !s.queue[0].due.After(target) {
		next := heap.Pop(&s.queue).(*event)
		step := min(max(next.due.Sub(s.clock.now()), 0), left)
		s.clock.offset += step
		left -= step
		if sent := next.change(); sent != nil {
			s.mu.Unlock()
			s.deliver(sent)
			s.mu.Lock()
		}
		if s.epoch != epoch {
			return
		}
	}
	s.clock.offset += left
}

// sleep waits on the sandbox clock; it gives up when the sandbox is reset or
// closed, or when gone is closed.
func (s *Server) sleep(d time.Duration, gone <-chan struct{}) {
	passed := make(chan struct{})
	s.mu.Lock()
	epoch := s.epoch
	s.after(d, func() *delivery { close(passed); return nil })
	s.mu.Unlock()
	select {
	case <-passed:
	case <-epoch:
	case <-gone:
	case <-s.done.Done():
	}
}
