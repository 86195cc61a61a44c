package account_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// processes is what a host would know of one account.
type processes struct {
	standing core.Standing
	provider sdk.FullProvider
}

func (p processes) Provider(string) (sdk.FullProvider, bool) { return p.provider, p.provider != nil }

func (p processes) Standing(string) (core.Standing, bool) {
	return p.standing, p.standing.Health != ""
}

// plugin opens provider, or fails as told.
type plugin struct {
	provider sdk.Provider
	fault    error
	panics   bool
}

func (p plugin) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "paper", Version: "1.2.3",
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {Idempotency: sdk.IdempotencyKey}},
	}
}

func (p plugin) Open(sdk.Settings) (sdk.Provider, error) {
	if p.panics {
		panic("secret-in-a-panic")
	}
	return p.provider, p.fault
}

// scripted answers every call with what its function says.
type scripted struct {
	mu     sync.Mutex
	calls  int
	answer func(context.Context) (sdk.Result, error)
}

func (s *scripted) Capabilities() sdk.Capabilities { return sdk.Capabilities{} }

func (s *scripted) call(ctx context.Context) (sdk.Result, error) {
	s.mu.Lock()
	s.calls++
	s.mu.Unlock()
	if s.answer == nil {
		return sdk.Result{Outcome: sdk.OutcomePending}, nil
	}
	return s.answer(ctx)
}

func (s *scripted) called() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func (s *scripted) CreatePayment(ctx context.Context, _ sdk.PaymentRequest) (sdk.Result, error) {
	return s.call(ctx)
}

func (s *scripted) QueryStatus(ctx context.Context, _ sdk.Attempt) (sdk.Result, error) {
	return s.call(ctx)
}

const name = "paper-ci"

// mustOpen returns the accounts with one account inside this process.
func mustOpen(t *testing.T, s *scripted, change ...func(*account.Account)) *account.Accounts {
	t.Helper()
	one := account.Account{Inside: plugin{provider: s}, Plugin: "paper", Enabled: true}
	for _, f := range change {
		f(&one)
	}
	all, err := account.New(account.Options{Accounts: map[string]account.Account{name: one}})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func mustProvide(t *testing.T, all *account.Accounts) sdk.FullProvider {
	t.Helper()
	provider, ok := all.Provider(name)
	if !ok {
		t.Fatalf("Provider(%q) is absent", name)
	}
	return provider
}

// wantRefusal checks that err refuses for the given reason.
func wantRefusal(t *testing.T, err error, reason string, passing bool) *core.Problem {
	t.Helper()
	var problem *core.Problem
	if !errors.As(err, &problem) {
		t.Fatalf("error is %v, want a *core.Problem", err)
	}
	if !errors.Is(err, core.ErrProviderUnavailable) {
		t.Errorf("code is %q, want %q", problem.Code, core.ErrProviderUnavailable.Code)
	}
	want := core.Removed{Account: name, Reason: reason, Passing: passing}
	if len(problem.Removed) != 1 || problem.Removed[0] != want {
		t.Errorf("removed is %+v, want %+v", problem.Removed, want)
	}
	return problem
}

func withRate(calls int, per time.Duration) func(*account.Account) {
	return func(a *account.Account) { a.Rate = account.Rate{Calls: calls, Per: per} }
}

func withSlots(n int) func(*account.Account) {
	return func(a *account.Account) { a.Concurrency = n }
}

func withTimeout(d time.Duration) func(*account.Account) {
	return func(a *account.Account) { a.Timeout = d }
}
