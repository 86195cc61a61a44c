package account

import (
	"sync"

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
		return core.Permit{}, refusal(account, shortage{reason: why}, standing.Enabled)
	}
	return permit(account, e.limits.attempt)
}

// AcquireQuestion gives the right to ask an account about an attempt now. Unlike
// an attempt a question may be asked of an account that is disabled or drained,
// and all questions together take at most half of the slots and of the rate, so
// that attempts go first. Refusals are as those of Acquire.
func (a *Accounts) AcquireQuestion(account string) (core.Permit, error) {
	e, ok := a.entries[account]
	if !ok {
		return core.Permit{}, refusal(account, shortage{reason: "there is no such account"}, false)
	}
	asked := a.standing(e)
	asked.Enabled, asked.Drained = true, false
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
