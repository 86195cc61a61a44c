package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// compareAll finds, and makes ready, what is to change in each place.
func (h *Host) compareAll(ctx context.Context, orders map[place]*order) (map[place]*change, Faults) {
	var (
		comparing sync.WaitGroup
		mu        sync.Mutex
		faults    Faults
	)
	changes := make(map[place]*change, len(orders))
	processes := h.now.Load().processes
	for where, o := range orders {
		comparing.Go(func() {
			c, found := h.compare(ctx, o, processes[where])
			mu.Lock()
			defer mu.Unlock()
			faults = append(faults, found...)
			if c != nil {
				changes[where] = c
			}
		})
	}
	comparing.Wait()
	faults = faults.sorted()
	// Two processes of one plugin fail for one reason.
	return changes, slices.CompactFunc(faults, func(a, b Fault) bool { return a.Error() == b.Error() })
}

// compare finds what is to change about old, which is nil for a new place. With
// faults nothing of it is left.
func (h *Host) compare(ctx context.Context, o *order, old *process) (*change, Faults) {
	if old == nil {
		return h.replace(ctx, o, nil)
	}
	select {
	case <-old.settled:
	case <-ctx.Done():
		return nil, Faults{{Path: "plugins." + o.plugin, Plugin: o.plugin, Err: ctx.Err()}}
	}
	last := old.state().last
	switch {
	case !sameStart(ctx, old.ordered(), o, last):
		return h.replace(ctx, o, old)
	case last == nil:
		return h.tryAgain(ctx, o, old)
	}
	return h.compareAccounts(ctx, o, old)
}

// sameStart reports whether what runs, or ran last, is the binary that o wants, and
// sees what it is to see.
func sameStart(ctx context.Context, was, o *order, last *generation) bool {
	if o.attached != nil {
		return true
	}
	if !was.source.seesAs(o.source) {
		return false
	}
	want := o.source.checksum()
	if last == nil {
		return was.source.SameBinary(o.source)
	}
	if want != "" && (want != last.checksum || was.source.Path == o.source.Path) {
		return want == last.checksum
	}
	there, err := checksum(ctx, o.source.Path, true)
	if err != nil {
		return was.source.SameBinary(o.source) // A restart has its private copy.
	}
	return there == last.checksum
}

// tryAgain starts a plugin that never described itself. That it still does not
// start is a fault only where the configuration wants something new of it.
func (h *Host) tryAgain(ctx context.Context, o *order, old *process) (*change, Faults) {
	c, faults := h.replace(ctx, o, old)
	if len(faults) == 0 {
		return c, nil
	}
	for name := range o.accounts {
		if _, there := old.ordered().accounts[name]; !there {
			return nil, faults
		}
	}
	return &change{order: o, old: old, process: old}, nil
}

// replace starts a process beside old, which is nil for a new place.
func (h *Host) replace(ctx context.Context, o *order, old *process) (*change, Faults) {
	p := h.newProcessAfter(old, o)
	g, err := p.open(ctx)
	if err == nil {
		err = g.health(ctx, g.pace.connect)
	}
	if err != nil {
		p.discard(g)
		return nil, Faults{{Path: "plugins." + o.plugin, Plugin: o.plugin, Account: o.alone, Err: err}}
	}
	var faults Faults
	for _, name := range o.names() {
		one := g.roster()[name]
		if one.fault != nil && !one.asBefore(p.before[name]) {
			faults = append(faults, one.faults(name, o.accounts[name])...)
		}
	}
	if len(faults) > 0 {
		p.discard(g)
		return nil, faults
	}
	return &change{order: o, old: old, process: p, first: g}, nil
}

// copyOf returns the private copy from which the plugin of o runs already, nil if
// there is none: whatever lies at the path by now, it is what was configured.
func (h *Host) copyOf(o *order) *binary {
	for where, p := range h.now.Load().processes {
		last := p.state().last
		if where.plugin != o.plugin || last == nil || last.attached() || last.checksum != o.source.checksum() || p.ordered().source.Path != o.source.Path {
			continue
		}
		if there, err := h.copies().hold(o.plugin, last.checksum); err == nil { // Else it is made, or that says why not.
			return there
		}
	}
	return nil
}

// asBefore reports whether an account that is not open was not before, with the
// same settings.
func (one *opened) asBefore(was *opened) bool {
	return was != nil && was.fault != nil && was.hash == one.hash
}

// newProcessAfter returns a process that goes on counting where old, if there is
// one, ends.
func (h *Host) newProcessAfter(old *process, o *order) *process {
	p := h.newProcess(o)
	p.before, p.binary = h.openedNow(o), h.copyOf(o)
	p.beside = true
	if old != nil {
		was := old.state()
		p.now.starts, p.now.restarts, p.now.incident = was.starts, was.restarts, was.incident
	}
	return p
}

