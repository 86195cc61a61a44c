package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
)

// brokenVariable makes the test's own binary an engine that is broken on purpose:
// whoever checks engines must find out.
const brokenVariable = "PAYMUX_TEST_BROKEN_ENGINE"

// The ways to be broken.
const (
	// forgetful answers before what it promises is safe: the store reaches its
	// place only now and then.
	forgetful = "forgetful"
	// keyless remembers neither idempotency keys nor the merchant's references.
	keyless = "keyless"
	// postponing marks an attempt as sent only once its call was answered. Where a
	// failpoint is armed, whatever it is, it ends in between.
	postponing = "postponing"
	// obliging acknowledges what there was no room to write.
	obliging = "obliging"
	// deaf drops notifications that come before the answer to the call that created
	// what they are about, also where they name it in a way that is not known yet.
	deaf = "deaf"
)

// savedEvery is how often the forgetful engine saves its store.
const savedEvery = 300 * time.Millisecond

// serveBroken is engine serve with a broken store. It returns the exit code.
func serveBroken(how string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := brokenEngine(ctx, how, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "broken engine:", err)
		return exitUsage
	}
	return 0
}

func brokenEngine(ctx context.Context, how string, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	path, listen := flags.String("c", "", ""), flags.String("listen", "127.0.0.1:0", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cfg, found := config.Load(config.Options{Path: *path, Environ: os.Environ()})
	if cfg == nil {
		return engine.DiagnosticsError(found)
	}
	broken, err := brokenStore(ctx, how, cfg.Store.Path)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	log := newLogger(cfg, os.Stderr)
	eng, err := engine.New(ctx, engine.Options{Config: cfg, Logger: log, Store: broken, Address: listener.Addr().String()})
	if err != nil {
		return err
	}
	cmd := newServe()
	cmd.SetContext(ctx)
	cmd.SetOut(os.Stdout)
	announce(cmd, cfg, listener, eng, log)
	return untilDone(ctx, eng, listener, log)
}

func brokenStore(ctx context.Context, how, path string) (store.Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if how == forgetful {
		return openForgetful(ctx, path)
	}
	opened, err := boltstore.Open(path)
	switch how {
	case postponing:
		return &postponingStore{Store: opened, ends: os.Getenv(failpointVariable) != ""}, err
	case obliging:
		return obligingStore{opened}, err
	case deaf:
		return deafStore{opened}, err
	default:
		return keylessStore{opened}, err
	}
}

// obligingStore takes a refused write for one that was made.
type obligingStore struct{ *boltstore.Store }

func (s obligingStore) Apply(ctx context.Context, c core.Commit) error {
	if err := s.Store.Apply(ctx, c); !errors.Is(err, core.ErrReadOnly) {
		return err
	}
	return nil
}

// deafStore keeps no notification that comes early.
type deafStore struct{ *boltstore.Store }

func (s deafStore) Apply(ctx context.Context, c core.Commit) error {
	c.Inbox = slices.DeleteFunc(c.Inbox, func(row core.InboxRow) bool {
		tx, err := s.Transaction(ctx, row.Transaction)
		a, known := tx.Attempt(row.Attempt)
		return err != nil || !known || a.State == core.AttemptSent
	})
	return s.Store.Apply(ctx, c)
}

// openForgetful works on a copy of the file at path and brings it back at leisure.
func openForgetful(ctx context.Context, path string) (store.Store, error) {
	work, saved := path+".work", path+".saved"
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = os.RemoveAll(work)
	case err == nil:
		err = os.WriteFile(work, text, 0o600)
	}
	if err != nil {
		return nil, err
	}
	opened, err := boltstore.Open(work)
	if err != nil {
		return nil, err
	}
	go func() {
		ticker := time.NewTicker(savedEvery)
		defer ticker.Stop()
		for ctx.Err() == nil {
			<-ticker.C
			err := errors.Join(os.RemoveAll(saved), opened.Backup(ctx, saved), os.Rename(saved, path))
			if err != nil {
				fmt.Fprintln(os.Stderr, "broken engine: not saved:", err)
			}
		}
	}()
	return opened, nil
}

// keylessStore drops what makes a repeated request the same one.
type keylessStore struct{ *boltstore.Store }

func (s keylessStore) Apply(ctx context.Context, c core.Commit) error {
	c.Idempotency = nil
	for i := range c.Transactions {
		c.Transactions[i].Transaction.Reference = ""
	}
	return s.Store.Apply(ctx, c)
}

func (s keylessStore) Idempotency(context.Context, core.IdempotencyScope) (core.IdempotencyRow, error) {
	return core.IdempotencyRow{}, core.ErrNotFound
}

// postponingStore writes the first attempt of a transaction with its outcome.
type postponingStore struct {
	*boltstore.Store
	ends bool

	mu        sync.Mutex
	postponed map[string]core.Commit
}

func (s *postponingStore) Apply(ctx context.Context, c core.Commit) error {
	if len(c.Transactions) == 0 {
		return s.Store.Apply(ctx, c)
	}
	id := c.Transactions[0].Transaction.ID
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Transactions[0].Was == 0 {
		if s.postponed == nil {
			s.postponed = map[string]core.Commit{}
		}
		s.postponed[id] = c
		return nil
	}
	if first, ok := s.postponed[id]; ok {
		if s.ends {
			os.Exit(failpointExit)
		}
		delete(s.postponed, id)
		if err := s.Store.Apply(ctx, first); err != nil {
			return err
		}
	}
	return s.Store.Apply(ctx, c)
}

func (s *postponingStore) Transaction(ctx context.Context, id string) (core.Transaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first, ok := s.postponed[id]; ok {
		tx := first.Transactions[0].Transaction
		tx.Version = 1
		return tx, nil
	}
	return s.Store.Transaction(ctx, id)
}
