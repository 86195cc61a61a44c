package httpapi

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
)

// Rate is how many requests a key may send in a time. All of them may come at
// once; then each has to wait until its part of the time is over. The zero Rate is
// no bound.
type Rate struct {
	Calls int
	Per   time.Duration
}

func (r Rate) check() error {
	if r != (Rate{}) && (r.Calls < 1 || r.Per < time.Duration(r.Calls)) {
		return errors.New("rate must be at least one request in a time")
	}
	return nil
}

// meter bounds the requests of one key.
type meter struct {
	rate Rate
	mu   sync.Mutex
	// busy is until when the requests that were let through take up the rate.
	busy time.Time
}

// newMeter returns nil for no bound.
func newMeter(rate Rate) *meter {
	if rate == (Rate{}) {
		return nil
	}
	return &meter{rate: rate}
}

// take lets a request through, or returns a core.ErrRateLimited with how long to wait.
func (m *meter) take(now time.Time) error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	each, latest := m.rate.Per/time.Duration(m.rate.Calls), now.Add(m.rate.Per)
	if m.busy.Before(now) {
		m.busy = now
	}
	if m.busy.After(latest) {
		m.busy = latest // The clock was set back.
	}
	next := m.busy.Add(each)
	if wait := next.Sub(latest); wait > 0 {
		return &core.Problem{
			Code: core.ErrRateLimited.Code, RetryAfter: wait,
			Detail: fmt.Sprintf("the key may send %d requests in %s; nothing was done", m.rate.Calls, m.rate.Per),
		}
	}
	m.busy = next
	return nil
}
