package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	goplugin "github.com/hashicorp/go-plugin"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Host keeps the plugin processes of an engine. Its methods may be called concurrently.
type Host struct {
	options   Options
	launcher  launcher
	processes []*process
	serving   map[string]*process // By account.
	known     *identities

	life    context.Context // Ends with Close.
	end     context.CancelFunc
	hurry   chan struct{} // Closed when Close has no more time.
	start   sync.Once
	closing sync.Once
	running sync.WaitGroup
}

// New returns a host that runs nothing yet. The error joins every option that is wrong.
func New(options Options) (*Host, error) {
	if err := errors.Join(supported(), options.check()); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	h := &Host{
		options: options, launcher: newLauncher(options),
		serving: make(map[string]*process), hurry: make(chan struct{}),
		known: &identities{of: make(map[string]identity)},
	}
	h.life, h.end = context.WithCancel(context.Background())
	if err := h.plan(); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	return h, nil
}

// plan decides which processes there are: one a plugin, and one of its own for
// each isolated account.
func (h *Host) plan() error {
	attached, err := attachments(h.options.AllowReattach)
	if err != nil {
		return err
	}
	shared := make(map[string]map[string]Account, len(h.options.Plugins))
	alone := make(map[string]bool)
	for name, account := range h.options.Accounts {
		if account.Timeout == 0 {
			account.Timeout = DefaultTimeout
		}
		if account.Isolated {
			h.add(account.Plugin, map[string]Account{name: account}, attached)
			alone[account.Plugin] = true
			continue
		}
		if shared[account.Plugin] == nil {
			shared[account.Plugin] = make(map[string]Account)
		}
		shared[account.Plugin][name] = account
	}
	for name := range h.options.Plugins {
		if len(shared[name]) > 0 || !alone[name] {
			h.add(name, shared[name], attached)
		}
	}
	return nil
}

func (h *Host) add(plugin string, accounts map[string]Account, attached map[string]*goplugin.ReattachConfig) {
	p := &process{
		plugin: plugin, source: h.options.Plugins[plugin], attached: attached[plugin],
		accounts: accounts, launcher: h.launcher, known: h.known,
		drainMax: time.Second, settled: make(chan struct{}), changed: make(chan struct{}),
		now: state{health: core.HealthStopped},
	}
	for name, account := range accounts {
		p.drainMax = max(p.drainMax, account.Timeout+time.Second)
		h.serving[name] = p
	}
	h.processes = append(h.processes, p)
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
	if err := copies.sweep(h.checksums()); err != nil {
		h.launcher.log.Warn("unused copies of plugins stay behind", "error", err)
	}
	for _, p := range h.processes {
		p.cache = copies
		h.running.Go(func() { p.supervise(h.life, h.hurry) })
	}
	for _, p := range h.processes {
		select {
		case <-p.settled:
		case <-ctx.Done():
			return fmt.Errorf("host: plugin %s is not ready yet: %w", p.plugin, ctx.Err())
		}
	}
	return nil
}

func (h *Host) checksums() map[string]bool {
	sums := make(map[string]bool, len(h.options.Plugins))
	for _, plugin := range h.options.Plugins {
		sums[strings.ToLower(plugin.SHA256)] = true
	}
	return sums
}

// Close ends all processes: no new call is taken, those in flight may come back
// until ctx ends, then everything is killed. It returns an error if a process
// could not be ended; it may be called again.
func (h *Host) Close(ctx context.Context) error {
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
// It never changes; while no process serves the account its calls are NOT_SENT.
func (h *Host) Provider(account string) (sdk.FullProvider, bool) {
	p, ok := h.serving[account]
	if !ok {
		return nil, false
	}
	return &facade{process: p, account: account, timeout: p.accounts[account].Timeout}, true
}

// Standing returns how an account's process stands, and false if there is no
// such account. Version, facts and capabilities are the last known ones. Whether
// the account is enabled or drained is not the host's to know.
func (h *Host) Standing(account string) (core.Standing, bool) {
	p, ok := h.serving[account]
	if !ok {
		return core.Standing{}, false
	}
	return p.standing(account), true
}

// Manifest returns what a plugin said of itself, and false if it never ran.
func (h *Host) Manifest(plugin string) (sdk.Manifest, bool) {
	for _, p := range h.processes {
		if last := p.state().last; p.plugin == plugin && last != nil {
			return last.manifest, true
		}
	}
	return sdk.Manifest{}, false
}
