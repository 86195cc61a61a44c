package account

import (
	"fmt"
	"sync/atomic"
	"time"

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

// next returns other limits for the same account: slots in use stay in use, and
// a rate that did not change is used up as far as it was. A changed rate begins
// its first period.
func (l limits) next(concurrency int, rate Rate) limits {
	next := newLimits(concurrency, rate)
	next.all.follow(l.all)
	next.questions.follow(l.questions)
	return next
}

// attempt takes what an attempt needs and returns how to give it back, or says
// what is used up.
func (l limits) attempt() (func(), *shortage) {
	if short := l.all.take(); short != nil {
		return nil, short
	}
	if short := l.all.call(); short != nil {
		l.all.free()
		return nil, short
	}
	return l.all.free, nil
}

// question does the same for a question about an attempt. A permit of the rate
// is not given back, because the provider counts calls, not answers: so the
// slots are taken first, and a question that gets none takes nothing of the rate.
func (l limits) question() (func(), *shortage) {
	if short := l.questions.take(); short != nil {
		return nil, short.forQuestions()
	}
	if short := l.all.take(); short != nil {
		l.questions.free()
		return nil, short
	}
	leave := func() {
		l.all.free()
		l.questions.free()
	}
	if short := l.questions.call(); short != nil {
		leave()
		return nil, short.forQuestions()
	}
	if short := l.all.call(); short != nil {
		leave()
		return nil, short
	}
	return leave, nil
}

// shortage is what keeps a call from being made now, and for how long if known.
type shortage struct {
	reason string
	wait   time.Duration
}

func (s shortage) forQuestions() *shortage {
	s.reason += " for questions"
	return &s
}

// slotWait is when to try again where all slots are in use: calls end all the time.
const slotWait = time.Second

// gate counts the slots by itself, because a bulkhead cannot change its size
// while its slots are in use.
type gate struct {
	concurrency int64
	inUse       *atomic.Int64
	rate        Rate
	permits     ratelimiter.RateLimiter[any] // Nil without a rate.
	since       time.Time                    // When the first period began.
}

func newGate(concurrency int, rate Rate) gate {
	g := gate{concurrency: int64(concurrency), inUse: new(atomic.Int64), rate: rate, since: time.Now()}
	if rate != (Rate{}) {
		g.permits = ratelimiter.NewBursty[any](uint(rate.Calls), rate.Per)
	}
	return g
}

func (g *gate) follow(was gate) {
	g.inUse = was.inUse
	if g.rate == was.rate {
		g.permits, g.since = was.permits, was.since
	}
}

// take takes a slot.
func (g gate) take() *shortage {
	for {
		used := g.inUse.Load()
		if used >= g.concurrency {
			return &shortage{reason: fmt.Sprintf("all %d slots are in use", g.concurrency), wait: slotWait}
		}
		if g.inUse.CompareAndSwap(used, used+1) {
			return nil
		}
	}
}

func (g gate) free() { g.inUse.Add(-1) }

// call takes one call of the rate.
func (g gate) call() *shortage {
	if g.permits != nil && !g.permits.TryAcquirePermit() {
		return &shortage{reason: fmt.Sprintf("the rate of %v is used up", g.rate), wait: g.nextPeriod()}
	}
	return nil
}

// nextPeriod is how long the present period still lasts.
func (g gate) nextPeriod() time.Duration { return g.rate.Per - time.Since(g.since)%g.rate.Per }
