package sandbox

import "time"

// sleepStep is how often a waiting answer looks at the clock, which may be moved
// on or be any clock of a test.
const sleepStep = 5 * time.Millisecond

// clock is the base clock moved on by offset. Clients see it with skew.
type clock struct {
	base         func() time.Time
	offset, skew time.Duration
}

func (c *clock) now() time.Time { return c.base().Add(c.offset).UTC() }

// shown is the time in Date, and the one that judges timestamps.
func (c *clock) shown() time.Time { return c.now().Add(c.skew) }

// Now returns the time on the sandbox clock, in UTC.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.now()
}

// Advance moves the sandbox clock on by d. A negative d moves nothing.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.offset += max(d, 0)
}

// Skew sets how far the clock that clients see is ahead of the sandbox clock, or
// behind it when d is negative. No transfer runs on that clock.
func (s *Server) Skew(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.skew = d
}

// sleep waits on the sandbox clock. It gives up when the sandbox is reset or
// closed, or when gone is closed.
func (s *Server) sleep(d time.Duration, gone <-chan struct{}) {
	s.mu.Lock()
	due, epoch := s.clock.now().Add(d), s.epoch
	s.mu.Unlock()
	look := time.NewTicker(sleepStep)
	defer look.Stop()
	for s.Now().Before(due) {
		select {
		case <-look.C:
		case <-epoch:
			return
		case <-gone:
			return
		case <-s.done.Done():
			return
		}
	}
}
