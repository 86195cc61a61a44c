//go:build unix

package plugintest_test

import (
	"context"
	"fmt"
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

func TestWhatIsNoPluginIsRefusedInALine(t *testing.T) {
	const none = "it answered no handshake: it ended at once, is no Paymux plugin for this system, or printed something to stdout before it"
	for name, c := range map[string]struct{ script, want string }{
		"it says nothing":    {"exit 3", none},
		"it says why":        {"echo I am no plugin >&2; exit 3", none + `; it wrote "I am no plugin\n"`},
		"it prints":          {"echo hello", none + `; it wrote "hello"`},
		"another protocol":   {"echo '1|9|unix|/x|grpc'", "it is too new: it speaks protocol 9, this engine 1: update the engine, or use an older version of the plugin"},
		"another transport":  {"echo '1|1|unix|/x|netrpc'", `unsupported plugin protocol "netrpc". Supported: [grpc]`},
		"another go-plugin":  {"echo '2|1|unix|/x|grpc'", "it was built with another version of go-plugin's own protocol: build it with a current sdk"},
		"a page of warnings": {"seq 1000 1999 >&2", none + `; it wrote "` + lines(1880, 1999) + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "nobody")
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+c.script+"\n"), 0o700); err != nil { //nolint:gosec // A plugin must be executable.
				t.Fatal(err)
			}
			_, err := plugintest.Launch(plugintest.Binary{Path: path})
			if diff := cmp.Diff("plugintest: launch nobody: "+c.want, fmt.Sprint(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// lines are the numbers, a line each, as %q writes them.
func lines(first, last int) string {
	var text strings.Builder
	for n := first; n <= last; n++ {
		fmt.Fprintf(&text, `%d\n`, n)
	}
	return text.String()
}
