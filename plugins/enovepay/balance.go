package main

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// GetBalance returns the float in each currency that EnovePay tells one for. It
// returns an sdk.Error when a balance cannot be asked for or read.
func (p *provider) GetBalance(ctx context.Context) ([]sdk.Balance, error) {
	var all []sdk.Balance
	for _, at := range p.settings.balanceURLs() {
		a, err := p.ask(ctx, at)
		if err != nil {
			return nil, p.balanceUnasked(err)
		}
		told, err := p.balances(a)
		if err != nil {
			return nil, err
		}
		all = append(all, told...)
	}
	return onePerCurrency(all), nil
}

// balanceURLs are one question, or one a currency where the path names it.
func (s settings) balanceURLs() []target {
	if !s.contract.Takes(string(opBalance), valueCurrency) {
		return []target{s.url(opBalance, nil)}
	}
	var all []target
	for _, c := range currencies() {
		all = append(all, s.url(opBalance, map[string]string{valueCurrency: c.String()}))
	}
	return all
}

// balances reads one answer. A currency that EnovePay refuses has no balance; a
// refusal of the account is a fault.
func (p *provider) balances(a answer) ([]sdk.Balance, error) {
	switch a.code() {
	case codeHandled:
	case "103", "106":
		return nil, nil
	default:
		return nil, p.balanceFault(a)
	}
	var rows []fields
	if json.Unmarshal(a.fields["balances"], &rows) != nil {
		return nil, p.balanceFault(a)
	}
	var told []sdk.Balance
	for _, row := range rows {
		currency, err := money.ParseCurrency(row.text("currency"))
		if err != nil {
			continue // Not one of ours.
		}
		available, err := money.ParseTold(row.text("available"), currency)
		if err != nil {
			return nil, p.balanceFault(a)
		}
		told = append(told, sdk.Balance{Available: available})
	}
	return told, nil
}

// balanceFault is an answer that tells no balance.
func (p *provider) balanceFault(a answer) *sdk.Error {
	result := p.result(a)
	fault := &sdk.Error{
		ProviderCode: result.ProviderCode, Message: "balance: " + result.Message,
		RetryAfter: result.RetryAfter, Exchanges: result.Exchanges,
	}
	switch a.createdVerdict(opBalance).reason {
	case sdk.ReasonAuthentication:
		fault.Kind = sdk.KindAuthentication
	case sdk.ReasonRateLimited:
		fault.Kind = sdk.KindRateLimited
	case sdk.ReasonProviderUnavailable:
		fault.Kind = sdk.KindUnavailable
	default:
	}
	return fault
}

// balanceUnasked is why a balance could not be asked for. A refused login is a
// fault here, because a balance has no alert.
func (p *provider) balanceUnasked(err error) error {
	result, err := p.unasked(err)
	if err != nil {
		return err
	}
	return &sdk.Error{
		Kind: sdk.KindAuthentication, ProviderCode: result.ProviderCode,
		Message: "balance: " + result.Alert, Exchanges: result.Exchanges,
	}
}

// onePerCurrency keeps the first of each, because an answer may tell all of them
// to every question.
func onePerCurrency(all []sdk.Balance) []sdk.Balance {
	var kept []sdk.Balance
	for _, one := range all {
		same := func(b sdk.Balance) bool { return b.Available.Currency() == one.Available.Currency() }
		if !slices.ContainsFunc(kept, same) {
			kept = append(kept, one)
		}
	}
	return kept
}
