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
	"github.com/paymux/paymux/core/orchestrator"
	"github.com/paymux/paymux/core/reconcile"
	"github.com/paymux/paymux/core/routing"
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
	// Config is a configuration without errors.
	Config *config.Config
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
	config       *config.Config
	logger       hclog.Logger
	now          func() time.Time
	ids          *ids
	store        store.Store
	ownsStore    bool
	host         *host.Host
	accounts     *account.Accounts
	rules        atomic.Pointer[routing.Rules]
	orchestrator *orchestrator.Orchestrator
	reconciler   *reconcile.Reconciler
	webhook      *webhook.Receiver
	handler      http.Handler
	meter        *meter

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
	e := &Engine{config: options.Config, logger: options.Logger, now: options.Clock, store: options.Store}
	if e.logger == nil {
		e.logger = hclog.NewNullLogger()
	}
	if e.now == nil {
		e.now = time.Now
	}
	e.ids = newIDs()
	e.startedAt, e.draining = e.now(), make(chan struct{}, 1)
	meter, err := newMeter(options.MeterProvider, func() *account.Accounts { return e.accounts })
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	e.meter = meter
	if err := e.open(ctx, options); err != nil {
		return nil, errors.Join(err, e.release(ctx))
	}
	return e, nil
}

// open builds the engine from the store outwards and starts it.
func (e *Engine) open(ctx context.Context, options Options) error {
	if err := e.openStore(); err != nil {
		return err
	}
	if err := e.startAccounts(ctx, options); err != nil {
		return err
	}
	if err := e.loadRules(options.Rules); err != nil {
		return err
	}
	e.wire(e.config.Server.URL(options.Address))
	handler, err := e.newHandler(options.Metrics)
	if err != nil {
		return err
	}
	e.handler = handler
	e.work()
	return e.meter.show()
}

func (e *Engine) openStore() error {
	if e.store != nil {
		return nil
	}
	path := e.config.Store.Path
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
func (e *Engine) wire(publicURL string) {
	var wake func()
	var readSoon func(string)
	e.orchestrator = orchestrator.New(orchestrator.Options{
		Ledger: e.store, Transfers: e.store, Accounts: e.accounts, Router: router{e}, Logger: e.logger.Named("orchestrator"),
		Now: e.now, NewID: e.ids.next, Jitter: jitter, PublicURL: publicURL,
		Deadline: e.config.Payments.Deadline, MaxAttempts: e.config.Payments.MaxAttempts,
		OpenMax:    e.config.Payments.OpenMax,
		HoldPayout: e.config.Payouts.Approval.Holds,
		Poll:       e.config.Reconcile.Poll,
		Waiting:    func(account string) { readSoon(account) }, Committed: func() { wake() },
		Changed: e.changed,
	})
	e.webhook = webhook.New(webhook.Options{
		Accounts: e.accounts, Finder: e.store, Inbox: e.store, Logger: e.logger.Named("webhook"),
		Now: e.now, NewID: e.ids.next, Committed: func() { wake() },
	})
	e.reconciler = reconcile.New(reconcile.Options{
		Schedule: e.store, Transactions: e.store, Inbox: e.store, Accounts: e.accounts, Reader: e.webhook,
		Reading: e.store, Receiver: e.orchestrator, Book: e.store, TransferBook: e.store,
		Orchestrator: e.orchestrator, Logger: e.logger.Named("reconcile"), Now: e.now,
		StartedAt: e.startedAt, InboxKept: e.config.Retention.Inbox,
	})
	wake, readSoon = e.reconciler.Wake, e.reconciler.ReadSoon
}

// router decides by the rules and the standings of this moment.
type router struct{ engine *Engine }

// Decide implements orchestrator.Router.
func (r router) Decide(sample core.Sample) core.Choice {
	choice := r.engine.rules.Load().Decide(sample, r.engine.accounts)
	r.engine.meter.decided(choice)
	return choice
}

// work starts what the engine does by itself.
func (e *Engine) work() {
	ctx, stop := context.WithCancel(context.Background())
	e.stop = stop
	e.working.Go(func() { e.reconciler.Run(ctx) })
	e.working.Go(func() { e.prune(ctx) })
	e.working.Go(func() { e.recall(ctx) })
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
	pruned, err := e.store.Prune(ctx, store.PrunePolicy{
		Now: e.now(), IdempotencyKept: e.config.Retention.IdempotencyKeys, DedupeKept: e.config.Retention.Inbox,
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

// Drain makes the engine not ready, so that no new work is sent to it, and goes
// on with everything else.
func (e *Engine) Drain() { e.stopping.Store(true) }

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
	if e.orchestrator != nil {
		faults = append(faults, e.orchestrator.Close(ctx))
	}
	if e.stop != nil {
		e.stop()
		e.working.Wait()
	}
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
