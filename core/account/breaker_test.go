package account_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/sdk"
)

// The faults and answers that a provider may give, as a script of the tests.
var (
	lost      = func(context.Context) (sdk.Result, error) { return sdk.Result{}, errors.New("connection reset") }
	unsure    = func(context.Context) (sdk.Result, error) { return sdk.Result{Outcome: sdk.OutcomeUnknown}, nil }
	unreached = func(context.Context) (sdk.Result, error) {
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Sent: sdk.NotSent}
	}
	strangers = func(context.Context) (sdk.Result, error) {
		return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonAuthentication}, nil
	}
	lockedOut = func(context.Context) (sdk.Result, error) {
		return sdk.Result{}, sdk.Errorf(sdk.KindAuthentication, "401")
	}
	pending = func(context.Context) (sdk.Result, error) { return sdk.Result{Outcome: sdk.OutcomePending}, nil }
	never   = func(ctx context.Context) (sdk.Result, error) {
		<-ctx.Done()
		return sdk.Result{}, ctx.Err()
	}
)

func declined(reason sdk.Reason) func(context.Context) (sdk.Result, error) {
	return func(context.Context) (sdk.Result, error) {
		return sdk.Result{Outcome: sdk.OutcomeDeclined, Reason: reason}, nil
	}
}

// line is an account whose provider answers as it is told.
type line struct {
	t   *testing.T
	s   *scripted
	all *account.Accounts
}

// withLine runs a test with an account in virtual time.
func withLine(t *testing.T, test func(line)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		test(line{t: t, s: s, all: mustOpen(t, s)})
	})
}

type script = func(context.Context) (sdk.Result, error)

// attempts makes n attempts one after the other, as far as they are let through,
// and returns how many were.
func (l line) attempts(n int, answer script) int {
	l.t.Helper()
	l.s.answer = answer
	made := 0
	for range n {
		permit, err := l.all.Acquire(name)
		if err != nil {
			continue
		}
		made++
		_, _ = mustProvide(l.t, l.all).CreatePayment(context.Background(), sdk.PaymentRequest{})
		permit.Release()
	}
	return made
}

// questions asks n times; a question is let through whatever the breaker says.
func (l line) questions(n int, answer script) {
	l.t.Helper()
	l.s.answer = answer
	for range n {
		permit, err := l.all.AcquireQuestion(name)
		if err != nil {
			l.t.Fatalf("a question was refused: %v", err)
		}
		_, _ = mustProvide(l.t, l.all).QueryStatus(context.Background(), sdk.Attempt{})
		permit.Release()
	}
}

func (l line) want(state core.BreakerState) core.Breaker {
	l.t.Helper()
	standing, _ := l.all.Standing(name)
	if standing.Breaker.State != state {
		l.t.Fatalf("the breaker is %s (%s), want %s", standing.Breaker.State, standing.Breaker.Reason, state)
	}
	return standing.Breaker
}

func TestTechnicalFaultsOfCreateCallsOpenTheBreaker(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer script
		reason string
	}{
		"lost connections":          {lost, "unanswered: 10 of 10 create calls in 1m0s failed"},
		"answers without a meaning": {unsure, "unanswered: 10 of 10 create calls in 1m0s failed"},
		"no connection":             {unreached, "unreachable: 10 of 10 create calls in 1m0s failed"},
		"credentials refused":       {strangers, "authentication: the credentials were refused 5 times in a row"},
		"a fault that says so":      {lockedOut, "authentication: the credentials were refused 5 times in a row"},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			withLine(t, func(l line) {
				started := time.Now()
				l.attempts(10, test.answer)
				want := core.Breaker{
					State: core.BreakerOpen, Reason: test.reason, Since: started, Until: started.Add(30 * time.Second),
				}
				if diff := cmp.Diff(want, l.want(core.BreakerOpen)); diff != "" {
					t.Errorf("breaker (-want +got):\n%s", diff)
				}
				time.Sleep(10 * time.Second)
				_, err := l.all.Acquire(name)
				problem := wantRefusal(t, err, want.Obstacle(), true)
				if problem.RetryAfter != 20*time.Second {
					t.Errorf("try again after %v, want 20s", problem.RetryAfter)
				}
			})
		})
	}
}

