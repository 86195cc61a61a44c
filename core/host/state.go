package host

import (
	"time"

	"github.com/paymux/paymux/core"
)

// state is what is known of a process.
type state struct {
	health   core.Health
	detail   string
	starts   uint64
	restarts uint64
	live     *generation    // Nil while nothing serves.
	last     *generation    // The live one or the one before; nil before the first.
	incident *core.Incident // The last one; nil if there was none.
}

func (p *process) state() state {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// ordered returns what the process is to be.
func (p *process) ordered() *order {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.order
}

// adopt changes what the process is to be, from its next start on.
func (p *process) adopt(o *order) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.follow(o)
}

// follow is adopt for who holds the lock. Calls of former orders may still be under way.
func (p *process) follow(o *order) {
	p.order, p.patience = o, max(p.patience, o.drainMax())
}

// drainMax is how long calls in flight may take to come back.
func (p *process) drainMax() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.patience
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

// publish makes g the one that serves, unless its process ended meanwhile: who is
// sent to that one would learn nothing.
func (p *process) publish(g *generation) {
	ended := g.over()
	p.update(func(s *state) {
		if s.starts = g.number; s.last != nil {
			s.restarts++
		}
		s.last = g
		if !ended {
			s.live, s.health, s.detail = g, core.HealthReady, ""
		}
	})
	if ended {
		return // Its watch tells of it.
	}
	p.launcher.log.Info("plugin is ready", "plugin", p.plugin, "generation", g.number,
		"version", g.manifest.Version, "sha256", g.checksum, "accounts", len(g.roster()))
}

// withdraw lets no further call into g.
func (p *process) withdraw(g *generation) {
	p.update(func(s *state) { s.live = nil })
	g.record.close()
	close(g.gone)
}

// watchLive returns the generation that serves, nil if none does, and a channel
// that is closed when that may have changed.
func (p *process) watchLive() (*generation, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now.live, p.changed
}

// standing returns what is known of an account of this process.
func (p *process) standing(account string) core.Standing {
	now := p.state()
	var accounts roster
	if now.last != nil {
		accounts = now.last.roster()
	}
	return standingOf(p.ordered(), now, accounts, account, p.known)
}

// standingOf returns what is known of an account of a process with these accounts.
func standingOf(o *order, now state, accounts roster, account string, known *identities) core.Standing {
	s := core.Standing{
		Account: account, Plugin: o.plugin, Health: now.health, Detail: now.detail,
		Generation: now.starts, Timeout: o.accounts[account].Timeout,
	}
	s.Counters.Restarts = now.restarts
	if now.last == nil {
		return s
	}
	s.Version, s.Checksum, s.Protocol = now.last.manifest.Version, now.last.checksum, now.last.protocol
	s.Facts = now.last.manifest.Facts
	one := accounts[account]
	if one == nil {
		return s // It came with the configuration after the last start.
	}
	s.Capabilities, s.Generation = one.capabilities, now.starts+one.revision
	fault := one.fault
	if fault == nil {
		fault = known.twin(account)
	}
	if now.live != nil && fault != nil {
		s.Health, s.Detail = core.HealthFailed, fault.Error()
	}
	return s
}
