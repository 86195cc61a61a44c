package account

import (
	"sync"
	"time"

	"github.com/paymux/paymux/core"
)

// Acquire gives the right to make one attempt at an account now. It never
// waits. A refusal is a *core.Problem with the code provider_unavailable, whose
// Removed names the account, the reason, and whether it may be gone soon.
func (a *Accounts) Acquire(account string) (core.Permit, error) {
	e, ok := a.entries[account]
	if !ok {
		return core.Permit{}, refusal(account, shortage{reason: "there is no such account"}, false)
	}
	standing := a.standing(e)
	if why := standing.Obstacle(); why != "" {
		return core.Permit{}, refusal(account, shortage{why, untilOpen(standing.Breaker)}, standing.Enabled)
	}
	return permit(account, func() (func(), *shortage) { return e.attempt(standing.Generation) })
}

// untilOpen is how long an open breaker still lets nothing through, zero for another one.
func untilOpen(b core.Breaker) time.Duration {
	if b.State != core.BreakerOpen {
		return 0
	}
	return max(time.Until(b.Until), 0)
}

// attempt takes what an attempt needs, and its trial where the breaker is half open.
func (e *entry) attempt(generation uint64) (func(), *shortage) {
	tried, short := e.breaker.enter(generation)
	if short != nil {
		return nil, short
	}
	leave, short := e.limits.attempt()
	if tried == nil || short != nil {
		if tried != nil {
			tried()
		}
		return leave, short
	}
	return func() { leave(); tried() }, nil
}

// AcquireQuestion gives the right to ask an account about an attempt now. Unlike
// an attempt a question may be asked of an account that is disabled or drained, or
// whose breaker is open, because it settles what is unknown. All questions together
// take at most half of the slots and of the rate, so that attempts go first. Refusals
// are as those of Acquire.
func (a *Accounts) AcquireQuestion(account string) (core.Permit, error) {
	e, ok := a.entries[account]
	if !ok {
		return core.Permit{}, refusal(account, shortage{reason: "there is no such account"}, false)
	}
	asked := a.standing(e)
	asked.Enabled, asked.Drained, asked.Breaker = true, false, core.Breaker{}
	if why := asked.Obstacle(); why != "" {
		return core.Permit{}, refusal(account, shortage{reason: why}, true)
	}
	return permit(account, e.limits.question)
}

// permit makes a Permit of what take gives. Giving back twice would free
// somebody else's slot, so only the first Release counts.
func permit(account string, take func() (func(), *shortage)) (core.Permit, error) {
	leave, short := take()
	if short != nil {
		return core.Permit{}, refusal(account, *short, true)
	}
	return core.Permit{Account: account, Release: sync.OnceFunc(leave)}, nil
}

func refusal(account string, short shortage, passing bool) error {
	return &core.Problem{
		Code:       core.ErrProviderUnavailable.Code,
		Detail:     account + ": " + short.reason,
		RetryAfter: short.wait,
		Removed:    []core.Removed{{Account: account, Reason: short.reason, Passing: passing}},
	}
}
