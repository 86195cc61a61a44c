package host

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/paymux/paymux/core"
)

// process keeps one plugin's process alive. Its supervise runs in one goroutine;
// everything else may be called concurrently.
type process struct {
	plugin   string
	source   Plugin
	attached *plugin.ReattachConfig // Where it runs already; nil to start it.
	accounts map[string]Account
	launcher launcher
	cache    *cache
	known    *identities   // Of all processes.
	drainMax time.Duration // The longest call of its accounts and a second.

	binary       *binary // Of supervise alone, as is validatedFor.
	validatedFor string  // The checksum under which the settings were validated.

	settled chan struct{} // Closed when the first start was decided.
	once    sync.Once

	mu      sync.Mutex
	now     state
	changed chan struct{} // Closed and made anew with each change of now.
}

// state is what is known of a process.
type state struct {
	health   core.Health
	detail   string
	starts   uint64
	restarts uint64
	live     *generation // Nil while nothing serves.
	last     *generation // The live one or the one before; nil before the first.
}

// supervise keeps the process alive until ctx ends; hurry ends the wait for
// calls in flight.
func (p *process) supervise(ctx context.Context, hurry <-chan struct{}) {
	defer p.close()
	pause := backoff{least: p.launcher.pace.backoffMin, most: p.launcher.pace.backoffMax}
	for ctx.Err() == nil {
		began := time.Now()
		why := p.live(ctx, hurry)
		p.decided()
		if ctx.Err() != nil {
			return
		}
		var no *refusal
		if errors.As(why, &no) {
			p.launcher.log.Error("plugin is not started", "plugin", p.plugin, "reason", no.Error())
			p.became(core.HealthFailed, no.Error())
			<-ctx.Done()
			return
		}
		if time.Since(began) >= p.launcher.pace.steady {
			pause.reset()
		}
		p.became(core.HealthBackoff, why.Error())
		within(ctx.Done(), pause.next())
	}
}

// live is one life of the process: start, serve, end. It says why it ended.
func (p *process) live(ctx context.Context, hurry <-chan struct{}) error {
	g, err := p.begin(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.launcher.log.Error("plugin cannot be started", "plugin", p.plugin, "error", err)
		}
		return err
	}
	p.publish(g)
	p.decided()
	why := p.watch(ctx, g)
	p.withdraw(g)
	if ctx.Err() != nil {
		p.leave(g, hurry)
		return ctx.Err()
	}
	g.kill()
	p.launcher.log.Error("plugin process is gone", "plugin", p.plugin, "generation", g.number,
		"reason", why.Error(), "exit", g.exit(), "last_lines", g.lines.text())
	return why
}

// begin starts the process and configures its accounts.
func (p *process) begin(ctx context.Context) (*generation, error) {
	p.update(func(s *state) { s.health = core.HealthStarting }) // What went wrong before stays to be seen.
	c, err := p.launch(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := c.configure(ctx, p.accounts, p.validatedFor != c.checksum)
	if err != nil {
		c.kill()
		return nil, err
	}
	p.validatedFor = c.checksum
	for name, one := range accounts {
		if one.fault != "" {
			p.launcher.log.Error("account is not ready", "account", name, "reason", one.fault)
		}
	}
	for name, first := range p.known.learn(c.manifest.Name, accounts) {
		p.launcher.log.Error("account is not ready", "account", name, "reason", twinOf(first))
	}
	if c.manifest.Name != p.plugin {
		c.log.Warn("the binary calls itself by another name than the configuration", "binary", c.manifest.Name)
	}
	return newGeneration(c, p.state().starts+1, accounts), nil
}

func (p *process) launch(ctx context.Context) (*child, error) {
	if p.attached != nil {
		return p.launcher.attach(ctx, p.plugin, p.attached)
	}
	b, err := p.private()
	if err != nil {
		return nil, err
	}
	return p.launcher.launch(ctx, p.plugin, b)
}

// private returns the private copy to start. A restart uses the copy that was
// verified before, whatever lies at the path by now: it is what was configured.
func (p *process) private() (*binary, error) {
	if p.source.Dev {
		p.launcher.log.Warn("plugin runs without a checksum (dev: true): whatever is at its path is executed", "plugin", p.plugin, "path", p.source.Path)
	}
	if p.binary != nil && p.source.SHA256 != "" {
		err := p.binary.verify()
		if err == nil {
			return p.binary, nil
		}
		p.launcher.log.Error("the private copy of a plugin is not what it was, it is made again", "plugin", p.plugin, "error", err)
	}
	fresh, err := p.cache.take(p.plugin, p.source.Path, strings.ToLower(p.source.SHA256))
	if err != nil {
		return nil, err
	}
	if p.binary != nil {
		p.binary.close()
	}
	p.binary = fresh
	return fresh, nil
}

// leave ends a process that is not needed any more: it waits for the calls in
// flight first, because ending it makes them unknown.
func (p *process) leave(g *generation, hurry <-chan struct{}) {
	timer := time.NewTimer(p.drainMax)
	defer timer.Stop()
	select {
	case <-g.record.idle:
		g.stop()
	case <-timer.C:
		g.kill()
	case <-hurry:
		g.kill()
	}
}

func (p *process) close() {
	if p.binary != nil {
		p.binary.close()
	}
	p.became(core.HealthStopped, "the host is closed")
	p.decided()
}

// decided says that the first start came out, well or not.
func (p *process) decided() { p.once.Do(func() { close(p.settled) }) }
