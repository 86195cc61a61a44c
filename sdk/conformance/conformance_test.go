package conformance_test

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/conformance"
	"github.com/paymux/paymux/sdk/plugintest"
	"github.com/paymux/paymux/sdk/wire"
)

// What a process is told: which clause it breaks, and what it offers.
const (
	flawVariable   = "TALLY_FLAW"
	offersVariable = "TALLY_OFFERS"
)

func TestMain(m *testing.M) {
	flawed := newTally(os.Getenv(flawVariable))
	for kind := range strings.FieldsSeq(os.Getenv(offersVariable)) {
		flawed.offers = append(flawed.offers, sdk.Kind(kind))
	}
	flawed.asProcess = true
	spoilProcess(flawed)
	plugintest.ServeIfStarted(flawed)
	goleak.VerifyTestMain(m)
}

// spoilProcess is what a flaw does to a process before it serves.
func spoilProcess(t tally) {
	switch t.flaw {
	case "the end of the lifeline ends the process":
		_ = os.Unsetenv(wire.LifelineVariable)
	case "noise on stdout is harmless":
		if os.Getenv(wire.LogVariable) == "trace" {
			_, _ = syscall.Write(syscall.Stdout, []byte("tally: here I am\n"))
		}
	}
}

// dieOnSignal undoes what serve does about SIGTERM.
func dieOnSignal() { signal.Reset(syscall.SIGTERM) }

// check holds a plugin with a flaw and these kinds against the contract. It
// may be called from any goroutine.
func check(t *testing.T, flaw string, kinds ...sdk.Kind) conformance.Report {
	t.Helper()
	sandbox := newTallySandbox(kinds...)
	binary, err := os.Executable()
	if err = errors.Join(err, sandbox.Start()); err != nil {
		t.Error(err)
		return conformance.Report{}
	}
	plugin := newTally(flaw, kinds...)
	t.Cleanup(func() {
		close(plugin.over)
		if err := sandbox.Close(); err != nil {
			t.Error(err)
		}
	})
	return report(t, conformance.Config{
		Plugin: plugin, Path: binary, Env: []string{flawVariable + "=" + flaw, offersVariable + "=" + strings.Trim(fmt.Sprint(kinds), "[]")},
		Settings: map[string]any{"base_url": sandbox.URL(), "api_key": apiKey, "api_secret": apiSecret, "timeout": "5s"},
	})
}

// report runs a check.
func report(t *testing.T, config conformance.Config) conformance.Report {
	t.Helper()
	report, err := conformance.Check(t.Context(), config)
	if err != nil {
		t.Error(err)
	}
	return report
}

// all are the names of the clauses.
func all(report conformance.Report) []string {
	var names []string
	for _, f := range report.Findings {
		names = append(names, f.Clause)
	}
	return names
}

func startTallySandbox(t *testing.T, kinds ...sdk.Kind) *tallySandbox {
	t.Helper()
	sandbox := newTallySandbox(kinds...)
	if err := sandbox.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sandbox.Close(); err != nil {
			t.Error(err)
		}
	})
	return sandbox
}

// configAt has no binary, so that the clauses about processes do not apply.
func configAt(sandbox *tallySandbox, plugin tally) conformance.Config {
	return conformance.Config{
		Plugin:   plugin,
		Settings: map[string]any{"base_url": sandbox.URL(), "api_key": apiKey, "api_secret": apiSecret, "timeout": "5s"},
	}
}

// kinds are all that the plugin creates.
func kinds() []sdk.Kind { return []sdk.Kind{sdk.KindPayment, sdk.KindPayout, sdk.KindRefund} }

// The control of the tests below: without a flaw every clause applies and passes.
func TestAnHonestPluginPassesEveryClause(t *testing.T) {
	for _, f := range check(t, "", kinds()...).Findings {
		if f.Verdict != conformance.Pass {
			t.Errorf("%s: %s: %s", f.Clause, f.Verdict, f.Seen)
		}
	}
}

