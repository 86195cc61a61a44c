package coretest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
)

// MustConfig returns the smallest configuration that an engine can be made with:
// defaults, and a store in dir. Accounts and rules are the caller's to bring.
func MustConfig(tb testing.TB, dir string) *config.Config {
	tb.Helper()
	text := "store: { path: paymux.db }\n"
	cfg, found := config.Parse(filepath.Join(dir, "paymux.yaml"), []byte(text), nil)
	if core.Failed(found) {
		tb.Fatalf("configuration: %v", found)
	}
	return cfg
}

// Rules returns the text of routing rules that try the accounts in this order,
// whatever is asked for.
func Rules(accounts ...string) []byte {
	return []byte("version: 1\ndefault: { order: [" + strings.Join(accounts, ", ") + "] }\n")
}
