package scaffold

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Write makes the folder dir with the files. They appear all at once: a folder
// that exists is refused with os.ErrExist, and after any other error there is none.
func (f Files) Write(dir string) (err error) {
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s: %w", dir, os.ErrExist)
	}
	above := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(above, 0o755); err != nil {
		return err
	}
	half, err := os.MkdirTemp(above, ".plugin-new-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(half)) }()
	// A folder inside it, because a temporary one is for its owner alone.
	whole := filepath.Join(half, "module")
	for name, text := range f {
		path := filepath.Join(whole, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return os.Rename(whole, dir)
}
