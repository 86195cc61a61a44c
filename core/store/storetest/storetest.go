// Package storetest is the suite that every store must pass, and sample records
// for tests of whatever is stored. Nothing in it assumes that one process has
// the store.
package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk/money"
)

// Opener opens an empty store that is closed at the end of the test.
type Opener func(testing.TB) store.Store

// Run tests the store that open gives against the contract of package store.
func Run(t *testing.T, open Opener) {
	for name, tests := range map[string]map[string]func(*testing.T, store.Store){
		"transactions":  transactionTests(),
		"references":    referenceTests(),
		"idempotency":   idempotencyTests(),
		"schedule":      scheduleTests(),
		"notifications": notificationTests(),
		"money":         moneyTests(),
		"records":       recordTests(),
		"lists":         listTests(),
		"scans":         scanTests(),
		"pruning":       pruneTests(),
		"callers":       callerTests(),
	} {
		t.Run(name, func(t *testing.T) {
			for name, test := range tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, open(t))
				})
			}
		})
	}
}

func equal[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	options := cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(money.Amount.Equal)}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func apply(t *testing.T, s store.Store, c core.Commit) {
	t.Helper()
	if err := s.Apply(t.Context(), c); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

func refused(t *testing.T, s store.Store, c core.Commit, want error) {
	t.Helper()
	if err := s.Apply(t.Context(), c); !errors.Is(err, want) {
		t.Fatalf("Apply: error is %v, want %v", err, want)
	}
}

// must returns the value of a read that has to succeed.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func missing(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, core.ErrNotFound) {
		t.Errorf("%s: error is %v, want %v", what, err, core.ErrNotFound)
	}
}

// at returns t as it is stored with a version.
func at(t core.Transaction, version uint64) core.Transaction {
	t.Version = version
	return t
}

// only returns a commit of changes.
func only(changes ...core.Change) core.Commit { return core.Commit{Transactions: changes} }
