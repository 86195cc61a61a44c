//go:build unix

package plugintest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/plugintest"
)

// patience bounds every wait for another process.
const patience = 20 * time.Second

// launch starts this binary, which is the plugin too.
func launch(t *testing.T) *plugintest.Process {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := plugintest.Launch(plugintest.Binary{Path: binary})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func ended(t *testing.T, p *plugintest.Process) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return p.Ended(ctx)
}

func TestAProcessAnswersAsTheConnectionDoes(t *testing.T) {
	over, err := plugintest.Connect(echoPlugin{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := over.Close(); err != nil {
			t.Error(err)
		}
	})
	want, err := over.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := launch(t).Describe(t.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-here +process):\n%s", err, diff)
	}
}

func TestAProcessEndsWithItsLifelineAndNotWithASignal(t *testing.T) {
	p := launch(t)
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Describe(t.Context()); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if open, ok := p.Descriptors(); ok && open < 3 {
		t.Errorf("%d open files", open)
	}
	if err := p.HangUp(); err != nil {
		t.Fatal(err)
	}
	if !ended(t, p) {
		t.Error("the process lives on")
	}
}

func TestAStoppedProcessHasEnded(t *testing.T) {
	p := launch(t)
	p.Stop()
	p.Stop()
	if !ended(t, p) {
		t.Error("the process lives on")
	}
}

func TestWhatIsNoPluginIsNamedWithItsLastWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nobody")
	script := "#!/bin/sh\necho I am no plugin >&2\nexit 3\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil { //nolint:gosec // A plugin must be executable.
		t.Fatal(err)
	}
	_, err := plugintest.Launch(plugintest.Binary{Path: path})
	if err == nil || !strings.Contains(err.Error(), "launch nobody: ") || !strings.Contains(err.Error(), "I am no plugin") {
		t.Errorf("error = %v", err)
	}
}
