package core

import (
	"time"

	"github.com/paymux/paymux/sdk"
)

// Past is a stored transaction as far as it shows what other routing rules would
// have done with it.
type Past struct {
	CreatedAt time.Time
	// Sample is what routing saw of it. Its At may be long after CreatedAt, such as
	// for a payout that waited for its approval.
	Sample Sample
	// Chosen is the account that was first in its route, empty where it was never routed.
	Chosen string
	// Manual says that it is a record only; see Transaction.Manual.
	Manual   bool
	Attempts []PastAttempt
}

// PastAttempt is how one attempt of a Past stands.
type PastAttempt struct {
	Account string
	State   AttemptState
	Reason  sdk.Reason
	// EndedAt is zero while it has not ended.
	EndedAt time.Time
}

// PastOf returns the past of a transaction.
func PastOf(tx Transaction) Past {
	past := Past{CreatedAt: tx.CreatedAt, Sample: tx.Sample(), Manual: tx.Manual}
	if len(tx.Route.Candidates) > 0 {
		past.Chosen = tx.Route.Candidates[0]
	}
	for _, a := range tx.Attempts {
		past.Attempts = append(past.Attempts, PastAttempt{Account: a.Account, State: a.State, Reason: a.Reason, EndedAt: a.EndedAt})
	}
	return past
}
