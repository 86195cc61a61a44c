package core

import "github.com/paymux/paymux/sdk"

// About names an attempt to its plugin: all that a plugin gets to know of it in
// a call other than the one that creates it.
func About(tx Transaction, a Attempt) sdk.Attempt {
	about := sdk.Attempt{
		TransactionID: tx.ID, Kind: tx.Kind, Ref: a.Ref, ProviderRef: a.ProviderRef,
		ProviderData: a.ProviderData, Amount: tx.Amount, StartedAt: a.StartedAt, Evidence: a.Evidence,
	}
	if tx.Decision != nil {
		about.Decision, about.Reason = string(tx.Decision.Kind), tx.Decision.Reason
	}
	return about
}
