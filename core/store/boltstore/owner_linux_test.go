package boltstore_test

import (
	"os"
	"syscall"
	"testing"

	"github.com/paymux/paymux/core/store/boltstore"
)

// Who replaces a store as root must not take it from the engine.
func TestAReplacedStoreKeepsItsOwnerAndRights(t *testing.T) {
	owner := os.Geteuid()
	if owner == 0 {
		owner = 12345 // Only root can give files away; who is not tests that nothing changes.
	}
	backup, path := filled(t, 3), filled(t, 5)
	if err := os.Chown(path, owner, -1); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	alike := func(after string) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if of := info.Sys().(*syscall.Stat_t); int(of.Uid) != owner || info.Mode().Perm() != 0o640 {
			t.Errorf("after %s it is of %d with %s", after, of.Uid, info.Mode())
		}
	}
	if _, err := boltstore.Compact(t.Context(), path, ""); err != nil {
		t.Fatal(err)
	}
	alike("a compaction")
	r := boltstore.Restoration{Backup: backup, Path: path, Replace: true, Prepare: asItIs}
	if _, err := boltstore.Restore(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	alike("a restore")
}
