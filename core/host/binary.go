package host

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// binary is a private copy in use; close says that it is not used any more. One
// goroutine has it at a time.
type binary struct {
	path     string
	checksum string
	lock     *os.File
	gentle   bool        // Whether hashing it leaves the processor to others: see inPieces.
	verified fingerprint // As it was when it last was hashed.
}

func (b *binary) close() { _ = b.lock.Close() }

// refusal is a fault of the binary as it lies on the disk. Trying again does not
// help: a person must change the file or the configuration.
type refusal struct{ err error }

// Error says what is wrong with the binary.
func (r *refusal) Error() string { return r.err.Error() }

// Unwrap returns the fault.
func (r *refusal) Unwrap() error { return r.err }

// refuse makes a refusal of what is wrong with a file that was configured, unless it
// is what the engine is short of.
func refuse(err error) error {
	if starved(err) {
		return err
	}
	return &refusal{err}
}

// take returns a private copy of the binary at source, made now if there is none yet.
// The file at source must have the checksum want. An empty want takes it as it is, and
// what changes while it is copied is tried again: whoever builds now builds to the end.
func (c *cache) take(ctx context.Context, name, source, want string, gentle bool) (*binary, error) {
	sum := want
	if want == "" {
		var err error
		if sum, err = checksum(ctx, source, gentle); err != nil {
			return nil, err
		}
	}
	b, err := c.hold(name, sum)
	if err != nil {
		return nil, err
	}
	b.gentle = gentle
	if err := unlessBuilt(b.match(ctx, source, want != ""), source, want); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// match makes the copy if it is not there as it should be. If one is there the source may
// still be another binary, unless it is by its checksum that the copy was looked for.
func (b *binary) match(ctx context.Context, source string, compare bool) error {
	switch err := b.verify(ctx); {
	case unsaid(ctx, err):
		return cmp.Or(context.Cause(ctx), err)
	case err != nil:
		return b.fill(ctx, source)
	case compare:
		return b.compare(ctx, source)
	}
	return nil
}

// unsaid reports whether err says nothing of the file: the engine is short of something,
// or nobody waits any more.
func unsaid(ctx context.Context, err error) bool {
	return starved(err) || err != nil && ctx.Err() != nil
}

// unlessBuilt makes a fault of a file that any binary may be one that is tried again:
// it was there and good a moment ago.
func unlessBuilt(err error, source, want string) error {
	if no := (*refusal)(nil); want == "" && errors.As(err, &no) {
		return fmt.Errorf("plugin binary: %s was changed or removed while it was copied", source)
	}
	return err
}

// fill makes the copy, which is to be verified. There is none if source is another binary.
func (b *binary) fill(ctx context.Context, source string) error {
	in, err := openTrusted(source)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := newDraft(filepath.Dir(b.path))
	if err != nil {
		return fmt.Errorf("copy %s: %w", source, err)
	}
	defer func() { _ = os.Remove(string(out)) }() // Unless it has become the copy.
	sum := sha256.New()
	if err := inPieces(ctx, io.MultiWriter(out, sum), in, b.gentle); err != nil {
		return fmt.Errorf("copy %s: %w", source, err)
	}
	if err := b.differs(source, hex.EncodeToString(sum.Sum(nil))); err != nil {
		return err
	}
	if err := out.become(b.path); err != nil {
		return fmt.Errorf("copy %s: %w", source, err)
	}
	return nil
}

// compare returns a refusal if what is at source is not what the copy is of.
func (b *binary) compare(ctx context.Context, source string) error {
	sum, err := checksum(ctx, source, b.gentle)
	if err != nil {
		return err
	}
	return b.differs(source, sum)
}

// differs returns a refusal if what is at source, whose checksum is sum, is another binary.
func (b *binary) differs(source, sum string) error {
	if sum == b.checksum {
		return nil
	}
	return &refusal{fmt.Errorf("plugin binary: %s has sha256 %s, the configuration says %s; if the change is intended, put the new one there", source, sum, b.checksum)}
}

// settledAfter is how old a change must be to be told from the next one: the
// clock of a file system goes in steps.
const settledAfter = time.Second

// verify checks that the copy is what it was. It hashes it, unless it was hashed
// before and provably did not change since: that is how a plugin is back sooner.
func (b *binary) verify(ctx context.Context) error {
	now := fingerprintOf(b.path)
	if now != (fingerprint{}) && now == b.verified {
		return nil
	}
	sum, err := hashFile(ctx, b.path, b.gentle)
	if err != nil {
		return err
	}
	if sum != b.checksum {
		return fmt.Errorf("the private copy %s was changed: it has sha256 %s", b.path, sum)
	}
	b.verified = now
	return nil
}

// draft is the path of a copy that is being written. It is open only while a buffer is
// written, and no process is forked meanwhile: a child would inherit the descriptor,
// and executing a file that is open for writing fails with "text file busy".
type draft string

func newDraft(dir string) (draft, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	file, err := os.CreateTemp(dir, draftPattern)
	if err != nil {
		return "", err
	}
	return draft(file.Name()), file.Close()
}

// Write appends a buffer.
func (d draft) Write(buffer []byte) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	file, err := os.OpenFile(string(d), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return 0, err
	}
	n, err := file.Write(buffer)
	return n, errors.Join(err, file.Close())
}

// become makes the draft the copy at path, which may be executed and no more changed.
func (d draft) become(path string) error {
	if err := os.Chmod(string(d), 0o500); err != nil {
		return err
	}
	return os.Rename(string(d), path)
}
