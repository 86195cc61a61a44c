package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// Backup writes a copy of the store, as it is at one instant, to a new file at
// path, while commits go on. The copy is synced and checked before it gets its
// name, so that a file of that name is a whole backup.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("boltstore: backup: %s: %w: give the backup a new name", path, fs.ErrExist)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return fmt.Errorf("boltstore: backup: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	err = s.view(ctx, func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(draft)
		return err
	})
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return fmt.Errorf("boltstore: backup: %w", err)
	}
	report, err := Check(ctx, draft.Name())
	if err != nil {
		return fmt.Errorf("boltstore: backup: check of the copy: %w", err)
	}
	if !report.OK() {
		return fmt.Errorf("boltstore: backup: %w: %s", ErrDamaged, strings.Join(report.Problems, "; "))
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return fmt.Errorf("boltstore: backup: %w", err)
	}
	return syncFile(filepath.Dir(path))
}
