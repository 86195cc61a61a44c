package machine

import "fmt"

// Signal is what an event means for a transaction once the guards are known.
type Signal uint8

const (
	// SignalCreate makes the transaction exist.
	SignalCreate Signal = iota
	// SignalHold makes a payout exist that our own policy holds.
	SignalHold
	// SignalManual records a refund that was given back outside.
	SignalManual
	// SignalStart begins the first attempt.
	SignalStart
	// SignalAction means that the customer must act.
	SignalAction
	// SignalPending means that the provider is working, or still waits for the customer.
	SignalPending
	// SignalHeld means that the provider holds a payout for our decision.
	SignalHeld
	// SignalPaid is a verified success of the attempt that was waited for.
	SignalPaid
	// SignalPaidLate is a verified success after the transaction ended or went on without its attempt.
	SignalPaidLate
	// SignalPaidAgain is a verified success of a second attempt.
	SignalPaidAgain
	// SignalDiffers is a success whose amount, currency, reference or type is not ours.
	SignalDiffers
	// SignalAside is the end of an attempt while a person must decide: the attempt ends, the transaction waits.
	SignalAside
	// SignalNext is a definite no with another account to try.
	SignalNext
	// SignalNo is a definite no that ends the transaction.
	SignalNo
	// SignalCanceled means that the provider closed the attempt.
	SignalCanceled
	// SignalExpired means that the time to pay is over without money.
	SignalExpired
	// SignalTakenBack means that the success was taken back.
	SignalTakenBack
	// SignalOneTakenBack means that one of two successes was taken back: the other one's money is there.
	SignalOneTakenBack
	// SignalUnanswered means that the create call has no answer that can be trusted.
	SignalUnanswered
	// SignalSilent is a question without an answer: it says nothing about the attempt.
	SignalSilent
	// SignalExhausted is the last question of the schedule without an end.
	SignalExhausted
	// SignalLateAnswer is the create call's answer after something else had moved the attempt.
	SignalLateAnswer
	// SignalNoted is a repetition or a regression: recorded and ignored.
	SignalNoted
	// SignalClose ends what nobody can have paid.
	SignalClose
	// SignalAskCancel asks the provider to cancel.
	SignalAskCancel
	// SignalRelease approves a payout that our own policy held.
	SignalRelease
	// SignalDecide sends an approval or a rejection to the provider.
	SignalDecide
	// SignalAccepted means that the provider took a decision or a cancel.
	SignalAccepted
	// SignalTurnedDown means that the provider refused a decision.
	SignalTurnedDown
	// SignalNotCanceled means that the provider refused to cancel.
	SignalNotCanceled
	// SignalUnheard means that it is not certain whether a decision or a cancel arrived.
	SignalUnheard
	// SignalGivenUp means that a decision was repeated as often as is allowed.
	SignalGivenUp
	// SignalApprovalOver means that nobody approved a held payout in time.
	SignalApprovalOver
	// SignalSettleSucceeded is an operator's word that the money moved.
	SignalSettleSucceeded
	// SignalSettleFailed is an operator's word that it did not.
	SignalSettleFailed
	// SignalRetry is an operator's order to try the next account.
	SignalRetry
	// SignalRestored means that the store was restored: it may have been sent after the backup.
	SignalRestored

	signalCount
)

var signalWords = [signalCount]string{
	"create", "hold", "manual", "start", "action", "pending", "held", "paid", "paid_late", "paid_again",
	"differs", "aside", "next", "no", "canceled", "expired", "taken_back", "one_taken_back", "unanswered", "silent",
	"exhausted", "late_answer", "noted", "close", "ask_cancel", "release", "decide", "accepted",
	"turned_down", "not_canceled", "unheard", "given_up", "approval_over", "settle_succeeded",
	"settle_failed", "retry", "restored",
}

// String returns the signal's word.
func (s Signal) String() string {
	if s >= signalCount {
		return fmt.Sprintf("Signal(%d)", uint8(s))
	}
	return signalWords[s]
}

// Signals returns every signal, in the order of the table.
func Signals() []Signal {
	all := make([]Signal, signalCount)
	for i := range all {
		all[i] = Signal(i)
	}
	return all
}
