package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
)

// stubborn is a store that does not tell of accounts.
type stubborn struct {
	store.Store
	refuses atomic.Bool
}

func (s *stubborn) AccountWork(ctx context.Context, account string) (core.AccountWork, error) {
	if s.refuses.Load() {
		return core.AccountWork{}, errors.New("the disk is gone")
	}
	return s.Store.AccountWork(ctx, account)
}

// Files that are good and could not be made live are told of as files that are not.
func TestAReloadThatTheStoreHindersIsToldOf(t *testing.T) {
	t.Parallel()
	rows := &stubborn{}
	w := newWorks(t, func(options engine.Options) engine.Options {
		must(t, os.MkdirAll(filepath.Dir(options.Config.Store.Path), 0o700))
		opened, err := boltstore.Open(options.Config.Store.Path)
		must(t, err)
		t.Cleanup(func() { must(t, opened.Close()) })
		rows.Store = opened
		options.Store = rows
		return options
	})
	rows.refuses.Store(true)
	w.write("routes.yaml", routes("even"))
	_, err := w.reload("a bad day")
	if !errors.Is(err, core.ErrStoreUnavailable) || w.live() != 1 {
		t.Fatalf("it is %v, and generation %d", err, w.live())
	}
	failed := w.engine.ReloadStatus().Failed
	if failed == nil || failed.Why != "a bad day" || !strings.Contains(failed.Faults[0].Message, "store") {
		t.Errorf("the status is %+v", failed)
	}
	rows.refuses.Store(false)
	if g := w.mustReload(); g.Number != 2 || w.engine.ReloadStatus().Failed != nil {
		t.Errorf("then it is %+v", w.engine.ReloadStatus())
	}
}

func TestAReloadEndsWithTheEngine(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.write("routes.yaml", routes("even"))
	must(t, w.engine.Close(t.Context()))
	if _, err := w.reload(""); !errors.Is(err, core.ErrProviderUnavailable) {
		t.Errorf("after the end it is %v", err)
	}
}

// A drain in the middle of a reload is no fault of the files, and waits for none of it.
func TestAReloadUnderWayEndsWithADrain(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	begun := w.path("begun")
	w.write("script", "#!/bin/sh\ntouch "+begun+"\nsleep 100\n")
	must(t, os.Chmod(w.path("script"), 0o700), os.Chmod(w.dir, 0o700))
	w.write("paymux.yaml", strings.Replace(usual().text(t), "plugins: {", "plugins: { more: { path: script, dev: true },", 1))
	ended := make(chan error, 1)
	go func() {
		_, err := w.reload("")
		ended <- err
	}()
	w.await("the new plugin runs", func() bool {
		_, err := os.Stat(begun)
		return err == nil
	})
	w.engine.Drain()
	if err := <-ended; !errors.Is(err, core.ErrProviderUnavailable) || !strings.Contains(err.Error(), "the engine is stopping") {
		t.Errorf("it ends with %v", err)
	}
	if log := w.said(); strings.Contains(log, "reload refused") {
		t.Errorf("the log blames the files: %s", log)
	}
}
