package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/orchestrator"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk"
)

// begin makes the first generation: it starts the plugin processes of the accounts
// and reads the rules.
func (e *Engine) begin(ctx context.Context, cfg *config.Config) error {
	if err := e.startHost(ctx, cfg); err != nil {
		return err
	}
	options, err := e.accountOptions(cfg)
	if err != nil {
		return err
	}
	if err := e.readDrained(ctx, options.Accounts); err != nil {
		return err
	}
	accounts, err := account.New(options)
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	text, found := e.readRules(cfg)
	if core.Failed(found) {
		return DiagnosticsError(found)
	}
	file, found := routing.Parse(cfg.Routing.File, text)
	rules, more := routing.Compile(file, accounts.Standings())
	found = append(found, more...)
	if rules != nil {
		found = append(found, warned(rules.Test())...)
	}
	e.warn(found)
	if core.Failed(found) {
		return DiagnosticsError(errorsOf(found))
	}
	access, err := accessOf(nil, cfg)
	if err != nil {
		return err
	}
	s := &snapshot{config: cfg, accounts: accounts, rulesText: text, access: access, meter: e.meter, generation: e.number(ctx, cfg, text)}
	s.rules = rules.WithGeneration(s.generation.Number)
	s.orchestrator = orchestrator.New(e.orchestration(s))
	e.live.Store(s)
	e.outcome.succeeded = e.now()
	return nil
}

// warned makes warnings of diagnostics. A failing test of the rules refuses no start:
// what was live before must be able to start again, also while a plugin is down.
func warned(list []core.Diagnostic) []core.Diagnostic {
	for i := range list {
		list[i].Warning = true
	}
	return list
}

func (e *Engine) warn(found []core.Diagnostic) {
	for _, d := range found {
		if d.Warning {
			e.logger.Warn(d.String())
		}
	}
}

func errorsOf(found []core.Diagnostic) []core.Diagnostic {
	return slices.DeleteFunc(slices.Clone(found), func(d core.Diagnostic) bool { return d.Warning })
}

// orchestration is how requests of a generation are driven.
func (e *Engine) orchestration(s *snapshot) orchestrator.Options {
	options := orchestrator.Options{
		Ledger: e.store, Transfers: e.store, Accounts: guarded{s.accounts, &e.doors}, Router: s, Logger: e.logger.Named("orchestrator"),
		Now: e.now, NewID: e.ids.next, Jitter: jitter, PublicURL: s.config.Server.URL(e.options.Address),
		Deadline: s.config.Payments.Deadline, MaxAttempts: s.config.Payments.MaxAttempts,
		OpenMax:    s.config.Payments.OpenMax,
		HoldPayout: s.config.Payouts.Approval.Holds,
		Poll:       s.config.Reconcile.Poll,
		Waiting:    func(account string) { e.reconciler.ReadSoon(account) }, Committed: func() { e.reconciler.Wake() },
		Changed: e.changed,
	}
	if e.options.loose {
		options.Accounts, options.Router = current{e}, current{e}
	}
	return options
}

// accountOptions are the configured accounts, and those whose plugins run inside
// this process.
func (e *Engine) accountOptions(cfg *config.Config) (account.Options, error) {
	accounts := map[string]account.Account{}
	for name, provider := range cfg.Providers {
		accounts[name] = account.Account{
			Enabled: provider.Enabled, Required: provider.Required,
			Concurrency: provider.Limits.Concurrency, Rate: rate(provider.Limits.Rate), Timeout: provider.Limits.Timeout,
			Fees: provider.Costs(), Revision: cfg.Revision(name),
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.options.Providers)) {
		inside, err := insideAccount(e.options.Providers[name])
		if err != nil {
			return account.Options{}, fmt.Errorf("engine: providers.%s: %w", name, err)
		}
		accounts[name] = inside
	}
	return account.Options{Accounts: accounts, Processes: e.host, Logger: e.logger, Meter: e.meter.of()}, nil
}

func rate(r config.Rate) account.Rate { return account.Rate{Calls: r.Calls, Per: r.Per} }

