package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
)

// drainConflictsMax is how often a drain is written again after the account's
// list was read meanwhile.
const drainConflictsMax = 20

// DrainAccount stops new attempts at an account; questions, notifications and
// what is under way go on. It is for operators, audited in the same commit, and
// holds over restarts until ResumeAccount. It returns core.ErrForbidden,
// ErrNotFound or ErrStoreUnavailable.
func (e *Engine) DrainAccount(ctx context.Context, caller core.Caller, account, reason string) (core.Standing, error) {
	return e.setDrained(ctx, caller, account, reason, true)
}

// ResumeAccount takes back DrainAccount. Its errors are the same.
func (e *Engine) ResumeAccount(ctx context.Context, caller core.Caller, account, reason string) (core.Standing, error) {
	return e.setDrained(ctx, caller, account, reason, false)
}

func (e *Engine) setDrained(ctx context.Context, caller core.Caller, account, reason string, drained bool) (core.Standing, error) {
	if !caller.Operator {
		return core.Standing{}, fmt.Errorf("engine: %s: %w", drainWord(drained), core.ErrForbidden)
	}
	if _, ok := e.live.Load().accounts.Standing(account); !ok {
		return core.Standing{}, fmt.Errorf("engine: account %q: %w", account, core.ErrNotFound)
	}
	select {
	case e.draining <- struct{}{}:
	case <-ctx.Done():
		return core.Standing{}, ctx.Err()
	}
	defer func() { <-e.draining }()
	if err := e.writeDrained(ctx, caller, account, reason, drained); err != nil {
		return core.Standing{}, e.storeUnavailable("written", err)
	}
	set := e.live.Load().accounts.Resume
	if drained {
		set = e.live.Load().accounts.Drain
	}
	if err := set(account); err != nil {
		return core.Standing{}, fmt.Errorf("engine: %w", err)
	}
	standing, _ := e.live.Load().accounts.Standing(account)
	return standing, nil
}

func drainWord(drained bool) string {
	if drained {
		return "drain"
	}
	return "resume"
}

// writeDrained commits who drained or resumed the account, and that it is so.
func (e *Engine) writeDrained(ctx context.Context, caller core.Caller, account, reason string, drained bool) error {
	now := e.now()
	entry := core.AuditEntry{
		ID: e.ids.next(core.PrefixEvent, now), At: now, Actor: caller.Actor, Action: drainWord(drained), Detail: detailOf(account, reason),
	}
	for range drainConflictsMax {
		work, err := e.accountWork(ctx, account)
		if err != nil {
			return err
		}
		work.Was, work.Drained = work.Version, drained
		err = e.store.Apply(ctx, core.Commit{Accounts: []core.AccountWork{work}, Audit: []core.AuditEntry{entry}})
		if !errors.Is(err, core.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("engine: %s changed %d times while it was written: %w", account, drainConflictsMax, core.ErrConflict)
}

// accountWork returns the account's row, a new one where there is none.
func (e *Engine) accountWork(ctx context.Context, account string) (core.AccountWork, error) {
	work, err := e.store.AccountWork(ctx, account)
	if errors.Is(err, core.ErrNotFound) {
		return core.AccountWork{Account: account}, nil
	}
	return work, err
}

// readDrained completes accounts with what operators left drained.
func (e *Engine) readDrained(ctx context.Context, accounts map[string]account.Account) error {
	for _, name := range slices.Sorted(maps.Keys(accounts)) {
		work, err := e.accountWork(ctx, name)
		if err != nil {
			return fmt.Errorf("engine: account %s: %w", name, err)
		}
		one := accounts[name]
		one.Drained = work.Drained
		accounts[name] = one
	}
	return nil
}
