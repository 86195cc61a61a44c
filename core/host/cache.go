package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"syscall"
	"time"
)

// cache is the directory of private copies, one folder a checksum. A process
// is started from a copy that was hashed while or after it was made, so that nobody
// can change a binary between the check and the start. Several engines may share
// it: who uses a folder holds a shared lock on it.
type cache struct {
	dir    string
	gentle atomic.Bool // Whether payments are under way beside what it does.
}

// binary is a private copy in use; close says that it is not used any more.
type binary struct {
	path     string
	checksum string
	lock     *os.File
	gentle   bool
	verified fingerprint // As it was when it last was hashed.
	justMade bool        // By this process, which hashed what it wrote; until it is verified first.
	settled  bool
}

func (b *binary) close() { _ = b.lock.Close() }

// refusal is a fault of the binary as it lies on the disk. Trying again does not
// help: a person must change the file or the configuration.
type refusal struct{ err error }

// Error says what is wrong with the binary.
func (r *refusal) Error() string { return r.err.Error() }

// Unwrap returns the fault.
func (r *refusal) Unwrap() error { return r.err }

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
	return &cache{dir: dir}, nil
}

// take returns a private copy of the binary at source, made now if there is
// none yet. The file at source must have the checksum want; an empty want takes
// it as it is.
func (c *cache) take(name, source, want string) (*binary, error) {
	sum := want
	if want == "" {
		var err error
		if sum, err = checksum(source, c.gentle.Load()); err != nil {
			return nil, untrusted(err)
		}
	}
	b, err := c.hold(name, sum)
	if err != nil {
		return nil, err
	}
	switch got, err := b.fill(source); {
	case err != nil:
		b.close()
		return nil, err
	case got == sum:
		return b, nil
	case want == "":
		b.close()
		return nil, fmt.Errorf("copy %s: it changed while it was copied: sha256 %s became %s", source, sum, got)
	default:
		b.close()
		return nil, &refusal{fmt.Errorf("plugin binary: %s has sha256 %s, the configuration says %s; if the change is intended, put the new one there", source, got, want)}
	}
}

// untrusted makes a refusal of the fault of a source, unless it is one of the engine.
func untrusted(err error) error {
	if starved(err) {
		return err
	}
	return &refusal{err}
}

// hold returns the private copy that is or will be there, which is to be verified.
func (c *cache) hold(name, sum string) (*binary, error) {
	lock, err := c.use(sum)
	if err != nil {
		return nil, fmt.Errorf("plugin cache: %w", err)
	}
	return &binary{path: filepath.Join(lock.Name(), name), checksum: sum, lock: lock, gentle: c.gentle.Load()}, nil
}

// fill makes the copy if it is not there as it should be, and returns the checksum of
// source. If that is another one there is no new copy.
func (b *binary) fill(source string) (sum string, err error) {
	if b.verify() == nil {
		if sum, err = checksum(source, b.gentle); err != nil {
			return "", untrusted(err)
		}
		return sum, nil
	}
	in, err := openTrusted(source)
	if err != nil {
		return "", untrusted(err)
	}
	defer func() { _ = in.Close() }()
	draft, sum, err := writeDraft(in, filepath.Dir(b.path), b.gentle)
	if err != nil {
		return "", fmt.Errorf("copy %s: %w", source, err)
	}
	if sum != b.checksum {
		return sum, os.Remove(draft)
	}
	if err := os.Rename(draft, b.path); err != nil {
		return "", errors.Join(err, os.Remove(draft))
	}
	b.justMade = true
	return sum, nil
}

// settledAfter is how old a change must be to be told from the next one: the
// clock of a file system goes in steps.
const settledAfter = time.Second

// verify checks that the copy is what it was: it hashes it, unless it provably did
// not change since it was hashed, so that a plugin that crashed is back sooner, or
// was made a moment ago.
func (b *binary) verify() error {
	if b.justMade {
		b.justMade = false
		return nil
	}
	now := fingerprintOf(b.path)
	if now != (fingerprint{}) && now == b.verified {
		return nil
	}
	sum, err := hashFile(b.path, b.gentle)
	if err != nil {
		return err
	}
	if sum != b.checksum {
		return fmt.Errorf("the private copy %s was changed: it has sha256 %s", b.path, sum)
	}
	b.verified = now
	return nil
}

// settle hashes a copy in use once its fingerprint can be relied on, so that no
// restart has to. What is wrong with it a restart says.
func (b *binary) settle() {
	if b.settled || fingerprintOf(b.path) == (fingerprint{}) {
		return
	}
	b.settled = true
	b.gentle = true // Payments are under way whenever it is hashed again.
	_ = b.verify()
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

// draftPattern begins the name of a copy that is not verified yet.
const draftPattern = ".draft-"

// writeDraft writes a file of mode 0500 and returns its path and the checksum of
// what it wrote. Until it is closed no process may be forked: a child would inherit
// the descriptor, and executing a file that is open for writing fails with "text
// file busy".
func writeDraft(in io.Reader, dir string, gentle bool) (path, sum string, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	out, err := os.CreateTemp(dir, draftPattern)
	if err != nil {
		return "", "", err
	}
	hashed := sha256.New()
	err = inPieces(io.MultiWriter(out, hashed), in, gentle)
	err = errors.Join(err, out.Chmod(0o500), out.Close())
	if err != nil {
		_ = os.Remove(out.Name())
		return "", "", err
	}
	return out.Name(), hex.EncodeToString(hashed.Sum(nil)), nil
}
