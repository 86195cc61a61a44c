package main

import (
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const (
	methodMobile = "mobile_money"
	methodBank   = "bank_transfer"
	methodAny    = "any"
	networkBank  = "BANK"
	// cfaStep is what amounts in XOF and XAF must be a multiple of, in whole
	// units: no coin below 5 is in use, and operators refuse the rest.
	cfaStep = 5
)

// market is what EnovePay serves in a country. The countries are documented;
// their networks and amounts are assumed.
type market struct {
	country  string
	currency money.Currency
	// decimals are how many EnovePay is sent; the currency may have more.
	decimals int
	// step is in whole units; zero is none.
	step     int64
	networks []string
	// bank says that payouts also reach bank accounts.
	bank bool
	// prefix and digits are the country code and the length after it.
	prefix string
	digits int
	// starts is what the digits after the prefix begin with.
	starts string
}

func markets() []market {
	return []market{
		{country: "KE", currency: money.KES, networks: []string{"MPESA", "AIRTEL"}, prefix: "254", digits: 9},
		{country: "NG", currency: money.NGN, decimals: 2, networks: []string{"MTN"}, bank: true, prefix: "234", digits: 10},
		{country: "GH", currency: money.GHS, decimals: 2, networks: []string{"MTN", "VODAFONE", "AIRTELTIGO"}, prefix: "233", digits: 9},
		{country: "CM", currency: money.XAF, step: cfaStep, networks: []string{"MTN", "ORANGE"}, prefix: "237", digits: 9},
		{country: "BJ", currency: money.XOF, step: cfaStep, networks: []string{"MTN", "MOOV"}, prefix: "229", digits: 10, starts: "01"},
		{
			country: "CI", currency: money.XOF, step: cfaStep, networks: []string{"MTN", "ORANGE", "MOOV", "WAVE"},
			prefix: "225", digits: 10,
		},
		{country: "SN", currency: money.XOF, step: cfaStep, networks: []string{"ORANGE", "FREE", "WAVE"}, prefix: "221", digits: 9},
	}
}

func marketOf(country string) (market, bool) {
	all := markets()
	i := slices.IndexFunc(all, func(m market) bool { return m.country == country })
	if i < 0 {
		return market{}, false
	}
	return all[i], true
}

// currencies are those of all markets, each once.
func currencies() []money.Currency {
	var list []money.Currency
	for _, m := range markets() {
		if !slices.Contains(list, m.currency) {
			list = append(list, m.currency)
		}
	}
	return list
}

func capabilities() []sdk.Corridor {
	var list []sdk.Corridor
	for _, kind := range []sdk.Kind{sdk.KindPayment, sdk.KindPayout} {
		for _, m := range markets() {
			list = append(list, m.corridor(kind, methodMobile, m.networks))
			if kind == sdk.KindPayout && m.bank {
				list = append(list, m.corridor(kind, methodBank, []string{networkBank}))
			}
		}
	}
	return list
}

func (m market) corridor(kind sdk.Kind, method string, networks []string) sdk.Corridor {
	return sdk.Corridor{
		Kind: kind, Countries: []string{m.country}, Currencies: []money.Currency{m.currency},
		Methods: []string{method}, Networks: networks, Step: m.stepAmount(),
	}
}

// stepAmount is what an amount must be a multiple of. A currency of which
// EnovePay is sent fewer decimals than it has is stepped by whole units.
func (m market) stepAmount() money.Amount {
	minor := minorPerUnit(m.currency)
	switch {
	case m.step > 0:
		return money.Of(m.step*minor, m.currency)
	case m.decimals < m.currency.Exponent():
		return money.Of(minor, m.currency)
	default:
		return money.Amount{}
	}
}

func minorPerUnit(c money.Currency) int64 {
	minor := int64(1)
	for range c.Exponent() {
		minor *= 10
	}
	return minor
}

// needs are the request fields without which nothing can be sent. A bank payout
// has no phone and names no network, so a payout needs less.
func needs() map[sdk.Operation][]string {
	return map[sdk.Operation][]string{
		sdk.OperationPayment: {"country", "network", "customer.phone"},
		sdk.OperationPayout:  {"country", "recipient.name"},
	}
}

// validPhone returns the number as EnovePay takes it, digits without the plus,
// and whether it is one of the country.
func (m market) validPhone(phone string) (string, bool) {
	number, international := strings.CutPrefix(phone, "+")
	local, ours := strings.CutPrefix(number, m.prefix)
	fits := len(local) == m.digits && strings.HasPrefix(local, m.starts)
	return number, international && ours && fits && onlyDigits(local)
}

func onlyDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }
