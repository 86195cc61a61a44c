package account_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
)

func TestAnAttemptIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	ready := core.Standing{Health: core.HealthReady}
	tests := map[string]struct {
		standing core.Standing
		account  account.Account
		reason   string // Empty means that the permit is given.
		passing  bool
		question string // The same for a question.
	}{
		"ready":    {standing: ready, account: account.Account{Enabled: true}},
		"degraded": {standing: core.Standing{Health: core.HealthDegraded}, account: account.Account{Enabled: true}},
		"disabled": {standing: ready, account: account.Account{}, reason: "disabled in the configuration"},
		"drained": {
			standing: ready, account: account.Account{Enabled: true, Drained: true},
			reason: "drained by an operator", passing: true,
		},
		"plugin restarts": {
			standing: core.Standing{Health: core.HealthBackoff, Detail: "it ended"}, account: account.Account{Enabled: true},
			reason: "plugin is backoff", passing: true, question: "plugin is backoff",
		},
		"no process serves it": {
			account: account.Account{Enabled: true},
			reason:  "plugin is failed", passing: true,
			question: "plugin is failed",
		},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			all, err := account.New(account.Options{
				Accounts:  map[string]account.Account{name: test.account},
				Processes: processes{standing: test.standing},
			})
			if err != nil {
				t.Fatal(err)
			}
			permit, err := all.Acquire(name)
			check(t, permit, err, test.reason, test.passing)
			permit, err = all.AcquireQuestion(name)
			check(t, permit, err, test.question, true)
		})
	}
}

func check(t *testing.T, permit core.Permit, err error, reason string, passing bool) {
	t.Helper()
	if reason != "" {
		wantRefusal(t, err, reason, passing)
		return
	}
	if err != nil {
		t.Fatalf("error is %v, want a permit", err)
	}
	if permit.Account != name {
		t.Errorf("the permit is for %q, want %q", permit.Account, name)
	}
	permit.Release()
}

func TestAnUnknownAccountIsRefusedForGood(t *testing.T) {
	t.Parallel()
	all, err := account.New(account.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = all.Acquire(name)
	wantRefusal(t, err, "there is no such account", false)
	_, err = all.AcquireQuestion(name)
	wantRefusal(t, err, "there is no such account", false)
}

func TestSlotsAreTakenAndGivenBackOnce(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{}, withSlots(2))
	first, second := mustAcquire(t, all), mustAcquire(t, all)
	_, err := all.Acquire(name)
	wantRefusal(t, err, "all 2 slots are in use", true)

	first.Release()
	first.Release() // Must not free the slot of the second.
	third := mustAcquire(t, all)
	_, err = all.Acquire(name)
	wantRefusal(t, err, "all 2 slots are in use", true)
	second.Release()
	third.Release()
}

func TestQuestionsLeaveSlotsForAttempts(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{}, withSlots(4))
	for range 2 {
		if _, err := all.AcquireQuestion(name); err != nil {
			t.Fatal(err)
		}
	}
	_, err := all.AcquireQuestion(name)
	wantRefusal(t, err, "all 2 slots are in use for questions", true)
	mustAcquire(t, all)
	mustAcquire(t, all)
	_, err = all.Acquire(name)
	wantRefusal(t, err, "all 4 slots are in use", true)
}

func TestARefusedQuestionKeepsNoSlot(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{}, withSlots(2))
	first, second := mustAcquire(t, all), mustAcquire(t, all)
	for range 5 {
		_, err := all.AcquireQuestion(name)
		wantRefusal(t, err, "all 2 slots are in use", true)
	}
	first.Release()
	if _, err := all.AcquireQuestion(name); err != nil {
		t.Errorf("a question after refused ones: %v", err)
	}
	second.Release()
}

func TestTheRateIsRenewedEachPeriod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := mustOpen(t, &scripted{}, withRate(100, time.Minute))
		for period := range 3 {
			for range 100 {
				mustAcquire(t, all).Release()
			}
			time.Sleep(20 * time.Second)
			_, err := all.Acquire(name)
			problem := wantRefusal(t, err, "the rate of 100 in 1m0s is used up", true)
			if problem.RetryAfter != 40*time.Second {
				t.Errorf("period %d: try again after %v, want 40s", period, problem.RetryAfter)
			}
			time.Sleep(40 * time.Second)
		}
	})
}

func TestQuestionsTakeAtMostHalfOfTheRate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ rate, perTwoPeriods int }{
		"an even rate":         {rate: 100, perTwoPeriods: 100},
		"an odd rate":          {rate: 5, perTwoPeriods: 4},
		"one call in a period": {rate: 1, perTwoPeriods: 1},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				all := mustOpen(t, &scripted{}, withRate(test.rate, time.Minute))
				asked := 0
				for range 2 * 60 {
					for range test.rate {
						if permit, err := all.AcquireQuestion(name); err == nil {
							permit.Release()
							asked++
						}
					}
					time.Sleep(time.Second)
				}
				if asked != test.perTwoPeriods {
					t.Errorf("%d questions in two periods, want %d", asked, test.perTwoPeriods)
				}
			})
		})
	}
}

func TestAttemptsMayUseWhatQuestionsLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := mustOpen(t, &scripted{}, withRate(10, time.Second))
		for range 9 {
			mustAcquire(t, all).Release()
		}
		permit, err := all.AcquireQuestion(name)
		if err != nil {
			t.Fatal(err)
		}
		permit.Release()
		_, err = all.Acquire(name)
		wantRefusal(t, err, "the rate of 10 in 1s is used up", true)
		_, err = all.AcquireQuestion(name)
		wantRefusal(t, err, "the rate of 10 in 1s is used up", true)
	})
}

func TestNoMoreThanTheSlotsAreHeldAtOnce(t *testing.T) {
	t.Parallel()
	const slots, callers = 8, 64
	all := mustOpen(t, &scripted{}, withSlots(slots))
	var held sync.WaitGroup
	permits := make(chan core.Permit, callers)
	for range callers {
		held.Go(func() {
			if permit, err := all.Acquire(name); err == nil {
				permits <- permit
			}
		})
	}
	held.Wait()
	if len(permits) != slots {
		t.Errorf("%d permits were held at once, want %d", len(permits), slots)
	}
}

func TestDrainAndResume(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{})
	if err := all.Drain(name); err != nil {
		t.Fatal(err)
	}
	_, err := all.Acquire(name)
	wantRefusal(t, err, "drained by an operator", true)
	if standing, _ := all.Standing(name); !standing.Drained {
		t.Error("the standing does not show the drain")
	}
	if err := all.Resume(name); err != nil {
		t.Fatal(err)
	}
	mustAcquire(t, all).Release()
	if err := all.Drain("nobody"); err == nil {
		t.Error("an account that is not there was drained")
	}
}

func mustAcquire(t *testing.T, all *account.Accounts) core.Permit {
	t.Helper()
	permit, err := all.Acquire(name)
	if err != nil {
		t.Fatal(err)
	}
	return permit
}
