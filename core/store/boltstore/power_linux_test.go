package boltstore_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/paymux/paymux/core/store/boltstore"
)

const (
	// shutdownExt4 is EXT4_IOC_SHUTDOWN: the file system forgets at once what is
	// not on its disk, as a machine does that loses its power. With withoutFlush its
	// journal is not written out either.
	shutdownExt4 = 0x8004587d
	withoutFlush = 2
	// diskSize is that of the disk, in a file.
	diskSize = 256 << 20
)

// disk is a file system in a file, which can lose its power.
type disk struct {
	t             *testing.T
	image, folder string
	mounted       bool
}

// newDisk makes a disk and mounts it. The end of the test takes it away.
func newDisk(t *testing.T) *disk {
	t.Helper()
	if _, err := os.Stat("/dev/loop-control"); err != nil || os.Geteuid() != 0 {
		// No tool is missing that could be installed, so that this is never a failure.
		t.Skip("a disk that loses its power takes root and a kernel with loop devices")
	}
	d := &disk{t: t, image: filepath.Join(t.TempDir(), "disk.img"), folder: t.TempDir()}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, diskSize); err != nil {
		t.Fatal(err)
	}
	d.tool("mkfs.ext4", "-q", "-F", d.image)
	t.Cleanup(d.unmount)
	d.mount()
	return d
}

// tool runs a program that may be absent, or may not be allowed here.
func (d *disk) tool(name string, args ...string) {
	d.t.Helper()
	if out, err := exec.CommandContext(d.t.Context(), name, args...).CombinedOutput(); err != nil {
		absent(d.t, name+" "+string(out), err)
	}
}

// mount mounts the disk; its journal is played back. The loop device goes with the mount.
func (d *disk) mount() {
	d.t.Helper()
	d.tool("mount", "-o", "loop", d.image, d.folder)
	d.mounted = true
}

// unmount waits a moment for whom the kernel still counts as a user of the disk.
func (d *disk) unmount() {
	d.t.Helper()
	if !d.mounted {
		return
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := unix.Unmount(d.folder, 0)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			d.t.Error("unmount:", err, unix.Unmount(d.folder, unix.MNT_DETACH))
			break
		}
	}
	d.mounted = false
}

func (d *disk) losePower() error {
	root, err := os.Open(d.folder)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	return unix.IoctlSetPointerInt(int(root.Fd()), shutdownExt4, withoutFlush)
}

// outage lets a writer in the role write to a new store on the disk until the
// power is lost, and mounts the disk again. It returns the store's path and the
// payments that the writer told of, on another file system.
func (d *disk) outage(role string) (path string, acked []int) {
	d.t.Helper()
	folder, err := os.MkdirTemp(d.folder, "store")
	if err != nil {
		d.t.Fatal(err)
	}
	path = filepath.Join(folder, "paymux.db")
	d.create(path)
	cmd := command(d.t, role, path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	dark := make(chan error, 1)
	timer := time.AfterFunc(300*time.Millisecond+time.Duration(rand.IntN(1200))*time.Millisecond, func() {
		dark <- d.losePower()
		_ = cmd.Process.Kill()
	})
	defer timer.Stop()
	acked = numbers(d.t, out, "ack")
	if err := <-dark; err != nil {
		absent(d.t, "shut an ext4 down", err)
	}
	_ = cmd.Wait() // It was killed.
	d.unmount()
	d.mount()
	return path, acked
}

func (d *disk) remove(path string) {
	d.t.Helper()
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		d.t.Fatal(err)
	}
}

// create makes a store and sees that it is on the disk.
func (d *disk) create(path string) {
	d.t.Helper()
	s, err := boltstore.Open(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		d.t.Fatal(err)
	}
	root, err := os.Open(d.folder)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if err := unix.Syncfs(int(root.Fd())); err != nil {
		d.t.Fatal(err)
	}
}

func TestAPowerFailureLosesNothingThatWasAcknowledged(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	rounds := 3
	if chaos() {
		rounds = 100
	}
	d := newDisk(t)
	total, gone := 0, 0
	for range rounds {
		path, acked := d.outage(roleWriter)
		total += len(acked)
		gone += lost(t, path, acked)
		d.remove(path)
	}
	if gone > 0 {
		t.Errorf("%d of %d acknowledged payments are lost", gone, total)
	}
	path, told := d.outage(roleUnsynced)
	forgotten := missing(path, told)
	t.Logf("chaos 1: %d power failures, %d acknowledged, %d lost, every store whole; control without syncs: %d of %d lost",
		rounds, total, gone, forgotten, len(told))
	if total == 0 || forgotten == 0 {
		t.Errorf("%d payments were acknowledged and the control lost %d: the test shows nothing", total, forgotten)
	}
}
