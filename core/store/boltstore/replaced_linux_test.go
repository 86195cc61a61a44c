package boltstore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core/store/boltstore"
)

// A start waits for the lock while a store is replaced, as in a restart loop. What
// it then wrote to the file that lost its name would be gone.
func TestAStoreThatIsReplacedWhileItIsOpenedIsNotTheOldOne(t *testing.T) {
	path, other := filled(t, 3), filled(t, 5)
	reader, err := boltstore.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	type opening struct {
		store *boltstore.Store
		err   error
	}
	opened := make(chan opening, 1)
	go func() {
		s, err := boltstore.Open(path)
		opened <- opening{s, err}
	}()
	for deadline := time.Now().Add(10 * time.Second); !waitsFor(t, path); {
		if time.Now().After(deadline) {
			t.Fatal("nobody waits for the store")
		}
	}
	if err := errors.Join(os.Rename(other, path), reader.Close()); err != nil {
		t.Fatal(err)
	}
	got := <-opened
	if got.err == nil {
		defer got.store.Close()
		mustHave(t, got.store, 4)
		return
	}
	mustFail(t, got.err, boltstore.ErrInUse)
	mustHave(t, mustOpen(t, path), 4)
}

// waitsFor reports whether this process has the file at path open for writing.
func waitsFor(t *testing.T, path string) bool {
	t.Helper()
	const readWrite = 2
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name, err := os.Readlink(file); err != nil || name != path {
			continue
		}
		text, _ := os.ReadFile(filepath.Join("/proc/self/fdinfo", filepath.Base(file))) // It may be closed by now.
		for line := range strings.Lines(string(text)) {
			var octal string
			if n, _ := fmt.Sscanf(line, "flags: %s", &octal); n == 1 {
				flags, err := strconv.ParseInt(octal, 8, 64)
				if err == nil && flags&readWrite != 0 {
					return true
				}
			}
		}
	}
	return false
}
