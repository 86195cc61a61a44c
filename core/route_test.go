package core_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// everyReason is a rule that lets everything go on that it can name.
var everyReason = []sdk.Reason{
	sdk.ReasonInvalidRequest, sdk.ReasonAuthentication, sdk.ReasonInsufficientFunds, sdk.ReasonDeclined, sdk.ReasonLimitExceeded,
	sdk.ReasonRateLimited, sdk.ReasonDuplicate, sdk.ReasonProviderUnavailable, sdk.ReasonNotSupported, sdk.ReasonInsufficientFloat,
	sdk.ReasonCustomerUnknown, sdk.ReasonCanceledByCustomer, sdk.ReasonExpired, sdk.ReasonNone,
}

func TestWhatGoesOnToTheNextAccount(t *testing.T) {
	byDefault, nothing := core.Route{}, core.Route{Cascade: []sdk.Reason{}}
	funds := core.Route{Cascade: []sdk.Reason{sdk.ReasonInsufficientFunds}}
	reachable := core.Route{Cascade: []sdk.Reason{sdk.ReasonProviderUnavailable}}
	tests := map[string]struct {
		route   core.Route
		outcome sdk.Outcome
		reason  sdk.Reason
		want    bool
	}{
		"a decline":                                {byDefault, sdk.OutcomeDeclined, sdk.ReasonDeclined, true},
		"a rejection for a limit":                  {byDefault, sdk.OutcomeRejected, sdk.ReasonLimitExceeded, true},
		"our own mistake":                          {byDefault, sdk.OutcomeRejected, sdk.ReasonInvalidRequest, false},
		"a payer without funds":                    {byDefault, sdk.OutcomeDeclined, sdk.ReasonInsufficientFunds, false},
		"a decline that nobody mapped":             {byDefault, sdk.OutcomeDeclined, sdk.ReasonNone, false},
		"not sent, whyever":                        {byDefault, sdk.OutcomeNotSent, sdk.ReasonNone, true},
		"a rule that names nothing, declined":      {nothing, sdk.OutcomeDeclined, sdk.ReasonDeclined, false},
		"a rule that names nothing, not sent":      {nothing, sdk.OutcomeNotSent, sdk.ReasonNone, false},
		"a rule that names the payer's funds":      {funds, sdk.OutcomeDeclined, sdk.ReasonInsufficientFunds, true},
		"what such a rule does not name":           {funds, sdk.OutcomeDeclined, sdk.ReasonDeclined, false},
		"a rule for who cannot be reached":         {reachable, sdk.OutcomeNotSent, sdk.ReasonNone, true},
		"not sent for a reason that it leaves out": {reachable, sdk.OutcomeNotSent, sdk.ReasonAuthentication, false},
	}
	for name, test := range tests {
		if got := test.route.GoesOn(test.outcome, test.reason); got != test.want {
			t.Errorf("%s: goes on %v, want %v", name, got, test.want)
		}
	}
}

// Whatever a rule names: only a definite no goes on, and late only a decline. The
// control is the same rule with a definite no.
func TestNoRuleLetsGoOnWhatMayStillBePaid(t *testing.T) {
	route := core.Route{Cascade: everyReason, Late: true}
	definite := []sdk.Outcome{sdk.OutcomeNotSent, sdk.OutcomeRejected, sdk.OutcomeDeclined}
	for _, outcome := range append(sdk.Outcomes(), sdk.Outcome(77)) {
		for _, reason := range everyReason {
			if got, want := route.GoesOn(outcome, reason), slices.Contains(definite, outcome); got != want {
				t.Errorf("%s for %q goes on %v, want %v", outcome, reason, got, want)
			}
			if got, want := route.GoesOnLate(outcome, reason), outcome == sdk.OutcomeDeclined; got != want {
				t.Errorf("%s for %q goes on late %v, want %v", outcome, reason, got, want)
			}
		}
	}
	if (core.Route{}).GoesOnLate(sdk.OutcomeDeclined, sdk.ReasonDeclined) {
		t.Error("a late no goes on although no rule says so")
	}
}

func TestWhoWasNotTriedYet(t *testing.T) {
	tx := core.Transaction{
		Route:    core.Route{Candidates: []string{"one", "two", "three", "four"}},
		Attempts: []core.Attempt{{Account: "one"}, {Account: "three"}},
	}
	if diff := cmp.Diff([]string{"two", "four"}, tx.Untried()); diff != "" {
		t.Errorf("Untried (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"one", "two", "three", "four"}, tx.Route.Candidates); diff != "" {
		t.Errorf("the candidates themselves changed (-want +got):\n%s", diff)
	}
}
