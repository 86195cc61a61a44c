package core

import (
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// EventType is what kind of fact an event is.
type EventType string

// The events of the specification.
const (
	EventCreated        EventType = "created"
	EventAttemptStarted EventType = "attempt_started"
	EventOutcome        EventType = "outcome"
	EventCallLost       EventType = "call_lost"
	EventDecision       EventType = "decision"
	EventDecisionResult EventType = "decision_result"
	EventTimer          EventType = "timer"
	EventResolve        EventType = "resolve"
	EventMatched        EventType = "transfer_matched"
	EventRestored       EventType = "restored"
)

// Source is who says so.
type Source string

// The sources of outcomes.
const (
	SourceCreate       Source = "create"
	SourceQuery        Source = "query"
	SourceNotification Source = "notification"
	SourceTransfer     Source = "transfer"
)

// Event is a fact that moves the machine. It carries the time and everything
// else that the machine may not find out by itself.
type Event struct {
	ID   string // evt_ and a ULID; a commit whose fate is unknown is found again by it.
	Type EventType
	At   time.Time
	// Source says where an outcome comes from.
	Source Source
	// Actor is who caused it, such as a key's id, "provider" or "engine"; Cause says why in words.
	Actor, Cause string
	// Attempt is the attempt's number, for everything about an attempt.
	Attempt int
	// Result is what was answered, for outcomes and matched transfers.
	Result sdk.Result
	// Evidence is a verified notification to keep with the attempt, or nil.
	Evidence *sdk.Evidence
	// Start is the attempt to begin: with EventAttemptStarted and a resolve that
	// retries, and with an outcome as the next try after a definite no.
	Start *Start
	// PassedOver are the accounts that were passed over in search of the next
	// attempt; they are kept with the route where the search was for this event.
	PassedOver []Removed
	// Timer is which timer went off, with EventTimer, and with an outcome that
	// answers a timer's question.
	Timer TimerKind
	// Decision is what was decided, with EventDecision.
	Decision Call
	// Verdict is what became of a decision's call, with EventDecisionResult.
	Verdict sdk.VerdictResult
	// GoodRead says, with a cancel of an order paid by transfer, that a complete
	// read of the provider's list found no transfer for it.
	GoodRead bool
	// CallLostAt is when an approve, reject or cancel that this event sends counts as lost.
	CallLostAt time.Time
	// Resolve is how an operator settled it. With a matched transfer it accepts
	// another amount than the transaction's.
	Resolve *Resolution
	Policy  Policy
	// Jitter spreads timers, in thousandths of the gap, 0 to 999.
	Jitter int
}

// Start is what begins an attempt.
type Start struct {
	AttemptID string
	Account   string
	// SendBy is the instant after which the call must not be sent; CallLostAt
	// when a missing answer counts as lost.
	SendBy, CallLostAt time.Time
	// Route is the routing decision that it follows from, where that is newer than
	// the transaction's own; nil else.
	Route *Route
}

// Resolution is an operator's settlement.
type Resolution struct {
	// Verb is succeeded, failed or retry.
	Verb string
	// Attempt is the number of the attempt meant. Zero means the live or latest one,
	// and of a success first the latest that has money.
	Attempt int
	// Amount is what was received, zero for the transaction's amount.
	Amount money.Amount
	Reason string
}

// Policy is what the machine must know of a provider and of the engine's
// schedules. The orchestrator takes it from the account's manifest.
type Policy struct {
	// PollWaiting and PollUnknown are the ages of an attempt at which it is asked.
	PollWaiting, PollUnknown []time.Duration
	// Watch holds the times after the end at which an ended attempt is asked again.
	Watch []time.Duration
	// WatchSuccess says that a success is watched too, because it may be reversed.
	WatchSuccess bool
	// CanCancel says that the provider can be asked to cancel.
	CanCancel bool
	// PaidByLink says that a payment can be made only through the link in the
	// answer of its create call, so that one without a link cannot be paid.
	PaidByLink bool
	// OverRefund says that this refund's late success gives back more than its
	// payment's attempt took.
	OverRefund bool
	// LateFailover says that the provider documents a late no as final, so that a
	// payout may go to the next account where its rule says so.
	LateFailover bool
	// RedirectWindow is the time to pay where neither merchant nor provider says one.
	RedirectWindow time.Duration
	// ApprovalWindow is how long a payout waits for approval.
	ApprovalWindow time.Duration
}

// EffectType is what must be done because of a transition.
type EffectType string

// The effects.
const (
	// EffectCall makes the call that the attempt is marked with.
	EffectCall EffectType = "call"
	// EffectRoute asks routing for accounts: an approved payout begins.
	EffectRoute EffectType = "route"
	// EffectCancel asks the provider, where it can be asked, to cancel an attempt that another one overtook.
	EffectCancel EffectType = "cancel"
	// EffectEmit tells the merchant.
	EffectEmit EffectType = "emit"
	// EffectAlert tells the operator.
	EffectAlert EffectType = "alert"
	// EffectRecord appends Entry to the history.
	EffectRecord EffectType = "record"
	// EffectAlone says that the event's Start was not used: its permit goes back.
	EffectAlone EffectType = "start_unused"
)

// Effect is one thing to do. Effects are data: the state they belong to is
// committed before they are carried out.
type Effect struct {
	Type    EffectType
	Attempt int
	Call    Call
	// Name is the merchant event of EffectEmit and the sentence of EffectAlert.
	Name string
	// Entry is the history entry of EffectRecord.
	Entry HistoryEntry
}
