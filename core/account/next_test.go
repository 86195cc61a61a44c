package account_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/sdk"
)

// mustNext returns the accounts of the same configuration with changes.
func mustNext(t *testing.T, all *account.Accounts, s *scripted, change ...func(*account.Account)) *account.Accounts {
	t.Helper()
	one := account.Account{Inside: plugin{provider: s}, Plugin: "paper", Enabled: true}
	for _, f := range change {
		f(&one)
	}
	next, err := all.Next(account.Options{Accounts: map[string]account.Account{name: one}})
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func withRevision(text string) func(*account.Account) {
	return func(a *account.Account) { a.Revision = text }
}

func sampleAt(at time.Time) core.Sample {
	return core.Sample{Kind: sdk.KindPayment, Country: "CI", Method: "mobile_money", Network: "ORANGE", At: at}
}

func TestWhatWasLearnedOfAnAccountStays(t *testing.T) {
	t.Parallel()
	withLine(t, func(l line) {
		l.attempts(10, lost)
		sample := sampleAt(time.Now())
		l.all.Ended(name, sample, true)
		if err := l.all.Drain(name); err != nil {
			t.Fatal(err)
		}
		was, _ := l.all.Standing(name)
		next := mustNext(t, l.all, l.s, withTimeout(7*time.Second), func(a *account.Account) {
			a.Fees = []core.Fee{{Millionths: 25_000}}
		})
		want := was
		want.Timeout, want.Fees = 7*time.Second, []core.Fee{{Millionths: 25_000}}
		got, _ := next.Standing(name)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("standing (-want +got):\n%s", diff)
		}
		if got.Breaker.State != core.BreakerOpen || !got.Drained || got.Counters.Calls != 10 {
			t.Errorf("%+v: want an open breaker, a drain and 10 calls", got)
		}
		if tally := next.Success(name, &sample, time.Hour); tally != (core.Tally{Succeeded: 1}) {
			t.Errorf("measured %+v, want one success", tally)
		}
		// What is learned through one is known to the other.
		next.Ended(name, sample, false)
		if tally := l.all.Success(name, &sample, time.Hour); tally != (core.Tally{Succeeded: 1, Failed: 1}) {
			t.Errorf("measured %+v by the former, want both ends", tally)
		}
	})
}

func TestOtherSettingsCloseTheBreaker(t *testing.T) {
	t.Parallel()
	withLine(t, func(l line) {
		l.attempts(10, strangers)
		l.want(core.BreakerOpen)
		l.all = mustNext(t, l.all, l.s, withRevision("another key"))
		l.want(core.BreakerClosed)
		if made := l.attempts(4, strangers); made != 4 {
			t.Errorf("%d attempts went through, want 4", made)
		}
		l.want(core.BreakerClosed) // The refusals of before are forgotten.
		l.attempts(1, strangers)
		l.want(core.BreakerOpen)
	})
}

func TestOtherSettingsOpenThePluginAnew(t *testing.T) {
	t.Parallel()
	old, fresh := &scripted{}, &scripted{}
	all := mustOpen(t, old)
	call := func(all *account.Accounts) {
		if _, err := mustProvide(t, all).CreatePayment(t.Context(), sdk.PaymentRequest{}); err != nil {
			t.Error(err)
		}
	}
	call(mustNext(t, all, fresh)) // The same settings: the provider that is open stays.
	call(mustNext(t, all, fresh, withRevision("another key")))
	if old.called() != 1 || fresh.called() != 1 {
		t.Errorf("the old provider was called %d times and the new one %d times, want once each", old.called(), fresh.called())
	}
}

func TestSlotsInUseStayInUse(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{}, withSlots(4))
	held := []core.Permit{mustAcquire(t, all), mustAcquire(t, all), mustAcquire(t, all)}
	narrow := mustNext(t, all, &scripted{}, withSlots(2))
	_, err := narrow.Acquire(name)
	wantRefusal(t, err, "all 2 slots are in use", true)
	held[0].Release()
	_, err = narrow.Acquire(name)
	wantRefusal(t, err, "all 2 slots are in use", true)
	held[1].Release()
	permit := mustAcquire(t, narrow)

	wide := mustNext(t, narrow, &scripted{}, withSlots(3))
	mustAcquire(t, wide)
	_, err = wide.Acquire(name)
	wantRefusal(t, err, "all 3 slots are in use", true)
	permit.Release()
	held[2].Release()
	for range 2 {
		mustAcquire(t, wide)
	}
	_, err = wide.Acquire(name)
	wantRefusal(t, err, "all 3 slots are in use", true)
}

