package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/routing"
)

// proposal is a generation that could be live: nothing is wrong with it, and nothing
// knows of it but the plugins that were prepared beside the live ones.
type proposal struct {
	config  *config.Config
	rules   *routing.Rules
	text    []byte
	access  *httpapi.Access
	plugins *host.Prepared
	// moved are the accounts that leave or get another plugin.
	moved []string
}

// propose checks an edition in the order in which faults are cheap to find, and
// prepares its plugins last. It returns everything that it found, and no proposal if
// any of that is an error.
func (e *Engine) propose(ctx context.Context, live *snapshot, ed edition) (*proposal, []core.Diagnostic) {
	p := &proposal{config: ed.config, text: ed.rules, moved: moved(live.config, ed.config)}
	file, found := e.look(ctx, live, p)
	found = append(ed.found, found...)
	if core.Failed(found) {
		return nil, found
	}
	if busy := e.busy(ctx, ed.config, p.moved, nil); len(busy) > 0 {
		return nil, append(found, busy...)
	}
	plugins, more := e.prepare(ctx, ed.config)
	if plugins == nil {
		return nil, append(found, more...)
	}
	p.plugins = plugins
	p.rules, more = e.compile(live, p, file)
	found = append(found, more...)
	if core.Failed(found) {
		plugins.Discard()
		return nil, found
	}
	return p, found
}

// look finds what is wrong without asking any plugin, all at once.
func (e *Engine) look(ctx context.Context, live *snapshot, p *proposal) (*routing.File, []core.Diagnostic) {
	found := live.config.NeedsRestart(p.config)
	file, more := routing.Parse(p.config.Routing.File, p.text)
	_, names := routing.Compile(file, e.names(p.config)) // What accounts can do is seen when they are prepared.
	if p.text != nil {                                   // Else it was found before that they cannot be read.
		found = append(append(found, more...), errorsOf(names)...)
	}
	found = append(found, changedBinaries(ctx, live.config, p.config)...)
	access, err := accessOf(live.access, p.config)
	if err != nil {
		found = append(found, p.config.At("auth.keys", err.Error()))
	}
	p.access = access
	return file, found
}

// names are the accounts of a configuration, of which nothing is known but that.
func (e *Engine) names(cfg *config.Config) map[string]core.Standing {
	all := map[string]core.Standing{}
	for name := range cfg.Providers {
		all[name] = core.Standing{Account: name}
	}
	for name := range e.options.Providers {
		all[name] = core.Standing{Account: name}
	}
	return all
}

// compile compiles the rules against what the prepared accounts can do, and runs
// their tests. A file whose own tests fail does not go live, unless an account has
// not said yet what it can do: then they prove nothing.
func (e *Engine) compile(live *snapshot, p *proposal, file *routing.File) (*routing.Rules, []core.Diagnostic) {
	standings := e.standings(live, p)
	rules, found := routing.Compile(file, standings)
	if rules == nil {
		return nil, found
	}
	failed := rules.Test()
	for _, s := range standings {
		if len(s.Capabilities.Operations) == 0 {
			failed = warned(failed)
		}
	}
	return rules, append(found, failed...)
}

// standings are the accounts as they would stand.
func (e *Engine) standings(live *snapshot, p *proposal) map[string]core.Standing {
	all := map[string]core.Standing{}
	for name := range e.options.Providers {
		all[name], _ = live.accounts.Standing(name)
	}
	for name, provider := range p.config.Providers {
		standing, _ := p.plugins.Standing(name)
		standing.Account, standing.Plugin, standing.Enabled, standing.Fees = name, provider.Plugin, provider.Enabled, provider.Costs()
		all[name] = standing
	}
	return all
}

// moved names the accounts that leave the configuration or get another plugin.
func moved(old, next *config.Config) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(old.Providers)) {
		if now, stays := next.Providers[name]; !stays || now.Plugin != old.Providers[name].Plugin {
			names = append(names, name)
		}
	}
	return names
}

