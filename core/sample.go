package core

import (
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Sample is what routing sees of a transaction.
type Sample struct {
	ID       string
	Merchant string
	Kind     sdk.Kind
	Amount   money.Amount
	Country  string
	Method   string
	Network  string
	Customer string
	Metadata map[string]string
	// Provider is the one account asked for, empty for any.
	Provider string
	// Present names the request fields that are there, such as "customer.phone".
	Present map[string]bool
	// Card says that the request carries raw card data.
	Card bool
	// Tried are accounts that had an attempt already and are not asked again.
	Tried []string
	At    time.Time
}

// Sample returns what routing saw of the transaction when its route was decided.
// It is a function of what is stored, so that a decision can be replayed; its ID
// is the transaction's own, so that a split falls the same way again.
func (t Transaction) Sample() Sample {
	at := t.Route.At
	if at.IsZero() {
		at = t.CreatedAt
	}
	return Sample{
		ID: t.ID, Merchant: t.Merchant, Kind: t.Kind, Amount: t.Amount, Country: t.Country,
		Method: t.Method, Network: t.Network, Customer: t.Customer.ID, Metadata: t.Metadata,
		Provider: t.Provider, Present: t.present(), Card: t.Route.Card, At: at,
	}
}

// present names the request fields that are there, for what an account needs.
func (t Transaction) present() map[string]bool {
	c := t.Customer
	fields := map[string]string{
		"reference": t.Reference, "country": t.Country, "network": t.Network,
		"description": t.Description, "return_url": t.ReturnURL, "language": t.Language,
		"customer.id": c.ID, "customer.name": c.Name, "customer.surname": c.Surname,
		"customer.email": c.Email, "customer.phone": c.Phone, "customer.address": c.Address,
		"customer.city": c.City, "customer.state": c.State, "customer.zip_code": c.ZIPCode,
		"customer.country": c.Country, "customer.provider_customer": c.ProviderCustomer,
	}
	if bank := t.BankAccount; bank != nil {
		fields["recipient.bank_account"] = bank.IBAN + bank.AccountNumber
	}
	there := make(map[string]bool, len(fields))
	for name, value := range fields {
		if value == "" {
			continue
		}
		there[name] = true
		// A payout's customer is its recipient.
		if of, ok := strings.CutPrefix(name, "customer."); ok && t.Kind == sdk.KindPayout {
			there["recipient."+of] = true
		}
	}
	return there
}
