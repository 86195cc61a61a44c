package host

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	goplugin "github.com/hashicorp/go-plugin"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Host keeps the plugin processes of an engine. Its methods may be called concurrently.
type Host struct {
	options  Options
	launcher launcher
	attached map[string]*goplugin.ReattachConfig
	known    *identities
	now      atomic.Pointer[fleet]
	changing chan struct{} // Held by who changes the fleet: one at a time.

	life    context.Context // Ends with Close.
	end     context.CancelFunc
	hurry   chan struct{} // Closed when Close has no more time.
	start   sync.Once
	closing sync.Once

	mu      sync.Mutex
	closed  bool
	cache   *cache // Nil before Start.
	running sync.WaitGroup
}

// New returns a host that runs nothing yet. The error joins every option that is wrong.
func New(options Options) (*Host, error) {
	if err := errors.Join(supported(runtime.GOOS), options.check().orNil()); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	starter := newLauncher(options)
	attached, err := attachments(options.AllowReattach, starter.log)
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	h := &Host{
		options: options, launcher: starter, attached: attached, known: newIdentities(options.accountNames()),
		changing: make(chan struct{}, 1), hurry: make(chan struct{}),
	}
	h.life, h.end = context.WithCancel(context.Background())
	processes := map[place]*process{}
	for where, o := range ordersOf(options, attached) {
		processes[where] = h.newProcess(o)
	}
	h.now.Store(newFleet(processes))
	return h, nil
}

// Start starts all processes at once and returns when each is ready or failed
// for the first time, or when ctx ends; the processes go on until Close. One
// that cannot start is no error: its accounts are not ready, their standing
// says why, and the log does. It returns an error if the directory for copies
// cannot be used, if ctx ended, or if the host was started before.
func (h *Host) Start(ctx context.Context) error {
	err := errors.New("host: it was started before")
	h.start.Do(func() { err = h.begin(ctx) })
	return err
}

func (h *Host) begin(ctx context.Context) error {
	copies, err := openCache(h.options.CacheDir)
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	processes := h.now.Load().processes
	h.changing <- struct{}{}
	h.mu.Lock()
	h.cache = copies
	h.mu.Unlock()
	h.sweep()
	for _, p := range processes {
		p.cache = copies
		h.run(p, nil)
	}
	<-h.changing
	h.spawn(h.openLater)
	for _, p := range processes {
		select {
		case <-p.settled:
		case <-ctx.Done():
			return fmt.Errorf("host: plugin %s is not ready yet: %w", p.plugin, ctx.Err())
		case <-h.life.Done():
			return errors.New("host: it is closed")
		}
	}
	return nil
}

// sweep removes what no engine uses: copies of binaries, and folders that engines
// left behind which were killed.
func (h *Host) sweep() {
	copies := h.copies()
	if copies == nil {
		return // It was not started, and used nothing.
	}
	if err := copies.sweep(h.now.Load().checksums()); err != nil {
		h.launcher.log.Warn("unused copies of plugins stay behind", "error", err)
	}
	if err := sweepFolders(h.options.SocketDir, h.launcher.pace.kill); err != nil {
		h.launcher.log.Warn("folders of engines that ended stay behind", "error", err)
	}
}

// copies returns the directory of private copies, nil before Start.
func (h *Host) copies() *cache {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cache
}

// spawn runs work that Close waits for. It reports false, and runs nothing, after Close.
func (h *Host) spawn(work func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.running.Go(work)
	return true
}

// run has a process supervised until it is retired or the host is closed; first
// is its first generation, nil to start it.
func (h *Host) run(p *process, first *generation) {
	life, end := context.WithCancel(h.life)
	p.retire = end
	supervised := h.spawn(func() {
		defer end()
		p.supervise(life, h.hurry, first)
	})
	if !supervised {
		end()
		p.discard(first)
	}
}

// Close ends all processes: no new call is taken, those in flight may come back
// until ctx ends, then everything is killed. It returns an error if a process
// could not be ended; it may be called again.
func (h *Host) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.end()
	h.start.Do(func() {}) // It cannot be started any more; a start under way ends with its life.
	ended := make(chan struct{})
	go func() {
		h.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	h.closing.Do(func() { close(h.hurry) })
	if !within(ended, h.launcher.pace.start+2*h.launcher.pace.kill) {
		return errors.New("host: a plugin process does not end")
	}
	return nil
}

// Provider returns an account to call, and false if there is no such account.
// It follows every change: while no process serves the account its calls are
// NOT_SENT, also after a reload without the account.
func (h *Host) Provider(account string) (sdk.FullProvider, bool) {
	if _, ok := h.now.Load().serving[account]; !ok {
		return nil, false
	}
	return &facade{host: h, account: account}, true
}

// Standing returns how an account's process stands, and false if there is no
// such account. Version, facts and capabilities are the last known ones. Whether
// the account is enabled or drained is not the host's to know.
func (h *Host) Standing(account string) (core.Standing, bool) {
	p, ok := h.now.Load().serving[account]
	if !ok {
		return core.Standing{}, false
	}
	return p.standing(account), true
}

// Manifest returns what a plugin said of itself, and false if it never ran.
func (h *Host) Manifest(plugin string) (sdk.Manifest, bool) {
	for where, p := range h.now.Load().processes {
		if last := p.state().last; where.plugin == plugin && last != nil {
			return last.manifest, true
		}
	}
	return sdk.Manifest{}, false
}
