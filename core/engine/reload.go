package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
)

// reloadWithin bounds a reload: the start of plugins beside the live ones (10 s each,
// all at once) and what they are asked then. It is below the write timeout of the API.
const reloadWithin = 50 * time.Second

// faultsLogged is how many faults of a refused reload the log gets: a person reads no more.
const faultsLogged = 50

// outcome is how the last reload ended.
type outcome struct {
	mu        sync.Mutex
	succeeded time.Time
	failed    *core.FailedReload
}

// trigger is who wants a reload. What operators want is audited before it counts;
// a changed file and a signal go on where the store cannot be written, so that a key
// can be taken away also then.
type trigger struct {
	by, why  string
	operator bool
}

// Reload reads the configuration and the routing rules again and makes them live,
// whole or not at all. What is live already is no new generation, unless a secret
// that it refers to is another one now. Reloads wait for
// each other. It is for operators, and audited.
//
// Where anything is wrong everything stays as it was, and it returns a *core.Problem
// with the code configuration_refused that names every fault with its file and line.
// It returns core.ErrForbidden, ErrStoreUnavailable or ErrProviderUnavailable too.
func (e *Engine) Reload(ctx context.Context, caller core.Caller, why string) (core.Reloaded, error) {
	if !caller.Operator {
		return core.Reloaded{}, fmt.Errorf("engine: reload: %w", core.ErrForbidden)
	}
	return e.reload(ctx, trigger{by: caller.Actor, why: why, operator: true})
}

// ReloadBySignal is Reload for whoever may send signals to the process.
func (e *Engine) ReloadBySignal(ctx context.Context, signal string) (core.Reloaded, error) {
	return e.reload(ctx, trigger{by: signal})
}

func (e *Engine) reload(ctx context.Context, t trigger) (core.Reloaded, error) {
	return e.inTurn(ctx, func(ctx context.Context) (core.Reloaded, error) {
		next, found := e.live.Load().config.Again()
		if next == nil {
			return core.Reloaded{}, e.refuse(ctx, t, found)
		}
		text, more := e.readRules(next)
		return e.replace(ctx, t, edition{config: next, rules: text, found: append(found, more...)})
	})
}

// inTurn runs a reload when no other one runs. It goes on when the caller is gone,
// and ends when the engine drains.
func (e *Engine) inTurn(ctx context.Context, do func(context.Context) (core.Reloaded, error)) (core.Reloaded, error) {
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return core.Reloaded{}, ctx.Err()
	case <-e.reloads.Done():
	}
	if e.reloads.Err() != nil {
		return core.Reloaded{}, stoppingProblem()
	}
	within, cancel := context.WithTimeout(e.reloads, reloadWithin)
	defer cancel()
	return do(within)
}

func stoppingProblem() error {
	return &core.Problem{Code: core.ErrProviderUnavailable.Code, Detail: "the engine is stopping"}
}

// edition is what a reload has read.
type edition struct {
	config *config.Config
	rules  []byte
	// found is what was found so far.
	found []core.Diagnostic
	// put is called once nothing can go wrong any more but itself; nil for nothing.
	put func() error
}

// is reports whether an edition is what is live.
func (ed edition) is(live *snapshot) bool {
	return !core.Failed(ed.found) && ed.config.SHA256() == live.generation.ConfigSHA256 && sumOf(ed.rules) == live.generation.RulesSHA256
}

