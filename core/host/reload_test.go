package host_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

// changed returns a copy of options that a test may change.
func changed(o host.Options) host.Options {
	o.Plugins, o.Accounts = maps.Clone(o.Plugins), maps.Clone(o.Accounts)
	return o
}

// otherBinary is a copy of the plugin that behaves the same and has another checksum.
func otherBinary(t testing.TB) host.Plugin {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "plugins")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "other")
	mustCopy(t, path)
	tamper(t, path)
	sum, err := host.Checksum(path)
	if err != nil {
		t.Fatal(err)
	}
	return host.Plugin{Path: path, SHA256: sum}
}

// mustReload makes options the live ones.
func (h house) mustReload(t testing.TB, o host.Options) {
	t.Helper()
	prepared, err := h.Prepare(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	prepared.Commit()
}

// wantFaults checks that options are refused for these reasons, each "path: part of the reason".
func (h house) wantFaults(t testing.TB, o host.Options, want map[string]string) {
	t.Helper()
	prepared, err := h.Prepare(t.Context(), o)
	if err == nil {
		prepared.Discard()
		t.Fatal("it was prepared, want a refusal")
	}
	var faults host.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error is %v, want Faults", err)
	}
	for _, fault := range faults {
		part, ok := want[fault.Path]
		if !ok || !strings.Contains(fault.Err.Error(), part) {
			t.Errorf("fault %q at %s, want %q", fault.Err, fault.Path, part)
		}
	}
	if len(faults) != len(want) {
		t.Errorf("%d faults, want %d", len(faults), len(want))
	}
}

func withSite(t testing.TB, o host.Options, account, site string) host.Options {
	o = changed(o)
	one := o.Accounts[account]
	one.Plugin, one.Settings = "paper", settings(t, "site", site)
	o.Accounts[account] = one
	return o
}

func TestWhatStaysTheSameIsKept(t *testing.T) {
	t.Parallel()
	o := withSite(t, twoPlugins(t), "a", "42")
	h := mustStart(t, o)
	a, other := h.pid(t, "a"), h.pid(t, "other")
	h.mustReload(t, changed(o))
	if h.pid(t, "a") != a || h.pid(t, "other") != other {
		t.Error("a process was replaced though nothing changed")
	}
	if got := h.standing(t, "a"); got.Generation != 1 || got.Counters.Restarts != 0 {
		t.Errorf("generation %d after %d restarts, want the first", got.Generation, got.Counters.Restarts)
	}
	if got := h.pids(t); len(got) != 2 {
		t.Errorf("processes %v run, want two", got)
	}
}

func TestOtherBoundsCountAtOnce(t *testing.T) {
	t.Parallel()
	o := options(t)
	h := mustStart(t, o)
	before := h.pid(t, "a")
	o = changed(o)
	o.Accounts["a"] = host.Account{Plugin: "paper", Timeout: 7 * time.Second}
	h.mustReload(t, o)
	if got := h.standing(t, "a").Timeout; got != 7*time.Second || h.pid(t, "a") != before {
		t.Errorf("the timeout is %v in process %d, want 7s in %d", got, h.pid(t, "a"), before)
	}
}

func TestOtherSettingsAreConfiguredInTheSameProcess(t *testing.T) {
	t.Parallel()
	o := withSite(t, withSite(t, options(t), "a", "42"), "b", "43")
	h := mustStart(t, o)
	before, begun, done := h.pid(t, "a"), filepath.Join(t.TempDir(), "begun"), make(chan string, 1)
	provider := h.provider(t, "a")
	go func() {
		result, err := pay(context.Background(), provider, "site", begun)
		if err != nil {
			result.Message = err.Error()
		}
		done <- result.Message
	}()
	eventually(t, "the call began", func() bool { return exists(begun) })

	prepared, err := h.Prepare(t.Context(), withSite(t, o, "a", "44"))
	check(t, err)
	if got := h.standing(t, "a").Capabilities.Identity; got != "42" {
		t.Errorf("before the commit the identity is %q, want 42", got)
	}
	if got, ok := prepared.Standing("a"); !ok || got.Capabilities.Identity != "44" || got.Health != core.HealthReady || got.Generation != 2 {
		t.Errorf("prepared is %+v, want 44 ready", got)
	}
	prepared.Commit()
	if got := h.standing(t, "a"); got.Capabilities.Identity != "44" || got.Generation != 2 {
		t.Errorf("identity %q of generation %d, want 44 of 2", got.Capabilities.Identity, got.Generation)
	}
	if got := h.standing(t, "b").Generation; got != 1 {
		t.Errorf("the account beside it is of generation %d, want 1", got)
	}
	if got := h.pid(t, "a"); got != before {
		t.Errorf("process %d serves, want the same, %d", got, before)
	}
	if got := <-done; got != "42" {
		t.Errorf("the call in flight ended on site %q, want the one that it began with, 42", got)
	}
	if result, err := pay(t.Context(), provider, "site", ""); err != nil || result.Message != "44" {
		t.Errorf("the next call has site %q, %v, want 44", result.Message, err)
	}
}

