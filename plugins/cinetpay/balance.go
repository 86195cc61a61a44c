package main

import (
	"context"
	"net/http"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// GetBalance reads the money that transfers are paid from. CinetPay tells it
// without a currency, so the settings must leave one alone. It returns an
// sdk.Error when the balance cannot be asked for or read.
func (p *provider) GetBalance(ctx context.Context) ([]sdk.Balance, error) {
	if !p.settings.paysOut() {
		return nil, without(sdk.OperationBalance, "transfer_password")
	}
	currency, known := p.settings.balanceCurrency()
	if !known {
		return nil, without(sdk.OperationBalance, "currency")
	}
	r, err := p.authorized(ctx, p.http.Ask, transferCall{method: http.MethodGet, path: "/v1/transfer/check/balance"})
	if err != nil {
		result, err := unasked(err)
		if err != nil {
			return nil, err
		}
		return nil, balanceFault(sdk.KindAuthentication, result)
	}
	return p.balances(r, currency)
}

// balances reads the answer, which tells one balance.
func (p *provider) balances(r reply, currency money.Currency) ([]sdk.Balance, error) {
	if !r.done() || len(r.items) != 1 {
		return nil, balanceFault(r.balanceKind(), p.remittanceResult(r))
	}
	balance, err := balanceIn(r.items[0], currency)
	if err != nil {
		return nil, balanceFault(sdk.KindUnknown, p.remittanceResult(r))
	}
	return []sdk.Balance{balance}, nil
}

// balanceIn reads what is free and what running transfers hold.
func balanceIn(item fields, currency money.Currency) (sdk.Balance, error) {
	available, err := money.ParseTold(item.text("available"), currency)
	if err != nil {
		return sdk.Balance{}, err
	}
	balance := sdk.Balance{Available: available}
	if held := item.text("inUsing"); held != "" {
		balance.Pending, err = money.ParseTold(held, currency)
	}
	return balance, err
}

// balanceKind is the kind of fault that the answer to balance tells.
func (r reply) balanceKind() sdk.ErrorKind {
	switch {
	case r.unclear():
		return sdk.KindUnavailable
	case r.entryReason() == sdk.ReasonRateLimited:
		return sdk.KindRateLimited
	case r.entryReason() == sdk.ReasonAuthentication:
		return sdk.KindAuthentication
	default:
		return sdk.KindUnknown
	}
}

func balanceFault(kind sdk.ErrorKind, result sdk.Result) *sdk.Error {
	return &sdk.Error{
		Kind: kind, ProviderCode: result.ProviderCode, Message: "balance: " + result.Message,
		RetryAfter: result.RetryAfter, Exchanges: result.Exchanges,
	}
}
