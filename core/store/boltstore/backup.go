package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// Backup writes a copy of the store, as it is at one instant, to a new file at
// path, while commits go on. The copy is synced and checked before it gets its
// name, so that a file of that name is a whole backup. It returns fs.ErrExist
// where there is such a file.
func (s *Store) Backup(ctx context.Context, path string) error {
	return Receive(ctx, path, func(w io.Writer) error { return s.writeTo(ctx, w) })
}

// Receive is Backup of a store that somebody else writes, such as a running
// engine that sends it.
func Receive(ctx context.Context, path string, write func(io.Writer) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("boltstore: backup: %s: %w: give the backup a new name", path, fs.ErrExist)
	}
	name, err := newDraft(path, write)
	if err != nil {
		return fmt.Errorf("boltstore: backup: %w", err)
	}
	defer func() { _ = os.Remove(name) }()
	if err := mustBeWhole(ctx, name); err != nil {
		return fmt.Errorf("boltstore: backup: the copy: %w", err)
	}
	if err := putNew(name, path); err != nil {
		return fmt.Errorf("boltstore: backup: %w", err)
	}
	return syncFile(filepath.Dir(path))
}

// writeTo writes the store as it is at one instant. While it does, the pages of
// that instant cannot be used again: w must be quick.
func (s *Store) writeTo(ctx context.Context, w io.Writer) error {
	return s.view(ctx, func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(w)
		return err
	})
}

// newDraft writes a file beside path, syncs it and returns its name. Only its
// owner may read it.
func newDraft(path string, write func(io.Writer) error) (string, error) {
	draft, err := os.CreateTemp(filepath.Dir(path), draftPrefix(path)+"*"+draftSuffix)
	if err != nil {
		return "", err
	}
	if err := errors.Join(write(draft), draft.Sync(), draft.Close()); err != nil {
		_ = os.Remove(draft.Name())
		return "", err
	}
	return draft.Name(), nil
}

// removeDrafts removes what a process that was killed left beside path while it
// copied the store. Each is as large as the store, and nobody needs it: who holds
// the store copies nothing yet.
func removeDrafts(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return // The room is all that is lost.
	}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasPrefix(name, draftPrefix(path)) && strings.HasSuffix(name, draftSuffix) {
			_ = os.Remove(filepath.Join(filepath.Dir(path), name))
		}
	}
}

const draftSuffix = ".part"

func draftPrefix(path string) string { return "." + filepath.Base(path) + "." }

// mustBeWhole returns ErrDamaged unless Check finds nothing wrong.
func mustBeWhole(ctx context.Context, path string) error {
	report, err := Check(ctx, path)
	if err == nil && !report.OK() {
		err = fmt.Errorf("boltstore: %s: %w: %s", path, ErrDamaged, strings.Join(report.Problems, "; "))
	}
	return err
}

// Copy is a checked copy of a store, to be read once and closed.
type Copy struct {
	// Size is how many bytes it has.
	Size int64
	file *os.File
	name string
}

var _ io.ReadCloser = (*Copy)(nil)

// Copy makes a copy of the store as it is at one instant, beside it, and checks
// it. Whoever reads the copy may be as slow as he likes: the store itself is not
// read by him. It needs as much room on the disk as the store.
func (s *Store) Copy(ctx context.Context) (*Copy, error) {
	name, err := newDraft(s.path, func(w io.Writer) error { return s.writeTo(ctx, w) })
	if err != nil {
		return nil, fmt.Errorf("boltstore: copy: %w", err)
	}
	if err := mustBeWhole(ctx, name); err != nil {
		_ = os.Remove(name)
		return nil, fmt.Errorf("boltstore: copy: %w", err)
	}
	file, err := os.Open(name)
	if err != nil {
		_ = os.Remove(name)
		return nil, fmt.Errorf("boltstore: copy: %w", err)
	}
	// Where an open file can lose its name it does so now, so that a crash leaves nothing behind.
	_ = os.Remove(name)
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("boltstore: copy: %w", err), file.Close())
	}
	return &Copy{Size: info.Size(), file: file, name: name}, nil
}

// Read reads on.
func (c *Copy) Read(into []byte) (int, error) { return c.file.Read(into) }

// Close gives the room on the disk back.
func (c *Copy) Close() error {
	err := c.file.Close()
	if removed := os.Remove(c.name); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return wrapPath(err)
}
