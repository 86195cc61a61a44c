package host

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/paymux/paymux/core"
)

// watch returns why g serves no more, or the error of ctx. An exit can go unseen
// while a grandchild holds the process's pipes, so that health and the
// connection are believed as well.
func (p *process) watch(ctx context.Context, g *generation) error {
	inner, cancel := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	watcher.Go(func() { g.watchConnection(inner, g.doubt) })
	watcher.Go(func() { p.hashAhead(inner) })
	defer watcher.Wait()
	defer cancel()
	tick := time.NewTicker(p.launcher.pace.healthEvery)
	defer tick.Stop()
	for strikes := 0; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-g.rpc.Done():
			return fmt.Errorf("the process ended: %s", g.exit())
		case <-g.suspect:
		case <-tick.C:
		}
		err := g.health(ctx, p.launcher.pace.healthWait)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if lost(err) {
			return fmt.Errorf("the process does not take calls: %w", err)
		}
		// One that stands at a breakpoint answers nothing and comes back.
		if strikes = p.count(strikes, err); strikes == p.launcher.pace.strikes && !g.attached() {
			return fmt.Errorf("%d health checks in a row failed: %w", strikes, err)
		}
	}
}

// hashAhead hashes the copy of a process that runs, once its fingerprint can be relied
// on, so that no restart has to. Processes that started together do not all do so at once.
func (p *process) hashAhead(ctx context.Context) {
	if p.binary == nil || within(ctx.Done(), settledAfter+rand.N(settledAfter)) {
		return
	}
	p.binary.gentle = true
	if err := p.binary.verify(ctx); err != nil && !unsaid(ctx, err) {
		p.launcher.log.Warn("the private copy of a plugin is not what it was, a restart makes it again", "plugin", p.plugin, "error", err)
	}
}

// lost reports whether a health check found nobody there. Who is only slow may
// be better the next time.
func lost(err error) bool { return status.Code(err) == codes.Unavailable }

// count returns how many health checks failed in a row, err being the latest's.
func (p *process) count(strikes int, err error) int {
	if err == nil {
		if strikes > 0 {
			p.became(core.HealthReady, "")
		}
		return 0
	}
	strikes++
	detail := fmt.Sprintf("%d of %d health checks failed", strikes, p.launcher.pace.strikes)
	if errors.Is(err, context.DeadlineExceeded) || status.Code(err) == codes.DeadlineExceeded {
		detail += ": no answer in time"
	}
	p.launcher.log.Warn("plugin is degraded", "plugin", p.plugin, "detail", detail, "error", err)
	p.became(core.HealthDegraded, detail)
	return strikes
}
