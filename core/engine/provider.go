package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Lookup finds the provider's customer for a phone number. Where there is none
// and the provider says where to sign up, the customer has a NextAction and no
// ProviderCustomer. It returns core.ErrNotFound for an unknown account,
// ErrCustomerUnknown for an unknown customer, ErrNotSupported where the account
// has no look-up, and ErrProviderUnavailable.
func (e *Engine) Lookup(ctx context.Context, account, phone string) (sdk.Customer, error) {
	var found sdk.Customer
	unknown := false
	err := e.ask(account, sdk.OperationLookup, func(p sdk.FullProvider) (err error) {
		found, err = p.LookupCustomer(ctx, phone)
		if errors.Is(err, sdk.ErrNotFound) { // An answer, and no fault.
			unknown, err = true, nil
		}
		return err
	})
	if err == nil && unknown {
		return sdk.Customer{}, &core.Problem{
			Code: core.ErrCustomerUnknown.Code, Detail: account + " has no customer with this phone",
		}
	}
	return found, err
}

// Balance reads the money held at the provider. Its errors are those of Lookup
// but ErrCustomerUnknown.
func (e *Engine) Balance(ctx context.Context, account string) ([]sdk.Balance, error) {
	var held []sdk.Balance
	err := e.ask(account, sdk.OperationBalance, func(p sdk.FullProvider) (err error) {
		held, err = p.GetBalance(ctx)
		return err
	})
	return held, err
}

// ask puts one question to an account that has such an operation.
func (e *Engine) ask(account string, op sdk.Operation, call func(sdk.FullProvider) error) error {
	live := e.live.Load()
	standing, ok := live.accounts.Standing(account)
	if !ok {
		return fmt.Errorf("engine: account %q: %w", account, core.ErrNotFound)
	}
	if ready, _ := standing.Ready(); ready && !standing.Capabilities.Can(op) {
		return &core.Problem{Code: core.ErrNotSupported.Code, Detail: account + " has no " + string(op)}
	}
	permit, err := live.accounts.AcquireQuestion(account)
	if err != nil {
		return err
	}
	defer permit.Release()
	provider, ok := live.accounts.Provider(account)
	if !ok {
		return &core.Problem{Code: core.ErrProviderUnavailable.Code, Detail: "nothing serves " + account}
	}
	return refusedBy(account, call(provider))
}

// refusedBy turns a plugin's fault into what a caller should see.
func refusedBy(account string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sdk.ErrNotSupported):
		return &core.Problem{Code: core.ErrNotSupported.Code, Detail: err.Error()}
	case errors.Is(err, sdk.ErrInvalid):
		return &core.Problem{Code: core.ErrInvalidRequest.Code, Detail: err.Error()}
	default:
		return &core.Problem{Code: core.ErrProviderUnavailable.Code, Detail: account + " gave no answer; repeat the question later"}
	}
}
