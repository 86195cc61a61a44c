package machine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/machine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// A flow is a transaction that is led through events, each a while after the one before.
type flow struct {
	t       *testing.T
	tx      core.Transaction
	now     time.Time
	effects []core.Effect
	err     error
	history []core.HistoryEntry
	policy  core.Policy
}

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func payment(t *testing.T) *flow {
	return newFlow(t, sdk.KindPayment, "pay_01JZZZZZZZZZZZZZZZZZZZZZZZ")
}

func payout(t *testing.T) *flow {
	return newFlow(t, sdk.KindPayout, "out_01JZZZZZZZZZZZZZZZZZZZZZZZ")
}

func newFlow(t *testing.T, kind sdk.Kind, id string) *flow {
	t.Helper()
	facts := sdk.Facts{LateSuccess: 48 * time.Hour, Poll: []time.Duration{10 * time.Second, time.Minute}}
	return &flow{
		t: t, now: start, policy: machine.PolicyOf(facts, sdk.Capabilities{}, nil),
		tx: core.Transaction{
			ID: id, Kind: kind, Merchant: "default", Amount: money.Of(5000, money.XOF), CreatedAt: start,
			Received: money.Zero(money.XOF), Refunded: money.Zero(money.XOF), Route: core.Route{MaxAttempts: 3},
		},
	}
}

func (f *flow) send(e core.Event) *flow {
	f.t.Helper()
	f.now = f.now.Add(time.Second)
	e.At, e.ID, e.Policy = f.now, "evt_01JZZZZZZZZZZZZZZZZZZZZZZZ", f.policy
	var next core.Transaction
	next, f.effects, f.err = machine.Next(f.tx, e)
	f.tx = next
	for _, effect := range f.effects {
		if effect.Type == core.EffectRecord {
			f.history = append(f.history, effect.Entry)
		}
	}
	return f
}

func (f *flow) after(d time.Duration) *flow {
	f.now = f.now.Add(d)
	return f
}

func (f *flow) created() *flow { f.t.Helper(); return f.send(core.Event{Type: core.EventCreated}) }

func (f *flow) startArg(account string) *core.Start {
	return &core.Start{AttemptID: "att_01JZZZZZZZZZZZZZZZZZZZZZZZ", Account: account, SendBy: f.now.Add(6 * time.Second), CallLostAt: f.now.Add(36 * time.Second)}
}

func (f *flow) started(account string) *flow {
	f.t.Helper()
	return f.send(core.Event{Type: core.EventAttemptStarted, Start: f.startArg(account)})
}

func (f *flow) begun() *flow { f.t.Helper(); return f.created().started("one") }

func (f *flow) answer(source core.Source, attempt int, r sdk.Result) *flow {
	f.t.Helper()
	return f.send(core.Event{Type: core.EventOutcome, Source: source, Attempt: attempt, Result: r})
}

func (f *flow) create(r sdk.Result) *flow { f.t.Helper(); return f.answer(core.SourceCreate, 1, r) }
func (f *flow) query(r sdk.Result) *flow  { f.t.Helper(); return f.answer(core.SourceQuery, 1, r) }

func (f *flow) decide(call core.Call) *flow {
	f.t.Helper()
	return f.send(core.Event{Type: core.EventDecision, Decision: call, Actor: "ops", Cause: "because", CallLostAt: f.now.Add(36 * time.Second)})
}

func (f *flow) verdict(v sdk.Verdict) *flow {
	f.t.Helper()
	return f.send(core.Event{Type: core.EventDecisionResult, Attempt: 1, Verdict: sdk.VerdictResult{Verdict: v}})
}

func (f *flow) timer(kind core.TimerKind) *flow {
	f.t.Helper()
	return f.send(core.Event{Type: core.EventTimer, Timer: kind, Attempt: 1})
}

func (f *flow) is(state core.State, attempts ...core.AttemptState) *flow {
	f.t.Helper()
	if f.err != nil {
		f.t.Fatalf("event refused: %v", f.err)
	}
	if f.tx.State != state {
		f.t.Fatalf("state is %s, want %s", f.tx.State, state)
	}
	var got []core.AttemptState
	for _, a := range f.tx.Attempts {
		got = append(got, a.State)
	}
	if attempts != nil {
		if diff := cmp.Diff(words(attempts), words(got)); diff != "" {
			f.t.Fatalf("attempts (-want +got):\n%s", diff)
		}
	}
	f.holds()
	return f
}

