package host_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/host"
)

// shell is a plugin that is a script.
func shell(t *testing.T, line string) host.Plugin {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script")
	check(t, os.WriteFile(path, []byte("#!/bin/sh\n"+line+"\n"), 0o755))
	check(t, os.Chmod(filepath.Dir(path), 0o755))
	sum, err := host.Checksum(path)
	check(t, err)
	return host.Plugin{Path: path, SHA256: sum}
}

// A binary that never answers keeps nobody waiting who does not want it any more.
func TestAStartIsEndedAtOnce(t *testing.T) {
	t.Parallel()
	o := options(t)
	h := mustStart(t, o)
	next := changed(o)
	begun := filepath.Join(t.TempDir(), "begun")
	next.Plugins["paper"] = shell(t, "touch "+begun+"; sleep 100")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := h.Prepare(ctx, next)
		ended <- err
	}()
	eventually(t, "the new process runs", func() bool { return exists(begun) })
	began := time.Now()
	cancel()
	if err := <-ended; err == nil {
		t.Error("it was prepared")
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v to end the start", took)
	}
}

// What was refused leaves no copy: each is as large as a binary.
func TestARefusedBinaryLeavesNoCopy(t *testing.T) {
	t.Parallel()
	o := options(t)
	h := mustStart(t, o)
	next := changed(o)
	next.Plugins["paper"] = shell(t, "exit 3")
	h.wantFaults(t, next, map[string]string{"plugins.paper": "it answered no handshake"})
	if diff := cmp.Diff([]string{o.Plugins["paper"].SHA256}, names(t, o.CacheDir)); diff != "" {
		t.Errorf("copies (-want +got):\n%s", diff)
	}
}
