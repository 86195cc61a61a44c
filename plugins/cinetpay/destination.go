package main

import (
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// destination is a country that CinetPay pays out to. The minimum is in whole
// units; a maximum is not published.
type destination struct {
	country, prefix string
	currency        money.Currency
	min             int64
}

// destinations is CinetPay's table of transfers. Congo gets no dollars.
func destinations() []destination {
	return []destination{
		{"CI", ivorianPrefix, money.XOF, 200},
		{"SN", "221", money.XOF, 200},
		{"TG", "228", money.XOF, 150},
		{"BJ", "229", money.XOF, 500},
		{"ML", "223", money.XOF, 500},
		{"BF", "226", money.XOF, 500},
		{"NE", "227", money.XOF, 500},
		{"CM", "237", money.XAF, 500},
		{"GN", "224", money.GNF, 1_000},
		{"CD", "243", money.CDF, 1_000},
	}
}

// narrowDestinations keeps those of a country and currency; empty ones keep all.
func narrowDestinations(all []destination, country string, currency money.Currency) []destination {
	return slices.DeleteFunc(slices.Clone(all), func(d destination) bool {
		return country != "" && d.country != country || currency != 0 && d.currency != currency
	})
}

func (d destination) capability() sdk.Corridor {
	return sdk.Corridor{
		Kind: sdk.KindPayout, Countries: []string{d.country}, Currencies: []money.Currency{d.currency},
		Methods: []string{methodMobile},
		Min:     whole(d.min, d.currency), Step: whole(amountStep, d.currency),
	}
}

func payoutCapabilities(all []destination) []sdk.Corridor {
	list := make([]sdk.Corridor, len(all))
	for i, d := range all {
		list[i] = d.capability()
	}
	return list
}

// payoutNeeds are the fields of a contact. The country is none of them: the
// phone's prefix tells it.
func payoutNeeds() map[sdk.Operation][]string {
	return map[sdk.Operation][]string{
		sdk.OperationPayout: {"recipient.phone", "recipient.name", "recipient.surname", "recipient.email"},
	}
}

const (
	// The numbers of the destinations have 8 to 10 digits after the prefix.
	localDigitsMin = 8
	localDigitsMax = 10
)

// local returns what follows the country's prefix in an international number,
// as the transfer API wants it: a plus, a prefix or 00 is refused there. It
// reports false for what is no number of the country.
func (d destination) local(phone string) (string, bool) {
	local, ours := strings.CutPrefix(phone, "+"+d.prefix)
	fits := len(local) >= localDigitsMin && len(local) <= localDigitsMax && !strings.HasPrefix(local, "00")
	return local, ours && fits && validPhone(phone)
}

// destinationOf returns where a phone is, whatever the settings leave.
func destinationOf(phone string) (destination, bool) {
	for _, d := range destinations() {
		if strings.HasPrefix(phone, "+"+d.prefix) {
			return d, true
		}
	}
	return destination{}, false
}
