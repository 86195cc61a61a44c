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
)

// Checksum returns the sha256 of a plugin's binary in lower-case hex, as the
// configuration wants it. It refuses what the host would refuse to start: a
// symlink, anything that is no regular file, and a file in a directory that
// everybody may write to.
func Checksum(path string) (string, error) {
	file, err := openTrusted(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	return hash(file)
}

func hashFile(path string) (string, error) {
	file, err := openNoFollow(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	return hash(file)
}

func hash(file *os.File) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("hash %s: %w", file.Name(), err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
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