func words(states []core.AttemptState) []string {
	all := make([]string, len(states))
	for i, s := range states {
		all[i] = s.String()
	}
	return all
}

func (f *flow) reason(code sdk.Reason) *flow {
	f.t.Helper()
	if f.tx.Reason == nil || f.tx.Reason.Code != code {
		f.t.Fatalf("reason is %+v, want %s", f.tx.Reason, code)
	}
	return f
}

// timers compares the kinds and the times from now on.
func (f *flow) timers(want ...string) *flow {
	f.t.Helper()
	var got []string
	for _, timer := range f.tx.Timers {
		got = append(got, string(timer.Kind)+" "+timer.At.Sub(f.now).String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Fatalf("timers (-want +got):\n%s", diff)
	}
	return f
}

func (f *flow) refused(target error) *flow {
	f.t.Helper()
	if f.err == nil {
		f.t.Fatalf("accepted in state %s, want %v", f.tx.State, target)
	}
	if !isError(f.err, target) {
		f.t.Fatalf("refused with %v, want %v", f.err, target)
	}
	f.err = nil
	return f
}

// holds checks what must be true after every event.
func (f *flow) holds() {
	f.t.Helper()
	for _, problem := range broken(f.tx) {
		f.t.Error(problem)
	}
}

var (
	redirect  = sdk.Result{Outcome: sdk.OutcomeRequiresAction, NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://pay.example/1"}}
	prompt    = sdk.Result{Outcome: sdk.OutcomeRequiresAction, NextAction: &sdk.NextAction{Type: sdk.ActionPrompt, Message: "approve"}}
	pending   = sdk.Result{Outcome: sdk.OutcomePending}
	held      = sdk.Result{Outcome: sdk.OutcomePending, Held: true}
	silence   = sdk.Result{}
	paid      = sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "5000", Currency: "XOF"}}
	underpaid = sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "4000", Currency: "XOF"}}
	reversed  = sdk.Result{Outcome: sdk.OutcomeReversed, Told: sdk.Told{Amount: "5000", Currency: "XOF"}}
	declined  = sdk.Result{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined}
	final     = sdk.Result{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonCanceledByCustomer}
	rejected  = sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonAuthentication}
	notSent   = sdk.Result{Outcome: sdk.OutcomeNotSent}
)

func TestPaidAfterRedirect(t *testing.T) {
	f := payment(t).begun().is(core.StateProcessing, core.AttemptSent).timers("call_lost 35s")
	f.create(redirect).is(core.StateRequiresAction, core.AttemptRequiresAction).timers("expire 24h0m0s", "poll 9s")
	f.query(pending).is(core.StateRequiresAction, core.AttemptRequiresAction)
	f.query(paid).is(core.StateSucceeded, core.AttemptSucceeded).timers()
	if got := f.tx.Received; got != f.tx.Amount {
		t.Errorf("received %s, want %s", got, f.tx.Amount)
	}
	if f.tx.Late {
		t.Error("marked late")
	}
	f.query(paid).is(core.StateSucceeded)
	f.query(declined).is(core.StateSucceeded, core.AttemptSucceeded)
}

func TestUnknownIsNeverAFailure(t *testing.T) {
	f := payment(t).begun().create(silence).is(core.StateUnknown, core.AttemptUnknown).timers("poll 4s")
	for range 20 {
		f.query(silence).is(core.StateUnknown, core.AttemptUnknown)
	}
	f.after(47 * time.Hour).query(silence).is(core.StateUnknown)
	f.after(time.Hour).query(silence).is(core.StateReview).reason(core.ReasonOutcomeUnknown).timers("poll 24h0m0s")
	f.query(silence).is(core.StateReview)
	f.query(paid).is(core.StateSucceeded, core.AttemptSucceeded)
}

func TestLostCallIsUnknown(t *testing.T) {
	f := payment(t).begun().send(core.Event{Type: core.EventCallLost, Attempt: 1}).is(core.StateUnknown, core.AttemptUnknown)
	f.query(pending).is(core.StateProcessing, core.AttemptPending)
	f.create(redirect).is(core.StateProcessing, core.AttemptPending)
	if f.tx.NextAction() == nil {
		t.Error("the late answer's link is lost")
	}
}

