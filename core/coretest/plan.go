package coretest

import (
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Creation is what a create call asks for, whatever its kind.
type Creation struct {
	sdk.Attempt
	// Description is the merchant's. A refund has that of its payment, and its own amount.
	Description string
	// Payment is the reference of the payment that a refund gives back.
	Payment string
}

// Answer is how a create call goes.
type Answer uint8

const (
	// AnswerLink creates a payment and answers the link to its page. For a payout
	// or a refund, which have none, it is AnswerPending.
	AnswerLink Answer = iota
	// AnswerPending creates a payment and answers that the provider is working.
	AnswerPending
	// AnswerPaid creates a payment that is paid at once, and says so.
	AnswerPaid
	// AnswerLostRequest creates nothing; the caller waits and hears nothing.
	AnswerLostRequest
	// AnswerLostResponse creates a payment; the caller hears nothing.
	AnswerLostResponse
	// AnswerNotSent creates nothing: no connection came about, which is proved.
	AnswerNotSent
	// AnswerRejected creates nothing and says so.
	AnswerRejected
	// AnswerDeclined creates a payment that is declined at once.
	AnswerDeclined
	// AnswerDeclinedFinal does the same for a reason that holds everywhere.
	AnswerDeclinedFinal
	// AnswerGarbage creates a payment and answers a word that nobody knows.
	AnswerGarbage
	// AnswerPanic creates a payment; then the plugin panics.
	AnswerPanic
)

var answerWords = [...]string{
	"link", "pending", "paid", "lost request", "lost response", "not sent", "rejected", "declined",
	"declined for good", "garbage", "panic",
}

// String returns the answer in words.
func (a Answer) String() string {
	if int(a) >= len(answerWords) {
		return "no answer"
	}
	return answerWords[a]
}

// Plan is what happens to one create call, and to what it created afterwards.
// The zero Plan answers a link at once, and nobody ever pays.
type Plan struct {
	Answer Answer
	// Reason goes with AnswerRejected, AnswerDeclined and AnswerDeclinedFinal.
	Reason sdk.Reason
	// Arrives is how long the request takes to the provider, Takes how long the
	// whole call takes. A request arrives even if its caller gave up before.
	Arrives, Takes time.Duration
	// Then is what becomes of what was created. What was paid can only be reversed,
	// and what was canceled or reversed stays so.
	Then []Turn
	// Silent is how many questions about the attempt go wrong before the first
	// true answer: a time-out, a word that nobody knows, and an answer that only a
	// create call may give, by turns.
	Silent int
	// Hidden is how long a question finds nothing although it was created.
	Hidden time.Duration
	// Lag is how long a question still finds the status of before a turn.
	Lag time.Duration
	// Held says that a payout waits for a decision, and Then begins with its
	// approval. Portal is what becomes of it meanwhile without one: somebody
	// decides at the provider.
	Held   bool
	Portal []Turn
	// Deaf is how many decisions about it do not arrive. VerdictLost says that the
	// answer to a decision or to a cancel does not.
	Deaf        int
	VerdictLost bool
}

// Turn is one change of what was created.
type Turn struct {
	// After counts from the creation, or from the approval of what was held.
	After   time.Duration
	Becomes Status
	// Amount is what is paid where that is not what was asked for.
	Amount money.Amount
	// Notify are the delays after which the turn is announced: none, one, or
	// several for duplicates. A long one lets a later turn overtake it.
	Notify []time.Duration
}

// Status is how a payment, payout or refund stands at the provider.
type Status string

// The statuses.
const (
	Held     Status = "HELD"
	Waiting  Status = "WAITING"
	Paid     Status = "PAID"
	Declined Status = "DECLINED"
	Expired  Status = "EXPIRED"
	Canceled Status = "CANCELED"
	Reversed Status = "REVERSED"
)

func (s Status) outcome() sdk.Outcome {
	switch s {
	case Waiting, Held:
		return sdk.OutcomePending
	case Paid:
		return sdk.OutcomeSucceeded
	case Declined:
		return sdk.OutcomeDeclined
	case Expired:
		return sdk.OutcomeExpired
	case Canceled:
		return sdk.OutcomeCanceled
	case Reversed:
		return sdk.OutcomeReversed
	default:
		return sdk.OutcomeUnknown
	}
}
