//go:build unix

package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// ownedAlike gives draft the owner and the rights of the file at path: what root
// replaces must stay the engine's. No file is no fault.
func ownedAlike(draft, path string) error {
	like, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	of, known := like.Sys().(*syscall.Stat_t)
	if !known {
		return fmt.Errorf("the owner of %s cannot be read", path)
	}
	if err := os.Chown(draft, int(of.Uid), int(of.Gid)); err != nil {
		return fmt.Errorf("%w: do it as the owner of %s, or as root", err, path)
	}
	return os.Chmod(draft, like.Mode().Perm())
}