// busy returns an error for each account that must stay as it is, because attempts
// at it are live or watched, or, as inside counts, about to be.
func (e *Engine) busy(ctx context.Context, next *config.Config, moved []string, inside map[string]int) []core.Diagnostic {
	if len(moved) == 0 {
		return nil
	}
	live, err := e.store.Live(ctx)
	watched, err2 := e.store.Watched(ctx)
	if err := errors.Join(err, err2); err != nil {
		return []core.Diagnostic{next.At("providers", "the attempts of accounts that leave cannot be counted: "+err.Error())}
	}
	var found []core.Diagnostic
	for _, name := range moved {
		n := max(live[name], inside[name])
		if n == 0 && watched[name] == 0 {
			continue
		}
		what := "leave the configuration"
		if now, stays := next.Providers[name]; stays {
			what = "change its plugin to " + now.Plugin
		}
		found = append(found, next.At("providers."+name, fmt.Sprintf(
			"%d live and %d watched attempts: it cannot %s before they are over; enabled: false keeps new ones away", n, watched[name], what,
		)))
	}
	return found
}

// changedBinaries checks the binaries that are new. Of the others the host has copies.
func changedBinaries(ctx context.Context, old, next *config.Config) []core.Diagnostic {
	var found []core.Diagnostic
	for _, name := range slices.Sorted(maps.Keys(next.Plugins)) {
		plugin := next.Plugins[name]
		if hostPlugin(plugin).SameBinary(hostPlugin(old.Plugins[name])) {
			continue
		}
		sum, err := host.ChecksumGently(ctx, plugin.Path)
		switch {
		case err != nil:
			found = append(found, next.At("plugins."+name+".path", err.Error()))
		case plugin.SHA256 != "" && sum != plugin.SHA256:
			found = append(found, next.At("plugins."+name+".sha256", "the binary has "+sum+": it was changed, or the line is of another build"))
		}
	}
	return found
}

// swap makes a proposal live. From its last check on no attempt begins at an account
// that moves, so that none is lost sight of.
func (e *Engine) swap(ctx context.Context, t trigger, live *snapshot, p *proposal, put func() error) (core.Reloaded, error) {
	inside := e.doors.close(p.moved)
	defer func() { e.doors.open(slices.Collect(maps.Keys(e.live.Load().config.Providers))) }()
	next, warnings, err := e.ready(ctx, t, live, p, put, inside)
	if err != nil {
		p.plugins.Discard()
		return core.Reloaded{}, err
	}
	p.plugins.Commit()
	e.live.Store(next)
	if next.config.Log.Level != live.config.Log.Level {
		e.logger.SetLevel(hclog.LevelFromString(next.config.Log.Level))
	}
	e.reconciler.Wake()
	e.succeed()
	return core.Reloaded{Generation: next.generation, Changed: true, Warnings: warnings}, nil
}

// ready does all that can still fail, and returns what only has to be made live.
func (e *Engine) ready(
	ctx context.Context, t trigger, live *snapshot, p *proposal, put func() error, inside map[string]int,
) (*snapshot, []core.Diagnostic, error) {
	if busy := e.busy(ctx, p.config, p.moved, inside); len(busy) > 0 {
		return nil, nil, e.refuse(ctx, t, busy)
	}
	options, err := e.accountOptions(p.config)
	if err != nil {
		return nil, nil, e.refuse(ctx, t, []core.Diagnostic{p.config.At("providers", err.Error())})
	}
	if err := e.readDrained(ctx, options.Accounts); err != nil {
		return nil, nil, e.storeUnavailable("read", err)
	}
	k := kept{facts{
		live.generation.Number + 1, e.now(), t.by, t.why, p.config.SHA256(), sumOf(p.text),
	}, p.config.Shown(), p.text}
	if err := e.auditReload(ctx, t, fmt.Sprintf("generation %d", k.Number)); err != nil {
		return nil, nil, err
	}
	if put != nil {
		if err := put(); err != nil {
			return nil, nil, e.refuse(ctx, t, []core.Diagnostic{{File: p.config.Routing.File, Message: err.Error()}})
		}
	}
	accounts, err := live.accounts.Next(options)
	if err != nil {
		return nil, nil, e.refuse(ctx, t, []core.Diagnostic{p.config.At("providers", err.Error())})
	}
	next := &snapshot{
		config: p.config, accounts: accounts, rulesText: p.text, access: p.access, meter: e.meter,
		rules: p.rules.WithGeneration(k.Number), generation: k.generation(live.kept()),
	}
	next.orchestrator = live.orchestrator.With(e.orchestration(next))
	return next, e.keep(k), nil
}

// kept is the generation as it is on the disk.
func (s *snapshot) kept() *kept {
	g := s.generation
	return &kept{facts{g.Number, g.At, g.By, g.Why, g.ConfigSHA256, g.RulesSHA256}, s.config.Shown(), s.rulesText}
}
