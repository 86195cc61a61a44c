package machine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/machine"
	"github.com/paymux/paymux/sdk"
)

func settle(verb string) core.Event {
	return core.Event{Type: core.EventResolve, Actor: "ops", Resolve: &core.Resolution{Verb: verb, Reason: "seen in the portal"}}
}

func (f *flow) retried(account string) *flow {
	f.t.Helper()
	again := settle("retry")
	again.Start = f.startArg(account)
	return f.send(again)
}

// exhausted is a payment that was asked about until nobody may ask on.
func exhausted(t *testing.T) *flow {
	t.Helper()
	return payment(t).begun().create(silence).after(48 * time.Hour).query(silence).is(core.StateReview)
}

func TestADifferenceFoundInReviewIsWhatThePersonMustDecide(t *testing.T) {
	f := exhausted(t).query(underpaid).is(core.StateReview, core.AttemptMismatch).reason(core.ReasonAmountMismatch)
	f.retried("two").refused(core.ErrNotAllowed)
}

func TestNobodyElseIsAskedWhileAnyAttemptHasMoney(t *testing.T) {
	f := payout(t).begun().create(silence).retried("two").answer(core.SourceCreate, 2, pending)
	f.send(core.Event{Type: core.EventRestored}).answer(core.SourceQuery, 2, paid).is(core.StateReview, core.AttemptAbandoned, core.AttemptSucceeded)
	again := settle("retry")
	again.Start, again.Resolve.Attempt = f.startArg("three"), 1
	f.send(again).refused(core.ErrNotAllowed)
}

func TestASuccessOfAnAbandonedAttemptIsLateInReviewToo(t *testing.T) {
	f := exhausted(t).retried("two").answer(core.SourceCreate, 2, silence)
	f.after(48*time.Hour).answer(core.SourceQuery, 2, silence).is(core.StateReview)
	f.query(paid).is(core.StateSucceeded, core.AttemptSucceeded, core.AttemptAbandoned)
	if !f.tx.Late {
		t.Error("not marked late")
	}
}

func TestTheTimeToPayCountsAnewForARetriedAttempt(t *testing.T) {
	for name, in := range map[string]time.Duration{"the provider's time": 0, "the merchant's time": time.Hour} {
		t.Run(name, func(t *testing.T) {
			f := payment(t)
			if in > 0 {
				f.tx.ExpiresIn, f.tx.ExpiresAt = in, start.Add(in)
			}
			f.begun().create(redirect).after(24 * time.Hour).query(silence).after(48 * time.Hour).query(silence).is(core.StateReview)
			f.retried("two").answer(core.SourceCreate, 2, redirect).answer(core.SourceQuery, 2, pending)
			f.is(core.StateRequiresAction, core.AttemptAbandoned, core.AttemptRequiresAction)
			if !f.tx.ExpiresAt.After(f.now) {
				t.Errorf("expires at %s, which is over", f.tx.ExpiresAt)
			}
		})
	}
}

func TestPaidWithoutAnAmountNeverExpires(t *testing.T) {
	wordless := sdk.Result{Outcome: sdk.OutcomeSucceeded}
	f := payment(t).begun().create(redirect).after(24 * time.Hour).query(wordless).is(core.StateRequiresAction)
	f.after(48 * time.Hour).query(wordless).is(core.StateReview).reason(core.ReasonOutcomeUnknown)
}

// The event knows the account of its own attempt only: whether the overtaken
// one's can cancel is for the caller to see.
func TestTheOvertakenAttemptIsCanceledWhateverTheOtherAccountCan(t *testing.T) {
	f := payment(t).begun()
	f.send(core.Event{Type: core.EventOutcome, Source: core.SourceCreate, Attempt: 1, Result: declined, Start: f.startArg("two")})
	f.answer(core.SourceCreate, 2, redirect).answer(core.SourceNotification, 1, paid).is(core.StateSucceeded)
	asked := slices.ContainsFunc(f.effects, func(e core.Effect) bool { return e.Type == core.EffectCancel && e.Attempt == 2 })
	if !asked {
		t.Error("the live attempt is not canceled at its provider")
	}
}

func TestASettledSuccessThatMayBeReversedIsWatchedOn(t *testing.T) {
	f := payment(t)
	f.policy = machine.PolicyOf(sdk.Facts{LateSuccess: 48 * time.Hour, Reversals: true}, sdk.Capabilities{}, nil)
	f.begun().create(redirect).query(underpaid).send(settle("succeeded")).is(core.StateSucceeded).timers("watch 10m0s")
	f.query(reversed).is(core.StateReversed)
}

func TestAWatchIsLongWhereThePluginNamesNoTime(t *testing.T) {
	f := payment(t)
	f.policy = machine.PolicyOf(sdk.Facts{}, sdk.Capabilities{}, nil)
	f.begun().create(final).is(core.StateFailed).timers("watch 10m0s")
}

func TestACancelThatMayNotHaveArrivedCanBeRepeated(t *testing.T) {
	f := payment(t)
	f.policy.CanCancel = true
	f.begun().create(redirect).decide(core.CallCancel).verdict(sdk.VerdictUnknown).is(core.StateRequiresAction)
	for range 10 {
		if f.decide(core.CallCancel).is(core.StateRequiresAction); !hasEffect(f.effects, core.EffectCall) {
			t.Error("not repeated")
		}
		f.verdict(sdk.VerdictUnknown)
	}
	f.decide(core.CallCancel)
	if f.decide(core.CallCancel).is(core.StateRequiresAction); hasEffect(f.effects, core.EffectCall) {
		t.Error("repeated while the call is under way")
	}
	f.verdict(sdk.VerdictAccepted).decide(core.CallCancel).is(core.StateRequiresAction)
	if hasEffect(f.effects, core.EffectCall) {
		t.Error("repeated although the provider took it")
	}
}
