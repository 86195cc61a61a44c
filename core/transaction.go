package core

import (
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Transaction is what the merchant asked for: a payment, a payout or a refund.
type Transaction struct {
	// ID is a prefixed ULID: pay_, out_ or ref_ by kind.
	ID       string
	Kind     sdk.Kind
	Merchant string
	State    State
	// Version counts the commits that wrote it; the store sets it. Zero means not stored.
	Version uint64
	// Sequence is the number of its latest history entry.
	Sequence uint32
	// Reference is the merchant's own; unique per merchant and kind while State.HoldsReference.
	Reference string
	Amount    money.Amount
	// Received is what all attempts' providers confirmed. Refunded is what succeeded refunds gave back.
	Received, Refunded money.Amount
	Country            string
	Method             string
	Network            string
	Description        string
	// Customer is the payer of a payment, the recipient of a payout.
	Customer    sdk.Customer
	BankAccount *sdk.BankAccount
	ReturnURL   string
	Language    string
	Metadata    map[string]string
	// ExpiresIn is the time to pay that the merchant gave; zero means none given.
	ExpiresIn time.Duration
	// ExpiresAt is when the time to pay is over; zero means it never is by our clock.
	ExpiresAt time.Time
	// Provider is the one account the merchant asked for, empty for any.
	Provider string
	Route    Route
	Attempts []Attempt
	Reason   *Reason
	// Late says that the success came after the transaction had ended or gone on.
	Late bool
	// DuplicateRisk says that an operator abandoned an attempt and tried again.
	DuplicateRisk bool
	// PolicyHeld says that our own policy holds the payout, before any attempt.
	PolicyHeld bool
	// Manual says that it is a record only: of a refund that was given back outside, or
	// of what a restored store does not know to have been sent.
	Manual   bool
	Decision *Decision
	// Parent is the payment of a refund and ParentAttempt the attempt of it.
	Parent, ParentAttempt string
	// Timers are what must happen by itself; the earliest is the transaction's due time.
	Timers    []Timer
	CreatedBy string
	CreatedAt time.Time
	UpdatedAt time.Time
	// EndedAt is when it first reached a final state; zero before.
	EndedAt time.Time
}

// Attempt is one try of a transaction at one provider account.
type Attempt struct {
	ID      string // att_ and a ULID.
	Number  int    // From 1.
	Account string
	// Ref is what the provider gets as our reference: a function of transaction and number.
	Ref          string
	ProviderRef  string
	ProviderData []byte
	State        AttemptState
	// Outcome, Told, ProviderStatus and ProviderCode are the latest answer's, verbatim.
	Outcome        sdk.Outcome
	Told           sdk.Told
	ProviderStatus string
	ProviderCode   string
	Message        string
	PaidWith       string
	Reason         sdk.Reason
	NextAction     *sdk.NextAction
	Match          *sdk.Match
	// Held says that the provider waits for our decision.
	Held bool
	// Calling is a call that was committed and not answered.
	Calling Call
	// SendBy is the instant after which the creating call must not be sent.
	SendBy time.Time
	// StartedAt is the commit of the sent mark, AnsweredAt the first answer of the
	// create call, EndedAt the end of the attempt; zero until then.
	StartedAt, AnsweredAt, EndedAt time.Time
	// Confirmed is what the provider confirmed as paid.
	Confirmed money.Amount
	// Reserved is the sum of refunds of this attempt that are not failed, canceled or expired.
	// Of a refund's own attempt that differs it is the part that the refund keeps of its payment.
	Reserved money.Amount
	Evidence *sdk.Evidence
	// Repeats counts how often an unanswered decision was sent again.
	Repeats int
	// WatchFrom is when its transaction ended while it was live, or when it
	// succeeded and may be reversed; zero means it is not watched.
	WatchFrom time.Time
}

// Call is a call to a provider about an attempt.
type Call string

// The calls that leave a durable mark before they are sent.
const (
	CallNone    Call = ""
	CallCreate  Call = "create"
	CallApprove Call = "approve"
	CallReject  Call = "reject"
	CallCancel  Call = "cancel"
)

// Decision is what a person or merchant decided, recorded before anything is called.
type Decision struct {
	Kind   Call // CallApprove, CallReject or CallCancel.
	Actor  string
	Reason string
	At     time.Time
}

// TimerKind is what a timer is for.
type TimerKind string

// The kinds of timers of a transaction.
const (
	TimerCallLost TimerKind = "call_lost"
	TimerPoll     TimerKind = "poll"
	TimerExpire   TimerKind = "expire"
	TimerApproval TimerKind = "approval"
	TimerWatch    TimerKind = "watch"
	// TimerDecide repeats an approve or reject that was not answered.
	TimerDecide TimerKind = "decide"
)

// Timer is a durable time at which something must happen.
type Timer struct {
	Kind TimerKind
	At   time.Time
	// Attempt is the attempt's number, zero for the transaction itself.
	Attempt int
}

// Reason says why a transaction is where it is.
type Reason struct {
	Code            sdk.Reason
	Message         string
	ProviderCode    string
	ProviderMessage string
}

// The reasons that only the engine gives.
const (
	ReasonDuplicateOpenOrder sdk.Reason = "duplicate_open_order"
	ReasonAmountMismatch     sdk.Reason = "amount_mismatch"
	ReasonCurrencyMismatch   sdk.Reason = "currency_mismatch"
	ReasonReferenceMismatch  sdk.Reason = "reference_mismatch"
	ReasonDuplicateSuccess   sdk.Reason = "duplicate_success"
	ReasonOutcomeUnknown     sdk.Reason = "outcome_unknown"
	ReasonApprovalExpired    sdk.Reason = "approval_expired"
	ReasonCanceledByMerchant sdk.Reason = "canceled_by_merchant"
	ReasonRejectedByOperator sdk.Reason = "rejected_by_operator"
	ReasonRestored           sdk.Reason = "restored"
)

// Live returns the live attempt and true, or false if there is none.
func (t Transaction) Live() (Attempt, bool) {
	for _, a := range t.Attempts {
		if a.State.Live() {
			return a, true
		}
	}
	return Attempt{}, false
}

// Last returns the latest attempt and true, or false if there is none.
func (t Transaction) Last() (Attempt, bool) {
	if len(t.Attempts) == 0 {
		return Attempt{}, false
	}
	return t.Attempts[len(t.Attempts)-1], true
}

// Attempt returns the attempt with the given number and true, or false.
func (t Transaction) Attempt(number int) (Attempt, bool) {
	if number < 1 || number > len(t.Attempts) {
		return Attempt{}, false
	}
	return t.Attempts[number-1], true
}

// DueAt returns the earliest timer's time; zero if there is none.
func (t Transaction) DueAt() time.Time {
	var due time.Time
	for _, timer := range t.Timers {
		if due.IsZero() || timer.At.Before(due) {
			due = timer.At
		}
	}
	return due
}

// NextAction returns what somebody must do now, or nil. Without a live attempt
// it is what would help the next one: to sign up at the provider.
func (t Transaction) NextAction() *sdk.NextAction {
	if live, ok := t.Live(); ok {
		return live.NextAction
	}
	last, _ := t.Last()
	if last.NextAction != nil && last.NextAction.Type == sdk.ActionSignup {
		return last.NextAction
	}
	return nil
}

// HistoryEntry is one transition. Entries are appended and never changed.
type HistoryEntry struct {
	Sequence uint32
	At       time.Time
	Event    string
	EventID  string
	From, To State
	// Cause says in words what brought it about; Actor who.
	Cause, Actor string
	Attempt      int
}