// replace makes an edition live, whole or not at all.
func (e *Engine) replace(ctx context.Context, t trigger, ed edition) (core.Reloaded, error) {
	live, began := e.live.Load(), e.now()
	if ed.is(live) && t.by == byFile {
		return e.unchanged(ctx, t, ed)
	}
	p, found := e.propose(ctx, live, ed)
	if p == nil {
		return core.Reloaded{}, e.refuse(ctx, t, found)
	}
	if ed.is(live) && !p.plugins.Changed() { // No secret behind a reference changed either.
		p.plugins.Discard()
		return e.unchanged(ctx, t, ed)
	}
	reloaded, err := e.swap(ctx, t, live, p, ed.put)
	if err != nil && !errors.Is(err, core.ErrConfigurationRefused) {
		e.failed(t, []core.Diagnostic{{Message: err.Error()}}) // The files are good, and are not live.
	}
	if err != nil {
		return core.Reloaded{}, err
	}
	reloaded.Warnings = append(found, reloaded.Warnings...)
	e.warn(found)
	e.logger.Info("configuration reloaded", "generation", reloaded.Generation.Number, "by", t.by, "why", t.why,
		"took", e.now().Sub(began).Round(time.Microsecond).String())
	return reloaded, nil
}

// unchanged ends a reload that found what is live. A file is put all the same: what
// is live may be what it shall go back to.
func (e *Engine) unchanged(ctx context.Context, t trigger, ed edition) (core.Reloaded, error) {
	generation := e.live.Load().generation
	if t.operator {
		if err := e.auditReload(ctx, t, fmt.Sprintf("unchanged, generation %d", generation.Number)); err != nil {
			return core.Reloaded{}, err
		}
	}
	if ed.put != nil {
		if err := ed.put(); err != nil {
			return core.Reloaded{}, e.refuse(ctx, t, []core.Diagnostic{{File: ed.config.Routing.File, Message: err.Error()}})
		}
	}
	e.succeed()
	level := hclog.Info
	if t.by == byFile {
		level = hclog.Debug
	}
	e.logger.Log(level, "configuration unchanged", "generation", generation.Number, "by", t.by)
	return core.Reloaded{Generation: generation, Warnings: ed.found}, nil
}

func (e *Engine) succeed() {
	e.outcome.mu.Lock()
	defer e.outcome.mu.Unlock()
	e.outcome.succeeded, e.outcome.failed = e.now(), nil
}

// failed keeps why a reload failed, for those who watch how the last one ended.
func (e *Engine) failed(t trigger, faults []core.Diagnostic) {
	e.outcome.mu.Lock()
	defer e.outcome.mu.Unlock()
	e.outcome.failed = &core.FailedReload{At: e.now(), By: t.by, Why: t.why, Faults: faults}
}

// refuse says once, in the log and to whoever asked, what is wrong.
func (e *Engine) refuse(ctx context.Context, t trigger, found []core.Diagnostic) error {
	if e.reloads.Err() != nil {
		return stoppingProblem() // What was found may be no more than that.
	}
	faults, live := errorsOf(found), e.live.Load().generation.Number
	for i, d := range faults {
		if i == faultsLogged {
			e.logger.Error("reload refused", "more", len(faults)-i)
			break
		}
		e.logger.Error("reload refused", "fault", d.String(), "by", t.by, "generation", live)
	}
	detail := fmt.Sprintf("the files have %d faults; generation %d stays live", len(faults), live)
	if len(faults) == 1 {
		detail = fmt.Sprintf("the files have a fault; generation %d stays live", live)
	}
	e.failed(t, faults)
	_ = e.auditReload(ctx, trigger{by: t.by, why: t.why}, "refused: "+detail) // It is in the log.
	return &core.Problem{Code: core.ErrConfigurationRefused.Code, Detail: detail, Faults: faults}
}

// auditReload records what a reload comes to. It fails where an operator wants what
// cannot be recorded.
func (e *Engine) auditReload(ctx context.Context, t trigger, outcome string) error {
	if t.why != "" {
		outcome += ": " + t.why
	}
	now := e.now()
	err := e.store.Apply(ctx, core.Commit{Audit: []core.AuditEntry{{
		ID: e.ids.next(core.PrefixEvent, now), At: now, Actor: t.by, Action: "reload", Detail: outcome,
	}}})
	if err == nil {
		return nil
	}
	refusal := e.storeUnavailable("written", err)
	if t.operator {
		return refusal
	}
	return nil
}
