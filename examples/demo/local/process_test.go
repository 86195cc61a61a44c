package local

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shell starts a script in place of a program.
func shell(t *testing.T, script string) *Process {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	p, err := start(sh, []string{"WORD=told"}, "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Kill(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestAwaitReturnsWhatMatched(t *testing.T) {
	t.Parallel()
	p := shell(t, `echo first; echo "at $WORD:7" >&2; exec sleep 60`)
	found, err := p.Await(t.Context(), `at (\w+):(\d)`)
	if err != nil || found[1] != "told" || found[2] != "7" {
		t.Errorf("want told and 7, got %q, %v", found, err)
	}
}

func TestAProgramThatEndsEarlyShowsWhatItSaid(t *testing.T) {
	t.Parallel()
	p := shell(t, "echo the disk is full; exit 3")
	if _, err := p.Await(t.Context(), "ready"); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("want its output in the error, got %v", err)
	}
	if code, err := p.Wait(t.Context()); code != 3 || err != nil {
		t.Errorf("want code 3, got %d, %v", code, err)
	}
	if err := p.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), "code 3") {
		t.Errorf("want its code in the error, got %v", err)
	}
}

func TestAProgramThatDoesNotStopIsKilled(t *testing.T) {
	t.Parallel()
	p := shell(t, "trap '' TERM; echo ready; while :; do sleep 0.1; done")
	if _, err := p.Await(t.Context(), "ready"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := p.Stop(ctx); err == nil || !strings.Contains(err.Error(), "still runs") {
		t.Errorf("want it said, got %v", err)
	}
	if code, err := p.Wait(t.Context()); code != -1 || err != nil {
		t.Errorf("want it ended by a signal, got %d, %v", code, err)
	}
}