// What nobody orders nobody has tried.
func TestASandboxThatOrdersTooLittleIsCaught(t *testing.T) {
	sandbox := startTallySandbox(t, sdk.KindPayment, sdk.KindRefund)
	found := report(t, configAt(sandbox, newTally("", kinds()...)))
	if diff := cmp.Diff([]string{"the manifest agrees with the sandbox"}, found.Failed()); diff != "" {
		t.Errorf("failed clauses (-want +got):\n%s", diff)
	}
	for _, f := range found.Findings {
		if f.Verdict == conformance.Fail && !strings.HasPrefix(f.Seen, "payout: the account creates it, and the sandbox's script orders none") {
			t.Errorf("seen: %s", f.Seen)
		}
	}
}

func TestSettingsThatAreWrongAreToldOnceAndBeforeTheClauses(t *testing.T) {
	sandbox := startTallySandbox(t, kinds()...)
	for name, c := range map[string]struct {
		change func(*conformance.Config)
		want   string
	}{
		"an unknown name": {
			func(c *conformance.Config) { c.Settings["api_kye"] = "hush-hush" },
			"conformance: the settings: api_kye: unknown setting: known are base_url, api_key, api_secret, timeout",
		},
		"a missing one": {
			func(c *conformance.Config) { delete(c.Settings, "api_key") },
			"conformance: the settings: api_key: required: from the dashboard",
		},
		"a secret that is no text": {
			func(c *conformance.Config) { c.Settings["api_key"] = []any{"hush-hush"} },
			"conformance: the settings: api_key: wrong value: must be text; put it in quotes",
		},
		"no address": {
			func(c *conformance.Config) { delete(c.Settings, "base_url") },
			"conformance: no sandbox: give its URL, or let the setting base_url hold it",
		},
		"an address in a setting that is none": {
			func(c *conformance.Config) { c.BaseURL = []string{"base_ulr"} },
			"conformance: the plugin has no setting base_ulr that could hold the provider's address",
		},
		"no plugin": {func(c *conformance.Config) { c.Plugin = nil }, "conformance: nothing to try: give Plugin or Path"},
	} {
		t.Run(name, func(t *testing.T) {
			config := configAt(sandbox, newTally("", kinds()...))
			c.change(&config)
			found, err := conformance.Check(t.Context(), config)
			if diff := cmp.Diff(c.want, fmt.Sprint(err)); diff != "" || !errors.Is(err, conformance.ErrConfig) || len(found.Findings) > 0 {
				t.Errorf("%d findings, an error of the configuration %t (-want +got):\n%s", len(found.Findings), errors.Is(err, conformance.ErrConfig), diff)
			}
		})
	}
}

// atOnce is how many bad plugins are tried together. They wait most of the time.
const atOnce = 6

func TestEveryBadPluginIsCaughtByItsClauseAlone(t *testing.T) {
	honest := check(t, "", sdk.KindPayment)
	if failed := honest.Failed(); len(failed) > 0 {
		t.Errorf("the control, without a flaw, fails %v", failed)
	}
	names := all(honest)
	reports := make([]conformance.Report, len(names))
	places, running := make(chan struct{}, atOnce), sync.WaitGroup{}
	for i, name := range names {
		running.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			reports[i] = check(t, name, sdk.KindPayment)
		})
	}
	running.Wait()
	caught := 0
	for i, name := range names {
		if diff := cmp.Diff([]string{name}, reports[i].Failed()); diff != "" {
			var text strings.Builder
			_ = reports[i].Write(&text)
			t.Errorf("%s: failed clauses (-want +got):\n%s\n%s", name, diff, &text)
			continue
		}
		caught++
	}
	t.Logf("chaos 39: %d of %d bad plugins were caught, each by the clause meant and by no other; control, the same plugin without a flaw: %d of %d clauses failed",
		caught, len(names), len(honest.Failed()), len(names))
}
