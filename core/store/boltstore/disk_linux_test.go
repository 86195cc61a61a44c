package boltstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
)

// absent skips a test whose tool or right is not there, unless all are required.
func absent(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getenv("PAYMUX_REQUIRE_ALL") == "1" {
		t.Fatalf("%s: %v", what, err)
	}
	t.Skipf("%s: %v", what, err)
}

// roleLimited writes until its files may not grow any more.
const roleLimited = "limited"

// childOfSystem plays the roles that need this operating system.
func childOfSystem(role string, s *boltstore.Store) int {
	switch role {
	case roleLimited:
		return writeToTheLimit(s)
	case roleOneByOne:
		return writeOneByOne(s)
	default:
		fmt.Println("no such role:", role)
		return 1
	}
}

// big returns a commit of payment n that takes some pages.
func big(n int) core.Commit {
	c := create(n)
	c.Transactions[0].Transaction.Description = strings.Repeat("d", 64<<10)
	return c
}

// writeToTheLimit proves in a process of its own that a file that may not grow
// is read on, loses nothing, and is written again when it may.
func writeToTheLimit(s *boltstore.Store) int {
	info, err := os.Stat(os.Getenv(pathVariable))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	limit := unix.Rlimit{Cur: uint64(info.Size()) + 40<<20, Max: unix.RLIM_INFINITY}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("setrlimit", err)
		return 1
	}
	acked, err := fillUp(s)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("acked", acked)
	limit.Cur = unix.RLIM_INFINITY
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("setrlimit", err)
		return 1
	}
	if err := comesBack(s); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// fillUp writes until there is no room, and reads everything that was
// acknowledged, the number of which it returns.
func fillUp(s *boltstore.Store) (acked int, err error) {
	ctx := context.Background()
	for n := range 5000 {
		err := s.Apply(ctx, big(n))
		if err == nil {
			continue
		}
		if !errors.Is(err, core.ErrReadOnly) {
			return n, fmt.Errorf("payment %d: %w", n, err)
		}
		for i := range n {
			if _, err := s.Transaction(ctx, payment(i).ID); err != nil {
				return n, fmt.Errorf("payment %d was acknowledged: %w", i, err)
			}
		}
		if _, err := s.Transaction(ctx, payment(n).ID); !errors.Is(err, core.ErrNotFound) {
			return n, fmt.Errorf("payment %d was refused: %w", n, err)
		}
		if n == 0 {
			return 0, errors.New("nothing was written before: nothing is shown")
		}
		return n, nil
	}
	return 5000, errors.New("there is no end of room: nothing is shown")
}

func comesBack(s *boltstore.Store) error {
	deadline := time.Now().Add(4 * boltstore.RetryGap)
	for {
		err := s.Apply(context.Background(), create(1_000_000))
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(boltstore.RetryGap / 50)
	}
}

func TestAFileThatMayNotGrowIsReadAndComesBack(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	out, err := command(t, roleLimited, path).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	mustBeWhole(t, path)
	t.Logf("chaos 5: file-size limit: %d acknowledged, 0 lost, all read at the limit, written again without it; "+
		"control: before the limit nothing was refused", numbers(t, bytes.NewReader(out), "acked")[0])
}

func TestAFullDiskIsReadAndComesBack(t *testing.T) {
	t.Parallel()
	if !ownMounts(t) {
		return
	}
	folder := memory(t, "size=8m")
	s := mustOpen(t, folder+"/paymux.db")
	acked, err := fillUp(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_REMOUNT, "size=32m"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := comesBack(s); err != nil {
		t.Fatal(err)
	}
	t.Logf("chaos 5: full tmpfs: %d acknowledged, 0 lost, all read while it was full, written again %s after there was room; "+
		"control: before it was full nothing was refused", acked, time.Since(begun).Round(time.Millisecond))
}

// memory mounts a tmpfs.
func memory(t *testing.T, options string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, options); err != nil {
		absent(t, "mount a tmpfs", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func TestAReadOnlyMountIsReadAndComesBack(t *testing.T) {
	t.Parallel()
	if !ownMounts(t) {
		return
	}
	folder := memory(t, "size=32m")
	path := folder + "/paymux.db"
	s := mustOpen(t, path)
	if err := s.Apply(t.Context(), create(1)); err != nil {
		t.Fatal(err)
	}
	// A mount with a file open for writing cannot be made read-only: the store meets
	// it when it opens the file again after the disk was full.
	s.InterceptCommits(failNext(syscall.ENOSPC, false))
	mustFail(t, s.Apply(t.Context(), create(2)), core.ErrReadOnly)
	remountReadOnly(t, folder)
	waitForReason(t, s, syscall.EROFS.Error())
	mustHave(t, s, 1)
	if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_REMOUNT, "size=32m"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := comesBack(s); err != nil {
		t.Fatal(err)
	}
	mustHave(t, s, 1)
	t.Logf("chaos 5: read-only mount: 1 acknowledged, 0 lost, read meanwhile, written again %s after it was writable; "+
		"control: before it was read-only nothing was refused", time.Since(begun).Round(time.Millisecond))
}

// remountReadOnly tries again while a process that was just forked by another
// test still has the file, until it runs its own program.
func remountReadOnly(t *testing.T, folder string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, "size=32m")
		if err == nil {
			return
		}
		if !errors.Is(err, unix.EBUSY) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func waitForReason(t *testing.T, s *boltstore.Store, words string) {
	t.Helper()
	for deadline := time.Now().Add(4 * boltstore.RetryGap); time.Now().Before(deadline); time.Sleep(boltstore.RetryGap / 50) {
		stats, err := s.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(stats.ReadOnly, words) {
			return
		}
	}
	t.Fatalf("the store never says %q", words)
}