func TestCallsThatHangOpenTheBreaker(t *testing.T) {
	t.Parallel()
	withLine(t, func(l line) {
		l.s.answer = never
		for range 10 {
			go func() {
				_, _ = mustProvide(l.t, l.all).CreatePayment(context.Background(), sdk.PaymentRequest{})
			}()
		}
		time.Sleep(account.DefaultTimeout)
		synctest.Wait()
		l.want(core.BreakerOpen)
		time.Sleep(time.Second)
	})
}

// The control: what is no fault of the account never opens its breaker.
func TestWhatIsNoFaultOfTheAccountNeverOpensTheBreaker(t *testing.T) {
	t.Parallel()
	rejected := func(reason sdk.Reason) script {
		return func(context.Context) (sdk.Result, error) {
			return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: reason}, nil
		}
	}
	tests := map[string]func(line){
		"declines":                          func(l line) { l.attempts(100, declined(sdk.ReasonDeclined)) },
		"a network behind it that is down":  func(l line) { l.attempts(100, declined(sdk.ReasonProviderUnavailable)) },
		"a customer who is not authentic":   func(l line) { l.attempts(100, declined(sdk.ReasonAuthentication)) },
		"requests that are wrong":           func(l line) { l.attempts(100, rejected(sdk.ReasonInvalidRequest)) },
		"too many requests":                 func(l line) { l.attempts(100, rejected(sdk.ReasonRateLimited)) },
		"4 refusals of credentials":         func(l line) { l.attempts(4, strangers) },
		"4 refusals, an answer, 4 refusals": func(l line) { l.attempts(4, strangers); l.attempts(1, pending); l.attempts(4, lockedOut) },
		"9 lost answers":                    func(l line) { l.attempts(9, lost) },
		"fewer than half": func(l line) {
			for range 20 {
				l.attempts(3, pending)
				l.attempts(2, lost)
			}
		},
		"faults of questions": func(l line) { l.questions(100, lost); l.questions(100, unreached); l.questions(100, unsure) },
		"faults that are far apart": func(l line) {
			for range 30 {
				l.attempts(1, lost)
				time.Sleep(8 * time.Second)
			}
		},
		"callers that went away": func(l line) {
			l.s.answer = lost
			gone, cancel := context.WithCancel(context.Background())
			cancel()
			for range 100 {
				_, _ = mustProvide(l.t, l.all).GetBalance(gone)
				_, _ = mustProvide(l.t, l.all).CreatePayment(gone, sdk.PaymentRequest{})
			}
		},
		"calls that came too late": func(l line) {
			l.s.answer = pending
			for range 100 {
				_, _ = mustProvide(l.t, l.all).CreatePayment(context.Background(), sdk.PaymentRequest{SendBy: time.Now()})
			}
		},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			withLine(t, func(l line) {
				test(l)
				l.want(core.BreakerClosed)
			})
		})
	}
}

func TestRefusalsOfQuestionsCountForTheCredentials(t *testing.T) {
	t.Parallel()
	withLine(t, func(l line) {
		l.questions(2, lockedOut)
		l.attempts(2, strangers)
		l.questions(1, lockedOut)
		l.want(core.BreakerOpen)
	})
}

func TestAnOpenBreakerLetsOneTrialThroughInItsTime(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer script
		after  core.BreakerState
	}{
		"paid":     {pending, core.BreakerClosed},
		"declined": {declined(sdk.ReasonDeclined), core.BreakerClosed},
		"lost":     {lost, core.BreakerOpen},
		"refused":  {strangers, core.BreakerOpen},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			withLine(t, func(l line) {
				l.attempts(10, lost)
				time.Sleep(30*time.Second - time.Nanosecond)
				if made := l.attempts(5, test.answer); made != 0 {
					t.Fatalf("%d attempts went through before the time", made)
				}
				time.Sleep(time.Nanosecond)
				l.want(core.BreakerHalfOpen)
				trial := mustAcquire(t, l.all)
				_, err := l.all.Acquire(name)
				wantRefusal(t, err, "the breaker is half open, and its trial is under way", true)
				trial.Release() // Nothing was called: the next one is the trial.
				if made := l.attempts(1, test.answer); made != 1 {
					t.Fatal("the trial did not go through")
				}
				l.want(test.after)
			})
		})
	}
}