func TestFailoverIsOneStep(t *testing.T) {
	f := payment(t).begun()
	f.send(core.Event{Type: core.EventOutcome, Source: core.SourceCreate, Attempt: 1, Result: rejected, Start: f.startArg("two")})
	f.is(core.StateProcessing, core.AttemptRejected, core.AttemptSent)
	f.answer(core.SourceCreate, 2, redirect).is(core.StateRequiresAction, core.AttemptRejected, core.AttemptRequiresAction)
	f.answer(core.SourceQuery, 2, declined).is(core.StateFailed, core.AttemptRejected, core.AttemptDeclined).reason(sdk.ReasonDeclined)
	f.timers("watch 10m0s")
	f.answer(core.SourceQuery, 2, paid).is(core.StateSucceeded, core.AttemptRejected, core.AttemptSucceeded)
	if !f.tx.Late {
		t.Error("not marked late")
	}
}

func TestNobodyElseIsAskedFromUnknown(t *testing.T) {
	f := payment(t).begun().create(silence)
	f.send(core.Event{Type: core.EventOutcome, Source: core.SourceCreate, Attempt: 1, Result: declined, Start: f.startArg("two")})
	f.is(core.StateFailed, core.AttemptDeclined)
	if !hasEffect(f.effects, core.EffectAlone) {
		t.Error("the permit does not go back")
	}
}

func TestCreateOnlyOutcomesFromAQueryAreRefused(t *testing.T) {
	for _, r := range []sdk.Result{notSent, rejected} {
		f := payment(t).begun().create(redirect)
		f.query(r).refused(core.ErrIllegalTransition).is(core.StateRequiresAction)
	}
}

func TestWhatIsToldMustAgree(t *testing.T) {
	for name, test := range map[string]struct {
		told   sdk.Told
		reason sdk.Reason
	}{
		"another amount":    {sdk.Told{Amount: "4999", Currency: "XOF"}, core.ReasonAmountMismatch},
		"another currency":  {sdk.Told{Amount: "5000", Currency: "XAF"}, core.ReasonCurrencyMismatch},
		"another reference": {sdk.Told{Amount: "5000", Reference: "somebody-elses"}, core.ReasonReferenceMismatch},
		"another type":      {sdk.Told{Amount: "5000", Type: "payout"}, core.ReasonReferenceMismatch},
		"unreadable amount": {sdk.Told{Amount: "five"}, core.ReasonAmountMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			f := payment(t).begun().create(redirect)
			f.query(sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: test.told}).is(core.StateReview, core.AttemptMismatch).reason(test.reason)
		})
	}
	t.Run("no currency told", func(t *testing.T) {
		payment(t).begun().create(redirect).query(sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "5000.00"}}).is(core.StateSucceeded)
	})
	t.Run("no amount told is not over yet", func(t *testing.T) {
		payment(t).begun().create(redirect).query(sdk.Result{Outcome: sdk.OutcomeSucceeded}).is(core.StateRequiresAction, core.AttemptRequiresAction)
	})
}

func TestExpiryAsksOnceMore(t *testing.T) {
	expired := func() *flow { return payment(t).begun().create(redirect).after(24 * time.Hour) }
	expired().query(pending).is(core.StateExpired, core.AttemptExpired).timers("watch 10m0s").query(paid).is(core.StateSucceeded)
	expired().query(paid).is(core.StateSucceeded)
	f := expired().query(silence).is(core.StateRequiresAction).timers("poll 4s")
	f.after(48 * time.Hour).query(silence).is(core.StateReview).reason(core.ReasonOutcomeUnknown)
	f = payment(t)
	f.tx.ExpiresAt = start.Add(time.Minute)
	f.begun().create(prompt).after(time.Hour).query(pending).is(core.StateRequiresAction)
}

func TestASecondSuccessIsReviewed(t *testing.T) {
	f := payment(t).begun()
	f.send(core.Event{Type: core.EventOutcome, Source: core.SourceCreate, Attempt: 1, Result: declined, Start: f.startArg("two")})
	f.answer(core.SourceCreate, 2, redirect).answer(core.SourceQuery, 2, paid).is(core.StateSucceeded)
	f.answer(core.SourceNotification, 1, paid).is(core.StateReview, core.AttemptSucceeded, core.AttemptSucceeded).reason(core.ReasonDuplicateSuccess)
	if got := f.tx.Received; got != money.Of(10000, money.XOF) {
		t.Errorf("received %s, want both", got)
	}
}

