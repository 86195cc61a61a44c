package core

import "fmt"

// State is where a transaction stands. The zero value is StateNone: it does not exist yet.
type State uint8

const (
	// StateNone is the state before the transaction exists.
	StateNone State = iota
	// StateCreated means durable, no provider asked yet.
	StateCreated
	// StateAwaitingApproval is a payout that somebody must approve or reject.
	StateAwaitingApproval
	// StateProcessing means one attempt is live, nothing for the customer to do.
	StateProcessing
	// StateRequiresAction means the customer must act.
	StateRequiresAction
	// StateUnknown means the create call has no answer that can be trusted. Never failed over.
	StateUnknown
	// StateReview means an operator must decide.
	StateReview
	// StateSucceeded means confirmed by the provider, amount, currency and reference agreeing.
	StateSucceeded
	// StateFailed means every allowed attempt ended in a definite no.
	StateFailed
	// StateCanceled means ended at our request before money moved.
	StateCanceled
	// StateExpired means the time to pay is over and a last question found no money.
	StateExpired
	// StateReversed means a success was taken back.
	StateReversed

	stateCount
)

var stateWords = [stateCount]string{
	"none", "created", "awaiting_approval", "processing", "requires_action", "unknown", "review",
	"succeeded", "failed", "canceled", "expired", "reversed",
}

// String returns the state's word.
func (s State) String() string {
	if s >= stateCount {
		return fmt.Sprintf("State(%d)", uint8(s))
	}
	return stateWords[s]
}

// ParseState returns the state with the given word.
func ParseState(word string) (State, error) {
	for i, w := range stateWords {
		if w == word && State(i) != StateNone {
			return State(i), nil
		}
	}
	return StateNone, fmt.Errorf("%q is not a state", word)
}

// States returns every state a transaction can be in, in the order of the specification.
func States() []State {
	all := make([]State, 0, stateCount)
	for s := StateCreated; s < stateCount; s++ {
		all = append(all, s)
	}
	return all
}

// Final reports whether nothing more is expected to happen: succeeded, failed,
// canceled, expired or reversed.
func (s State) Final() bool { return s >= StateSucceeded && s < stateCount }

// HoldsReference reports whether a transaction in s keeps others from using
// its merchant reference: it is live, succeeded or in review.
func (s State) HoldsReference() bool {
	return s != StateNone && s != StateFailed && s != StateCanceled && s != StateExpired
}

// AttemptState is where one attempt stands.
type AttemptState uint8

// The states of an attempt. Sent, RequiresAction, Pending and Unknown are live.
const (
	AttemptSent AttemptState = iota
	AttemptRequiresAction
	AttemptPending
	AttemptUnknown
	AttemptSucceeded
	AttemptNotSent
	AttemptRejected
	AttemptDeclined
	AttemptCanceled
	AttemptExpired
	AttemptReversed
	AttemptMismatch
	// AttemptAbandoned was given up by an operator or overtaken by another attempt's success.
	AttemptAbandoned

	attemptStateCount
)

var attemptStateWords = [attemptStateCount]string{
	"sent", "requires_action", "pending", "unknown", "succeeded", "not_sent", "rejected",
	"declined", "canceled", "expired", "reversed", "mismatch", "abandoned",
}

// String returns the state's word.
func (s AttemptState) String() string {
	if s >= attemptStateCount {
		return fmt.Sprintf("AttemptState(%d)", uint8(s))
	}
	return attemptStateWords[s]
}

// ParseAttemptState returns the attempt state with the given word.
func ParseAttemptState(word string) (AttemptState, error) {
	for i, w := range attemptStateWords {
		if w == word {
			return AttemptState(i), nil
		}
	}
	return AttemptSent, fmt.Errorf("%q is not an attempt state", word)
}

// Live reports whether an answer is still expected.
func (s AttemptState) Live() bool { return s <= AttemptUnknown }
