package orchestrator_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
)

// delays are after how long money comes late.
var delays = []time.Duration{
	time.Minute, 10 * time.Minute, time.Hour, 5 * time.Hour, 12 * time.Hour, 24 * time.Hour, 36 * time.Hour, 48 * time.Hour, 72 * time.Hour,
}

// late is a way in which money comes when nobody counts on it any more.
type late struct {
	// answer is how the create call at the first account goes.
	answer coretest.Answer
	// abandon lets an operator go on to the second account, where both says that it is paid too.
	abandon, both bool
	// state and flagged are how the payment must stand in the end.
	state   core.State
	flagged bool
}

var lateness = map[string]late{
	"after a time-out":                         {answer: coretest.AnswerLostResponse, state: core.StateSucceeded},
	"after an operator's retry":                {answer: coretest.AnswerLostResponse, abandon: true, state: core.StateSucceeded, flagged: true},
	"after an operator's retry that was paid":  {answer: coretest.AnswerLostResponse, abandon: true, both: true, state: core.StateReview, flagged: true},
	"after a decline that went on":             {answer: coretest.AnswerDeclined, state: core.StateSucceeded, flagged: true},
	"after a decline that went on and is paid": {answer: coretest.AnswerDeclined, both: true, state: core.StateReview, flagged: true},
}

// comes lets the money of the first account come after the delay, and returns how
// the payment stands a while later.
func (l late) comes(t *testing.T, delay time.Duration, announced bool) core.Transaction {
	t.Helper()
	var tx core.Transaction
	turn := coretest.Turn{After: delay, Becomes: coretest.Paid}
	if announced {
		turn.Notify = []time.Duration{0}
	}
	first := bank("one", coretest.Plan{
		Answer: l.answer, Reason: sdk.ReasonDeclined, Then: []coretest.Turn{turn}, Hidden: 50 * time.Second,
	})
	second := bank("two", coretest.Plan{})
	if l.both {
		second = bank("two", coretest.Plan{Then: []coretest.Turn{{After: 20 * time.Second, Becomes: coretest.Paid, Notify: []time.Duration{0}}}})
	}
	inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
		tx = mustPay(t, e, order("7")).Transaction
		if l.abandon {
			time.Sleep(10 * time.Second)
			operator := core.Caller{Actor: "awa", Operator: true}
			if _, err := e.Resolve(context.Background(), operator, tx.ID, core.Resolution{Verb: "retry", Reason: "the portal shows nothing"}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(delay + 2*time.Hour)
		var err error
		if tx, err = e.Transaction(t.Context(), order("7").Caller, tx.ID); err != nil {
			t.Fatal(err)
		}
	}, first, second)
	return tx
}

// wrong says in what the payment stands otherwise than it must, empty for nothing.
func (l late) wrong(tx core.Transaction) string {
	received := int64(5000)
	if l.both {
		received = 10000
	}
	first := tx.Attempts[0]
	switch {
	case tx.State != l.state:
		return fmt.Sprintf("it is %s, want %s", tx.State, l.state)
	case first.State != core.AttemptSucceeded || tx.Received.Minor() != received:
		return fmt.Sprintf("the attempt is %s, %s were received", first.State, tx.Received)
	case l.both && tx.Reason.Code != core.ReasonDuplicateSuccess:
		return fmt.Sprintf("the reason is %q", tx.Reason.Code)
	case l.abandon && !tx.DuplicateRisk:
		return "it is not flagged as a risk of being paid twice"
	case l.flagged && !l.both && !tx.Late:
		return "it is not flagged as late"
	default:
		return ""
	}
}

// Money that comes when nobody counts on it any more is applied to its own attempt
// and flagged. The control is a provider that announces nothing of what it was
// given up for: nobody can know of that money, and the test must see that.
func TestLateMoneyIsAppliedAndFlagged(t *testing.T) {
	applied, cases := 0, 0
	for name, l := range lateness {
		for _, delay := range delays {
			cases++
			tx := l.comes(t, delay, true)
			if wrong := l.wrong(tx); wrong != "" {
				t.Errorf("%s, %v: %s", name, delay, wrong)
				continue
			}
			applied++
		}
	}
	missed := 0
	control := lateness["after a decline that went on and is paid"]
	for _, delay := range delays {
		if control.wrong(control.comes(t, delay, false)) != "" {
			missed++
		}
	}
	if missed == 0 {
		t.Error("money that nobody announces is known all the same: nothing is late")
	}
	t.Logf("chaos 14: %d of %d late successes, %v to %v late, applied to their attempts and flagged, %d unflagged; control without a notification: %d of %d missed",
		applied, cases, delays[0], delays[len(delays)-1], cases-applied, missed, len(delays))
}

// liar is a provider whose answers to questions are a list; the last one stays.
type liar struct {
	mu      sync.Mutex
	answers []sdk.Result
	asked   int
}

