package main

import (
	"slices"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// amountStep is what amounts must be a multiple of, in whole units; dollars are
// free of it.
const amountStep = 5

// corridor is what CinetPay collects in a country and currency, in whole units.
type corridor struct {
	country  string
	currency money.Currency
	min, max int64
}

// corridors is CinetPay's table of limits for payments. Niger is missing
// because it is listed for transfers only.
func corridors() []corridor {
	return []corridor{
		{"CI", money.XOF, 100, 1_500_000},
		{"SN", money.XOF, 100, 2_000_000},
		{"TG", money.XOF, 150, 1_500_000},
		{"BJ", money.XOF, 100, 1_500_000},
		{"ML", money.XOF, 100, 1_500_000},
		{"BF", money.XOF, 100, 1_500_000},
		{"CM", money.XAF, 100, 1_500_000},
		{"GN", money.GNF, 1_000, 15_000_000},
		{"CD", money.CDF, 100, 2_000_000},
		{"CD", money.USD, 1, 3_000},
	}
}

// narrow keeps the corridors of a country and currency; empty ones keep all.
func narrow(all []corridor, country string, currency money.Currency) []corridor {
	return slices.DeleteFunc(slices.Clone(all), func(c corridor) bool {
		return country != "" && c.country != country || currency != 0 && c.currency != currency
	})
}

func (c corridor) step() int64 {
	if c.currency == money.USD {
		return 1
	}
	return amountStep
}

func (c corridor) capability() sdk.Corridor {
	return sdk.Corridor{
		Kind: sdk.KindPayment, Countries: []string{c.country}, Currencies: []money.Currency{c.currency},
		Methods: []string{methodMobile, "card", "wallet"},
		Min:     whole(c.min, c.currency), Max: whole(c.max, c.currency), Step: whole(c.step(), c.currency),
	}
}

func capabilities(all []corridor) []sdk.Corridor {
	list := make([]sdk.Corridor, len(all))
	for i, c := range all {
		list[i] = c.capability()
	}
	return list
}

// whole is a number of whole units of c.
func whole(units int64, c money.Currency) money.Amount { return money.Of(units*minorPerUnit(c), c) }

func minorPerUnit(c money.Currency) int64 {
	minor := int64(1)
	for range c.Exponent() {
		minor *= 10
	}
	return minor
}

func currencyCodes() []string {
	var codes []string
	for _, c := range corridors() {
		if code := c.currency.String(); !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

func countryCodes() []string {
	var codes []string
	for _, c := range corridors() {
		if !slices.Contains(codes, c.country) {
			codes = append(codes, c.country)
		}
	}
	return codes
}
