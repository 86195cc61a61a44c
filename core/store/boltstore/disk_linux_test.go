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
	fmt.Println("noticed", lies(s, acked))
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
		if missing := unreadable(s, 0, n); missing > 0 {
			return n, fmt.Errorf("%d of %d payments that were acknowledged cannot be read", missing, n)
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

// unreadable counts the payments of those from one to another that cannot be read.
func unreadable(s *boltstore.Store, from, to int) (count int) {
	for n := from; n < to; n++ {
		if _, err := s.Transaction(context.Background(), payment(n).ID); err != nil {
			count++
		}
	}
	return count
}

// obliging is the control: a store that acknowledges what it could not write.
type obliging struct{ *boltstore.Store }

func (o obliging) Apply(ctx context.Context, c core.Commit) error {
	if err := o.Store.Apply(ctx, c); !errors.Is(err, core.ErrReadOnly) {
		return err
	}
	return nil
}

// liesMost payments are written to the control.
const liesMost = 10

// lies has the control acknowledge payments while there is no room, and returns
// how many of them are noticed to be lost.
func lies(s *boltstore.Store, acked int) int {
	for n := acked; n < acked+liesMost; n++ {
		if err := (obliging{s}).Apply(context.Background(), big(n)); err != nil {
			return 0
		}
	}
	return unreadable(s, acked, acked+liesMost)
}

func wantNoticed(t *testing.T, noticed int) {
	t.Helper()
	if noticed != liesMost {
		t.Errorf("of %d acknowledgements without a write %d are noticed", liesMost, noticed)
	}
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
	noticed := numbers(t, bytes.NewReader(out), "noticed")[0]
	wantNoticed(t, noticed)
	t.Logf("chaos 5: file-size limit: %d acknowledged, 0 lost, all read at the limit, written again without it; "+
		"control that acknowledges what it cannot write: %d of %d noticed", numbers(t, bytes.NewReader(out), "acked")[0], noticed, liesMost)
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
	noticed := lies(s, acked)
	wantNoticed(t, noticed)
	if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_REMOUNT, "size=32m"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := comesBack(s); err != nil {
		t.Fatal(err)
	}
	t.Logf("chaos 5: full tmpfs: %d acknowledged, 0 lost, all read while it was full, written again %s after there was room; "+
		"control that acknowledges what it cannot write: %d of %d noticed", acked, time.Since(begun).Round(time.Millisecond), noticed, liesMost)
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
	noticed := lies(s, 100)
	wantNoticed(t, noticed)
	if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_REMOUNT, "size=32m"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := comesBack(s); err != nil {
		t.Fatal(err)
	}
	mustHave(t, s, 1)
	t.Logf("chaos 5: read-only mount: 1 acknowledged, 0 lost, read meanwhile, written again %s after it was writable; "+
		"control that acknowledges what it cannot write: %d of %d noticed", time.Since(begun).Round(time.Millisecond), noticed, liesMost)
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
