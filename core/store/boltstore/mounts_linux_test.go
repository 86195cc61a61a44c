package boltstore_test

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// mountsVariable names the test that this process runs alone, with mounts of its own.
const mountsVariable = "PAYMUX_BOLTSTORE_MOUNTS"

// ownMounts runs the test that calls it once more, in a process whose mounts
// nobody else sees, and reports whether this is that process. However it ends,
// the system takes its mounts and its loop devices away with it.
func ownMounts(t *testing.T) bool {
	t.Helper()
	if os.Getenv(mountsVariable) == t.Name() {
		return true
	}
	if os.Getuid() != 0 {
		absent(t, "mount a file system", unix.EPERM)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mountsVariable+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	// Its parent is this thread, whose end would be its own.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out, err := cmd.CombinedOutput()
	told := string(out)
	switch {
	case err != nil && len(out) == 0:
		absent(t, "a process with mounts of its own", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, told)
	case strings.Contains(told, "--- SKIP"):
		t.Skip(told)
	}
	for _, line := range regexp.MustCompile(`chaos \d+: .*`).FindAllString(told, -1) {
		t.Log(line)
	}
	return false
}