func TestSettingsThatReturnAreThereAgain(t *testing.T) {
	t.Parallel()
	o := withSite(t, options(t), "a", "42")
	h := mustStart(t, o)
	for range 5 {
		for _, site := range []string{"44", "42"} {
			h.mustReload(t, withSite(t, o, "a", site))
			if result, err := pay(t.Context(), h.provider(t, "a"), "site", ""); err != nil || result.Message != site {
				t.Fatalf("site %q, %v, want %s", result.Message, err, site)
			}
		}
	}
}

func TestAnotherBinaryIsStartedBesideTheOldOne(t *testing.T) {
	t.Parallel()
	o := twoPlugins(t)
	h := mustStart(t, o)
	old, other := h.pid(t, "a"), h.pid(t, "other")
	begun, done := filepath.Join(t.TempDir(), "begun"), make(chan error, 1)
	go func() {
		_, err := pay(context.Background(), h.provider(t, "a"), "work", begun)
		done <- err
	}()
	eventually(t, "the call began", func() bool { return exists(begun) })
	next := changed(o)
	next.Plugins["paper"] = otherBinary(t)
	prepared, err := h.Prepare(t.Context(), next)
	check(t, err)
	if got := h.pid(t, "a"); got != old {
		t.Errorf("before the commit process %d serves, want the old one, %d", got, old)
	}
	prepared.Commit()
	if h.pid(t, "a") == old {
		t.Error("the old process serves after the commit")
	}
	if err := <-done; err != nil {
		t.Errorf("the call in flight: %v", err)
	}
	standing := h.standing(t, "a")
	if standing.Checksum != next.Plugins["paper"].SHA256 || standing.Generation != 2 || standing.Counters.Restarts != 0 {
		t.Errorf("%s of generation %d after %d restarts runs, want the new binary", standing.Checksum, standing.Generation, standing.Counters.Restarts)
	}
	if h.pid(t, "other") != other {
		t.Error("the process of another plugin was replaced")
	}
	eventually(t, "the old process ended", func() bool { return len(h.pids(t)) == 2 })
	eventually(t, "its copy is gone", func() bool { return !exists(filepath.Join(o.CacheDir, "0")) && len(names(t, o.CacheDir)) == 2 })
}

func TestAccountsComeAndGo(t *testing.T) {
	t.Parallel()
	o := twoPlugins(t)
	h := mustStart(t, o)
	shared, gone := h.pid(t, "a"), h.provider(t, "b")
	next := changed(o)
	delete(next.Plugins, "good")
	delete(next.Accounts, "other")
	delete(next.Accounts, "b")
	next.Accounts["c"] = host.Account{Plugin: "paper", Settings: settings(t, "site", "99")}
	next.Accounts["alone"] = host.Account{Plugin: "paper", Isolated: true}
	h.mustReload(t, next)
	if h.pid(t, "a") != shared || h.pid(t, "c") != shared {
		t.Error("the shared process was replaced")
	}
	if h.pid(t, "alone") == shared {
		t.Error("the isolated account shares a process")
	}
	for _, account := range []string{"b", "other"} {
		if _, ok := h.Provider(account); ok {
			t.Errorf("%s is still there", account)
		}
	}
	_, err := pay(t.Context(), gone, "", "")
	wantOutcome(t, err, sdk.OutcomeNotSent)
	eventually(t, "the process of the plugin that left ended", func() bool { return len(h.pids(t)) == 2 })
}

func TestIsolationMovesAnAccountToItsOwnProcess(t *testing.T) {
	t.Parallel()
	o := withSite(t, options(t), "a", "42")
	h := mustStart(t, o)
	before := h.pid(t, "a")
	next := withSite(t, o, "a", "42")
	alone := next.Accounts["a"]
	alone.Isolated = true
	next.Accounts["a"] = alone
	h.mustReload(t, next)
	if h.pid(t, "a") == before || h.pid(t, "b") != before {
		t.Error("a should have left the process and b stayed")
	}
	h.mustReload(t, o)
	if h.pid(t, "a") != before {
		t.Error("a should have come back")
	}
	eventually(t, "its own process ended", func() bool { return len(h.pids(t)) == 1 })
}