func insideAccount(p Provider) (account.Account, error) {
	manifest := p.Plugin.Describe()
	settings, faults := manifest.Settings.Parse(p.Settings)
	if faults.Failed() {
		return account.Account{}, faults
	}
	return account.Account{
		Inside: p.Plugin, Plugin: manifest.Name, Settings: settings, Enabled: true,
		Concurrency: p.Limits.Concurrency, Rate: rate(p.Limits.Rate), Timeout: p.Limits.Timeout,
	}, nil
}

// hostPlugin is a configured plugin as the host starts it.
func hostPlugin(p config.Plugin) host.Plugin {
	return host.Plugin{Path: p.Path, SHA256: p.SHA256, Dev: p.Dev, Environment: p.Environment}
}

// hostOptions are the plugins and their accounts.
func (e *Engine) hostOptions(cfg *config.Config) host.Options {
	options := host.Options{
		Plugins: map[string]host.Plugin{}, Accounts: map[string]host.Account{},
		CacheDir:      besideStore(cfg, "plugins"),
		AllowReattach: e.options.AllowReattach, Logger: e.logger,
	}
	for name, plugin := range cfg.Plugins {
		options.Plugins[name] = hostPlugin(plugin)
	}
	for name, provider := range cfg.Providers {
		options.Accounts[name] = host.Account{
			Plugin: provider.Plugin, Settings: settings(cfg, name), Timeout: provider.Limits.Timeout,
			Isolated: provider.Isolation == config.IsolationProcess,
		}
	}
	return options
}

// besideStore is a folder of the engine's own.
func besideStore(cfg *config.Config, name string) string {
	return filepath.Join(filepath.Dir(cfg.Store.Path), name)
}

func (e *Engine) startHost(ctx context.Context, cfg *config.Config) error {
	started, err := host.New(e.hostOptions(cfg))
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	e.host = started
	if err := e.host.Start(ctx); err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	return nil
}

// settings resolves an account's secrets at the moment that its plugin asks for
// them, so that a secret that was changed counts from the next start on.
func settings(cfg *config.Config, name string) func(context.Context, sdk.Schema) (sdk.Settings, error) {
	return func(ctx context.Context, schema sdk.Schema) (sdk.Settings, error) {
		settings, found := cfg.ResolveSettings(ctx, name, schema)
		if core.Failed(found) {
			return sdk.Settings{}, DiagnosticsError(found)
		}
		return settings, nil
	}
}

// readRules returns the text of the routing rules.
func (e *Engine) readRules(cfg *config.Config) ([]byte, []core.Diagnostic) {
	if e.options.Rules != nil {
		return e.options.Rules, nil
	}
	text, err := readRegular(cfg.Routing.File, yamlfile.SizeMax+1)
	if err != nil {
		return nil, []core.Diagnostic{cfg.At("routing.file", readable(err))}
	}
	return text, nil
}

// readRegular returns at most limit bytes of a file that is no pipe: one could be
// read once, and opening it would wait for its writer.
func readRegular(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "read", Path: name, Err: errors.New("it is no regular file")}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // It was only read.
	return io.ReadAll(io.LimitReader(file, limit))
}

func readable(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Path + " cannot be read: " + path.Err.Error()
	}
	return err.Error()
}

// fingerprintKey keys the hash by which a repeated request is known. It must be
// the same after every start; what it hashes lies in clear beside it, in the
// record of the transaction, so that there is nothing to hide.
var fingerprintKey = sha256.Sum256([]byte("paymux idempotency fingerprint 1"))

func (e *Engine) newHandler(metrics http.Handler) (http.Handler, error) {
	handler, err := httpapi.New(httpapi.Options{
		Payments: e, Payouts: e, Refunds: e, Accounts: e, Transactions: e, Transfers: e, Operator: e, Providers: e, Processes: e, Statements: e, Routing: e, Inbound: e, Store: e, Reload: e, Readiness: e,
		Access:  func(ctx context.Context) *httpapi.Access { return e.at(ctx).access },
		Metrics: metrics, FingerprintKey: fingerprintKey[:], Version: Version, Logger: e.logger.Named("http"), Now: e.now,
	})
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return e.pin(handler), nil
}

// Handler is the HTTP API, to be mounted anywhere.
func (e *Engine) Handler() http.Handler { return e.handler }
