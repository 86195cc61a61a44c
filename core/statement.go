package core

import (
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// StatementRow is one line of what a provider says happened at an account. It is
// believed by nobody: it is compared with what is recorded.
type StatementRow struct {
	// Line is its line in a file, zero where it is from the provider's list.
	Line int
	// Ref is our reference and ProviderRef the provider's own, as far as told.
	Ref, ProviderRef string
	// Kind is empty where it is not told.
	Kind sdk.Kind
	// Outcome is what Status means, UNKNOWN where nobody knows.
	Outcome sdk.Outcome
	Status  string
	// Amount and Currency are as they were told, in major units; empty where they were not.
	Amount, Currency string
	// At is when the provider created it, zero where it is not told.
	At time.Time
}

// Belief is what is believed here of the money of one attempt or transfer.
type Belief uint8

const (
	// BeliefUnclear means that nobody knows whether there is anything at the provider.
	BeliefUnclear Belief = iota
	// BeliefNothing means that nothing was created at the provider.
	BeliefNothing
	// BeliefOpen means that it is live: money may still come.
	BeliefOpen
	// BeliefNoMoney means that it ended without money.
	BeliefNoMoney
	// BeliefPaid means that money moved, BeliefMismatch that money moved which is not
	// what was asked for, BeliefReversed that it went back.
	BeliefPaid
	BeliefMismatch
	BeliefReversed
)

// Expected reports whether a statement must show what is believed so.
func (b Belief) Expected() bool {
	return b == BeliefOpen || b == BeliefPaid || b == BeliefMismatch || b == BeliefReversed
}

// Held is what is recorded of something that an account's statement may show: an
// attempt, or a transfer of an account that only lists.
type Held struct {
	// ID is the attempt's or the transfer's.
	ID               string
	Ref, ProviderRef string
	// Transaction is the attempt's, or what the transfer paid; Attempt the number of
	// the attempt, zero for a transfer.
	Transaction string
	Attempt     int
	Kind        sdk.Kind
	Belief      Belief
	// State is the word of the attempt's state, or of the transfer's outcome.
	State string
	// Amount is what the provider confirmed, else what was asked for.
	Amount money.Amount
	// Told is what the provider told of a mismatch.
	Told sdk.Told
	At   time.Time
	// Phone is the customer's, to be hidden wherever a provider repeats it.
	Phone string
}

// StatementClass says how a row of a statement and what is held compare.
type StatementClass string

// The classes. Equal and known are no differences.
const (
	StatementEqual           StatementClass = "equal"
	StatementKnown           StatementClass = "known"
	StatementDuplicate       StatementClass = "duplicate"
	StatementMissingHere     StatementClass = "missing_here"
	StatementMissingThere    StatementClass = "missing_there"
	StatementDifferentAmount StatementClass = "different_amount"
	StatementDifferentState  StatementClass = "different_state"
)

// StatementClasses returns every class, the differences last.
func StatementClasses() []StatementClass {
	return []StatementClass{
		StatementEqual, StatementKnown, StatementMissingHere, StatementMissingThere,
		StatementDifferentAmount, StatementDifferentState, StatementDuplicate,
	}
}

// Differs reports whether somebody must look at it.
func (c StatementClass) Differs() bool { return c != StatementEqual && c != StatementKnown }

// Finding is one row of a comparison.
type Finding struct {
	Class StatementClass
	// Row is what the statement says, nil for what is missing there. Held is what is
	// recorded, nil for what is missing here.
	Row  *StatementRow
	Held *Held
	// Why is a sentence with what to do; empty where they are equal.
	Why string
	// Adoptable says that the provider can be asked about it, so that it may mend itself.
	Adoptable bool
}

// Statement is the time of an account for which statements are compared: from
// From on and before To.
type Statement struct {
	Account  string
	From, To time.Time
	// Rows are those of a file. Nil asks the provider for its list.
	Rows []StatementRow
}

// Holds reports whether at lies in the statement's time.
func (s Statement) Holds(at time.Time) bool { return !at.Before(s.From) && at.Before(s.To) }

// Comparison is how a statement and what is recorded compare.
type Comparison struct {
	Findings []Finding
	// Unread says why a part of the provider's list was not read, so that nothing is
	// called missing there. It is empty for a whole list, and for the rows of a file.
	Unread string
}

// Adoption names what is to be taken over from the provider: an attempt by its
// transaction and number, or a transfer by the provider's id and its time.
type Adoption struct {
	Transaction string
	Attempt     int
	ProviderRef string
	At          time.Time
}

// Adopted is what came of an adoption.
type Adopted struct {
	Adoption
	// Before and After are the states, of a transfer the outcomes; Before is empty
	// for a transfer that nobody knew of.
	Before, After string
	// Problem says why the provider was not asked, empty where it was.
	Problem string
}
