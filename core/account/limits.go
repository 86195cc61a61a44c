package account

import (
	"fmt"
	"time"

	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/ratelimiter"
)

// Rate bounds how many calls are made in a period, such as 100 in a minute. The
// periods follow each other from the start of the engine; all calls of one may
// come at once, because a permit is never waited for. The zero Rate is no bound.
type Rate struct {
	Calls int
	Per   time.Duration
}

// String reads as "100 in 1m0s".
func (r Rate) String() string {
	if r == (Rate{}) {
		return "unlimited"
	}
	return fmt.Sprintf("%d in %v", r.Calls, r.Per)
}

func (r Rate) check() error {
	if r != (Rate{}) && (r.Calls < 1 || r.Per <= 0) {
		return fmt.Errorf("rate is %d in %v, must be 1 or more in a positive time", r.Calls, r.Per)
	}
	return nil
}

// half is at most half of r: what questions may take.
func (r Rate) half() Rate {
	if r.Calls == 1 {
		return Rate{Calls: 1, Per: 2 * r.Per}
	}
	return Rate{Calls: r.Calls / 2, Per: r.Per}
}

// limits are the slots and the rate of an account. Questions pass a second,
// narrower gate of each kind first, so that they leave room for attempts.
type limits struct {
	all, questions gate
}

func newLimits(concurrency int, rate Rate) limits {
	return limits{
		all:       newGate(concurrency, rate),
		questions: newGate(max(concurrency/2, 1), rate.half()),
	}
}

// attempt takes what an attempt needs and returns how to give it back, or says
// what is used up.
func (l limits) attempt() (func(), *shortage) { return l.all.enter() }

// question does the same for a question about an attempt. A permit of the rate
// is not given back: the provider counts calls, not answers.
func (l limits) question() (func(), *shortage) {
	leave, short := l.questions.enter()
	if short != nil {
		short.reason += " for questions"
		return nil, short
	}
	leaveAll, short := l.all.enter()
	if short != nil {
		leave()
		return nil, short
	}
	return func() { leaveAll(); leave() }, nil
}

// shortage is what keeps a call from being made now, and for how long if known.
type shortage struct {
	reason string
	wait   time.Duration
}

// slotWait is when to try again where all slots are in use: calls end all the time.
const slotWait = time.Second

type gate struct {
	concurrency int
	slots       bulkhead.Bulkhead[any]
	rate        Rate
	permits     ratelimiter.RateLimiter[any] // Nil without a rate.
	since       time.Time                    // When the first period began.
}

func newGate(concurrency int, rate Rate) gate {
	g := gate{concurrency: concurrency, slots: bulkhead.New[any](uint(concurrency)), rate: rate, since: time.Now()}
	if rate != (Rate{}) {
		g.permits = ratelimiter.NewBursty[any](uint(rate.Calls), rate.Per)
	}
	return g
}

func (g gate) enter() (func(), *shortage) {
	if !g.slots.TryAcquirePermit() {
		return nil, &shortage{reason: fmt.Sprintf("all %d slots are in use", g.concurrency), wait: slotWait}
	}
	if g.permits != nil && !g.permits.TryAcquirePermit() {
		g.slots.ReleasePermit()
		return nil, &shortage{reason: fmt.Sprintf("the rate of %v is used up", g.rate), wait: g.nextPeriod()}
	}
	return g.slots.ReleasePermit, nil
}

// nextPeriod is how long the present period still lasts.
func (g gate) nextPeriod() time.Duration { return g.rate.Per - time.Since(g.since)%g.rate.Per }
