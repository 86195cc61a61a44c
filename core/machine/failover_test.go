package machine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/machine"
	"github.com/paymux/paymux/sdk"
)

// everything is a rule that lets go on whatever it can name.
var everything = core.Route{MaxAttempts: 3, Late: true, Cascade: []sdk.Reason{
	sdk.ReasonNone, sdk.ReasonInvalidRequest, sdk.ReasonDeclined, sdk.ReasonInsufficientFunds, sdk.ReasonProviderUnavailable,
}}

// withStart sends an outcome whose sender has the permit of a second account.
func (f *flow) withStart(source core.Source, r sdk.Result) *flow {
	f.t.Helper()
	return f.send(core.Event{Type: core.EventOutcome, Source: source, Attempt: 1, Result: r, Start: f.startArg("two")})
}

func TestTheRuleSaysWhichNoGoesOn(t *testing.T) {
	funds := sdk.Result{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonInsufficientFunds}
	tests := map[string]struct {
		cascade []sdk.Reason
		answer  sdk.Result
		goesOn  bool
	}{
		"by default a decline does":         {nil, declined, true},
		"by default no funds do not":        {nil, funds, false},
		"a rule lets no funds go on":        {[]sdk.Reason{sdk.ReasonInsufficientFunds}, funds, true},
		"which leaves the decline out":      {[]sdk.Reason{sdk.ReasonInsufficientFunds}, declined, false},
		"a rule without reasons stops each": {[]sdk.Reason{}, notSent, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := payment(t).begun()
			f.tx.Route.Cascade = test.cascade
			f.withStart(core.SourceCreate, test.answer)
			if got := len(f.tx.Attempts) == 2; got != test.goesOn || f.err != nil {
				t.Errorf("went on: %v, want %v, error %v", got, test.goesOn, f.err)
			}
			if got := hasEffect(f.effects, core.EffectAlone); got == test.goesOn {
				t.Errorf("the permit goes back: %v", got)
			}
		})
	}
}

// Nothing that may still be paid goes on, although the rule names every reason and
// somebody brought a permit. The control is a definite no under the same rule.
func TestWhatMayStillBePaidGoesNowhereWhateverTheRuleSays(t *testing.T) {
	for name, answer := range map[string]sdk.Result{
		"unknown": {Reason: sdk.ReasonDeclined}, "a word that nobody knows": {Outcome: 77, Reason: sdk.ReasonDeclined},
		"pending":           {Outcome: sdk.OutcomePending, Reason: sdk.ReasonDeclined},
		"requires action":   {Outcome: sdk.OutcomeRequiresAction, Reason: sdk.ReasonDeclined, NextAction: redirect.NextAction},
		"declined for good": {Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonDeclined},
		"canceled":          {Outcome: sdk.OutcomeCanceled, Reason: sdk.ReasonDeclined},
		"expired":           {Outcome: sdk.OutcomeExpired, Reason: sdk.ReasonDeclined},
		"paid":              paid,
	} {
		for kind, begin := range map[sdk.Kind]func(*testing.T) *flow{sdk.KindPayment: payment, sdk.KindPayout: payout} {
			f := begin(t).begun()
			f.tx.Route, f.policy.LateFailover = everything, true
			f.withStart(core.SourceCreate, answer)
			if len(f.tx.Attempts) != 1 || !hasEffect(f.effects, core.EffectAlone) || f.err != nil {
				t.Errorf("%s of a %s: %d attempts, error %v", name, kind, len(f.tx.Attempts), f.err)
			}
		}
	}
	f := payment(t).begun()
	f.tx.Route = everything
	f.withStart(core.SourceCreate, declined).is(core.StateProcessing, core.AttemptDeclined, core.AttemptSent)
}

func TestALateNoGoesOnOnlyWhereRuleAndProviderSaySo(t *testing.T) {
	final := sdk.Facts{DeclinedIsFinal: true}
	lead := func(f *flow) { f.create(pending) }
	tests := map[string]struct {
		begin  func(*testing.T) *flow
		facts  sdk.Facts
		rule   core.Route
		lead   func(*flow)
		answer sdk.Result
		goesOn bool
	}{
		"a payout":                               {payout, final, everything, lead, declined, true},
		"a payout whose create answer was lost":  {payout, final, everything, func(f *flow) { f.create(silence) }, declined, true},
		"a payout that we approved":              {payout, final, everything, func(f *flow) { f.create(held).decide(core.CallApprove) }, declined, true},
		"a payment":                              {payment, final, everything, lead, declined, false},
		"the provider does not say that it is":   {payout, sdk.Facts{}, everything, lead, declined, false},
		"the rule does not say so":               {payout, final, core.Route{MaxAttempts: 3}, lead, declined, false},
		"for a reason that does not go on":       {payout, final, core.Route{Late: true}, lead, sdk.Result{Outcome: sdk.OutcomeDeclined}, false},
		"declined for good":                      {payout, final, everything, lead, sdk.Result{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonDeclined}, false},
		"still pending":                          {payout, final, everything, lead, pending, false},
		"no answer":                              {payout, final, everything, lead, silence, false},
		"we rejected it":                         {payout, final, everything, func(f *flow) { f.create(held).decide(core.CallReject) }, declined, false},
		"rejected in the portal while it waited": {payout, final, everything, func(f *flow) { f.create(held) }, declined, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := test.begin(t).begun()
			f.tx.Route = test.rule
			f.policy = machine.PolicyOf(test.facts, sdk.Capabilities{}, nil)
			test.lead(f)
			f.withStart(core.SourceQuery, test.answer)
			if got := len(f.tx.Attempts) == 2; got != test.goesOn || f.err != nil {
				t.Fatalf("went on: %v, want %v, error %v", got, test.goesOn, f.err)
			}
			if test.goesOn {
				f.is(core.StateProcessing, core.AttemptDeclined, core.AttemptSent)
			}
		})
	}
}

// A merchant who cancels wants no other account to pay it out.
func TestALateNoAfterACancelGoesNowhere(t *testing.T) {
	f := payout(t).begun()
	f.tx.Route = everything
	f.policy.LateFailover, f.policy.CanCancel = true, true
	f.create(pending).decide(core.CallCancel)
	f.withStart(core.SourceNotification, declined)
	if len(f.tx.Attempts) != 1 || f.tx.State != core.StateFailed {
		t.Errorf("it is %s with %d attempts", f.tx.State, len(f.tx.Attempts))
	}
}

func TestWhoWasPassedOverIsKeptWithTheRoute(t *testing.T) {
	before := core.Removed{Account: "zero", Reason: "country CI is not offered"}
	passed := core.Removed{Account: "two", Reason: "drained by an operator", Passing: true, Attempt: 2}
	no := core.Event{Type: core.EventOutcome, Source: core.SourceCreate, Attempt: 1, Result: declined, PassedOver: []core.Removed{passed}}
	for name, onward := range map[string]bool{"with a next attempt": true, "with nobody left": false} {
		f := payment(t)
		f.tx.Route.Removed = []core.Removed{before}
		f.begun()
		if no.Start = nil; onward {
			no.Start = f.startArg("three")
		}
		f.send(no)
		if diff := cmp.Diff([]core.Removed{before, passed}, f.tx.Route.Removed); diff != "" {
			t.Errorf("%s: removed (-want +got):\n%s", name, diff)
		}
	}
	f := payment(t).begun()
	no.Result, no.Start = pending, nil
	if f.send(no); f.tx.Route.Removed != nil {
		t.Errorf("nobody was sought, yet %v are kept as passed over", f.tx.Route.Removed)
	}
}
