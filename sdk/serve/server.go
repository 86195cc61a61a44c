package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// server answers the engine for one plugin. It keeps one provider for each
// settings hash of each account, so that calls in flight end on the settings
// they began with.
type server struct {
	plugin  sdk.Plugin
	secrets *secrets
	log     *slog.Logger
	calls   calls
	// stopped is called once calls are refused and those in flight have ended.
	stopped func()

	mu       sync.RWMutex
	accounts map[wire.AccountID]sdk.FullProvider
}

var _ wire.Backend = (*server)(nil)

func newServer(p sdk.Plugin, hidden *secrets, log *slog.Logger) *server {
	return &server{
		plugin:   p,
		secrets:  hidden,
		log:      log,
		stopped:  func() {},
		accounts: make(map[wire.AccountID]sdk.FullProvider),
	}
}

// Describe returns the plugin's manifest.
func (s *server) Describe() sdk.Manifest { return s.plugin.Describe() }

// ValidateSettings checks raw against the schema, and then asks the plugin where
// it can tell more.
func (s *server) ValidateSettings(ctx context.Context, raw map[string]any) (sdk.Diagnostics, error) {
	settings, diagnostics := s.parse(raw)
	if validator, ok := s.plugin.(sdk.SettingsValidator); ok && !diagnostics.Failed() {
		diagnostics = append(diagnostics, validator.ValidateSettings(ctx, settings)...)
	}
	return s.secrets.diagnostics(diagnostics), nil
}

// Configure opens an account. The same id again opens it anew.
func (s *server) Configure(_ context.Context, id wire.AccountID, raw map[string]any) (sdk.Capabilities, error) {
	settings, diagnostics := s.parse(raw)
	if diagnostics.Failed() {
		return sdk.Capabilities{}, s.secrets.diagnostics(diagnostics)
	}
	provider, err := s.plugin.Open(settings)
	if errors.As(err, &diagnostics) {
		return sdk.Capabilities{}, s.secrets.diagnostics(diagnostics)
	}
	if err != nil {
		return sdk.Capabilities{}, err
	}
	if provider == nil {
		return sdk.Capabilities{}, sdk.Errorf(sdk.KindInvalid, "the plugin's Open returned no provider and no error")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts[id] = &account{FullProvider: sdk.Complete(provider), secrets: s.secrets}
	return sdk.CapabilitiesOf(provider), nil
}

// parse checks raw and learns its secrets first, so that no fault shows one.
func (s *server) parse(raw map[string]any) (sdk.Settings, sdk.Diagnostics) {
	schema := s.plugin.Describe().Settings
	s.secrets.learn(schema, raw)
	return schema.Parse(raw)
}

// Remove forgets one configuration. Its secrets stay hidden: a call may be in flight.
func (s *server) Remove(id wire.AccountID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.accounts, id)
}

// Account returns a configured account.
func (s *server) Account(id wire.AccountID) (sdk.FullProvider, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if found, ok := s.accounts[id]; ok {
		return found, nil
	}
	return nil, &sdk.Error{
		Kind:    sdk.KindUnavailable,
		Message: fmt.Sprintf("account %s is not configured with these settings", id.Name),
		Sent:    sdk.NotSent,
	}
}

// Shutdown refuses new calls, waits for those in flight and lets signals end the
// process from then on, also when ctx ends first.
func (s *server) Shutdown(ctx context.Context) error {
	defer s.stopped()
	return s.calls.stop(ctx)
}
