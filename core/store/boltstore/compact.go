package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
)

// Compaction is what Compact did: the figures of the store before and after.
type Compaction struct {
	Before, After core.StoreStats
}

// compactStep is how many bytes one commit of a compaction writes.
const compactStep = 8 << 20

// Compact writes the store at path, which nobody has open, to a new file without
// its free pages. The new file is checked and must hold as many records as the
// old one. Without a copy it then takes the store's place in one step; the old one
// is kept beside it until the new one was checked there. With a copy the new file
// gets that name and the store stays as it is. It returns ErrInUse, ErrDamaged or
// ErrFormat, or fs.ErrExist for the copy.
func Compact(ctx context.Context, path, copied string) (Compaction, error) {
	done, err := compact(ctx, followed(path), copied)
	if err != nil {
		return done, fmt.Errorf("boltstore: compact: %w", err)
	}
	return done, nil
}

func compact(ctx context.Context, path, copied string) (done Compaction, err error) {
	target := path
	if copied != "" {
		target = copied
	}
	if _, err := os.Lstat(target); err == nil && copied != "" {
		return done, fmt.Errorf("%s: %w: give the copy a new name", copied, fs.ErrExist)
	}
	old, err := OpenReadOnly(path) // Open until the end: what an engine would write now would be lost.
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	draft, err := old.compacted(ctx, target)
	if err != nil {
		return done, err
	}
	defer func() { _ = os.Remove(draft) }()
	if done.Before, err = old.Stats(ctx); err != nil {
		return done, err
	}
	// Open until the end as well: it may come back out of the store's place.
	written, err := OpenReadOnly(draft)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, written.Close()) }()
	if done.After, err = written.Stats(ctx); err != nil {
		return done, err
	}
	return done, settle(ctx, draft, target, copied == "")
}

// compacted returns the name of a checked file beside target with all that the
// store holds. The store itself is checked first: bbolt trusts what it copies.
func (s *Store) compacted(ctx context.Context, target string) (string, error) {
	before, err := Check(ctx, s.path)
	if err == nil && !before.OK() {
		err = mustBeWhole(ctx, s.path)
	}
	if err != nil {
		return "", err
	}
	draft, err := newDraft(target, func(io.Writer) error { return nil })
	if err != nil {
		return "", err
	}
	if err := errors.Join(s.pour(draft), mustHold(ctx, draft, before)); err != nil {
		_ = os.Remove(draft)
		return "", err
	}
	return draft, nil
}

// pour writes everything into the empty file at path.
func (s *Store) pour(path string) error {
	into, err := bolt.Open(path, fileMode, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType, NoSync: true})
	if err != nil {
		return err
	}
	err = guarded(func() error { return bolt.Compact(into, s.db, compactStep) })
	return errors.Join(err, into.Sync(), into.Close())
}

// mustHold returns ErrDamaged unless the file is whole and holds as many records
// as another one did.
func mustHold(ctx context.Context, path string, want Report) error {
	got, err := Check(ctx, path)
	if err == nil && !got.OK() {
		return mustBeWhole(ctx, path)
	}
	if err == nil && !maps.Equal(want.Records, got.Records) {
		err = fmt.Errorf("%w: the new file holds %v, the old one %v", ErrDamaged, got.Records, want.Records)
	}
	return err
}

// settle gives draft the name of target. What it replaces is gone only when the
// new file was read whole under its name; else it comes back.
func settle(ctx context.Context, draft, target string, replace bool) error {
	kept, err := swap(draft, target, replace)
	if err != nil || !replace {
		return err
	}
	if err := mustBeWhole(ctx, target); err != nil {
		return errors.Join(err, os.Rename(kept, target))
	}
	return wrapPath(os.Remove(kept))
}
