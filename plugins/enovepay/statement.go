package main

import (
	"strings"

	"github.com/paymux/paymux/sdk"
)

// The words of transaction_status, in small letters.
const (
	wordSuccess  = "success"
	wordFailed   = "failed"
	wordRefunded = "refunded"
	wordProgress = "credit in progress"
	// wordStrange stands for a status that is no text.
	wordStrange = "?"
)

// statement is what an answer or a webhook says of a transaction. The field
// success is not part of it: a waiting transaction and a failed one share its
// value. The word decides where there is one, and else the code.
type statement struct {
	code, word, amount string
}

func statementOf(f fields) statement {
	word := strings.ToLower(f.text("transaction_status"))
	if f.odd("transaction_status") {
		word = wordStrange
	}
	return statement{code: f.text("status_code"), word: word, amount: f.text("transaction_amount")}
}

// told is what the statement means in the answer of a question.
func (s statement) told() verdict {
	switch s.word {
	case "":
		return s.toldByCode()
	case wordSuccess:
		return s.paid()
	case wordFailed:
		return s.failed()
	case wordRefunded:
		return verdict{outcome: sdk.OutcomeReversed}
	case wordProgress:
		return verdict{outcome: sdk.OutcomePending}
	default:
		return verdict{alert: alertWord}
	}
}

func (s statement) paid() verdict {
	switch {
	case s.amount == "":
		return verdict{outcome: sdk.OutcomePending, alert: "EnovePay said Success without an amount: look at the transaction in its dashboard"}
	case s.code != "" && s.code != codeHandled:
		return verdict{outcome: sdk.OutcomeSucceeded, alert: "EnovePay said Success beside a code of failure, the word counts: look at the transaction in its dashboard"}
	default:
		return verdict{outcome: sdk.OutcomeSucceeded}
	}
}

// failed is the word Failed, which code 115 makes final.
func (s statement) failed() verdict {
	if s.code == codeTries {
		return verdict{outcome: sdk.OutcomeDeclinedFinal, reason: sdk.ReasonDeclined}
	}
	return verdict{outcome: sdk.OutcomeDeclined, reason: sdk.ReasonDeclined}
}

func (s statement) toldByCode() verdict {
	known := meaningOf(s.code)
	v := verdict{outcome: known.told}
	switch known.told {
	case sdk.OutcomeDeclined, sdk.OutcomeDeclinedFinal:
		v.reason = known.created.reason
	case sdk.OutcomeUnknown:
		v.alert = known.created.alert
	default:
	}
	return v
}

// created is what the statement means in the answer of collect or payout.
func (s statement) created(name operation) verdict {
	if s.code == codeDuplicate {
		return verdict{} // Whatever it says, it says of an earlier transaction.
	}
	switch s.word {
	case "":
		return s.createdByCode(name)
	case wordSuccess:
		// Money is believed when a question is answered with it.
		return verdict{outcome: sdk.OutcomePending}
	case wordFailed:
		return s.failedAtOnce(name)
	case wordProgress:
		return accepted(name)
	default:
		return verdict{alert: alertWord}
	}
}

// failedAtOnce lets another provider be asked only where the code agrees, and
// never for a payout, which may still be paid.
func (s statement) failedAtOnce(name operation) verdict {
	if name != opCollect {
		return verdict{}
	}
	switch s.code {
	case "", codeHandled, codeFailed, codeTries, codeUnproved:
		return s.failed()
	default:
		return verdict{alert: "EnovePay said Failed beside a code that does not: a question will tell"}
	}
}

func (s statement) createdByCode(name operation) verdict {
	v := meaningOf(s.code).created
	switch {
	case v.outcome == sdk.OutcomePending:
		return accepted(name)
	case s.code == codeFailed && name == opPayout:
		return verdict{} // Only status may end a payout.
	default:
		return v
	}
}

// accepted is a collection that waits for the customer, or a payout on its way.
func accepted(name operation) verdict {
	if name == opCollect {
		return verdict{outcome: sdk.OutcomeRequiresAction}
	}
	return verdict{outcome: sdk.OutcomePending}
}
