package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

// twoPlugins are options with "good" beside "paper", whose account is "other".
func twoPlugins(t testing.TB) host.Options {
	o := options(t)
	o.Plugins["good"] = o.Plugins["paper"]
	o.Accounts["other"] = host.Account{Plugin: "good"}
	return o
}

func TestACallInFlightWhenItsProcessDiesIsUnknown(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		word string
		kill bool
		log  string
	}{
		"killed":                        {word: "wait", kill: true, log: "signal: killed"},
		"it exits":                      {word: "exit", log: "exit status 3"},
		"it freezes":                    {word: "freeze", log: "3 health checks in a row failed"},
		"it panics outside of the call": {word: "panic beside", log: "panic: the provider's goroutine is wrong"},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			h := mustStart(t, twoPlugins(t))
			victim, bystander := h.pid(t, "a"), h.pid(t, "other")
			begun := filepath.Join(t.TempDir(), "begun")
			done := make(chan error, 1)
			go func() {
				_, err := pay(context.Background(), h.provider(t, "a"), test.word, begun)
				done <- err
			}()
			eventually(t, "the call began", func() bool { return exists(begun) })
			if test.kill {
				if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			wantOutcome(t, <-done, sdk.OutcomeUnknown)
			h.awaitGeneration(t, "a", 2)
			if again := h.pid(t, "a"); again == victim {
				t.Error("the same process serves again")
			}
			if standing := h.standing(t, "b"); standing.Counters.Restarts != 1 {
				t.Errorf("%d restarts, want 1", standing.Counters.Restarts)
			}
			eventually(t, "the log tells of it", func() bool { return strings.Contains(h.log.String(), test.log) })
			if h.pid(t, "other") != bystander || h.standing(t, "other").Generation != 1 {
				t.Error("the account of another plugin was disturbed")
			}
		})
	}
}

func TestAnUndisturbedCallIsAnswered(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	result, err := pay(t.Context(), h.provider(t, "a"), "work", "")
	if err != nil || result.Outcome != sdk.OutcomePending {
		t.Errorf("the answer is %v, %v, want PENDING", result.Outcome, err)
	}
	if len(h.pids(t)) != 1 {
		t.Errorf("processes %v run, want one", h.pids(t)) // Otherwise the search for those left could find nothing.
	}
	if len(names(t, h.options.SocketDir)) != 1 {
		t.Error("the process has no socket directory of its own")
	}
}

func TestWithoutAProcessNothingIsSent(t *testing.T) {
	t.Parallel()
	o := host.Resting(options(t))
	h := mustStart(t, o)
	h.mustKill(t, "a")
	eventually(t, "the death is seen", func() bool { return h.standing(t, "a").Health == core.HealthBackoff })
	begun := filepath.Join(t.TempDir(), "begun")
	_, err := pay(t.Context(), h.provider(t, "a"), "", begun)
	wantOutcome(t, err, sdk.OutcomeNotSent)
	if exists(begun) {
		t.Error("the plugin got the call")
	}
	if ready, why := h.standing(t, "a").Ready(); ready {
		t.Errorf("the account is ready: %s", why)
	}
}

func TestAPanicInACallEndsThatCallAlone(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	before := h.pid(t, "a")
	_, err := pay(t.Context(), h.provider(t, "a"), "panic", "")
	if !errors.Is(err, sdk.ErrPanic) {
		t.Errorf("error is %v, want one that is ErrPanic", err)
	}
	wantOutcome(t, err, sdk.OutcomeUnknown)
	if h.pid(t, "a") != before {
		t.Error("the process died of it")
	}
}

func TestOnlyReadingCallsAreRepeatedAfterACrash(t *testing.T) {
	t.Parallel()
	type call func(ctx context.Context, p sdk.FullProvider, path string) error
	tests := map[string]struct {
		repeated bool
		call     call
	}{
		"CreatePayment": {call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.CreatePayment(ctx, sdk.PaymentRequest{Attempt: sdk.Attempt{ProviderRef: path}, Description: "exit once"})
			return err
		}},
		"CreatePayout": {call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.CreatePayout(ctx, sdk.PayoutRequest{Attempt: sdk.Attempt{ProviderRef: path}})
			return err
		}},
		"CreateRefund": {call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.CreateRefund(ctx, sdk.RefundRequest{Attempt: sdk.Attempt{ProviderRef: path}})
			return err
		}},
		"Cancel": {call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.Cancel(ctx, sdk.Attempt{ProviderRef: path})
			return err
		}},
		"ApprovePayout": {call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.ApprovePayout(ctx, sdk.Attempt{ProviderRef: path})
			return err
		}},
		"RejectPayout": {call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.RejectPayout(ctx, sdk.Attempt{ProviderRef: path})
			return err
		}},
		"HandleNotification": {call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.HandleNotification(ctx, sdk.NotificationRequest{Query: path})
			return err
		}},
		"QueryStatus": {repeated: true, call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.QueryStatus(ctx, sdk.Attempt{ProviderRef: path})
			return err
		}},
		"ListTransactions": {repeated: true, call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.ListTransactions(ctx, sdk.ListRequest{Cursor: path})
			return err
		}},
		"LookupCustomer": {repeated: true, call: func(ctx context.Context, p sdk.FullProvider, path string) error {
			_, err := p.LookupCustomer(ctx, path)
			return err
		}},
		"GetBalance": {repeated: true, call: func(ctx context.Context, p sdk.FullProvider, _ string) error {
			_, err := p.GetBalance(ctx)
			return err
		}},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "died")
			o := options(t)
			o.Accounts["a"] = host.Account{Plugin: "paper", Settings: settings(t, "site", path)}
			h := mustStart(t, o)
			err := test.call(t.Context(), h.provider(t, "a"), path)
			if !exists(path) {
				t.Fatal("the process did not die of the call")
			}
			if test.repeated {
				if err != nil {
					t.Errorf("the call was not repeated: %v", err)
				}
				return
			}
			wantOutcome(t, err, sdk.OutcomeUnknown)
			h.awaitGeneration(t, "a", 2)
			if err := test.call(t.Context(), h.provider(t, "a"), path); err != nil {
				t.Errorf("the next call: %v", err)
			}
		})
	}
}

