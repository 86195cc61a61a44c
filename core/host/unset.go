package host

import (
	"context"
	"maps"
)

// openLater opens what a start left closed for want of settings, such as of a secret
// that could not be read just then: a process that crashed in such a moment would
// else come back without its accounts, and stay so until a person looked.
func (h *Host) openLater() {
	pause := backoff{least: h.launcher.pace.backoffMin, most: h.launcher.pace.backoffMax}
	for wait := h.launcher.pace.healthEvery; !within(h.life.Done(), wait); {
		if !h.someUnset() {
			wait = h.launcher.pace.healthEvery
			pause.reset()
			continue
		}
		h.openNow()
		wait = pause.next()
	}
}

// openNow opens what can be opened by now, as a change of its own.
func (h *Host) openNow() {
	found := false
	r, err := h.prepare(h.life, func(ctx context.Context) (map[place]*change, Faults) {
		changes := h.now.Load().unchanged()
		for where, c := range changes {
			if opened := c.old.openUnset(ctx); opened != nil {
				changes[where], found = opened, true
			}
		}
		return changes, nil
	})
	switch {
	case err != nil:
		h.launcher.log.Warn("accounts whose settings are to be had again stay closed", "error", err)
	case found:
		r.Commit()
	default:
		r.Discard()
	}
}

// someUnset reports whether a process that serves has accounts without settings.
func (h *Host) someUnset() bool {
	for _, p := range h.now.Load().processes {
		if live := p.state().live; live != nil && len(live.roster().unset()) > 0 {
			return true
		}
	}
	return false
}

// unset returns the accounts whose settings were not to be had.
func (r roster) unset() roster {
	found := maps.Clone(r)
	maps.DeleteFunc(found, func(_ string, one *opened) bool { return one.fault == nil || one.hash != "" })
	return found
}

// openUnset opens the accounts of a process whose settings are to be had by now, and
// nothing else. It returns nil if there is none, or the process gives no answer.
func (p *process) openUnset(ctx context.Context) *change {
	o, g := p.ordered(), p.state().live
	if g == nil {
		return nil
	}
	before := g.roster()
	missing := &order{accounts: map[string]Account{}}
	for name := range before.unset() {
		missing.accounts[name] = o.accounts[name]
	}
	want := map[string]wanted{}
	for name, got := range askAll(ctx, missing, g) {
		if got.err == nil {
			want[name] = wanted{got.settings, true} // What the plugin says of them is a fault of the account alone.
		}
	}
	if len(want) == 0 {
		return nil
	}
	next, _, err := installed(ctx, o, g, maps.Clone(before), want)
	if err != nil {
		return nil
	}
	for name := range want {
		if fault := next[name].fault; fault != nil {
			p.launcher.log.Error("account is not ready", "account", name, "reason", fault.Error())
		}
	}
	return &change{order: o, old: p, process: p, amended: g, former: before, next: next.after(before)}
}
