package account

import (
	"fmt"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
)

// The bounds of a breaker.
const (
	// breakerWindow is how far back create calls count; of at least breakerCalls
	// of them half must have failed.
	breakerWindow = time.Minute
	breakerCalls  = 10
	// breakerRefusals is how often in a row our credentials are refused.
	breakerRefusals = 5
	// breakerPause is how long an open breaker waits before it lets a trial through.
	breakerPause = 30 * time.Second
	// breakerTrials is how many trials may be under way at once.
	breakerTrials = 1
)

// breaker keeps new attempts from an account that does not answer.
//
// Technical faults of create calls open it: half of at least 10 in a minute. So do
// 5 refusals of our credentials in a row, by whichever call. Declines and other
// answers never do, and neither do faults of questions: one attempt that a
// provider cannot find must not keep others from being made.
//
// After 30 s it is half open: one attempt at a time goes through as a trial, and
// its answer closes or opens it again. The trial comes at once where something
// newer is known: the plugin process was started again, or a question was
// answered though the account could not be reached, unless a trial failed since. A
// question that is answered closes a breaker that refused credentials opened. It
// says nothing against lost answers of create calls, because creating may fail
// where asking works.
//
// Only what was called in the breaker's present state counts. What hung since
// before says nothing new.
type breaker struct {
	account string
	log     hclog.Logger

	mu      sync.Mutex
	circuit circuitbreaker.CircuitBreaker[any]
	state   circuitbreaker.State
	// epoch counts the changes of state.
	epoch        uint64
	since, until time.Time
	reason       string
	// cause is the latest fault, refusals how often in a row credentials were refused.
	cause    finding
	refusals int
	// trials are those under way in this epoch; retried says that one failed and opened it again.
	trials  int
	retried bool
	// generation is the account's when it was last seen; zero before.
	generation uint64
}

func newBreaker(account string, log hclog.Logger) *breaker {
	return &breaker{account: account, log: log, circuit: newCircuit()}
}

// locked does what needs the lock. If the state is another one then, it says so
// when the lock is given back.
func (b *breaker) locked(do func()) {
	b.mu.Lock()
	was := b.state
	do()
	if was == b.state {
		b.mu.Unlock()
		return
	}
	now := b.shown()
	b.mu.Unlock()
	b.tell(now)
}

func (b *breaker) tell(now core.Breaker) {
	switch now.State {
	case core.BreakerOpen:
		b.log.Warn("breaker is open: no new attempts", "account", b.account, "reason", now.Reason, "until", now.Until.UTC().Format(time.RFC3339))
	case core.BreakerHalfOpen:
		b.log.Info("breaker is half open: one attempt is let through", "account", b.account)
	case core.BreakerClosed:
		b.log.Info("breaker is closed", "account", b.account)
	}
}

func newCircuit() circuitbreaker.CircuitBreaker[any] {
	const half = 1.0 / 2 // The library counts in floating point; no money is in it.
	return circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(half, breakerCalls, breakerWindow).
		WithDelay(breakerPause).
		WithSuccessThreshold(1).
		Build()
}

// enter lets one attempt through, or says what hinders it. What it returns ends
// the attempt's trial, and is nil where it is none.
func (b *breaker) enter(generation uint64) (leave func(), short *shortage) {
	b.locked(func() { leave, short = b.pass(generation) })
	return leave, short
}

func (b *breaker) pass(generation uint64) (leave func(), short *shortage) {
	b.look(generation)
	switch {
	case b.state == circuitbreaker.ClosedState:
		return nil, nil
	case b.state == circuitbreaker.OpenState:
		return nil, &shortage{reason: b.shown().Obstacle(), wait: time.Until(b.until)}
	case b.trials >= breakerTrials:
		return nil, &shortage{reason: "the breaker is half open, and its trial is under way", wait: slotWait}
	}
	b.trials++
	epoch := b.epoch
	return func() { b.tried(epoch) }, nil
}

// tried ends a trial, whether or not anything was called.
func (b *breaker) tried(epoch uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if epoch == b.epoch {
		b.trials--
	}
}