func TestAGrandchildThatHoldsStderrHidesNothing(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	if _, err := pay(t.Context(), h.provider(t, "a"), "child", ""); err != nil {
		t.Fatal(err)
	}
	if got := h.pids(t); len(got) != 2 {
		t.Fatalf("processes %v run, want the plugin and its child", got)
	}
	before := h.pid(t, "a")
	h.mustKill(t, "a")
	h.awaitGeneration(t, "a", 2)
	after := h.pid(t, "a")
	if got := h.pids(t); len(got) != 1 || got[0] != after || after == before {
		t.Errorf("processes %v run, want only the new one, %d", got, after)
	}
}

func TestAFrozenProcessIsDegradedAndComesBack(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	pid := h.pid(t, "a")
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is degraded", func() bool { return h.standing(t, "a").Health == core.HealthDegraded })
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is ready", func() bool { return h.standing(t, "a").Health == core.HealthReady })
	if h.pid(t, "a") != pid || h.standing(t, "a").Generation != 1 {
		t.Error("it was started again though it came back in time")
	}
}

func TestWhatIsPrintedToStdoutIsLoggedAndHarmless(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	if _, err := pay(t.Context(), h.provider(t, "a"), "print", ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is in the log", func() bool { return strings.Contains(h.log.String(), "printed to stdout") })
	for line := range strings.SplitSeq(h.log.String(), "\n") {
		if strings.Contains(line, "printed to stdout") && !strings.Contains(line, "[WARN]") {
			t.Errorf("it is not logged as a warning: %s", line)
		}
	}
}

func TestCloseWaitsForCallsInFlight(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		word     string
		patience time.Duration
		answered bool
	}{
		"one that comes back":   {word: "work", patience: 10 * time.Second, answered: true},
		"not for ever, for one": {word: "wait", patience: 50 * time.Millisecond},
		"nor for a frozen one":  {word: "freeze", patience: 50 * time.Millisecond},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			h := mustStart(t, options(t))
			begun := filepath.Join(t.TempDir(), "begun")
			done := make(chan error, 1)
			go func() {
				_, err := pay(context.Background(), h.provider(t, "a"), test.word, begun)
				done <- err
			}()
			eventually(t, "the call began", func() bool { return exists(begun) })
			ctx, cancel := context.WithTimeout(t.Context(), test.patience)
			defer cancel()
			started := time.Now()
			if err := h.Close(ctx); err != nil {
				t.Error(err)
			}
			if took := time.Since(started); took > test.patience+5*time.Second {
				t.Errorf("it took %v", took)
			}
			err := <-done
			if test.answered && err != nil {
				t.Errorf("the call in flight: %v, want an answer", err)
			}
			if !test.answered {
				wantOutcome(t, err, sdk.OutcomeUnknown)
			}
			_, err = pay(t.Context(), h.provider(t, "a"), "", "")
			wantOutcome(t, err, sdk.OutcomeNotSent)
			if got := h.standing(t, "a").Health; got != core.HealthStopped {
				t.Errorf("the account is %s, want stopped", got)
			}
		})
	}
}

func TestPluginsEndWhenTheEngineIsKilled(t *testing.T) {
	t.Parallel()
	sockets := socketDir(t)
	engine := startEngine(t, t.TempDir(), sockets)
	h := house{options: host.Options{SocketDir: sockets}}
	if got := h.pids(t); len(got) != 1 {
		t.Errorf("processes %v run, want one plugin", got)
	}
	if err := engine.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Wait(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the plugin ended too", func() bool { return len(h.pids(t)) == 0 })
}

// beEngine starts a plugin and waits to be killed.
func beEngine(dir string) {
	path, checksum := self()
	h, err := host.New(host.Options{
		Plugins:   map[string]host.Plugin{"paper": {Path: path, SHA256: checksum}},
		CacheDir:  filepath.Join(dir, "cache"),
		SocketDir: os.Getenv("HOST_TEST_SOCKETS"),
	})
	if err == nil {
		err = h.Start(context.Background())
	}
	if err != nil {
		panic(err)
	}
	mark(filepath.Join(dir, "ready"))
	time.Sleep(time.Minute)
}
