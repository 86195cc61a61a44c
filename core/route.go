package core

import (
	"slices"
	"time"

	"github.com/paymux/paymux/sdk"
)

// Route is the routing decision, kept as it was made, and whom the search for
// later attempts passed over. An operator's retry decides anew: the policy is then
// the new decision's, its candidates follow those that were tried, and what was
// left out before stays.
type Route struct {
	Rule       string
	Generation uint64
	// At is when it was decided; zero means when the transaction was created.
	At time.Time
	// AskedBy is the key that asked for exactly one account, Transaction.Provider; empty where the rules chose.
	AskedBy string
	// Card says that the request carried raw card data, of which nothing is kept.
	Card bool
	// Candidates are the accounts in order of trial; Removed the others, with why.
	Candidates []string
	// Reasons say why each candidate stands where it stands, one for each; nil where no rule chose.
	Reasons []string
	Removed []Removed
	// MaxAttempts bounds the attempts of the transaction, but not an operator's retry.
	MaxAttempts int
	// Deadline bounds all attempts of one request; zero leaves it to the configuration.
	Deadline time.Duration
	// Late and Cascade are those of the Choice. No Cascade and one that holds nothing differ.
	Late    bool
	Cascade []sdk.Reason
}

// Removed is an account that was left out and why.
type Removed struct {
	Account string
	Reason  string
	// Passing says that the reason may be gone soon: not ready, drained, no permit.
	Passing bool
	// Attempt is the number of the attempt that somebody was sought for when it was
	// passed over; zero where the decision itself left it out.
	Attempt int
}

// GoesOn reports whether an attempt whose create call ended so goes on with the
// next account. Only a definite no ever does, whatever the rule says: what is
// unknown, pending or waits for the customer may still be paid. A NOT_SENT without
// a reason has that of a provider that cannot be reached.
func (r Route) GoesOn(outcome sdk.Outcome, reason sdk.Reason) bool {
	if outcome == sdk.OutcomeNotSent && reason == sdk.ReasonNone {
		reason = sdk.ReasonProviderUnavailable
	}
	switch {
	case outcome != sdk.OutcomeNotSent && outcome != sdk.OutcomeRejected && outcome != sdk.OutcomeDeclined:
		return false
	case r.Cascade != nil:
		return slices.Contains(r.Cascade, reason)
	default:
		return outcome == sdk.OutcomeNotSent || reason.Cascades()
	}
}

// GoesOnLate reports whether the rule lets a no that came after the create call
// was answered go on. That the provider documents its no as final is asked besides.
func (r Route) GoesOnLate(outcome sdk.Outcome, reason sdk.Reason) bool {
	return r.Late && outcome == sdk.OutcomeDeclined && r.GoesOn(outcome, reason)
}

// Untried returns the candidates that have no attempt yet, in order of trial.
func (t Transaction) Untried() []string {
	return slices.DeleteFunc(slices.Clone(t.Route.Candidates), t.Tried)
}

// Tried reports whether an attempt was made at the account.
func (t Transaction) Tried(account string) bool {
	return slices.ContainsFunc(t.Attempts, func(a Attempt) bool { return a.Account == account })
}
