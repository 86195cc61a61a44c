package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
)

// killPlugin ends the one child of the engine with SIGKILL.
func killPlugin(t *testing.T, engine int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		if os.Getenv("PAYMUX_REQUIRE_ALL") == "1" {
			t.Fatal("finding a process by its parent needs /proc")
		}
		t.Skip("finding a process by its parent needs /proc")
	}
	found := children(t, engine)
	if len(found) != 1 {
		t.Fatalf("want one plugin process, got %v", found)
	}
	if err := syscall.Kill(found[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// children returns the processes whose parent is pid.
func children(t *testing.T, pid int) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // It has ended since.
		}
		// After the name, which is in brackets, come the state and the parent.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if parent, err := strconv.Atoi(string(fields[1])); err == nil && parent == pid {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, child)
		}
	}
	return found
}
