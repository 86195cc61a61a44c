package boltstore_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/store/storetest"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(child(role))
	}
	goleak.VerifyTestMain(m)
}

// mustOpen opens the store at path and, at the end of the test, closes it and
// checks the whole file.
func mustOpen(t testing.TB, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		mustBeWhole(t, path)
	})
	return s
}

func mustBeWhole(t testing.TB, path string) {
	t.Helper()
	report, err := boltstore.Check(context.WithoutCancel(t.Context()), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range report.Problems {
		t.Error(problem)
	}
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "paymux.db") }

func TestStoreKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t testing.TB) store.Store { return mustOpen(t, newPath(t)) })
}
