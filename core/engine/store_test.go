package engine_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
)

// withStore returns an engine over s and without accounts.
func withStore(t *testing.T, s store.Store) *engine.Engine {
	t.Helper()
	d := &desk{name: "one"}
	e, err := engine.New(t.Context(), engine.Options{
		Config: coretest.MustConfig(t, t.TempDir()), Store: s, Rules: coretest.Rules(d.name),
		Providers: map[string]engine.Provider{d.name: {Plugin: d}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestABackupOfARunningEngineIsWhole(t *testing.T) {
	s := coretest.MustOpenStore(t)
	e := withStore(t, s)
	made, size, err := e.Backup(t.Context(), operator)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.Backup(t.Context(), operator); !errors.Is(err, core.ErrNotAllowed) {
		t.Errorf("a second one meanwhile: %v, want not_allowed", err)
	}
	data, err := io.ReadAll(made)
	if err := errors.Join(err, made.Close()); err != nil || int64(len(data)) != size {
		t.Fatalf("%d bytes of %d, %v", len(data), size, err)
	}
	path := filepath.Join(t.TempDir(), "backup.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if report, err := boltstore.Check(t.Context(), path); err != nil || !report.OK() || report.Records["audit"] != 1 {
		t.Errorf("%+v, %v: want a whole copy that holds its own audit entry", report, err)
	}
	page, err := s.Audit(t.Context(), core.AuditFilter{})
	if err != nil || len(page.Items) != 1 || page.Items[0].Action != "backup" || page.Items[0].Actor != operator.Actor {
		t.Errorf("audit: %+v, %v", page.Items, err)
	}
	again, _, err := e.Backup(t.Context(), operator)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if stats, err := e.StoreStats(t.Context(), operator); err != nil || stats.Bytes == 0 || stats.Commits != 2 {
		t.Errorf("%+v, %v", stats, err)
	}
}

func TestTheStoreIsForOperatorsAlone(t *testing.T) {
	e := withStore(t, coretest.MustOpenStore(t))
	shop := core.Caller{Actor: "shop", Merchant: "default"}
	if _, _, err := e.Backup(t.Context(), shop); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("backup: %v, want forbidden", err)
	}
	if _, err := e.StoreStats(t.Context(), shop); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("stats: %v, want forbidden", err)
	}
}

// foreign is an embedder's store, which is no file of ours.
type foreign struct{ store.Store }

func TestAForeignStoreIsNotCopied(t *testing.T) {
	e := withStore(t, foreign{coretest.MustOpenStore(t)})
	if _, _, err := e.Backup(t.Context(), operator); !errors.Is(err, core.ErrNotSupported) {
		t.Errorf("backup: %v, want not_supported", err)
	}
	if _, err := e.StoreStats(t.Context(), operator); !errors.Is(err, core.ErrNotSupported) {
		t.Errorf("stats: %v, want not_supported", err)
	}
}

// unwritable is a store whose disk is full.
type unwritable struct{ *boltstore.Store }

// Apply stores nothing.
func (unwritable) Apply(context.Context, core.Commit) error { return core.ErrReadOnly }

func TestABackupThatCannotBeRecordedIsRefused(t *testing.T) {
	e := withStore(t, unwritable{coretest.MustOpenStore(t)})
	for range 2 { // The refused one stands in nobody's way.
		made, _, err := e.Backup(t.Context(), operator)
		if !errors.Is(err, core.ErrStoreUnavailable) || made != nil {
			t.Errorf("got %v, want store_unavailable", err)
		}
	}
}
