package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.opentelemetry.io/otel/metric"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/core/reconcile"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/webhook"
	"github.com/paymux/paymux/sdk"
)

// Version is the engine's version.
const Version = "0.1.0"

// pruneEvery is how often what may be forgotten is forgotten.
const pruneEvery = time.Hour

// Options are what New needs. Only Config is required.
type Options struct {
	// Config is a configuration without errors. A reload reads it again from where it
	// was read.
	Config *config.Config
	// Logger gets what the engine and the plugins say. A reload that changes log.level
	// changes its level.
	Logger hclog.Logger
	// Address is where the HTTP API listens, for the links that providers get
	// where the configuration has no public_url.
	Address string
	// Store is used in place of the configured one. Close leaves it open.
	Store store.Store
	// Clock tells the time; nil for time.Now.
	Clock func() time.Time
	// Providers are accounts whose plugins run inside this process, besides the
	// configured ones.
	Providers map[string]Provider
	// Rules is the text of the routing rules, in place of the configured file.
	Rules []byte
	// MeterProvider gets what is measured; nil for nobody.
	MeterProvider metric.MeterProvider
	// Metrics shows what is measured at GET /metrics, without a key to this machine
	// and to operators; nil for no such path.
	Metrics http.Handler
	// AllowReattach lets ENGINE_REATTACH_PLUGINS name plugins under a debugger.
	AllowReattach bool

	// loose lets a request look up accounts and rules anew at each use, as no build
	// does: for the control of a test.
	loose bool
}

// Provider is an account whose plugin runs inside this process.
type Provider struct {
	Plugin sdk.Plugin
	// Settings are as an operator would write them.
	Settings map[string]any
	Limits   config.Limits
}

// Engine is a running engine. Its methods may be called concurrently.
type Engine struct {
	options    Options
	logger     hclog.Logger
	now        func() time.Time
	ids        *ids
	store      store.Store
	ownsStore  bool
	host       *host.Host
	reconciler *reconcile.Reconciler
	webhook    *webhook.Receiver
	handler    http.Handler
	meter      *meter

	// live is everything that a reload changes; nil until the engine has begun.
	live    atomic.Pointer[snapshot]
	archive archive
	doors   doors
	// turn is held by the reload that runs.
	turn    chan struct{}
	outcome outcome
	// reloads ends when no reload shall become live any more.
	reloads    context.Context
	endReloads context.CancelFunc

	// life ends when the engine's own work shall end.
	life context.Context
	// startedAt parts the ends that are counted as they come from those of before.
	startedAt time.Time
	// draining is held by who drains or resumes an account, so that what is written
	// last is what holds.
	draining chan struct{}
	stop     context.CancelFunc
	working  sync.WaitGroup
	asking   sync.WaitGroup // Questions that are asked before something is done.
	stopping atomic.Bool
	// copying says that a backup is under way.
	copying atomic.Bool
	// replaying says that a backtest is under way.
	replaying atomic.Bool
	closing   sync.Once
	closed    error
}

// DiagnosticsError is a configuration or a rule file that cannot be used: all of its faults.
type DiagnosticsError []core.Diagnostic

// Error is all faults, a line each.
func (e DiagnosticsError) Error() string {
	text := ""
	for i, d := range e {
		if i > 0 {
			text += "\n"
		}
		text += d.String()
	}
	return text
}

// New opens the store, starts all plugins and the engine's own work, and returns
// when each plugin is ready or known not to be. A plugin that cannot start keeps
// no other account from working. It returns a DiagnosticsError for rules that
// cannot be used, and an error for a store that cannot be opened.
func New(ctx context.Context, options Options) (*Engine, error) {
	if options.Config == nil {
		return nil, errors.New("engine: the configuration is missing")
	}
	e := &Engine{options: options, logger: options.Logger, now: options.Clock, store: options.Store, turn: make(chan struct{}, 1)}
	e.life, e.stop = context.WithCancel(context.Background())
	e.reloads, e.endReloads = context.WithCancel(e.life)
	if e.logger == nil {
		e.logger = hclog.NewNullLogger()
	}
	if e.now == nil {
		e.now = time.Now
	}
	e.ids = newIDs()
	e.startedAt, e.draining = e.now(), make(chan struct{}, 1)
	meter, err := newMeter(options.MeterProvider, func() *account.Accounts { return e.live.Load().accounts })
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	e.meter = meter
	if err := e.open(ctx, options.Config); err != nil {
		return nil, errors.Join(err, e.release(ctx))
	}
	return e, nil
}

