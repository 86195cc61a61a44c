package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/paymux/paymux/core"
)

// Prepared is another configuration beside the live one: everything in it that
// differs runs, was validated and is healthy, and nothing of what is live has
// changed. Exactly one of Commit and Discard must follow; no other change of the
// host begins before. Closing the host discards it.
type Prepared struct {
	host    *Host
	changes map[place]*change
	known   *identities // As they will be.
	decide  sync.Once
	decided chan struct{}
}

// Prepare makes the plugins and the accounts of options ready beside those that
// are live; the other options stay as New was told. A process whose plugin,
// checksum and isolation are the same goes on, and so do accounts whose settings
// are the same. Other settings are configured in the same process beside the
// former ones; what is new or has another binary is started.
//
// The error holds Faults that say what cannot be used; nothing has changed then.
// What was not ready before and is not touched is no fault. It waits for a change
// under way, at most until ctx ends.
func (h *Host) Prepare(ctx context.Context, options Options) (*Prepared, error) {
	if err := options.checkParts().orNil(); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	options.AllowReattach = h.options.AllowReattach
	return h.prepare(ctx, func(ctx context.Context) (map[place]*change, Faults) {
		return h.compareAll(ctx, ordersOf(options, h.attached))
	})
}

// Restart puts a new process of the same binary in the place of the one that
// serves an account, and drains that. It ends a quarantine. It returns
// core.ErrNotFound if there is no such account, and Faults if the new process is
// not ready; then the former one stays as it is.
func (h *Host) Restart(account string) error {
	r, err := h.prepare(h.life, func(ctx context.Context) (map[place]*change, Faults) {
		now := h.now.Load()
		p, ok := now.serving[account]
		if !ok {
			return nil, Faults{{Path: "providers." + account, Account: account, Err: core.ErrNotFound}}
		}
		fresh, faults := h.replace(ctx, p.ordered(), p)
		if len(faults) > 0 {
			return nil, faults
		}
		changes := now.unchanged()
		changes[p.place] = fresh
		return changes, nil
	})
	if err != nil {
		return fmt.Errorf("restart %s: %w", account, err)
	}
	r.Commit()
	return nil
}

// prepare makes the changes that a comparison finds, one preparation at a time.
func (h *Host) prepare(ctx context.Context, compare func(context.Context) (map[place]*change, Faults)) (*Prepared, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.life, cancel)()
	if h.copies() == nil {
		return nil, errors.New("host: it is not started")
	}
	over := make(chan struct{})
	defer close(over)
	if !h.spawn(func() { <-over }) {
		return nil, errors.New("host: it is closed")
	}
	select {
	case h.changing <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("host: another change is under way: %w", context.Cause(ctx))
	}
	changes, faults := compare(ctx)
	r := &Prepared{host: h, changes: changes, decided: make(chan struct{})}
	if len(faults) == 0 {
		faults = r.twins()
	}
	if ctx.Err() == nil && len(faults) == 0 && h.spawn(r.discardAtEnd) {
		return r, nil
	}
	r.Discard()
	if err := faults.orNil(); err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	return nil, fmt.Errorf("host: %w", cmp.Or(context.Cause(ctx), errors.New("it is closed")))
}

// discardAtEnd discards r when the host is closed before anybody decided.
func (r *Prepared) discardAtEnd() {
	select {
	case <-r.decided:
	case <-r.host.life.Done():
		r.Discard()
	}
}

// twins returns the accounts that would be the same one at the provider as
// another, which they were not before.
func (r *Prepared) twins() Faults {
	r.known = r.host.known.with(r.accounts(), r.said())
	var faults Faults
	for name, first := range fresh(r.host.known.notServed(), r.known.first) {
		o := r.serving(name).order
		faults = append(faults, accountFault(name, o.accounts[name], twinOf(first)))
	}
	return faults.sorted()
}

// accounts are all that there will be.
func (r *Prepared) accounts() map[string]bool {
	all := map[string]bool{}
	for _, c := range r.changes {
		for name := range c.order.accounts {
			all[name] = true
		}
	}
	return all
}

// said is what was configured anew.
func (r *Prepared) said() []said {
	var all []said
	for _, c := range r.changes {
		if g := c.generation(); g != nil {
			all = append(all, said{g.manifest.Name, c.roster()})
		}
	}
	return all
}

func (r *Prepared) serving(account string) *change {
	for _, c := range r.changes {
		if _, ok := c.order.accounts[account]; ok {
			return c
		}
	}
	return nil
}

// Standing returns how an account will stand after Commit, and false if there is
// none by this name.
func (r *Prepared) Standing(account string) (core.Standing, bool) {
	c := r.serving(account)
	if c == nil {
		return core.Standing{}, false
	}
	return c.standing(account, r.known), true
}

// Commit makes the prepared configuration the live one and returns at once.
// What it replaces takes no new calls, and ends when those in flight came back. It
// does nothing after Discard, or when the host is closed.
func (r *Prepared) Commit() {
	r.settle(func() {
		h := r.host
		if h.life.Err() != nil {
			r.discard()
			return
		}
		h.known.become(r.accounts(), r.said())
		processes := make(map[place]*process, len(r.changes))
		for where, c := range r.changes {
			processes[where] = c.ready(h)
		}
		before := h.now.Swap(newFleet(processes))
		for _, c := range r.changes {
			c.begin(h)
		}
		for where, p := range before.processes {
			if processes[where] != p {
				h.retire(p)
			}
		}
	})
}

// Discard ends what was started. It does nothing after Commit.
func (r *Prepared) Discard() { r.settle(r.discard) }

func (r *Prepared) discard() {
	var ending sync.WaitGroup
	for _, c := range r.changes {
		ending.Go(c.discard) // One that is frozen takes its time.
	}
	ending.Wait()
	r.host.sweep()
}

// settle makes the one decision and lets the next change begin.
func (r *Prepared) settle(decision func()) {
	r.decide.Do(func() {
		decision()
		close(r.decided)
		<-r.host.changing
	})
}

// sorted returns the faults by path.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Compare(a.Path, b.Path) })
	return f
}
