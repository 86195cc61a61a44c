package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
)

// process keeps one plugin's process alive. It is started by one goroutine at a
// time: who prepares it, then its supervise. Everything else may be called concurrently.
type process struct {
	place

	launcher launcher
	cache    *cache
	known    *identities        // Of all processes.
	retire   context.CancelFunc // Ends its supervise; nil before.

	binary       *binary // Of who starts it alone, as is validatedFor.
	validatedFor string  // The checksum under which the settings were validated.
	before       roster  // Of the process in whose place it is started.
	beside       bool    // It is prepared while others serve: its binary is hashed gently.

	settled chan struct{} // Closed when the first start was decided.
	once    sync.Once
	ended   chan struct{} // Closed when it was supervised and is no more.

	mu       sync.Mutex
	order    *order
	patience time.Duration // The longest drainMax of any order so far.
	now      state
	changed  chan struct{} // Closed and made anew with each change of now.
}

func (h *Host) newProcess(o *order) *process {
	return &process{
		place: o.place, launcher: h.launcher, cache: h.copies(), known: h.known, order: o, patience: o.drainMax(),
		settled: make(chan struct{}), ended: make(chan struct{}), changed: make(chan struct{}),
		now: state{health: core.HealthStopped},
	}
}

// supervise keeps the process alive until ctx ends; hurry ends the wait for
// calls in flight. first serves already; nil to start it.
func (p *process) supervise(ctx context.Context, hurry <-chan struct{}, first *generation) {
	defer close(p.ended)
	defer p.close()
	p.beside = false
	pause := backoff{least: p.launcher.pace.backoffMin, most: p.launcher.pace.backoffMax}
	crashes := budget{most: p.launcher.pace.crashes, window: p.launcher.pace.crashWindow}
	for g := first; g != nil || ctx.Err() == nil; g = nil {
		began := time.Now()
		why := p.live(ctx, hurry, g)
		if ctx.Err() != nil {
			return
		}
		if p.isOver(why) || p.isCrash(why) && crashes.spend(time.Now()) && p.giveUp(crashes, why) {
			p.decided()
			<-ctx.Done()
			return
		}
		if time.Since(began) >= p.launcher.pace.steady {
			pause.reset()
		}
		p.became(core.HealthBackoff, why.Error())
		if p.decided() { // Who waits for the first start reads why it failed.
			p.launcher.log.Error("plugin cannot be started", "plugin", p.plugin, "error", why)
		}
		within(ctx.Done(), pause.next())
	}
}

// isOver reports whether why is a fault that only a person can mend.
func (p *process) isOver(why error) bool {
	var no *refusal
	if !errors.As(why, &no) {
		return false
	}
	p.launcher.log.Error("plugin is not started", "plugin", p.plugin, "reason", no.Error())
	p.became(core.HealthFailed, no.Error())
	return true
}

// isCrash reports whether why counts as a crash of the process: not what the engine
// itself is short of, which ends by itself. One that is attached is a person's to
// start, as often as they like.
func (p *process) isCrash(why error) bool { return !starved(why) && p.ordered().attached == nil }

// giveUp is the end of the crash budget: what crashes again and again is not
// started any more until a person has looked.
func (p *process) giveUp(spent budget, why error) bool {
	detail := fmt.Sprintf("it crashed %d times within %v and is not started again by itself: restart it, or change its configuration; the last time: %v",
		spent.most, spent.window, why)
	var lines []string
	if last := p.state().incident; last != nil {
		lines = last.Lines
	}
	p.launcher.log.Error("plugin is given up", "plugin", p.plugin, "reason", detail, "last_lines", strings.Join(lines, "\n"))
	p.became(core.HealthFailed, brief(detail))
	return true
}

// live is one life of the process: start, serve, end. It says why it ended.
func (p *process) live(ctx context.Context, hurry <-chan struct{}, g *generation) error {
	if g == nil {
		var err error
		if g, err = p.begin(ctx); err != nil {
			return err
		}
		p.publish(g)
	}
	p.decided()
	why := p.watch(ctx, g)
	if ctx.Err() != nil {
		p.became(core.HealthDraining, "")
		p.withdraw(g)
		p.leave(g, hurry)
		return ctx.Err()
	}
	p.withdraw(g)
	g.kill()
	p.happened(g.child, g.number, why)
	return why
}

