package coretest

import (
	"context"
	"testing"

	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
)

// MustStart returns an engine on the store that tries the providers in this
// order, and is closed when the test ends. Notifications of a provider without
// Deliver go to it.
func MustStart(tb testing.TB, s store.Store, providers ...*Provider) *engine.Engine {
	tb.Helper()
	accounts := map[string]engine.Provider{}
	var names []string
	for _, p := range providers {
		accounts[p.Name] = engine.Provider{Plugin: p}
		names = append(names, p.Name)
	}
	started, err := engine.New(context.Background(), engine.Options{
		Config: MustConfig(tb, tb.TempDir()), Store: s, Providers: accounts, Rules: Rules(names...),
	})
	if err != nil {
		tb.Fatalf("start an engine: %v", err)
	}
	for _, p := range providers {
		if p.Deliver == nil {
			p.Deliver = started.Notify
		}
	}
	tb.Cleanup(func() {
		if err := started.Close(context.Background()); err != nil {
			tb.Errorf("close the engine: %v", err)
		}
	})
	return started
}
