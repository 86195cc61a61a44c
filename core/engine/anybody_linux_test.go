package engine_test

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// asAnybody does something without the right of root to read every file. Only what is
// read by the goroutine itself is read without it.
func asAnybody(t *testing.T, do func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var rights [2]unix.CapUserData
	must(t, unix.Capget(&header, &rights[0]))
	fewer := rights
	fewer[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	must(t, unix.Capset(&header, &fewer[0]))
	do()
	must(t, unix.Capset(&header, &rights[0]))
}