// begin starts the process again, or for the first time.
func (p *process) begin(ctx context.Context) (*generation, error) {
	p.update(func(s *state) { s.health = core.HealthStarting }) // What went wrong before stays to be seen.
	g, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	for name, one := range g.roster() {
		if one.fault != nil {
			p.launcher.log.Error("account is not ready", "account", name, "reason", one.fault.Error())
		}
	}
	for name, first := range p.known.learn(g.manifest.Name, g.roster()) {
		p.launcher.log.Error("account is not ready", "account", name, "reason", twinOf(first).Error())
	}
	return g, nil
}

// open starts the process and configures its accounts.
func (p *process) open(ctx context.Context) (*generation, error) {
	o, now := p.ordered(), p.state()
	c, err := p.launch(ctx, o)
	if err != nil {
		return nil, err
	}
	accounts, err := c.configure(ctx, o.accounts, p.validatedFor != c.checksum)
	if err != nil {
		c.kill()
		if ctx.Err() == nil {
			p.happened(c, now.starts+1, err)
		}
		return nil, err
	}
	p.validatedFor = c.checksum
	if c.manifest.Name != p.plugin {
		c.log.Warn("the binary calls itself by another name than the configuration", "binary", c.manifest.Name)
	}
	before := p.before
	if now.last != nil {
		before = now.last.roster()
	}
	return newGeneration(c, now.starts+1, accounts.after(before)), nil
}

// launch starts the process itself. One that does not come up leaves an incident.
func (p *process) launch(ctx context.Context, o *order) (*child, error) {
	if o.attached != nil {
		return p.launcher.attach(ctx, p.plugin, o.attached)
	}
	b, err := p.private(ctx, o.source)
	if err != nil {
		return nil, err
	}
	c, err := p.launcher.launch(ctx, p.plugin, b, o.source.Environment...)
	if err != nil && c != nil && ctx.Err() == nil {
		p.happened(c, p.state().starts+1, err)
	}
	return c, err
}

// private returns the private copy to start. A restart uses the copy that was
// verified before, whatever lies at the path by now: it is what was configured.
func (p *process) private(ctx context.Context, source Plugin) (*binary, error) {
	if source.checksum() == "" {
		p.launcher.log.Warn("plugin runs without a checksum (dev: true): whatever is at its path is executed", "plugin", p.plugin, "path", source.Path)
	}
	if p.binary != nil && p.binary.checksum == source.checksum() {
		p.binary.gentle = p.beside
		err := p.binary.verify(ctx)
		if err == nil || unsaid(ctx, err) {
			return p.binary, err
		}
		p.launcher.log.Error("the private copy of a plugin is not what it was, it is made again", "plugin", p.plugin, "error", err)
	}
	taken, err := p.cache.take(ctx, p.plugin, source.Path, source.checksum(), p.beside)
	if err != nil {
		return nil, err
	}
	if p.binary != nil {
		p.binary.close()
	}
	p.binary = taken
	return taken, nil
}

// leave ends a process that is not needed any more: it waits for the calls in
// flight first, because ending it makes them unknown.
func (p *process) leave(g *generation, hurry <-chan struct{}) {
	timer := time.NewTimer(p.drainMax())
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

// discard ends a process that was prepared and is not wanted, with g if it started.
func (p *process) discard(g *generation) {
	if g != nil {
		g.record.close()
		g.stop()
	}
	p.close()
}

func (p *process) close() {
	if p.binary != nil {
		p.binary.close()
	}
	p.became(core.HealthStopped, "it was ended")
	p.decided()
}

// decided says that the first start came out, well or not, and reports whether
// that was news.
func (p *process) decided() (news bool) {
	p.once.Do(func() {
		close(p.settled)
		news = true
	})
	return news
}
