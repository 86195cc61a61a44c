// Package plugintest runs a plugin inside a test, either over real go-plugin in
// one process (Serve) or directly (Open). Both give the same answers: a test
// that runs on both shows that a plugin needs nothing which the wire loses.
package plugintest

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/serve"
	"github.com/paymux/paymux/sdk/wire"
)

const (
	// accountName is the name of the one account of a test.
	accountName = "test"
	// configureTimeout bounds Configure, which makes no network call.
	configureTimeout = 10 * time.Second
	// stopTimeout bounds the end of the server, which waits for nothing.
	stopTimeout = 10 * time.Second
)

// Serve serves p over go-plugin, configures an account with settings, and
// returns it as the engine sees it: through gRPC, with every guard of sdk/serve.
// It ends with the test, which fails when settings are wrong.
func Serve(t testing.TB, p sdk.Plugin, settings map[string]any) sdk.FullProvider {
	t.Helper()
	client := Client(t, p)
	parsed := parse(t, p, settings)
	ctx, cancel := context.WithTimeout(t.Context(), configureTimeout)
	defer cancel()
	if _, err := client.Configure(ctx, accountName, parsed); err != nil {
		t.Fatalf("plugintest: configure: %v", err)
	}
	return client.Account(accountName, wire.SettingsHash(parsed))
}

// Open opens an account of p with settings in the test's own process, as an
// engine does that embeds the plugin. The test fails when settings are wrong.
func Open(t testing.TB, p sdk.Plugin, settings map[string]any) sdk.FullProvider {
	t.Helper()
	provider, err := p.Open(parse(t, p, settings))
	if err != nil {
		t.Fatalf("plugintest: open: %v", err)
	}
	return sdk.Complete(provider)
}

// Client serves p over go-plugin and returns the engine's side of it, before any
// account is configured. It ends with the test.
func Client(t testing.TB, p sdk.Plugin) *wire.Client {
	t.Helper()
	client, server := plugin.TestPluginGRPCConn(t, false, serve.Sets(p)[wire.ProtocolVersion])
	t.Cleanup(func() {
		// Closing tells the server to stop. It does so by itself, and doing it here as well would race.
		if err := client.Close(); err != nil {
			t.Errorf("plugintest: close: %v", err)
		}
		select {
		case <-server.DoneCh:
		case <-time.After(stopTimeout):
			t.Errorf("plugintest: the server did not stop within %s", stopTimeout)
		}
	})
	dispensed, err := client.Dispense(wire.PluginName)
	if err != nil {
		t.Fatalf("plugintest: dispense: %v", err)
	}
	return dispensed.(*wire.Client)
}

func parse(t testing.TB, p sdk.Plugin, settings map[string]any) sdk.Settings {
	t.Helper()
	parsed, diagnostics := p.Describe().Settings.Parse(settings)
	if diagnostics.Failed() {
		t.Fatalf("plugintest: settings: %v", diagnostics)
	}
	return parsed
}
