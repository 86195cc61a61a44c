package host

import "time"

// budget is how many crashes a process may have within a window of time.
type budget struct {
	most    int
	window  time.Duration
	crashes []time.Time
}

// spend notes a crash and reports whether it was one too many.
func (b *budget) spend(at time.Time) bool {
	for len(b.crashes) > 0 && at.Sub(b.crashes[0]) >= b.window {
		b.crashes = b.crashes[1:]
	}
	b.crashes = append(b.crashes, at)
	return len(b.crashes) >= b.most
}
