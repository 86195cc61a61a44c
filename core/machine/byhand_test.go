package machine_test

import (
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func (f *flow) settled(verb string, attempt int, amount int64) *flow {
	f.t.Helper()
	how := settle(verb)
	how.Resolve.Attempt = attempt
	if amount > 0 {
		how.Resolve.Amount = money.Of(amount, money.XOF)
	}
	return f.send(how)
}

func TestARetryOfAnAttemptThatWasGivenUpBeforeIsRefused(t *testing.T) {
	f := payout(t).begun().create(silence).retried("two").answer(core.SourceCreate, 2, silence)
	again := settle("retry")
	again.Start, again.Resolve.Attempt = f.startArg("three"), 1
	f.send(again).refused(core.ErrNotAllowed)
	again.Resolve.Attempt = 2
	f.send(again).is(core.StateProcessing, core.AttemptAbandoned, core.AttemptAbandoned, core.AttemptSent)
}

func TestWhatWasRejectedOrCanceledIsNotTriedAgain(t *testing.T) {
	for _, call := range []core.Call{core.CallReject, core.CallCancel} {
		t.Run(string(call), func(t *testing.T) {
			f := payout(t)
			f.policy.CanCancel = true
			f.begun().create(held).decide(call)
			f.send(core.Event{Type: core.EventRestored}).is(core.StateReview)
			f.retried("two").refused(core.ErrDecisionMade)
		})
	}
}

func TestASettlementIsOfTheAttemptThatHasMoney(t *testing.T) {
	f := payment(t).begun()
	f.send(core.Event{Type: core.EventOutcome, Source: core.SourceCreate, Attempt: 1, Result: declined, Start: f.startArg("two")})
	f.answer(core.SourceCreate, 2, declined).is(core.StateFailed)
	f.answer(core.SourceQuery, 1, underpaid).is(core.StateReview, core.AttemptMismatch, core.AttemptDeclined)
	f.settled("succeeded", 0, 0).is(core.StateSucceeded, core.AttemptSucceeded, core.AttemptDeclined)
	if f.tx.Received != f.tx.Attempts[0].Confirmed || f.tx.Attempts[0].Confirmed.IsZero() {
		t.Errorf("received %s", f.tx.Received)
	}
}

func TestASettlementDoesNotChangeWhatAProviderConfirmed(t *testing.T) {
	f := exhausted(t).retried("two").answer(core.SourceCreate, 2, paid).query(paid).is(core.StateReview)
	f.reason(core.ReasonDuplicateSuccess)
	f.tx.Attempts[1].Reserved = money.Of(5000, money.XOF) // It is given back.
	f.settled("succeeded", 2, 100).refused(core.ErrNotAllowed)
	f.settled("succeeded", 0, 0).is(core.StateSucceeded)
	if f.tx.Received != money.Of(10000, money.XOF) {
		t.Errorf("received %s", f.tx.Received)
	}
}

func TestAnApprovedPayoutThatNobodyWasAskedForCanBeCanceled(t *testing.T) {
	f := payout(t)
	f.tx.PolicyHeld = true
	f.created().decide(core.CallApprove).is(core.StateCreated)
	f.decide(core.CallReject).refused(core.ErrDecisionMade)
	f.decide(core.CallCancel).is(core.StateCanceled).reason(core.ReasonCanceledByMerchant)
	f.decide(core.CallCancel).is(core.StateCanceled)
	f.decide(core.CallApprove).refused(core.ErrDecisionMade)
	if f.tx.Decision.Kind != core.CallCancel {
		t.Errorf("the decision is %s", f.tx.Decision.Kind)
	}
}

func TestWhatIsOverCannotBeCanceledWhateverWasDecided(t *testing.T) {
	f := payout(t).begun().create(held).decide(core.CallApprove).verdict(sdk.VerdictAccepted)
	f.decide(core.CallCancel).refused(core.ErrDecisionMade)
	f.query(paid).is(core.StateSucceeded)
	f.decide(core.CallCancel).refused(core.ErrAlreadyFinal)
	f.decide(core.CallReject).refused(core.ErrDecisionMade)
}

// Both were paid, a person let it stand, and then one of them is taken back.
func TestOneOfTwoSuccessesTakenBackLeavesTheOther(t *testing.T) {
	f := exhausted(t).retried("two").answer(core.SourceCreate, 2, paid).query(paid).settled("succeeded", 0, 0)
	back := sdk.Result{Outcome: sdk.OutcomeReversed}
	f.answer(core.SourceQuery, 1, back).is(core.StateSucceeded, core.AttemptReversed, core.AttemptSucceeded)
	f.answer(core.SourceQuery, 2, back).is(core.StateReversed, core.AttemptReversed, core.AttemptReversed)
}

// It was approved and sent after the backup, so that the restored store has no attempt of it.
func TestWhatWasSentAfterTheBackupCanBeRecorded(t *testing.T) {
	restored := func() *flow {
		f := payout(t)
		f.tx.PolicyHeld = true
		return f.created().send(core.Event{Type: core.EventRestored}).is(core.StateReview)
	}
	f := restored()
	f.settled("succeeded", 1, 0).refused(core.ErrNotAllowed)
	f.settled("succeeded", 0, 1).refused(core.ErrNotAllowed)
	f.settled("succeeded", 0, 0).is(core.StateSucceeded)
	if !f.tx.Manual || !f.tx.Received.IsZero() || f.tx.Reason != nil {
		t.Errorf("manual %t, received %s, reason %+v", f.tx.Manual, f.tx.Received, f.tx.Reason)
	}
	restored().settled("succeeded", 0, f.tx.Amount.Minor()).is(core.StateSucceeded)
	restored().settled("failed", 0, 0).is(core.StateFailed)
	restored().retried("one").is(core.StateProcessing, core.AttemptSent)
}