// view is how the breaker stands at an account of this generation.
func (b *breaker) view(generation uint64) (now core.Breaker) {
	b.locked(func() {
		b.look(generation)
		now = b.shown()
	})
	return now
}

func (b *breaker) shown() core.Breaker {
	switch b.state {
	case circuitbreaker.OpenState:
		return core.Breaker{State: core.BreakerOpen, Reason: b.reason, Since: b.since, Until: b.until}
	case circuitbreaker.HalfOpenState:
		return core.Breaker{State: core.BreakerHalfOpen, Reason: b.reason, Since: b.since}
	default:
		return core.Breaker{State: core.BreakerClosed, Since: b.since}
	}
}

// look half-opens an open breaker whose time has come, or whose account runs in
// another process than the one that failed.
func (b *breaker) look(generation uint64) {
	restarted := b.generation != 0 && generation != b.generation
	b.generation = generation
	if b.state == circuitbreaker.OpenState && (restarted || b.circuit.RemainingDelay() == 0) {
		b.circuit.HalfOpen()
		b.moved()
	}
}

// now is the epoch for a call that begins.
func (b *breaker) now() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.epoch
}

// created counts a call that creates something and began in the given epoch.
func (b *breaker) created(epoch uint64, found finding) {
	b.locked(func() {
		if epoch == b.epoch && found != findNothing {
			b.count(found)
			b.moved()
		}
	})
}

func (b *breaker) count(found finding) {
	switch {
	case found == findAnswered:
		b.refusals = 0
		b.circuit.RecordSuccess()
	case found == findRefused && b.state != circuitbreaker.HalfOpenState:
		b.refused()
	default:
		b.cause = found
		b.circuit.RecordFailure()
	}
}

// asked counts a call that creates nothing and began in the given epoch.
func (b *breaker) asked(epoch uint64, found finding) {
	b.locked(func() {
		switch {
		case epoch != b.epoch:
		case found == findAnswered:
			b.refusals = 0
			b.reached()
		case found == findRefused:
			b.refused()
		}
		b.moved()
	})
}

// refused counts one more refusal of our credentials in a row.
func (b *breaker) refused() {
	b.refusals++
	if b.refusals >= breakerRefusals && b.state == circuitbreaker.ClosedState {
		b.cause = findRefused
		b.circuit.Open()
	}
}

// reached takes an answered question for what it disproves.
func (b *breaker) reached() {
	switch {
	case b.state == circuitbreaker.ClosedState:
	case b.cause == findRefused:
		b.circuit.Close()
	case b.cause == findUnreachable && b.state == circuitbreaker.OpenState && !b.retried:
		b.circuit.HalfOpen()
	}
}

// close forgets every fault, and those to come of calls under way: the settings are others.
func (b *breaker) close() {
	b.locked(func() {
		b.circuit, b.refusals = newCircuit(), 0
		b.epoch++
		b.moved()
	})
}

// moved begins the next epoch if the state is another one.
func (b *breaker) moved() {
	state := b.circuit.State()
	if state == b.state {
		return
	}
	b.retried = b.state == circuitbreaker.HalfOpenState && state == circuitbreaker.OpenState
	b.state, b.trials, b.since = state, 0, time.Now()
	b.epoch++
	switch state {
	case circuitbreaker.OpenState:
		b.until = b.since.Add(b.circuit.RemainingDelay())
		b.reason = b.cause.String() + ": " + b.faults()
	case circuitbreaker.ClosedState:
		b.reason, b.refusals = "", 0
	case circuitbreaker.HalfOpenState: // The reason stays to be seen.
	}
}

// faults says what opened the breaker.
func (b *breaker) faults() string {
	switch {
	case b.retried:
		return "a trial failed too"
	case b.cause == findRefused:
		return fmt.Sprintf("the credentials were refused %d times in a row", b.refusals)
	default:
		counts := b.circuit.Metrics()
		return fmt.Sprintf("%d of %d create calls in %v failed", counts.Failures(), counts.Executions(), breakerWindow)
	}
}