// openedNow returns the accounts of o as they are open now, in whatever process.
func (h *Host) openedNow(o *order) roster {
	open := roster{}
	serving := h.now.Load().serving
	for name := range o.accounts {
		p, ok := serving[name]
		if !ok {
			continue
		}
		if last := p.state().last; last != nil && last.roster()[name] != nil {
			open[name] = last.roster()[name]
		}
	}
	return open
}

// compareAccounts finds what is to change in a process whose binary stays.
func (h *Host) compareAccounts(ctx context.Context, o *order, old *process) (*change, Faults) {
	now := old.state()
	kept, want, faults := kept(ctx, o, now.last)
	if len(faults) > 0 {
		return nil, faults
	}
	before := now.last.roster()
	if len(want) == 0 && len(kept) == len(before) {
		return &change{order: o, old: old, process: old}, nil
	}
	if now.live == nil {
		return h.compareEnded(ctx, o, old, want)
	}
	next, faults, err := installed(ctx, o, now.live, kept, want)
	if err != nil { // It gives no answer, so that one beside it must.
		return h.replace(ctx, o, old)
	}
	c := &change{order: o, old: old, process: old, amended: now.live, former: before, next: next.after(before)}
	if len(faults) > 0 {
		c.discard()
		return nil, faults
	}
	return c, nil
}

// compareEnded is compareAccounts for a process that does not run at the moment.
func (h *Host) compareEnded(ctx context.Context, o *order, old *process, want map[string]wanted) (*change, Faults) {
	for _, one := range want {
		if !one.again {
			return h.replace(ctx, o, old)
		}
	}
	return &change{order: o, old: old, process: old}, nil
}

// wanted are settings that an account is to be opened with.
type wanted struct {
	settings sdk.Settings
	again    bool // They were refused before.
}

// kept returns the accounts that stay as they are in a process, and the settings
// of those that do not. Settings that cannot be had are a fault only where there
// were some before.
func kept(ctx context.Context, o *order, last *generation) (roster, map[string]wanted, Faults) {
	var faults Faults
	stay, want := roster{}, map[string]wanted{}
	answers := askAll(ctx, o, last)
	for _, name := range o.names() {
		was, got := last.roster()[name], answers[name]
		switch {
		case got.err == nil && was != nil && was.fault == nil && was.hash == wire.SettingsHash(got.settings):
			stay[name] = was
		case got.err == nil:
			again := was != nil && was.hash == wire.SettingsHash(got.settings)
			want[name] = wanted{got.settings, again}
		case was != nil && was.hash == "":
			stay[name] = was
		default:
			faults = append(faults, unset(got.err).faults(name, o.accounts[name])...)
		}
	}
	return stay, want, faults
}

type answer struct {
	settings sdk.Settings
	err      error
}

// askAll asks for the settings of all accounts, several at a time.
func askAll(ctx context.Context, o *order, last *generation) map[string]answer {
	var (
		asking errgroup.Group
		mu     sync.Mutex
	)
	asking.SetLimit(configureAtOnce)
	answers := make(map[string]answer, len(o.accounts))
	for name, account := range o.accounts {
		asking.Go(func() error {
			settings, err := settingsOf(ctx, account, last.manifest.Settings, last.pace.call)
			mu.Lock()
			defer mu.Unlock()
			answers[name] = answer{settings, err}
			return nil
		})
	}
	_ = asking.Wait() // None returns an error.
	return answers
}

// installed opens accounts in g beside those that are open, and returns all that
// there are to be. The error means that the process gave no answer.
func installed(ctx context.Context, o *order, g *generation, stay roster, want map[string]wanted) (roster, Faults, error) {
	var faults Faults
	for _, name := range o.names() {
		settings, ok := want[name]
		if !ok {
			continue
		}
		one, err := g.install(ctx, name, settings.settings, true)
		if err != nil {
			return nil, nil, err
		}
		stay[name] = one
		if one.fault != nil && !settings.again {
			faults = append(faults, one.faults(name, o.accounts[name])...)
		}
	}
	return stay, faults, nil
}

// unset is an account whose settings are not to be had.
func unset(err error) *opened {
	return &opened{fault: fmt.Errorf("settings: %w", err), record: newRecord()}
}

// faults returns why an account is not open, each wrong setting by its path.
func (one *opened) faults(name string, account Account) Faults {
	var wrong sdk.Diagnostics
	if !errors.As(one.fault, &wrong) {
		f := accountFault(name, account, one.fault)
		if one.hash == "" {
			f.Path, f.Err = f.Path+".settings", errors.Unwrap(one.fault)
		}
		return Faults{f}
	}
	var faults Faults
	for _, d := range wrong {
		if d.Warning {
			continue
		}
		f := accountFault(name, account, sdk.Diagnostics{{Summary: d.Summary, Detail: d.Detail}})
		f.Path += ".settings"
		if d.Path != "" {
			f.Path += "." + d.Path
		}
		faults = append(faults, f)
	}
	return faults
}
