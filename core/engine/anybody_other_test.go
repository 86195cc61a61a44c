//go:build !linux

package engine_test

import (
	"os"
	"testing"
)

// asAnybody does something without the right of root to read every file.
func asAnybody(t *testing.T, do func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Fatal("root reads every file: run the tests as another user")
	}
	do()
}
