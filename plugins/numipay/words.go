package main

import (
	"strings"

	"github.com/paymux/paymux/sdk"
)

// The words of a transaction's status. No word for a reversal is documented.
const (
	wordPending    = "pending"
	wordSuccessful = "successful"
	wordRejected   = "rejected"
	wordExpired    = "expired"
)

// claim is what a word says, before anything confirms it.
type claim struct {
	outcome sdk.Outcome
	reason  sdk.Reason
	alert   string
}

// claimOf reads a word in any case, with the reason that came beside it.
func claimOf(word, why string) claim {
	switch normal(word) {
	case wordPending:
		return claim{outcome: sdk.OutcomePending}
	case wordSuccessful:
		return claim{outcome: sdk.OutcomeSucceeded}
	case wordRejected:
		return declined(why)
	case wordExpired:
		return claim{outcome: sdk.OutcomeExpired}
	default:
		return claim{alert: "Numipay's status of a transaction is a word without a rule: look at it in the portal"}
	}
}

func normal(word string) string { return strings.ToLower(strings.TrimSpace(word)) }

// declined reads why something was rejected. Its words are no closed list, and a
// rejection is never documented as final; ours of hard declines is assumed.
func declined(why string) claim {
	why = strings.ToLower(why)
	for _, hard := range []string{"fraud", "stolen", "lost card", "blacklist"} {
		if strings.Contains(why, hard) {
			return claim{outcome: sdk.OutcomeDeclinedFinal, reason: sdk.ReasonDeclined}
		}
	}
	if strings.Contains(why, "insufficient funds") {
		return claim{outcome: sdk.OutcomeDeclined, reason: sdk.ReasonInsufficientFunds}
	}
	return claim{outcome: sdk.OutcomeDeclined, reason: sdk.ReasonDeclined}
}

// kindOf returns the kind for Numipay's word of a transaction_type, or the word
// itself where it is not known: the engine then sees that it differs.
func kindOf(word string) string {
	switch normal(word) {
	case "deposit":
		return string(sdk.KindPayment)
	case "withdrawal":
		return string(sdk.KindPayout)
	default:
		return sdk.Clean(word, wordMax)
	}
}

// toldOf is what a webhook or an entry of the list says of the money.
func toldOf(f fields) sdk.Told {
	return sdk.Told{
		Amount: sdk.Clean(f.text("amount"), wordMax), Currency: sdk.Clean(f.text("currency"), wordMax),
		Reference: sdk.Clean(f.text("tracking_id"), wordMax), Type: kindOf(f.text("transaction_type")),
	}
}

// tellsMoney reports whether both amount and currency were told.
func tellsMoney(told sdk.Told) bool { return told.Amount != "" && told.Currency != "" }
