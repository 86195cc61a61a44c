package account_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/sdk"
)

func TestCallsAndFaultsAreCounted(t *testing.T) {
	t.Parallel()
	fault := sdk.Errorf(sdk.KindRateLimited, "slow down")
	s := &scripted{}
	all := mustOpen(t, s)
	provider := mustProvide(t, all)
	if _, err := provider.CreatePayment(t.Context(), sdk.PaymentRequest{}); err != nil {
		t.Fatal(err)
	}
	s.answer = func(context.Context) (sdk.Result, error) { return sdk.Result{Outcome: sdk.OutcomeSucceeded}, fault }
	result, err := provider.QueryStatus(t.Context(), sdk.Attempt{})
	if !errors.Is(err, sdk.ErrRateLimited) {
		t.Errorf("error is %v, want one that is ErrRateLimited", err)
	}
	if want := "paper-ci: rate_limited: slow down"; err.Error() != want {
		t.Errorf("error reads %q, want %q", err, want)
	}
	if diff := cmp.Diff(sdk.Result{}, result); diff != "" {
		t.Errorf("a fault came with an answer (-want +got):\n%s", diff)
	}
	standing, _ := all.Standing(name)
	if diff := cmp.Diff(core.Counters{Calls: 2, Faults: 1}, standing.Counters); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
}

func TestACallInFlightIsSeen(t *testing.T) {
	t.Parallel()
	begun, end := make(chan struct{}), make(chan struct{})
	all := mustOpen(t, &scripted{answer: func(context.Context) (sdk.Result, error) {
		close(begun)
		<-end
		return sdk.Result{}, nil
	}})
	provider := mustProvide(t, all)
	done := make(chan error, 1)
	go func() {
		_, err := provider.CreatePayment(context.Background(), sdk.PaymentRequest{})
		done <- err
	}()
	<-begun
	if standing, _ := all.Standing(name); standing.Counters.InFlight != 1 {
		t.Errorf("%d calls in flight, want 1", standing.Counters.InFlight)
	}
	close(end)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if standing, _ := all.Standing(name); standing.Counters.InFlight != 0 {
		t.Errorf("%d calls in flight, want 0", standing.Counters.InFlight)
	}
}

func TestTheProvidersDeadlineIsOneSecondEarlier(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ timeout, provider time.Duration }{
		"usual": {timeout: 30 * time.Second, provider: 29 * time.Second},
		"short": {timeout: time.Second, provider: 750 * time.Millisecond},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var left time.Duration
				all := mustOpen(t, &scripted{answer: func(ctx context.Context) (sdk.Result, error) {
					deadline, _ := ctx.Deadline()
					left = time.Until(deadline)
					return sdk.Result{}, nil
				}}, withTimeout(test.timeout))
				if _, err := mustProvide(t, all).CreatePayment(t.Context(), sdk.PaymentRequest{}); err != nil {
					t.Fatal(err)
				}
				if left != test.provider {
					t.Errorf("the provider had %v, want %v", left, test.provider)
				}
			})
		})
	}
}

func TestAProviderThatIgnoresItsDeadlineIsUnknownInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := mustOpen(t, &scripted{answer: func(context.Context) (sdk.Result, error) {
			time.Sleep(time.Hour)
			return sdk.Result{Outcome: sdk.OutcomeSucceeded}, nil
		}})
		started := time.Now()
		_, err := mustProvide(t, all).CreatePayment(t.Context(), sdk.PaymentRequest{})
		if took := time.Since(started); took != account.DefaultTimeout {
			t.Errorf("the call took %v, want %v", took, account.DefaultTimeout)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v, want one that is DeadlineExceeded", err)
		}
		if got := sdk.CreateOutcome(err); got != sdk.OutcomeUnknown {
			t.Errorf("the outcome is %v, want UNKNOWN", got)
		}
		time.Sleep(time.Hour) // The provider's goroutine ends inside the bubble.
	})
}

func TestACreatingCallAfterItsTimeIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told time.Time
		s := &scripted{answer: func(ctx context.Context) (sdk.Result, error) {
			told, _ = sdk.SendBy(ctx)
			return sdk.Result{}, nil
		}}
		provider := mustProvide(t, mustOpen(t, s))
		sendBy := time.Now().Add(5 * time.Second)
		if _, err := provider.CreatePayment(t.Context(), sdk.PaymentRequest{SendBy: sendBy}); err != nil {
			t.Fatalf("in time: %v", err)
		}
		if !told.Equal(sendBy) {
			t.Errorf("the provider was told %v, want %v", told, sendBy)
		}
		time.Sleep(5 * time.Second)
		_, err := provider.CreatePayment(t.Context(), sdk.PaymentRequest{SendBy: sendBy})
		wantNotSent(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = provider.CreatePayment(ctx, sdk.PaymentRequest{})
		wantNotSent(t, err)
		if s.called() != 1 {
			t.Errorf("the provider was called %d times, want once", s.called())
		}
	})
}

