package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
)

// startAccounts starts the plugin processes of the configured accounts, and adds
// those whose plugins run inside this process.
func (e *Engine) startAccounts(ctx context.Context, options Options) error {
	accounts := map[string]account.Account{}
	if err := e.startHost(ctx, options.AllowReattach); err != nil {
		return err
	}
	for name, provider := range e.config.Providers {
		accounts[name] = account.Account{
			Enabled: provider.Enabled, Required: provider.Required,
			Concurrency: provider.Limits.Concurrency, Rate: rate(provider.Limits.Rate), Timeout: provider.Limits.Timeout,
			Fees: provider.Costs(), Revision: e.config.Revision(name),
		}
	}
	for _, name := range slices.Sorted(maps.Keys(options.Providers)) {
		inside, err := insideAccount(options.Providers[name])
		if err != nil {
			return fmt.Errorf("engine: providers.%s: %w", name, err)
		}
		accounts[name] = inside
	}
	if err := e.readDrained(ctx, accounts); err != nil {
		return err
	}
	built, err := account.New(account.Options{Accounts: accounts, Processes: e.host, Logger: e.logger, Meter: e.meter.of()})
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	e.accounts = built
	return nil
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

func (e *Engine) startHost(ctx context.Context, reattach bool) error {
	options := host.Options{
		Plugins: map[string]host.Plugin{}, Accounts: map[string]host.Account{},
		CacheDir:      filepath.Join(filepath.Dir(e.config.Store.Path), "plugins"),
		AllowReattach: reattach, Logger: e.logger,
	}
	for name, plugin := range e.config.Plugins {
		options.Plugins[name] = host.Plugin{Path: plugin.Path, SHA256: plugin.SHA256, Dev: plugin.Dev}
	}
	for name, provider := range e.config.Providers {
		options.Accounts[name] = host.Account{
			Plugin: provider.Plugin, Settings: e.settings(name), Timeout: provider.Limits.Timeout,
			Isolated: provider.Isolation == config.IsolationProcess,
		}
	}
	started, err := host.New(options)
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
func (e *Engine) settings(name string) func(context.Context, sdk.Schema) (sdk.Settings, error) {
	return func(ctx context.Context, schema sdk.Schema) (sdk.Settings, error) {
		settings, found := e.config.ResolveSettings(ctx, name, schema)
		if core.Failed(found) {
			return sdk.Settings{}, DiagnosticsError(found)
		}
		return settings, nil
	}
}

// loadRules compiles the routing rules against the accounts as they stand.
func (e *Engine) loadRules(text []byte) error {
	name := e.config.Routing.File
	if text == nil {
		read, err := os.ReadFile(name)
		if err != nil {
			return DiagnosticsError{e.config.At("routing.file", readable(err))}
		}
		text = read
	}
	file, found := routing.Parse(name, text)
	rules, more := routing.Compile(file, e.accounts.Standings())
	found = append(found, more...)
	for _, d := range found {
		if d.Warning {
			e.logger.Warn(d.String())
		}
	}
	if core.Failed(found) {
		return DiagnosticsError(slices.DeleteFunc(found, func(d core.Diagnostic) bool { return d.Warning }))
	}
	e.rules.Store(rules.WithGeneration(1))
	return nil
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
	keys := make([]httpapi.Key, 0, len(e.config.Auth.Keys))
	for _, key := range e.config.Auth.Keys {
		scopes := make([]httpapi.Scope, len(key.Scopes))
		for i, scope := range key.Scopes {
			scopes[i] = httpapi.Scope(scope)
		}
		keys = append(keys, httpapi.Key{ID: key.ID, SHA256: key.SHA256, Merchant: key.Merchant, Scopes: scopes, Rate: httpapi.Rate(key.Rate)})
	}
	handler, err := httpapi.New(httpapi.Options{
		Payments: e, Payouts: e, Refunds: e, Accounts: e, Transactions: e, Transfers: e, Operator: e, Providers: e, Processes: e, Statements: e, Inbound: e, Store: e, Readiness: e,
		Metrics: metrics, Keys: keys, FingerprintKey: fingerprintKey[:], TrustedProxies: e.config.Server.TrustedProxies,
		Version: Version, Logger: e.logger.Named("http"), Now: e.now,
	})
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return handler, nil
}

// Handler is the HTTP API, to be mounted anywhere.
func (e *Engine) Handler() http.Handler { return e.handler }
