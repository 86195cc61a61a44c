package host

import (
	"context"
	"maps"
	"time"

	"github.com/paymux/paymux/core"
)

// change is what a reload does in one place: nothing but other bounds to a
// process that goes on, other settings in it, or another process.
type change struct {
	order   *order
	old     *process    // What was there; nil for nothing.
	process *process    // What is there after Commit.
	first   *generation // Of a process that was started for it.
	amended *generation // Of a process that goes on with other accounts,
	next    roster      // which are these
	former  roster      // in the place of these.
	cold    bool        // Nothing was started: it starts by itself after Commit.
}

// generation returns the one in which something was configured, nil if there is none.
func (c *change) generation() *generation {
	if c.first != nil {
		return c.first
	}
	return c.amended
}

// roster returns the accounts of generation.
func (c *change) roster() roster {
	if c.first != nil {
		return c.first.roster()
	}
	return c.next
}

// standing returns how an account will stand.
func (c *change) standing(account string, known *identities) core.Standing {
	now := c.process.state()
	var accounts roster
	if now.last != nil {
		accounts = now.last.roster()
	}
	if g := c.generation(); g != nil {
		now.live, now.last, accounts = g, g, c.roster()
		now.health, now.detail = core.HealthReady, ""
		now.starts = g.number
	}
	return standingOf(c.order, now, accounts, account, known)
}

// ready returns the process that serves from now on, with its new accounts.
func (c *change) ready(h *Host) *process {
	switch {
	case c.first != nil:
		c.process.publish(c.first)
	case c.amended != nil && !c.process.amend(c.amended, c.order, c.both()):
		// The process ended meanwhile, so that nobody serves anyway: one with the
		// new accounts starts in its place.
		c.process, c.cold = h.newProcessAfter(c.old, c.order), true
	case c.old == c.process:
		c.process.adopt(c.order)
	}
	return c.process
}

// both returns the accounts while one fleet takes the place of another: those that
// leave are served until nobody is sent here with them any more.
func (c *change) both() roster {
	all := maps.Clone(c.former)
	maps.Copy(all, c.next)
	return all
}

// begin has the process supervised if it is a new one, and the former settings
// of one that goes on removed.
func (c *change) begin(h *Host) {
	switch {
	case c.first != nil || c.cold:
		h.run(c.process, c.first)
	case c.amended != nil:
		c.amended.accounts.Store(&c.next)
		h.spawn(func() { h.removeFormer(c) })
	}
}

// discard ends what was started for the change.
func (c *change) discard() {
	if c.first != nil {
		c.process.discard(c.first)
	}
	if c.amended != nil {
		c.amended.forget(c.next, c.former)
	}
}

// amend puts other accounts into g, if g still serves.
func (p *process) amend(g *generation, o *order, accounts roster) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now.live != g {
		return false
	}
	p.follow(o)
	g.accounts.Store(&accounts)
	return true
}

// removeFormer has a process forget settings that are used no more, once the
// calls with them came back.
func (h *Host) removeFormer(c *change) {
	for name, one := range c.former {
		if c.next[name] != one {
			one.record.close()
		}
	}
	bound := time.NewTimer(c.process.drainMax())
	defer bound.Stop()
	for name, one := range c.former {
		if c.next[name] == one {
			continue
		}
		select {
		case <-one.record.idle:
		case <-bound.C:
			return // A call that takes longer than it may: the process forgets them when it ends.
		case <-c.amended.gone:
			return
		}
	}
	select {
	case h.changing <- struct{}{}: // Nobody may be configuring the same settings again.
		c.amended.forget(c.former, c.next)
		<-h.changing
	case <-h.life.Done():
	}
}

// forget lets go of the accounts of a roster but for those that keep has too, and
// removes from the process what nobody holds any more.
func (g *generation) forget(accounts, keep roster) {
	for name, one := range accounts {
		if one.provider == nil || keep[name] == one || !g.holds.drop(name, one.hash) {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), g.pace.call)
		if err := g.rpc.Remove(ctx, name, one.hash); err != nil {
			g.log.Debug("settings are not removed", "account", name, "error", err)
		}
		cancel()
	}
}

// retire ends a process that is not wanted any more, when its calls came back.
func (h *Host) retire(p *process) {
	p.retire()
	h.spawn(func() {
		<-p.ended
		h.sweep()
	})
}