func TestALateSuccessOvertakesTheLiveAttempt(t *testing.T) {
	f := payment(t)
	f.policy.CanCancel = true
	f.begun()
	f.send(core.Event{Type: core.EventOutcome, Source: core.SourceCreate, Attempt: 1, Result: declined, Start: f.startArg("two")})
	f.answer(core.SourceCreate, 2, redirect)
	f.answer(core.SourceNotification, 1, paid).is(core.StateSucceeded, core.AttemptSucceeded, core.AttemptAbandoned).timers("watch 10m0s")
	if !hasEffect(f.effects, core.EffectCancel) {
		t.Error("the live attempt is not canceled at its provider")
	}
	f.answer(core.SourceQuery, 2, paid).is(core.StateReview).reason(core.ReasonDuplicateSuccess)
}

func TestReversals(t *testing.T) {
	payment(t).begun().create(redirect).query(paid).query(reversed).is(core.StateReversed, core.AttemptReversed)
	f := payment(t).begun().create(redirect).query(reversed).is(core.StateReversed, core.AttemptReversed)
	if last := f.history[len(f.history)-2:]; last[0].To != core.StateSucceeded || last[1].To != core.StateReversed {
		t.Errorf("history ends with %+v, want succeeded and reversed", last)
	}
	payment(t).begun().create(declined).query(reversed).is(core.StateFailed, core.AttemptDeclined)
}

func TestPayoutHeldByProvider(t *testing.T) {
	f := payout(t).begun().create(held).is(core.StateAwaitingApproval, core.AttemptPending)
	f.decide(core.CallApprove).is(core.StateProcessing).timers("call_lost 35s")
	f.decide(core.CallReject).refused(core.ErrDecisionMade)
	f.decide(core.CallApprove).is(core.StateProcessing)
	if len(f.effects) != 0 {
		t.Errorf("the same again does something: %+v", f.effects)
	}
	f.verdict(sdk.VerdictAccepted).is(core.StateProcessing).timers("poll 0s")
	f.query(held).is(core.StateProcessing)
	f.query(paid).is(core.StateSucceeded)
}

func TestAnUnansweredApprovalIsRepeatedAndThenReviewed(t *testing.T) {
	f := payout(t).begun().create(held).decide(core.CallApprove)
	for _, pause := range []string{"1m0s", "5m0s", "30m0s"} {
		f.verdict(sdk.VerdictUnknown).is(core.StateProcessing).timers("decide "+pause, "poll 0s")
		f.query(held).is(core.StateProcessing)
		f.timer(core.TimerDecide).is(core.StateProcessing)
		if !hasEffect(f.effects, core.EffectCall) {
			t.Fatalf("not repeated after %s", pause)
		}
	}
	f.verdict(sdk.VerdictUnknown).query(held).timer(core.TimerDecide).is(core.StateReview).reason(core.ReasonOutcomeUnknown)
}

func TestARefusedApprovalWaitsAgain(t *testing.T) {
	f := payout(t).begun().create(held).decide(core.CallApprove).verdict(sdk.VerdictRefused).is(core.StateAwaitingApproval)
	f.decide(core.CallReject).is(core.StateProcessing).verdict(sdk.VerdictAccepted)
	f.query(sdk.Result{Outcome: sdk.OutcomeCanceled}).is(core.StateCanceled).reason(core.ReasonRejectedByOperator)
}

func TestPayoutHeldByPolicy(t *testing.T) {
	hold := func() *flow {
		f := payout(t)
		f.tx.PolicyHeld = true
		return f.created().is(core.StateAwaitingApproval)
	}
	hold().timers("approval 72h0m0s").timer(core.TimerApproval).is(core.StateCanceled).reason(core.ReasonApprovalExpired)
	hold().decide(core.CallReject).is(core.StateCanceled).reason(core.ReasonRejectedByOperator)
	f := hold().decide(core.CallApprove).is(core.StateCreated)
	if !hasEffect(f.effects, core.EffectRoute) {
		t.Error("not routed")
	}
	f.started("one").create(held).is(core.StateProcessing)
	if !hasEffect(f.effects, core.EffectCall) {
		t.Error("the approval is not told to the provider")
	}
}

