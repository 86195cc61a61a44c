package core

import (
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
)

// SampleOf returns what routing sees of a transaction that is to be routed at a
// time. Raw card data is no part of a transaction: who has some sets Card.
func SampleOf(tx Transaction, at time.Time) Sample {
	return Sample{
		ID: tx.ID, Merchant: tx.Merchant, Kind: tx.Kind, Amount: tx.Amount, Country: tx.Country,
		Method: tx.Method, Network: tx.Network, Customer: tx.Customer.ID, Metadata: tx.Metadata,
		Provider: tx.Provider, Present: presentIn(tx), At: at,
	}
}

// presentIn names the request fields that are there, for what an account needs.
func presentIn(tx Transaction) map[string]bool {
	c := tx.Customer
	fields := map[string]string{
		"reference": tx.Reference, "country": tx.Country, "network": tx.Network,
		"description": tx.Description, "return_url": tx.ReturnURL, "language": tx.Language,
		"customer.id": c.ID, "customer.name": c.Name, "customer.surname": c.Surname,
		"customer.email": c.Email, "customer.phone": c.Phone, "customer.address": c.Address,
		"customer.city": c.City, "customer.state": c.State, "customer.zip_code": c.ZIPCode,
		"customer.country": c.Country, "customer.provider_customer": c.ProviderCustomer,
	}
	for name, value := range fields {
		// A payout's customer is its recipient.
		if of, ok := strings.CutPrefix(name, "customer."); ok && tx.Kind == sdk.KindPayout {
			fields["recipient."+of] = value
		}
	}
	if bank := tx.BankAccount; bank != nil {
		fields["recipient.bank_account"] = bank.IBAN + bank.AccountNumber
	}
	there := make(map[string]bool, len(fields))
	for name, value := range fields {
		if value != "" {
			there[name] = true
		}
	}
	return there
}

// Past is a stored transaction as far as it shows what other routing rules would
// have done with it.
type Past struct {
	// Sample is what routing saw of it when it was created; that raw card data came with it nobody knows any more.
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
	past := Past{Sample: SampleOf(tx, tx.CreatedAt), Manual: tx.Manual}
	if len(tx.Route.Candidates) > 0 {
		past.Chosen = tx.Route.Candidates[0]
	}
	for _, a := range tx.Attempts {
		past.Attempts = append(past.Attempts, PastAttempt{Account: a.Account, State: a.State, Reason: a.Reason, EndedAt: a.EndedAt})
	}
	return past
}
