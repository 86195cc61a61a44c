package host

import (
	"context"

	"github.com/paymux/paymux/core"
)

func (p *process) state() state {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// update changes the status and tells everybody who waits for a change.
func (p *process) update(change func(*state)) {
	p.mu.Lock()
	change(&p.now)
	told := p.changed
	p.changed = make(chan struct{})
	p.mu.Unlock()
	close(told)
}

func (p *process) became(health core.Health, detail string) {
	p.update(func(s *state) { s.health, s.detail = health, detail })
}

// publish makes g the one that serves.
func (p *process) publish(g *generation) {
	p.update(func(s *state) {
		if s.last != nil {
			s.restarts++
		}
		s.starts = g.number
		s.live, s.last = g, g
		s.health, s.detail = core.HealthReady, ""
	})
	p.launcher.log.Info("plugin is ready", "plugin", p.plugin, "generation", g.number,
		"version", g.manifest.Version, "sha256", g.checksum, "accounts", len(g.accounts))
}

// withdraw lets no further call into g.
func (p *process) withdraw(g *generation) {
	p.update(func(s *state) { s.live = nil })
	g.record.close()
	close(g.gone)
}

// await returns when another generation than old serves; false when ctx ended first.
func (p *process) await(ctx context.Context, old *generation) bool {
	for {
		p.mu.Lock()
		live, changed := p.now.live, p.changed
		p.mu.Unlock()
		if live != nil && live != old {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// standing returns what is known of an account of this process.
func (p *process) standing(account string) core.Standing {
	now := p.state()
	s := core.Standing{
		Account: account, Plugin: p.plugin, Health: now.health, Detail: now.detail,
		Generation: now.starts, Timeout: p.accounts[account].Timeout,
	}
	s.Counters.Restarts = now.restarts
	if now.last == nil {
		return s
	}
	one := p.known.permit(account, now.last.accounts[account])
	s.Version, s.Checksum, s.Protocol = now.last.manifest.Version, now.last.checksum, now.last.protocol
	s.Facts, s.Capabilities = now.last.manifest.Facts, one.capabilities
	if now.live != nil && one.fault != "" {
		s.Health, s.Detail = core.HealthFailed, one.fault
	}
	return s
}
