package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// cache is the directory of private copies, one folder a checksum. A process
// is started from a copy that was hashed after it was made, so that nobody can
// change a binary between the check and the start. Several engines may share
// it: who uses a folder holds a shared lock on it.
type cache struct{ dir string }

func openCache(dir string) (*cache, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("plugin cache: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("plugin cache: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("plugin cache: %w", err)
	}
	if info.Mode().Perm()&0o022 != 0 || ownedByOther(info) {
		return nil, fmt.Errorf("plugin cache: others may write to %s (mode %v); make it private: chmod 700", dir, info.Mode().Perm())
	}
	return &cache{dir}, nil
}

// hold returns the private copy that is or will be there, which is to be verified.
func (c *cache) hold(name, sum string) (*binary, error) {
	lock, err := c.use(sum)
	if err != nil {
		return nil, fmt.Errorf("plugin cache: %w", err)
	}
	return &binary{path: filepath.Join(lock.Name(), name), checksum: sum, lock: lock}, nil
}

// use returns the folder of a checksum, open and locked. A sweep may remove it
// between the two; then it is made again.
func (c *cache) use(sum string) (*os.File, error) {
	const tries = 10
	dir := filepath.Join(c.dir, sum)
	for range tries {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		folder, err := os.Open(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := lockShared(folder); err != nil {
			_ = folder.Close()
			return nil, fmt.Errorf("lock %s: %w", dir, err)
		}
		if sameFile(folder, dir) {
			return folder, nil
		}
		_ = folder.Close()
	}
	return nil, fmt.Errorf("%s is removed again and again by somebody else", dir)
}

func sameFile(open *os.File, path string) bool {
	a, errA := open.Stat()
	b, errB := os.Stat(path)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

var checksumShape = regexp.MustCompile(`^[0-9a-f]{64}$`)

// sweep removes the folders that nobody uses. Of those of the checksums in keep
// it removes only drafts, which an engine left that was killed while it copied.
func (c *cache) sweep(keep map[string]bool) error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return fmt.Errorf("plugin cache: %w", err)
	}
	var faults []error
	for _, entry := range entries {
		if !checksumShape.MatchString(entry.Name()) {
			continue
		}
		if err := sweepCopies(filepath.Join(c.dir, entry.Name()), keep[entry.Name()]); err != nil {
			faults = append(faults, fmt.Errorf("plugin cache: %w", err))
		}
	}
	return errors.Join(faults...)
}

func sweepCopies(dir string, keep bool) error {
	folder, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	if !lockAlone(folder) {
		return nil
	}
	if !keep {
		return os.RemoveAll(dir)
	}
	drafts, err := filepath.Glob(filepath.Join(dir, draftPattern+"*"))
	for _, draft := range drafts {
		err = errors.Join(err, os.Remove(draft))
	}
	return err
}

// draftPattern begins the name of a copy that is not whole yet.
const draftPattern = ".draft-"