func TestARefusedReloadChangesNothing(t *testing.T) {
	t.Parallel()
	base := withSite(t, withSite(t, twoPlugins(t), "a", "42"), "b", "43")
	script := filepath.Join(t.TempDir(), "script")
	check(t, os.WriteFile(script, []byte("#!/bin/sh\nexit 3\n"), 0o755))
	check(t, os.Chmod(filepath.Dir(script), 0o755))
	sum, err := host.Checksum(script)
	check(t, err)
	tests := map[string]struct {
		change func(host.Options) host.Options
		want   map[string]string
	}{
		"a setting that the plugin refuses": {
			func(o host.Options) host.Options { return withSite(t, o, "a", "wrong") },
			map[string]string{"providers.a.settings.site": "unknown site: see the provider's portal"},
		},
		"two of them": {
			func(o host.Options) host.Options { return withSite(t, withSite(t, o, "a", "wrong"), "b", "wrong") },
			map[string]string{"providers.a.settings.site": "unknown site", "providers.b.settings.site": "unknown site"},
		},
		"a secret that is not to be had": {
			func(o host.Options) host.Options {
				o.Accounts["a"] = host.Account{Plugin: "paper", Settings: func(context.Context, sdk.Schema) (sdk.Settings, error) {
					return sdk.Settings{}, errors.New("the variable A_KEY is not set")
				}}
				return o
			},
			map[string]string{"providers.a.settings": "A_KEY is not set"},
		},
		"another checksum": {
			func(o host.Options) host.Options {
				o.Plugins["paper"] = host.Plugin{Path: o.Plugins["paper"].Path, SHA256: strings.Repeat("ab", 32)}
				return o
			},
			map[string]string{"plugins.paper": "the configuration says abab"},
		},
		"a binary that is no plugin": {
			func(o host.Options) host.Options {
				o.Plugins["paper"] = host.Plugin{Path: script, SHA256: sum}
				return o
			},
			map[string]string{"plugins.paper": "it answered no handshake"},
		},
		"a plugin that does not start, beside a change that is good": {
			func(o host.Options) host.Options {
				o.Plugins["good"] = host.Plugin{Path: script, SHA256: sum}
				return withSite(t, o, "a", "77")
			},
			map[string]string{"plugins.good": "it answered no handshake"},
		},
		"one account at the provider twice": {
			func(o host.Options) host.Options { return withSite(t, o, "b", "42") },
			map[string]string{"providers.b": "is the same account at the provider as a"},
		},
		"a plugin that is not there": {
			func(o host.Options) host.Options {
				o.Accounts["c"] = host.Account{Plugin: "missing"}
				return o
			},
			map[string]string{"providers.c": `there is no plugin "missing"`},
		},
	}
	h := mustStart(t, base)
	a, other := h.pid(t, "a"), h.pid(t, "other")
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			h.wantFaults(t, test.change(changed(base)), test.want)
			if h.pid(t, "a") != a || h.pid(t, "other") != other {
				t.Error("a process was replaced")
			}
			if result, err := pay(t.Context(), h.provider(t, "a"), "site", ""); err != nil || result.Message != "42" {
				t.Errorf("a call has site %q, %v, want 42", result.Message, err)
			}
			if got := h.pids(t); len(got) != 2 {
				t.Errorf("processes %v run, want two", got)
			}
		})
	}
	h.mustReload(t, withSite(t, base, "a", "77"))
}

func TestADiscardedChangeLeavesNothing(t *testing.T) {
	t.Parallel()
	o := withSite(t, twoPlugins(t), "a", "42")
	h := mustStart(t, o)
	next := withSite(t, o, "a", "44")
	next.Plugins["good"] = otherBinary(t)
	prepared, err := h.Prepare(t.Context(), next)
	check(t, err)
	if got := h.pids(t); len(got) != 3 {
		t.Errorf("processes %v run, want the new one beside two", got)
	}
	prepared.Discard()
	prepared.Commit()
	if got := h.pids(t); len(got) != 2 {
		t.Errorf("processes %v run, want two", got)
	}
	if result, err := pay(t.Context(), h.provider(t, "a"), "site", ""); err != nil || result.Message != "42" {
		t.Errorf("a call has site %q, %v, want 42", result.Message, err)
	}
}

func TestClosingDiscardsWhatNobodyDecidedAbout(t *testing.T) {
	t.Parallel()
	o := twoPlugins(t)
	h := mustStart(t, o)
	next := changed(o)
	next.Plugins["good"] = otherBinary(t)
	prepared, err := h.Prepare(t.Context(), next)
	check(t, err)
	check(t, h.Close(t.Context()))
	prepared.Commit() // Too late; mustStart checks that nothing is left.
	if _, err := h.Prepare(t.Context(), next); err == nil {
		t.Error("a closed host prepared a change")
	}
}
