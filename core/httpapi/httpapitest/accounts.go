package httpapitest

import (
	"context"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// The phones of which Lookup knows something: of a customer, of nobody who could
// sign up, and of nobody.
const (
	PhoneKnown   = "+905321234567"
	PhoneSignup  = "+905321234568"
	PhoneUnknown = "+905321234569"
)

// Lookup finds the customer of PhoneKnown, and where others sign up.
func (e *Engine) Lookup(ctx context.Context, account, phone string) (sdk.Customer, error) {
	if err := e.enter(ctx); err != nil {
		return sdk.Customer{}, err
	}
	defer e.mu.Unlock()
	switch {
	case account != Account:
		return sdk.Customer{}, core.ErrNotFound
	case phone == PhoneKnown:
		return sdk.Customer{ProviderCustomer: "cus_7", Name: "Jane", Email: "jane@example.com", Phone: phone}, nil
	case phone == PhoneSignup:
		return sdk.Customer{NextAction: &sdk.NextAction{Type: sdk.ActionSignup, URL: "https://provider.example/signup"}}, nil
	default:
		return sdk.Customer{}, &core.Problem{Code: core.ErrCustomerUnknown.Code, Detail: "nobody has this phone"}
	}
}

// Balance returns one balance that tells what is pending, and one that does not.
func (e *Engine) Balance(ctx context.Context, account string) ([]sdk.Balance, error) {
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	defer e.mu.Unlock()
	if account != Account {
		return nil, core.ErrNotFound
	}
	return []sdk.Balance{
		{Available: money.Of(150000, money.XOF), Pending: money.Zero(money.XOF)}, {Available: money.Of(2050, money.EUR)},
	}, nil
}
