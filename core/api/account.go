package api

import (
	"errors"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Lookup is the body of POST /v1/providers/{account}/accounts/lookup.
type Lookup struct {
	Phone string `json:"phone" doc:"With + and country code" example:"+905321234567"`
}

// Found is the provider's customer of a phone.
type Found struct {
	CustomerID string `json:"customer_id" doc:"The provider's own id; give it as customer.provider_customer"`
	Email      string `json:"email" doc:"Masked, empty where the provider tells none" example:"j***@example.com"`
}

// Balances is the money held at a provider, a currency each.
type Balances struct {
	Data []Balance `json:"data" nullable:"false"`
}

// Balance is the money held in one currency.
type Balance struct {
	Currency  string `json:"currency" doc:"ISO 4217 code" example:"XOF"`
	Available string `json:"available" doc:"Decimal in major units" example:"150000"`
	Pending   string `json:"pending" doc:"Empty where the provider does not tell it"`
}

// Lookup reads the body of a look-up. It returns a core.ErrInvalidRequest that
// names every wrong field.
func (b Body) Lookup() (Lookup, error) {
	f := fieldsOf(b)
	f.require("phone", "is required: with + and country code")
	lookup := Lookup{Phone: f.phone("phone", "")}
	f.rest()
	return lookup, f.problem()
}

// FoundOf returns what clients may see of a look-up's answer. It returns
// core.ErrCustomerUnknown, with what to do, where the provider knows nobody.
func FoundOf(customer sdk.Customer) (Found, error) {
	if customer.ProviderCustomer == "" {
		return Found{}, &core.Problem{
			Code: core.ErrCustomerUnknown.Code, Detail: "the provider has no customer with this phone", NextAction: customer.NextAction,
		}
	}
	return Found{CustomerID: customer.ProviderCustomer, Email: MaskEmail(customer.Email)}, nil
}

// WithoutPhone returns err with phone masked in what it says to a caller.
func WithoutPhone(err error, phone string) error {
	problem, ok := errors.AsType[*core.Problem](err)
	if !ok {
		return err
	}
	masked := *problem
	masked.Detail = masker{phone: phone}.text(problem.Detail)
	return &masked
}

// BalancesOf returns what operators may see of the money held at a provider.
func BalancesOf(held []sdk.Balance) Balances {
	balances := Balances{Data: make([]Balance, 0, len(held))}
	for _, b := range held {
		balances.Data = append(balances.Data, Balance{
			Currency: b.Available.Currency().String(), Available: b.Available.Decimal(), Pending: told(b.Pending),
		})
	}
	return balances
}

// told writes an amount, nothing where it is the zero value of no currency.
func told(a money.Amount) string {
	if !a.Currency().Valid() {
		return ""
	}
	return a.Decimal()
}
