package conformance_test

import (
	"errors"
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

// flawVariable tells a process which clause it breaks.
const flawVariable = "TALLY_FLAW"

func TestMain(m *testing.M) {
	flawed := newTally(os.Getenv(flawVariable))
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

// check holds a plugin with a flaw against the contract, by orders of the kinds. It
// may be called from any goroutine.
func check(t *testing.T, flaw string, kinds ...sdk.Kind) conformance.Report {
	t.Helper()
	sandbox := newTallySandbox(kinds...)
	binary, err := os.Executable()
	if err = errors.Join(err, sandbox.Start()); err != nil {
		t.Error(err)
		return conformance.Report{}
	}
	plugin := newTally(flaw)
	t.Cleanup(func() {
		close(plugin.over)
		if err := sandbox.Close(); err != nil {
			t.Error(err)
		}
	})
	return report(t, conformance.Config{
		Plugin: plugin, Path: binary, Env: []string{flawVariable + "=" + flaw},
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

// The control of the test below: without a flaw every clause applies and passes.
func TestAnHonestPluginPassesEveryClause(t *testing.T) {
	for _, f := range check(t, "", sdk.KindPayment, sdk.KindPayout, sdk.KindRefund).Findings {
		if f.Verdict != conformance.Pass {
			t.Errorf("%s: %s: %s", f.Clause, f.Verdict, f.Seen)
		}
	}
}

// atOnce is how many bad plugins are tried together. They wait most of the time.
const atOnce = 6

func TestEveryBadPluginIsCaughtByItsClauseAlone(t *testing.T) {
	names := all(check(t, "", sdk.KindPayment))
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
	t.Logf("bad plugins: %d of %d caught, each by the clause meant and by no other", caught, len(names))
}