// open builds the engine from the store outwards and starts it.
func (e *Engine) open(ctx context.Context, cfg *config.Config) error {
	if err := e.openStore(cfg); err != nil {
		return err
	}
	archive, err := openArchive(besideStore(cfg, "generations"))
	if err != nil {
		return err
	}
	e.archive = archive
	if err := archive.sweep(); err != nil {
		e.logger.Warn("halves of generations stay behind", "error", err)
	}
	if err := e.begin(ctx, cfg); err != nil {
		return err
	}
	e.wire()
	handler, err := e.newHandler(e.options.Metrics)
	if err != nil {
		return err
	}
	e.handler = handler
	e.work()
	return e.meter.show(e.ReloadStatus)
}

func (e *Engine) openStore(cfg *config.Config) error {
	if e.store != nil {
		return nil
	}
	path := cfg.Store.Path
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("engine: the folder of store.path cannot be made: %w", err)
	}
	opened, err := boltstore.Open(path)
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	e.store, e.ownsStore = opened, true
	return nil
}

// wire connects the parts; none of them starts anything by itself.
func (e *Engine) wire() {
	e.webhook = webhook.New(webhook.Options{
		Accounts: current{e}, Finder: e.store, Inbox: e.store, Logger: e.logger.Named("webhook"),
		Now: e.now, NewID: e.ids.next, Committed: func() { e.reconciler.Wake() },
	})
	e.reconciler = reconcile.New(reconcile.Options{
		Schedule: e.store, Transactions: e.store, Inbox: e.store, Accounts: current{e}, Reader: e.webhook,
		Reading: e.store, Receiver: current{e}, Book: e.store, TransferBook: e.store,
		Orchestrator: current{e}, Logger: e.logger.Named("reconcile"), Now: e.now, StartedAt: e.startedAt,
		InboxKept: func() time.Duration { return e.live.Load().config.Retention.Inbox },
	})
}

// work starts what the engine does by itself.
func (e *Engine) work() {
	e.working.Go(func() { e.reconciler.Run(e.life) })
	e.working.Go(func() { e.prune(e.life) })
	e.working.Go(func() { e.recall(e.life) })
}

// prune forgets, now and then, what may be forgotten.
func (e *Engine) prune(ctx context.Context) {
	ticker := time.NewTicker(pruneEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			e.pruneOnce(ctx)
		case <-ctx.Done():
			return
		}
	}
}

func (e *Engine) pruneOnce(ctx context.Context) {
	kept := e.live.Load().config.Retention
	pruned, err := e.store.Prune(ctx, store.PrunePolicy{
		Now: e.now(), IdempotencyKept: kept.IdempotencyKeys, DedupeKept: kept.Inbox,
	})
	if err != nil && ctx.Err() == nil {
		e.logger.Warn("store not pruned", "error", err)
		return
	}
	e.logger.Debug("store pruned", "idempotency", pruned.Idempotency, "dedupe", pruned.Dedupe)
}

// Run waits until ctx is done or the store is poisoned. It returns
// core.ErrPoisoned for the latter: the process must end and start again. It does
// not close the engine.
func (e *Engine) Run(ctx context.Context) error {
	var poisoned <-chan struct{}
	if s, ok := e.store.(interface{ Poisoned() <-chan struct{} }); ok {
		poisoned = s.Poisoned()
	}
	select {
	case <-ctx.Done():
		return nil
	case <-poisoned:
		return fmt.Errorf("engine: %w", core.ErrPoisoned)
	}
}

// Drain makes the engine not ready, so that no new work is sent to it, ends a reload
// under way, and goes on with everything else.
func (e *Engine) Drain() {
	e.stopping.Store(true)
	e.endReloads()
}

// Close refuses new work, waits for the calls under way until ctx is done, and
// ends plugins and store. What is then still unanswered is found by its timers
// after the next start. It may be called again.
func (e *Engine) Close(ctx context.Context) error {
	e.closing.Do(func() { e.closed = e.release(ctx) })
	return e.closed
}

func (e *Engine) release(ctx context.Context) error {
	e.Drain()
	faults := []error{e.meter.hide()}
	if live := e.live.Load(); live != nil {
		faults = append(faults, live.orchestrator.Close(ctx))
	}
	e.stop()
	e.working.Wait()
	e.turn <- struct{}{} // The last reload is over, and none begins.
	if e.host != nil {
		faults = append(faults, e.host.Close(ctx))
	}
	faults = append(faults, e.asked(ctx)) // Without plugins they end soon.
	if e.store != nil && e.ownsStore {
		faults = append(faults, e.store.Close())
	}
	return errors.Join(faults...)
}

// asked waits until every question that was asked first is answered, or until ctx is done.
func (e *Engine) asked(ctx context.Context) error {
	idle := make(chan struct{})
	go func() {
		e.asking.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