func wantNotSent(t *testing.T, err error) {
	t.Helper()
	if got := sdk.CreateOutcome(err); got != sdk.OutcomeNotSent {
		t.Errorf("the outcome of %v is %v, want NOT_SENT", err, got)
	}
}

func TestAPanicIsAFaultOfOneCall(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := &scripted{answer: func(context.Context) (sdk.Result, error) { panic("card 4111111111111111") }}
	all, err := account.New(account.Options{
		Accounts: map[string]account.Account{name: {Inside: plugin{provider: s}, Plugin: "paper", Enabled: true}},
		Logger:   hclog.New(&hclog.LoggerOptions{Output: &log}),
	})
	if err != nil {
		t.Fatal(err)
	}
	provider := mustProvide(t, all)
	_, err = provider.CreatePayment(t.Context(), sdk.PaymentRequest{})
	if !errors.Is(err, sdk.ErrPanic) {
		t.Errorf("error is %v, want one that is ErrPanic", err)
	}
	if got := sdk.CreateOutcome(err); got != sdk.OutcomeUnknown {
		t.Errorf("the outcome is %v, want UNKNOWN", got)
	}
	if !strings.Contains(log.String(), "plugin panicked") {
		t.Errorf("the log does not tell of the panic:\n%s", log.String())
	}
	if strings.Contains(log.String()+err.Error(), "4111") {
		t.Error("what the plugin panicked with is shown")
	}
	s.answer = nil
	if _, err := provider.CreatePayment(t.Context(), sdk.PaymentRequest{}); err != nil {
		t.Errorf("the call after a panic: %v", err)
	}
}

func TestAnAccountThatCannotBeOpenedIsNotReady(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		plugin plugin
		detail string
	}{
		"wrong settings": {
			plugin: plugin{fault: sdk.Diagnostics{{Path: "site_id", Summary: "required"}}},
			detail: "settings: site_id: required",
		},
		"panic": {
			plugin: plugin{panics: true},
			detail: "panic: the plugin panicked: a value of type string",
		},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			all, err := account.New(account.Options{Accounts: map[string]account.Account{
				name:    {Inside: test.plugin, Plugin: "paper", Enabled: true},
				"other": {Inside: plugin{provider: &scripted{}}, Plugin: "paper", Enabled: true},
			}})
			if err != nil {
				t.Fatal(err)
			}
			standing, _ := all.Standing(name)
			if standing.Health != core.HealthFailed || standing.Detail != test.detail {
				t.Errorf("the standing is %s: %s, want failed: %s", standing.Health, standing.Detail, test.detail)
			}
			if _, ok := all.Provider(name); ok {
				t.Error("it can be called")
			}
			if other, _ := all.Standing("other"); other.Health != core.HealthReady {
				t.Errorf("another account is %s, want ready", other.Health)
			}
		})
	}
}

func TestStandingTellsTheWholeAccount(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{}, withTimeout(7*time.Second), func(a *account.Account) { a.Required = true })
	want := core.Standing{
		Account: name, Plugin: "paper", Version: "1.2.3", Health: core.HealthReady, Enabled: true, Required: true,
		Generation:   1,
		Capabilities: sdk.Capabilities{Operations: []sdk.Operation{sdk.OperationPayment, sdk.OperationQuery}},
		Facts:        map[sdk.Kind]sdk.Facts{sdk.KindPayment: {Idempotency: sdk.IdempotencyKey}},
		Breaker:      core.Breaker{State: core.BreakerClosed},
		Timeout:      7 * time.Second,
	}
	if diff := cmp.Diff(map[string]core.Standing{name: want}, all.Standings()); diff != "" {
		t.Errorf("standings (-want +got):\n%s", diff)
	}
	if facts, ok := all.Facts(name, sdk.KindPayment); !ok || facts.Idempotency != sdk.IdempotencyKey {
		t.Errorf("facts of payments are %+v, %v", facts, ok)
	}
	if _, ok := all.Facts(name, sdk.KindPayout); ok {
		t.Error("there are facts of payouts, which are not served")
	}
}

func TestOptionsThatAreWrongAreAllNamed(t *testing.T) {
	t.Parallel()
	_, err := account.New(account.Options{Accounts: map[string]account.Account{
		"a": {},
		"b": {Inside: plugin{provider: &scripted{}}, Concurrency: -1},
		"c": {Inside: plugin{provider: &scripted{}}, Rate: account.Rate{Calls: 5}},
		"d": {Inside: plugin{provider: &scripted{}}, Timeout: -time.Second},
	}})
	if err == nil {
		t.Fatal("no error")
	}
	want := strings.Join([]string{
		"account: a: has no plugin: neither a process nor one inside this process serves it",
		"account: b: concurrency is -1, must be 1 or more",
		"account: c: rate is 5 in 0s, must be 1 or more in a positive time",
		"account: d: timeout is -1s, must be positive",
	}, "\n")
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}