func TestARateIsUsedUpAsFarAsItWas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := mustOpen(t, &scripted{}, withRate(2, time.Minute))
		mustAcquire(t, all).Release()
		time.Sleep(10 * time.Second)
		same := mustNext(t, all, &scripted{}, withRate(2, time.Minute))
		mustAcquire(t, same).Release()
		_, err := same.Acquire(name)
		problem := wantRefusal(t, err, "the rate of 2 in 1m0s is used up", true)
		if problem.RetryAfter != 50*time.Second {
			t.Errorf("try again after %v, want 50s: the period is the one of before", problem.RetryAfter)
		}
		other := mustNext(t, same, &scripted{}, withRate(1, time.Minute))
		mustAcquire(t, other).Release()
		_, err = other.Acquire(name)
		wantRefusal(t, err, "the rate of 1 in 1m0s is used up", true)
	})
}

func TestAQuestionWithoutASlotTakesNothingOfTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := mustOpen(t, &scripted{}, withSlots(2), withRate(10, time.Minute))
		first, second := mustAcquire(t, all), mustAcquire(t, all)
		for range 50 {
			_, err := all.AcquireQuestion(name)
			wantRefusal(t, err, "all 2 slots are in use", true)
		}
		first.Release()
		second.Release()
		for range 5 {
			permit, err := all.AcquireQuestion(name)
			if err != nil {
				t.Fatalf("a question was refused: %v", err)
			}
			permit.Release()
		}
	})
}

func TestPermitsAndCallsOfAnAccountThatIsGoneEndWell(t *testing.T) {
	t.Parallel()
	begun, end := make(chan struct{}), make(chan struct{})
	all := mustOpen(t, &scripted{answer: func(context.Context) (sdk.Result, error) {
		close(begun)
		<-end
		return sdk.Result{Outcome: sdk.OutcomeSucceeded}, nil
	}})
	permit, provider := mustAcquire(t, all), mustProvide(t, all)
	var calling sync.WaitGroup
	calling.Go(func() {
		if result, err := provider.CreatePayment(context.Background(), sdk.PaymentRequest{}); err != nil || result.Outcome != sdk.OutcomeSucceeded {
			t.Errorf("%v, %v: want its answer", result.Outcome, err)
		}
		permit.Release()
	})
	<-begun
	empty, err := all.Next(account.Options{})
	if err != nil {
		t.Fatal(err)
	}
	close(end)
	calling.Wait()
	if _, ok := empty.Standing(name); ok {
		t.Error("the account is still there")
	}
	empty.Ended(name, sampleAt(time.Now()), true)
	if tally := empty.Success(name, &core.Sample{}, time.Hour); tally != (core.Tally{}) {
		t.Errorf("measured %+v of an account that is gone", tally)
	}
	back := mustNext(t, empty, &scripted{})
	if standing, _ := back.Standing(name); standing.Counters != (core.Counters{}) {
		t.Errorf("an account that came back has counted %+v, want nothing", standing.Counters)
	}
}

func TestANextThatIsWrongChangesNothing(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{})
	if _, err := all.Next(account.Options{Accounts: map[string]account.Account{name: {}}}); err == nil {
		t.Error("an account without a plugin was taken")
	}
	mustAcquire(t, all).Release()
}

func TestBothConfigurationsWorkWhileTheyAreExchanged(t *testing.T) {
	t.Parallel()
	const slots, callers, rounds = 4, 16, 200
	all := mustOpen(t, &scripted{}, withSlots(slots))
	next := mustNext(t, all, &scripted{}, withSlots(slots))
	var working sync.WaitGroup
	for i := range callers {
		working.Go(func() {
			through := []*account.Accounts{all, next}[i%2]
			for range rounds {
				permit, err := through.Acquire(name)
				if err != nil {
					continue
				}
				if _, err := mustProvide(t, through).CreatePayment(context.Background(), sdk.PaymentRequest{}); err != nil {
					t.Error(err)
				}
				permit.Release()
			}
		})
	}
	working.Wait()
	for range slots {
		mustAcquire(t, next)
	}
	_, err := all.Acquire(name)
	wantRefusal(t, err, "all 4 slots are in use", true)
}
