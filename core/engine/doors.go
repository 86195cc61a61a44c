package engine

import (
	"maps"
	"sync"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
)

// doors let attempts in to accounts, of whatever generation the request is. While a
// door is shut no attempt begins at its account, and what is inside is counted: so
// that an account that leaves is known to have no attempt, and to get none.
type doors struct {
	mu     sync.Mutex
	inside map[string]int
	shut   map[string]bool
}

// enter counts one attempt in, unless the door is shut.
func (d *doors) enter(account string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut[account] {
		return false
	}
	if d.inside == nil {
		d.inside = map[string]int{}
	}
	d.inside[account]++
	return true
}

func (d *doors) leave(account string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inside[account]--; d.inside[account] == 0 {
		delete(d.inside, account)
	}
}

// close shuts the doors of accounts and returns how many attempts are inside of each
// account. What was shut before, because the account had left, stays so.
func (d *doors) close(accounts []string) map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut == nil {
		d.shut = map[string]bool{}
	}
	for _, account := range accounts {
		d.shut[account] = true
	}
	return maps.Clone(d.inside)
}

// open opens the doors of accounts.
func (d *doors) open(accounts []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, account := range accounts {
		delete(d.shut, account)
	}
}

// guarded are the accounts of one generation behind the doors.
type guarded struct {
	*account.Accounts
	doors *doors
}

// Acquire gives the right to make one attempt now, or says why not.
func (g guarded) Acquire(account string) (core.Permit, error) {
	if !g.doors.enter(account) {
		const reason = "is leaving the configuration"
		return core.Permit{}, &core.Problem{
			Code: core.ErrProviderUnavailable.Code, Detail: account + ": " + reason,
			Removed: []core.Removed{{Account: account, Reason: reason, Passing: true}},
		}
	}
	permit, err := g.Accounts.Acquire(account)
	if err != nil {
		g.doors.leave(account)
		return permit, err
	}
	release := permit.Release
	permit.Release = sync.OnceFunc(func() {
		release()
		g.doors.leave(account)
	})
	return permit, nil
}
