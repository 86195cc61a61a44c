package main

import (
	"slices"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// decimals are what Numipay's amounts have, as "200.00" has them. What it does
// with a currency of fewer or more is written nowhere, so none is taken.
const decimals = 2

func methods() []string { return []string{"mobile_money", "card", "wallet", "bank_transfer"} }

// twoDecimals are all currencies that an account may have.
func twoDecimals() []money.Currency {
	return slices.DeleteFunc(money.Currencies(), func(c money.Currency) bool { return c.Exponent() != decimals })
}

// corridors are any country and amount: Numipay publishes no limits, and what a
// merchant enabled in the portal no call tells.
func corridors(currencies []money.Currency) []sdk.Corridor {
	return []sdk.Corridor{
		{Kind: sdk.KindPayment, Currencies: currencies, Methods: methods()},
		{Kind: sdk.KindPayout, Currencies: currencies, Methods: methods()},
	}
}

// corridors are those of the account.
func (s *settings) corridors() []sdk.Corridor {
	all := corridors(s.currencies)
	if s.payouts {
		return all
	}
	return slices.DeleteFunc(all, func(c sdk.Corridor) bool { return c.Kind == sdk.KindPayout })
}
