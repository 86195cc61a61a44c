package host

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Checksum returns the sha256 of a plugin's binary in lower-case hex, as the
// configuration wants it. It refuses what the host would refuse to start: a
// symlink, anything that is no regular file or has more than 1 GiB, and a file in a
// directory that everybody may write to.
func Checksum(path string) (string, error) { return checksum(context.Background(), path, false) }

// ChecksumGently is Checksum for an engine that serves: it leaves the processor to the
// payments, and takes longer. It returns the error of ctx when that ends.
func ChecksumGently(ctx context.Context, path string) (string, error) {
	return checksum(ctx, path, true)
}

func checksum(ctx context.Context, path string, gentle bool) (string, error) {
	file, err := openTrusted(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	return hash(ctx, file, gentle)
}

func hashFile(ctx context.Context, path string, gentle bool) (string, error) {
	file, err := openRegular(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	return hash(ctx, file, gentle)
}

func hash(ctx context.Context, file *os.File, gentle bool) (string, error) {
	sum := sha256.New()
	if err := inPieces(ctx, sum, file, gentle); err != nil {
		return "", fmt.Errorf("hash %s: %w", file.Name(), err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// A binary has some 20 MB. Whoever hashes it at once keeps a processor for longer than
// the system lets others wait for one, and payments of other accounts take that much
// longer.
const (
	pieceBytes  = 512 << 10 // Some 0.3 ms of work.
	pieceRest   = time.Millisecond
	bufferBytes = 32 << 10 // Stays in the cache of a processor.
)

// inPieces copies in to out until ctx ends. If it is to be gentle it rests after each piece.
func inPieces(ctx context.Context, out io.Writer, in io.Reader, gentle bool) error {
	buffer := make([]byte, bufferBytes)
	for {
		n, err := io.CopyBuffer(out, io.LimitReader(in, pieceBytes), buffer)
		if err != nil || n < pieceBytes {
			return err
		}
		if gentle {
			time.Sleep(pieceRest)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// binaryBytesMax bounds what is taken for a plugin's binary, and with that what a wrong
// path can have copied beside the store.
const binaryBytesMax = 1 << 30

// openTrusted opens a plugin's binary where nobody could have slipped in another. What
// is wrong with it is a refusal.
func openTrusted(path string) (*os.File, error) {
	err := trust(path)
	if err != nil {
		return nil, refuse(err)
	}
	file, err := openRegular(path)
	if err != nil {
		return nil, refuse(fmt.Errorf("plugin binary: %w", err))
	}
	return file, nil
}

func openRegular(path string) (*os.File, error) {
	file, err := openNoFollow(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s is no regular file", path)
	case info.Size() > binaryBytesMax:
		err = fmt.Errorf("%s has %d bytes, a binary has at most %d", path, info.Size(), int64(binaryBytesMax))
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

func trust(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("plugin binary: there is no file %s: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return fmt.Errorf("plugin binary: %w", err)
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("plugin binary: %s is a symlink; name the file itself", path)
	}
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("plugin binary: %w", err)
	}
	if dir.Mode().Perm()&0o002 != 0 {
		return fmt.Errorf("plugin binary: everybody may write to the directory of %s (mode %v); chmod o-w it", path, dir.Mode().Perm())
	}
	return nil
}
