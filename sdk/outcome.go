package sdk

import "fmt"

// Outcome is what a plugin says happened to an attempt. The zero value is
// OutcomeUnknown, so that a forgotten or unreadable answer is never a failure.
type Outcome uint8

const (
	// OutcomeUnknown means that nothing is certain: the provider must be asked.
	OutcomeUnknown Outcome = iota
	// OutcomeNotSent means that the request provably never left. Create calls only.
	OutcomeNotSent
	// OutcomeRejected means that the request was refused and nothing was created.
	// Create calls only; carries a Reason.
	OutcomeRejected
	// OutcomeDeclined is a definite soft decline; carries a Reason.
	OutcomeDeclined
	// OutcomeDeclinedFinal is a definite hard decline: nobody else is asked.
	OutcomeDeclinedFinal
	// OutcomePending means that the provider is working and the customer has nothing to do.
	OutcomePending
	// OutcomeRequiresAction means that the customer must act; see Result.NextAction.
	OutcomeRequiresAction
	// OutcomeSucceeded means that the provider confirmed that money moved.
	OutcomeSucceeded
	// OutcomeCanceled means that it was closed at our request, confirmed by a query.
	OutcomeCanceled
	// OutcomeExpired means that the provider's time is over without money.
	OutcomeExpired
	// OutcomeReversed means that a success was taken back.
	OutcomeReversed

	outcomeCount
)

var outcomeWords = [outcomeCount]string{
	"UNKNOWN", "NOT_SENT", "REJECTED", "DECLINED", "DECLINED_FINAL", "PENDING",
	"REQUIRES_ACTION", "SUCCEEDED", "CANCELED", "EXPIRED", "REVERSED",
}

// String returns the outcome's word, UNKNOWN for a value this version does not know.
func (o Outcome) String() string {
	if o >= outcomeCount {
		return outcomeWords[OutcomeUnknown]
	}
	return outcomeWords[o]
}

// Known returns o itself, or OutcomeUnknown for a value this version does not know.
func (o Outcome) Known() Outcome {
	if o >= outcomeCount {
		return OutcomeUnknown
	}
	return o
}

// CreateOnly reports whether o may be the answer of a create call only: it says
// that nothing was created, which no query can know.
func (o Outcome) CreateOnly() bool { return o == OutcomeNotSent || o == OutcomeRejected }

// Outcomes returns every outcome, the zero value first.
func Outcomes() []Outcome {
	all := make([]Outcome, 0, outcomeCount)
	for o := OutcomeUnknown; o < outcomeCount; o++ {
		all = append(all, o)
	}
	return all
}

// ParseOutcome returns the outcome with the given word.
func ParseOutcome(word string) (Outcome, error) {
	for i, w := range outcomeWords {
		if w == word {
			return Outcome(i), nil
		}
	}
	return OutcomeUnknown, fmt.Errorf("sdk: %q is not an outcome", word)
}

// Verdict is the answer to Cancel, ApprovePayout and RejectPayout. It says what
// became of the request, never what became of the money: a query tells that.
type Verdict uint8

const (
	// VerdictUnknown means that it is not certain whether the request arrived.
	VerdictUnknown Verdict = iota
	// VerdictAccepted means that the provider took the request.
	VerdictAccepted
	// VerdictRefused means that the provider refused it and nothing changed.
	VerdictRefused

	verdictCount
)

var verdictWords = [verdictCount]string{"unknown", "accepted", "refused"}

// String returns the verdict's word, unknown for a value this version does not know.
func (v Verdict) String() string {
	if v >= verdictCount {
		return verdictWords[VerdictUnknown]
	}
	return verdictWords[v]
}
