package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

const (
	// socketDirMax leaves room for the socket's name: a socket's path has at most
	// 103 bytes on macOS and 107 on Linux.
	socketDirMax = 85
	folderPrefix = "paymux-p" // And digits.
)

var folderShape = regexp.MustCompile("^" + folderPrefix + "[0-9]+$")

// folder is a directory for one process that only this user can enter. Its lock
// tells whether the engine that made it lives: an engine that is killed leaves its
// folders behind, and the next one to start removes them.
type folder struct {
	path string
	lock *os.File
}

// newFolder makes a folder in parent. A sweep may remove it before it is locked;
// then it is made again.
func newFolder(parent string) (*folder, error) {
	const tries = 10
	for range tries {
		path, err := os.MkdirTemp(parent, folderPrefix)
		if err != nil {
			return nil, err
		}
		lock, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, errors.Join(err, os.Remove(path))
		}
		f := &folder{path, lock}
		if err := lockShared(lock); err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.remove())
		}
		if sameFile(lock, path) {
			return f, nil
		}
		_ = lock.Close()
	}
	return nil, fmt.Errorf("folders in %s are removed again and again by somebody else", parent)
}

// remove removes the folder with what is in it.
func (f *folder) remove() error { return errors.Join(os.RemoveAll(f.path), f.lock.Close()) }

// socketDirIn returns the absolute directory for socket directories, or says
// that the paths in it would be too long: a plugin could only fail for that
// without a reason.
func socketDirIn(parent string) (string, error) {
	remedy := "set a shorter one"
	if parent == "" {
		parent, remedy = os.TempDir(), "set TMPDIR to a shorter one"
	}
	parent, err := filepath.Abs(parent)
	if err != nil {
		return "", fmt.Errorf("socket directory: %w", err)
	}
	const digitsMax = 10 // What MkdirTemp adds.
	if length := len(filepath.Join(parent, folderPrefix)) + digitsMax; length > socketDirMax {
		return "", fmt.Errorf("socket directory: %s is too long by %d bytes for the path of a socket in it; %s",
			parent, length-socketDirMax, remedy)
	}
	return parent, nil
}

// sweepFolders removes the folders in parent whose engines are gone, and ends what
// still runs there, each within bound.
func sweepFolders(parent string, bound time.Duration) error {
	parent, err := socketDirIn(parent)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	var faults []error
	for _, entry := range entries {
		if folderShape.MatchString(entry.Name()) && entry.IsDir() {
			faults = append(faults, sweepFolder(filepath.Join(parent, entry.Name()), bound))
		}
	}
	return errors.Join(faults...)
}

// noGroup is the group of no process.
const noGroup = 0

// sweepFolder removes a folder of this user that nobody holds. A plugin of it that
// still runs did not hear that its engine is gone, as one that is frozen does not.
func sweepFolder(path string, bound time.Duration) error {
	open, err := openNoFollow(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil // Gone already, or another user's.
	}
	if err != nil {
		return err
	}
	defer func() { _ = open.Close() }()
	info, err := open.Stat()
	if err != nil || !info.IsDir() || ownedByOther(info) || !lockAlone(open) {
		return err
	}
	_, err = killStrays(path, noGroup, bound)
	return errors.Join(err, os.RemoveAll(path))
}
