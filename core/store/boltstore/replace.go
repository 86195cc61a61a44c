package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Restoration is what Restore does.
type Restoration struct {
	// Backup is a file that Backup wrote, Path where the store shall be.
	Backup, Path string
	// Replace allows to put it in the place of a store, which is kept beside it.
	Replace bool
	// Prepare changes the copy of the backup before it becomes the store.
	Prepare func(context.Context, *Store) error
}

// Restore makes the backup the store at a path. The backup stays as it is: a
// copy is prepared, checked, and then gets the name in one step, so that a
// failure at any moment leaves what was there. It returns the name under which
// the former store is kept, empty where there was none.
//
// It returns ErrDamaged or ErrFormat for a backup that cannot be used,
// fs.ErrExist where there is a store that may not be replaced, and ErrInUse
// where that one is open.
func Restore(ctx context.Context, r Restoration) (kept string, err error) {
	if err := mustBeWhole(ctx, r.Backup); err != nil {
		return "", fmt.Errorf("boltstore: restore: %w", err)
	}
	r.Path = followed(r.Path)
	if _, err := os.Lstat(r.Path); err == nil && !r.Replace {
		return "", fmt.Errorf("boltstore: restore: %s: %w", r.Path, fs.ErrExist)
	} else if errors.Is(err, fs.ErrNotExist) {
		r.Replace = false // Whatever is there by the end was not meant.
	}
	release, err := hold(r.Path)
	if err != nil {
		return "", fmt.Errorf("boltstore: restore: %w", err)
	}
	defer release()
	draft, err := r.prepared(ctx)
	if err != nil {
		return "", fmt.Errorf("boltstore: restore: %w", err)
	}
	defer func() { _ = os.Remove(draft) }()
	if kept, err = swap(draft, r.Path, r.Replace); err != nil {
		return kept, fmt.Errorf("boltstore: restore: %w", err)
	}
	return kept, nil
}

// followed is where a store truly is: what takes the place of a link to it would
// leave the store where it was, for whoever knows it by that name.
func followed(path string) string {
	if name, err := filepath.EvalSymlinks(path); err == nil {
		return name
	}
	return path
}

// hold keeps engines from opening the store at path until release is called. It
// is held as for writing, because an engine that found the disk full has it open
// for reading only. A file that is no whole store needs no holding: none opens it.
func hold(path string) (release func(), err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	db, err := openFile(path, false)
	switch {
	case errors.Is(err, ErrInUse):
		return nil, err
	case err != nil:
		return func() {}, nil
	}
	return func() { _ = db.Close() }, nil
}

// prepared returns the name of a checked copy of the backup, ready to be the store.
func (r Restoration) prepared(ctx context.Context) (string, error) {
	draft, err := newDraft(r.Path, func(w io.Writer) error { return readFile(w, r.Backup) })
	if err != nil {
		return "", err
	}
	if err := errors.Join(r.prepare(ctx, draft), mustBeWhole(ctx, draft)); err != nil {
		_ = os.Remove(draft)
		return "", err
	}
	return draft, nil
}

func readFile(w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, file)
	return errors.Join(err, file.Close())
}

// prepare opens the copy at path, changes it and closes it.
func (r Restoration) prepare(ctx context.Context, path string) error {
	s, err := Open(path)
	if err != nil {
		return err
	}
	return errors.Join(r.Prepare(ctx, s), s.Close())
}

// swap gives draft the name path. What had it keeps its data under another name,
// which is returned; at every moment one of the two is at path.
func swap(draft, path string, replace bool) (kept string, err error) {
	if !replace {
		return "", errors.Join(putNew(draft, path), syncFile(filepath.Dir(path)))
	}
	if err := ownedAlike(draft, path); err != nil {
		return "", err
	}
	if kept, err = keepBeside(path); err != nil {
		return "", err
	}
	if err := os.Rename(draft, path); err != nil {
		return kept, err
	}
	return kept, syncFile(filepath.Dir(path))
}

// keptMax bounds how many former stores lie beside one.
const keptMax = 1000

// keepBeside gives the file at path a second name, path.old or path.old.2 and so
// on. No file is no fault.
func keepBeside(path string) (string, error) {
	for n := 1; n <= keptMax; n++ {
		kept := path + ".old"
		if n > 1 {
			kept += "." + strconv.Itoa(n)
		}
		err := os.Link(path, kept)
		switch {
		case err == nil:
			return kept, nil
		case errors.Is(err, fs.ErrNotExist):
			return "", nil
		case !errors.Is(err, fs.ErrExist):
			return kept, copyFile(path, kept) // Some file systems know no links.
		}
	}
	return "", fmt.Errorf("%d former stores lie beside %s: remove some", keptMax, path)
}

// copyFile makes a copy of the file at from that is whole as soon as it has its name.
func copyFile(from, to string) error {
	draft, err := newDraft(to, func(w io.Writer) error { return readFile(w, from) })
	if err != nil {
		return err
	}
	return os.Rename(draft, to)
}