func TestCancel(t *testing.T) {
	payment(t).begun().create(redirect).decide(core.CallCancel).refused(core.ErrNotSupported).is(core.StateRequiresAction)
	payment(t).begun().create(redirect).query(paid).decide(core.CallCancel).refused(core.ErrAlreadyFinal)
	f := payment(t)
	f.policy.PaidByLink = true
	f.begun().create(silence).decide(core.CallCancel).is(core.StateCanceled, core.AttemptCanceled).reason(core.ReasonCanceledByMerchant).timers("watch 10m0s")
	f.query(paid).is(core.StateSucceeded)
	f = payment(t)
	f.policy.CanCancel = true
	f.begun().create(redirect).decide(core.CallCancel).is(core.StateRequiresAction).verdict(sdk.VerdictAccepted).is(core.StateRequiresAction)
	f.query(sdk.Result{Outcome: sdk.OutcomeCanceled}).is(core.StateCanceled).reason(core.ReasonCanceledByMerchant)
	transfer := sdk.Result{Outcome: sdk.OutcomeRequiresAction, Match: &sdk.Match{Customer: "c"}, NextAction: &sdk.NextAction{Type: sdk.ActionTransfer, Until: start.Add(time.Hour)}}
	f = payment(t).begun().create(transfer)
	f.send(core.Event{Type: core.EventDecision, Decision: core.CallCancel, GoodRead: true}).is(core.StateCanceled, core.AttemptCanceled)
}

func TestResolve(t *testing.T) {
	settle := func(verb string) core.Event {
		return core.Event{Type: core.EventResolve, Resolve: &core.Resolution{Verb: verb, Reason: "seen in the portal"}}
	}
	unknown := func() *flow { return payment(t).begun().create(silence) }
	unknown().send(settle("succeeded")).is(core.StateSucceeded, core.AttemptSucceeded)
	unknown().send(settle("failed")).is(core.StateFailed, core.AttemptAbandoned).timers("watch 10m0s").query(paid).is(core.StateSucceeded)
	f := unknown()
	again := settle("retry")
	again.Start = f.startArg("two")
	f.send(again).is(core.StateProcessing, core.AttemptAbandoned, core.AttemptSent)
	if !f.tx.DuplicateRisk {
		t.Error("duplicate_risk is not set")
	}
	payment(t).begun().create(redirect).send(settle("failed")).refused(core.ErrNotAllowed)
	payment(t).begun().create(redirect).query(underpaid).is(core.StateReview).send(settle("succeeded")).is(core.StateSucceeded)
	unknown().send(settle("retry")).refused(core.ErrNotAllowed)
}

func TestRestore(t *testing.T) {
	payout(t).begun().create(pending).send(core.Event{Type: core.EventRestored}).is(core.StateReview).reason(core.ReasonRestored).timers("poll 0s").query(paid).is(core.StateReview, core.AttemptSucceeded)
	payment(t).begun().create(redirect).send(core.Event{Type: core.EventRestored}).is(core.StateRequiresAction).timers("expire 23h59m59s", "poll 0s")
}

func TestMatchedTransfer(t *testing.T) {
	transfer := sdk.Result{Outcome: sdk.OutcomeRequiresAction, Match: &sdk.Match{Customer: "c"}, NextAction: &sdk.NextAction{Type: sdk.ActionTransfer, Until: start.Add(time.Hour)}}
	f := payment(t).begun().create(transfer).timers("expire 59m57s", "poll 9s")
	match := core.Event{Type: core.EventMatched, Source: core.SourceTransfer, Attempt: 1, Result: underpaid}
	f.send(match).is(core.StateReview, core.AttemptMismatch)
	match.Resolve = &core.Resolution{Amount: money.Of(4000, money.XOF), Reason: "agreed"}
	f.send(match)
	f = payment(t).begun().create(transfer).send(match).is(core.StateSucceeded)
	if got := f.tx.Received; got != money.Of(4000, money.XOF) {
		t.Errorf("received %s", got)
	}
}

// The provider asks to wait, and is believed for an hour at most.
func TestAQuestionWaitsAsLongAsTheProviderAsks(t *testing.T) {
	for wait, poll := range map[time.Duration]string{
		0: "poll 8s", 2 * time.Minute: "poll 2m0s", 24 * time.Hour: "poll 1h0m0s", -time.Hour: "poll 8s",
	} {
		f := payment(t).begun().create(silence).after(5 * time.Second)
		f.query(sdk.Result{RetryAfter: wait}).is(core.StateUnknown).timers(poll)
	}
}