func (l *liar) Describe() sdk.Manifest {
	facts := sdk.Facts{QueryBy: sdk.QueryByOurRef, LateSuccess: 48 * time.Hour, TellsCurrency: true}
	return sdk.Manifest{
		Name: "liar", Version: "1.0.0", Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: facts},
		Capabilities: l.Capabilities(),
	}
}

func (l *liar) Open(sdk.Settings) (sdk.Provider, error) { return l, nil }

func (l *liar) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}}
}

func (l *liar) CreatePayment(context.Context, sdk.PaymentRequest) (sdk.Result, error) {
	return sdk.Result{}, sdk.Errorf(sdk.KindUnavailable, "connection reset")
}

func (l *liar) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := l.answers[min(l.asked, len(l.answers)-1)]
	l.asked++
	return next, nil
}

// What a question may be answered.
var (
	notFound  = sdk.Result{ProviderCode: "NOT_FOUND"}
	working   = sdk.Result{Outcome: sdk.OutcomePending}
	nothing   = sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonInvalidRequest}
	unsent    = sdk.Result{Outcome: sdk.OutcomeNotSent}
	noAmount  = sdk.Result{Outcome: sdk.OutcomeSucceeded}
	tooLittle = sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "4999", Currency: "XOF"}}
	elsewhere = sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "5000", Currency: "EUR"}}
)

// A question may be answered with lies for a time. No end is believed before the
// truth is told, and money that differs is looked at by a person. The control is a
// plugin that takes "not found" for a decline.
func TestAProviderThatLiesEndsNothing(t *testing.T) {
	tests := map[string]struct {
		answers []sdk.Result
		want    core.State
	}{
		"not found, then found":             {[]sdk.Result{notFound, notFound, notFound, paid}, core.StateSucceeded},
		"not found for a day":               {append(many(notFound, 30), paid), core.StateSucceeded},
		"not found for ever":                {[]sdk.Result{notFound}, core.StateReview},
		"flapping, then paid":               {[]sdk.Result{working, notFound, working, notFound, {Outcome: 99}, working, paid}, core.StateSucceeded},
		"flapping, then declined":           {[]sdk.Result{working, notFound, working, declined}, core.StateFailed},
		"rejected, which nobody can know":   {append(many(nothing, 5), paid), core.StateSucceeded},
		"not sent, which nobody can know":   {append(many(unsent, 5), paid), core.StateSucceeded},
		"paid without an amount, then with": {[]sdk.Result{noAmount, noAmount, paid}, core.StateSucceeded},
		"paid too little":                   {[]sdk.Result{working, tooLittle, paid}, core.StateReview},
		"paid in another currency":          {[]sdk.Result{notFound, elsewhere, paid}, core.StateReview},
		"paid, then not found":              {[]sdk.Result{paid, notFound, working, declined}, core.StateSucceeded},
	}
	premature := 0
	for name, test := range tests {
		state, early := lied(t, test.answers)
		if early {
			premature++
			t.Errorf("%s: it ended before the truth was told", name)
		}
		if state != test.want {
			t.Errorf("%s: it is %s, want %s", name, state, test.want)
		}
	}
	lie := sdk.Result{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined, ProviderCode: "NOT_FOUND"}
	_, early := lied(t, []sdk.Result{lie, lie, paid})
	if !early {
		t.Error("a plugin that takes not found for a decline is not noticed")
	}
	t.Logf("chaos 15: %d sequences of answers, %d premature ends; control that takes not found for a decline: noticed %t", len(tests), premature, early)
}

func many(r sdk.Result, n int) []sdk.Result {
	all := make([]sdk.Result, n)
	for i := range all {
		all[i] = r
	}
	return all
}

// lied returns how a payment stands after three days of these answers, and whether it
// was given up on the way.
func lied(t *testing.T, answers []sdk.Result) (state core.State, early bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &liar{answers: answers}
		e, err := engine.New(t.Context(), engine.Options{
			Config: coretest.MustConfig(t, t.TempDir()), Store: coretest.MustOpenStore(t),
			Providers: map[string]engine.Provider{"liar": {Plugin: l}}, Rules: coretest.Rules("liar"),
		})
		if err != nil {
			t.Fatal(err)
		}
		tx := mustPay(t, e, order("7")).Transaction
		time.Sleep(72 * time.Hour)
		if tx, err = e.Transaction(t.Context(), order("7").Caller, tx.ID); err != nil {
			t.Fatal(err)
		}
		state, early = tx.State, ended(t, e, tx)
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return state, early
}

// ended reports whether it failed on the way to its success.
func ended(t *testing.T, e *engine.Engine, tx core.Transaction) bool {
	t.Helper()
	history, err := e.History(t.Context(), order("7").Caller, tx.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range history {
		if entry.To == core.StateFailed && tx.State == core.StateSucceeded {
			return true
		}
	}
	return false
}
