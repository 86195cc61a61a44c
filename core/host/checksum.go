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
	"time"
)

// Checksum returns the sha256 of a plugin's binary in lower-case hex, as the
// configuration wants it. It refuses what the host would refuse to start: a
// symlink, anything that is no regular file, and a file in a directory that
// everybody may write to.
func Checksum(path string) (string, error) { return checksum(path, false) }

func checksum(path string, gentle bool) (string, error) {
	file, err := openTrusted(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	return hash(file, gentle)
}

func hashFile(path string, gentle bool) (string, error) {
	file, err := openNoFollow(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	return hash(file, gentle)
}

func hash(file *os.File, gentle bool) (string, error) {
	sum := sha256.New()
	if err := inPieces(sum, file, gentle); err != nil {
		return "", fmt.Errorf("hash %s: %w", file.Name(), err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// A binary has some 20 MB. Whoever hashes it at once keeps a processor for longer than
// the system lets others wait for one, and payments of other accounts take that much
// longer.
const (
	pieceBytes = 512 << 10 // Some 0.3 ms of work.
	pieceRest  = time.Millisecond
)

// inPieces copies in to out. If it is to be gentle it rests after each piece.
func inPieces(out io.Writer, in io.Reader, gentle bool) error {
	piece := make([]byte, pieceBytes)
	for {
		n, err := io.ReadFull(in, piece)
		if _, err := out.Write(piece[:n]); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		case gentle:
			time.Sleep(pieceRest)
		}
	}
}

// openTrusted opens a plugin's binary where nobody could have slipped in another.
func openTrusted(path string) (*os.File, error) {
	if err := trust(path); err != nil {
		return nil, err
	}
	file, err := openNoFollow(path)
	if err != nil {
		return nil, fmt.Errorf("plugin binary: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("plugin binary: %s is no regular file", path)
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
