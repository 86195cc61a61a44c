package host_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

func TestWhatWasBrokenBeforeDoesNotBlockAReload(t *testing.T) {
	t.Parallel()
	o := withSite(t, withSite(t, twoPlugins(t), "a", "wrong"), "b", "43")
	path := ownBinary(t, o) // Of "paper", so that "good" has the test's own.
	broken := o.Plugins["paper"]
	o.Plugins["broken"] = host.Plugin{Path: broken.Path + "-missing", SHA256: broken.SHA256}
	o.Accounts["never"] = host.Account{Plugin: "broken"}
	h := mustStart(t, o)
	if got := h.standing(t, "never").Health; got != core.HealthFailed {
		t.Fatalf("never is %s, want failed", got)
	}
	h.mustReload(t, withSite(t, o, "b", "44"))
	if got := h.standing(t, "b").Capabilities.Identity; got != "44" {
		t.Errorf("identity is %q, want 44", got)
	}
	if got := h.standing(t, "a"); got.Health != core.HealthFailed || !strings.Contains(got.Detail, "unknown site") {
		t.Errorf("a is %s: %s, want failed as before", got.Health, got.Detail)
	}

	// Another wrong setting of the one that was failing is a change.
	h.wantFaults(t, withAccount(o, "a", host.Account{Plugin: "paper", Settings: settings(t, "key", "x"), Isolated: true}, func(o *host.Options) {
		o.Plugins["paper"] = host.Plugin{Path: path, SHA256: strings.Repeat("cd", 32)}
	}), map[string]string{"plugins.paper": "the configuration says cdcd"})

	// And what was mended counts.
	h.mustReload(t, withSite(t, o, "a", "45"))
	if got := h.standing(t, "a"); got.Health != core.HealthReady {
		t.Errorf("a is %s: %s, want ready", got.Health, got.Detail)
	}
	next := withSite(t, o, "a", "45")
	next.Plugins["broken"] = broken
	h.mustReload(t, next)
	if got := h.standing(t, "never"); got.Health != core.HealthReady {
		t.Errorf("never is %s: %s, want ready", got.Health, got.Detail)
	}
}

func withAccount(o host.Options, name string, account host.Account, further func(*host.Options)) host.Options {
	o = changed(o)
	o.Accounts[name] = account
	further(&o)
	return o
}

func TestARestartPutsAnotherProcessInPlace(t *testing.T) {
	t.Parallel()
	o := withSite(t, twoPlugins(t), "a", "42")
	h := mustStart(t, o)
	before, other := h.pid(t, "a"), h.pid(t, "other")
	check(t, h.Restart("a"))
	if h.pid(t, "a") == before || h.pid(t, "other") != other {
		t.Error("want another process for a and none for the other")
	}
	if got := h.standing(t, "a"); got.Generation != 2 || got.Capabilities.Identity != "42" {
		t.Errorf("generation %d, identity %q, want 2 with the same settings", got.Generation, got.Capabilities.Identity)
	}
	if err := h.Restart("nobody"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("error is %v, want one that is ErrNotFound", err)
	}
	eventually(t, "the old process ended", func() bool { return len(h.pids(t)) == 2 })
}

func TestFaultsReadAsPaths(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	_, err := h.Prepare(t.Context(), host.Options{Accounts: map[string]host.Account{"a": {Plugin: "x"}, "b": {Plugin: "y"}}})
	want := "host: providers.a: there is no plugin \"x\"\nproviders.b: there is no plugin \"y\""
	if err == nil || cmp.Diff(want, err.Error()) != "" {
		t.Errorf("error is %v, want %s", err, want)
	}
}

func TestACommitAfterACrashCountsAllTheSame(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(t *testing.T, o host.Options) host.Options
		victim func(t *testing.T, h house, before []int) int
	}{
		"of the process that goes on": {
			func(t *testing.T, o host.Options) host.Options { return withSite(t, o, "a", "44") },
			func(_ *testing.T, _ house, before []int) int { return before[0] },
		},
		"of the process that was prepared": {
			func(t *testing.T, o host.Options) host.Options {
				o = withSite(t, o, "a", "44")
				o.Plugins["paper"] = otherBinary(t)
				return o
			},
			func(t *testing.T, h house, before []int) int {
				for _, pid := range h.pids(t) {
					if pid != before[0] {
						return pid
					}
				}
				t.Fatal("nothing was prepared")
				return 0
			},
		},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			o := withSite(t, options(t), "a", "42")
			h := mustStart(t, o)
			before := h.pids(t)
			prepared, err := h.Prepare(t.Context(), test.change(t, o))
			check(t, err)
			check(t, syscall.Kill(test.victim(t, h, before), syscall.SIGKILL))
			prepared.Commit()
			eventually(t, "a serves with its new settings", func() bool {
				result, err := pay(t.Context(), h.provider(t, "a"), "site", "")
				return err == nil && result.Message == "44"
			})
			eventually(t, "one process is left", func() bool { return len(h.pids(t)) == 1 })
		})
	}
}

func TestACommitAfterARestartByItselfCountsAllTheSame(t *testing.T) {
	t.Parallel()
	o := withSite(t, options(t), "a", "42")
	h := mustStart(t, o)
	prepared, err := h.Prepare(t.Context(), withSite(t, o, "a", "44"))
	check(t, err)
	h.mustKill(t, "a")
	h.awaitGeneration(t, "a", 2) // With the former settings: what was prepared is gone.
	prepared.Commit()
	eventually(t, "a serves with its new settings", func() bool {
		result, err := pay(t.Context(), h.provider(t, "a"), "site", "")
		return err == nil && result.Message == "44"
	})
	eventually(t, "one process is left", func() bool { return len(h.pids(t)) == 1 })
}

// Close waits also for a preparation that is slow to hear of it.
func TestClosingDuringAPreparationLeavesNothing(t *testing.T) {
	t.Parallel()
	next := options(t)
	asked := make(chan struct{})
	next.Accounts["a"] = host.Account{Plugin: "paper", Settings: func(ctx context.Context, _ sdk.Schema) (sdk.Settings, error) {
		close(asked)
		<-ctx.Done()
		slow := time.NewTimer(200 * time.Millisecond)
		<-slow.C
		return sdk.Settings{}, ctx.Err()
	}}
	empty := next
	empty.Plugins, empty.Accounts = nil, nil
	h := mustStart(t, empty)
	prepared := make(chan error, 1)
	go func() {
		_, err := h.Prepare(context.Background(), next)
		prepared <- err
	}()
	<-asked
	h.mustLeaveNothing(t)
	if err := <-prepared; err == nil {
		t.Error("a closed host prepared something")
	}
}

// What was prepared and ended before it was wanted takes no call: one that is handed
// to it would be unknown.
func TestACommitGivesNoCallToAProcessThatEnded(t *testing.T) {
	t.Parallel()
	o := withSite(t, host.Resting(options(t)), "a", "42")
	h := mustStart(t, o)
	before := h.pids(t)
	next := withSite(t, o, "a", "44")
	next.Plugins["paper"] = otherBinary(t)
	prepared, err := h.Prepare(t.Context(), next)
	check(t, err)
	for _, pid := range h.pids(t) {
		if pid != before[0] {
			check(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	eventually(t, "the engine was told of the end", func() bool { return strings.Contains(h.log.String(), "plugin process exited") })
	prepared.Commit()
	if _, err := pay(t.Context(), h.provider(t, "a"), "", ""); err != nil {
		wantOutcome(t, err, sdk.OutcomeNotSent)
	}
}
