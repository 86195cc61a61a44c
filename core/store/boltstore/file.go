package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// The ways in which a file cannot be opened.
var (
	// ErrInUse means that another process has the store open.
	ErrInUse = errors.New("store is in use by another process")
	// ErrFormat means that another version of Paymux wrote the store, or something else did.
	ErrFormat = errors.New("store has another format")
	// ErrDamaged means that the file is not whole.
	ErrDamaged = errors.New("store file is damaged")
)

const (
	// lockWait bounds the wait for the lock on the file; zero would wait for ever.
	lockWait = time.Second
	fileMode = 0o600
	// mapSize is mapped at once, so that a growing file is not mapped anew under its
	// readers. It takes address space only.
	mapSize = 1 << 30
)

// openFile opens an existing file and makes sure that it is a store of this
// format and not cut short. A file is always looked at for reading first: bbolt
// begins to trust its pages when it opens for writing.
func openFile(path string, readOnly bool) (*bolt.DB, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("boltstore: %w", err)
	}
	if info.Size() == 0 {
		return nil, fmt.Errorf("boltstore: %s is empty: restore a backup, or remove it to begin anew: %w", path, ErrDamaged)
	}
	db, err := openBolt(path, true)
	if err != nil {
		return nil, explain(path, err)
	}
	if err := guarded(func() error { return trust(path, db, readOnly) }); err != nil {
		_ = db.Close()
		return nil, explain(path, err)
	}
	if readOnly {
		return db, nil
	}
	if err := db.Close(); err != nil {
		return nil, explain(path, err)
	}
	db, err = openBolt(path, false)
	if err != nil {
		return nil, explain(path, err)
	}
	return db, nil
}

// trust returns nil for a file that may be read, or written where readOnly is false.
func trust(path string, db *bolt.DB, readOnly bool) error {
	if err := db.View(func(tx *bolt.Tx) error { return inspect(tx, path) }); err != nil {
		return err
	}
	if readOnly {
		return nil
	}
	missing, err := freelistMissing(path, db)
	if err != nil || !missing {
		return err
	}
	return walkPages(path, db)
}

// openBolt closes the file when bbolt panics over it, which bbolt does not: the lock would stay.
func openBolt(path string, readOnly bool) (db *bolt.DB, err error) {
	var file *os.File
	options := &bolt.Options{
		Timeout: lockWait, ReadOnly: readOnly, FreelistType: bolt.FreelistMapType,
		NoFreelistSync: true, InitialMmapSize: initialMap(),
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			// Without os.O_CREATE: a store is created beside its place, never in it.
			var err error
			file, err = os.OpenFile(name, flag&^os.O_CREATE, mode)
			return file, err
		},
	}
	err = guarded(func() error {
		db, err = bolt.Open(path, fileMode, options)
		return err
	})
	if errors.Is(err, ErrDamaged) && file != nil {
		_ = file.Close()
	}
	if err == nil && !hasName(file, path) {
		_ = db.Close()
		return nil, bolterrors.ErrTimeout // Somebody has it: who replaced it while the lock was waited for.
	}
	return db, err
}

// hasName reports whether file is still the one at path. One that lost its name to
// another would take commits that nobody finds again.
func hasName(file *os.File, path string) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(opened, there)
}

// initialMap is 64-bit Linux only: Windows grows the file to it at once.
func initialMap() int {
	if runtime.GOOS != "linux" || strconv.IntSize < 64 {
		return 0
	}
	return mapSize
}

// inspect refuses files of other formats and files that end before their pages do.
func inspect(tx *bolt.Tx, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w: it has %d bytes and should have at least %d, so it was cut short",
			ErrDamaged, info.Size(), tx.Size())
	}
	meta := tx.Bucket([]byte(bucketMeta))
	if meta == nil {
		return fmt.Errorf("%w: it is a bbolt file, but no Paymux store", ErrFormat)
	}
	if err := checkFormat(meta.Get([]byte(keyFormat))); err != nil {
		return err
	}
	for _, name := range bucketNames() {
		if tx.Bucket([]byte(name)) == nil {
			return fmt.Errorf("%w: bucket %q is missing", ErrDamaged, name)
		}
	}
	return nil
}

func checkFormat(value []byte) error {
	switch {
	case len(value) != 1:
		return fmt.Errorf("%w: it tells no format", ErrFormat)
	case value[0] > format:
		return fmt.Errorf("%w: %d, written by a newer version of Paymux, and this version reads %d: use that version",
			ErrFormat, value[0], format)
	case value[0] < format:
		return fmt.Errorf("%w: %d, written by an older version of Paymux, and this version reads %d: use that version",
			ErrFormat, value[0], format)
	}
	return nil
}

// explain says what an operator can do about a file that cannot be opened.
func explain(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("boltstore: %s: %w: stop it, or give this one another file", path, ErrInUse)
	case errors.Is(err, ErrDamaged):
		return fmt.Errorf("boltstore: %s: %w: restore a backup", path, err)
	case errors.Is(err, ErrFormat):
		return fmt.Errorf("boltstore: %s: %w", path, err)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("boltstore: %s: %w: it is no store, or its first pages are lost (%w): restore a backup",
			path, ErrDamaged, err)
	}
	var onDisk *fs.PathError
	if !errors.As(err, &onDisk) && !full(err) {
		return fmt.Errorf("boltstore: %s: %w: %w: restore a backup", path, ErrDamaged, err)
	}
	return fmt.Errorf("boltstore: %w", err)
}

// createIfAbsent makes an empty store at path if nothing is there. It is made
// beside its place, synced, and then linked: a power failure leaves a whole
// store or none, and of two processes one wins.
func createIfAbsent(path string) error {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return wrapPath(err)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.new")
	if err != nil {
		return wrapPath(err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	if err := draft.Close(); err != nil {
		return wrapPath(err)
	}
	if err := initialize(draft.Name()); err != nil {
		return fmt.Errorf("boltstore: create %s: %w", path, err)
	}
	if err := putNew(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return wrapPath(err)
	}
	return syncFile(filepath.Dir(path))
}

// putNew gives draft the name path. It returns fs.ErrExist where there is such a file.
func putNew(draft, path string) error {
	err := os.Link(draft, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// Some file systems know no links. The rename could replace the store of
	// another process that was created in this very moment, and only then.
	return os.Rename(draft, path)
}

func initialize(path string) error {
	db, err := bolt.Open(path, fileMode, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range bucketNames() {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte(bucketMeta)).Put([]byte(keyFormat), []byte{format})
	})
	return errors.Join(err, db.Close())
}

// syncFile makes a file, or the names in a folder, durable.
func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return wrapPath(err)
	}
	return wrapPath(errors.Join(file.Sync(), file.Close()))
}

func wrapPath(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("boltstore: %w", err)
}