func TestWhatHungSinceBeforeSaysNothingNew(t *testing.T) {
	t.Parallel()
	withLine(t, func(l line) {
		l.s.answer = never
		go func() { _, _ = mustProvide(l.t, l.all).CreatePayment(context.Background(), sdk.PaymentRequest{}) }()
		synctest.Wait()
		l.attempts(10, lost)
		time.Sleep(account.DefaultTimeout) // The trial's time and the end of what hangs are one.
		l.want(core.BreakerHalfOpen)
		synctest.Wait()
		l.want(core.BreakerHalfOpen)
		time.Sleep(time.Second)
	})
}

func TestAnAnsweredQuestionSaysWhatItCan(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opened, answer script
		after          core.BreakerState
	}{
		"it is reachable again":             {unreached, pending, core.BreakerHalfOpen},
		"the credentials are right again":   {strangers, pending, core.BreakerClosed},
		"creating may fail where asking":    {lost, pending, core.BreakerOpen},
		"an answer that says nothing":       {unreached, unsure, core.BreakerOpen},
		"the credentials are still refused": {strangers, lockedOut, core.BreakerOpen},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			withLine(t, func(l line) {
				l.attempts(10, test.opened)
				l.questions(1, test.answer)
				l.want(test.after)
			})
		})
	}
}

// Creating may have an address of its own: once a trial failed too, answers to
// questions bring no further one forward.
func TestAnsweredQuestionsDoNotMakeABreakerFlap(t *testing.T) {
	t.Parallel()
	withLine(t, func(l line) {
		l.attempts(10, unreached)
		trials := 0
		for range 29 {
			l.questions(1, pending)
			trials += l.attempts(5, unreached)
			time.Sleep(time.Second)
		}
		if trials != 1 {
			t.Errorf("%d trials in 29 seconds, want the one that the first answer brought forward", trials)
		}
		time.Sleep(time.Second)
		l.want(core.BreakerHalfOpen)
		l.attempts(1, pending)
		l.attempts(10, unreached)
		l.questions(1, pending)
		l.want(core.BreakerHalfOpen)
	})
}

func TestANewProcessIsTriedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		host := &processes{standing: core.Standing{Health: core.HealthReady, Generation: 1}, provider: sdk.Complete(s)}
		all, err := account.New(account.Options{
			Accounts: map[string]account.Account{name: {Enabled: true}}, Processes: host,
		})
		if err != nil {
			t.Fatal(err)
		}
		l := line{t: t, s: s, all: all}
		l.attempts(10, lost)
		l.want(core.BreakerOpen)
		host.standing.Generation = 2
		if made := l.attempts(1, pending); made != 1 {
			t.Error("a new process is not tried")
		}
		l.want(core.BreakerClosed)
	})
}

func TestABreakerSaysOnceThatItsStateIsAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &scripted{}
		all, err := account.New(account.Options{
			Accounts: map[string]account.Account{name: {Inside: plugin{provider: s}, Plugin: "paper", Enabled: true}},
			Logger:   hclog.New(&hclog.LoggerOptions{Output: &log, DisableTime: true}),
		})
		if err != nil {
			t.Fatal(err)
		}
		l := line{t: t, s: s, all: all}
		l.attempts(50, lost)
		time.Sleep(time.Minute)
		l.attempts(5, pending)
		want := `[WARN]  breaker is open: no new attempts: account=paper-ci reason="unanswered: 10 of 10 create calls in 1m0s failed" until=2000-01-01T00:00:30Z
[INFO]  breaker is half open: one attempt is let through: account=paper-ci
[INFO]  breaker is closed: account=paper-ci
`
		if diff := cmp.Diff(want, log.String()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

// What was called with the settings of before says nothing of the new ones.
func TestFaultsUnderTheFormerSettingsAreForgotten(t *testing.T) {
	t.Parallel()
	withLine(t, func(l line) {
		l.s.answer = never
		for range 20 {
			go func() { _, _ = mustProvide(l.t, l.all).CreatePayment(context.Background(), sdk.PaymentRequest{}) }()
		}
		synctest.Wait()
		l.all = mustNext(t, l.all, l.s, withRevision("another key"))
		time.Sleep(account.DefaultTimeout + time.Second)
		l.want(core.BreakerClosed)
	})
}
