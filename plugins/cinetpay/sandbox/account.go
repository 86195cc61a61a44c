package sandbox

import (
	"slices"
	"strings"
)

// The credentials of the sandbox's only merchant.
const (
	APIKey           = "sandbox.00000000"
	SiteID           = "123456"
	SecretKey        = "test-secret-key"
	TransferPassword = "sandbox-password"
)

// market is a currency of the checkout: its limits in whole units, and what a
// customer of it looks like.
type market struct {
	minimum, maximum int64
	prefix, phone    string
	methods          []string
}

func marketOf(currency string) (market, bool) {
	switch currency {
	case "XOF":
		return market{100, 2_000_000, "225", "0700000001", []string{
			"OM", "FLOOZ", "MOMO", "WAVECI", "VISAM", "OMSN", "FREESN", "EXPRESSOSN", "WAVESN", "TMONEYTG",
			"FLOOZTG", "MTNBJ", "MOOVBJ", "OMML", "MOOVML", "OMBF", "MOOVBF",
		}}, true
	case "XAF":
		return market{100, 1_500_000, "237", "670000001", []string{"OMCM", "MTNCM", "EXPRESSUNIONCM", "VISAMCM"}}, true
	case "GNF":
		return market{1_000, 15_000_000, "224", "620000001", []string{"OMGN", "MTNGN"}}, true
	case "CDF":
		return market{100, 2_000_000, "243", "890000001", []string{"OMCD", "MPESACD", "AIRTELCD"}}, true
	case "USD":
		return market{1, 3_000, "243", "890000001", []string{"OMCDUSD", "MPESACDUSD", "AIRTELCDUSD", "VISAMCDUSD"}}, true
	}
	return market{}, false
}

// methodsOf returns the market's methods that a channels word leaves, or all of
// them where it would leave none.
func (m market) methodsOf(channels string) []string {
	left := slices.DeleteFunc(slices.Clone(m.methods), func(method string) bool {
		return channels != "ALL" && channels != channelOf(method)
	})
	if len(left) == 0 {
		return m.methods
	}
	return left
}

func channelOf(method string) string {
	switch {
	case strings.HasPrefix(method, "VISA"):
		return "CREDIT_CARD"
	case strings.HasPrefix(method, "WAVE"):
		return "WALLET"
	}
	return "MOBILE_MONEY"
}

// country is a destination of transfers. Its limits are whole units; the maximum is the one of
// collections, because none is published for transfers.
type country struct {
	currency         string
	minimum, maximum int64
	methods          []string
}

func countryOf(prefix string) (country, bool) {
	switch prefix {
	case "225":
		return country{"XOF", 200, 1_500_000, []string{"OM", "FLOOZ", "MOMO", "WAVECI"}}, true
	case "221":
		return country{"XOF", 200, 2_000_000, []string{"OMSN", "FREESN", "WAVESN"}}, true
	case "228":
		return country{"XOF", 150, 1_500_000, []string{"TMONEYTG", "FLOOZTG"}}, true
	case "229":
		return country{"XOF", 500, 1_500_000, []string{"MTNBJ", "MOOVBJ"}}, true
	case "223":
		return country{"XOF", 500, 1_500_000, []string{"OMML", "MOOVML"}}, true
	case "226":
		return country{"XOF", 500, 1_500_000, []string{"OMBF", "MOOVBF"}}, true
	case "227":
		return country{"XOF", 500, 1_500_000, nil}, true
	case "237":
		return country{"XAF", 500, 1_500_000, []string{"OMCM", "MTNCM"}}, true
	case "224":
		return country{"GNF", 1_000, 15_000_000, []string{"OMGN", "MTNGN"}}, true
	case "243":
		return country{"CDF", 1_000, 2_000_000, []string{"OMCD", "MPESACD", "AIRTELCD"}}, true
	}
	return country{}, false
}

// multipleOfFive tells whether CinetPay takes the amount in the currency.
func multipleOfFive(amount int64, currency string) bool {
	return currency == "USD" || amount%5 == 0
}

// validLocalPhone tells whether phone is what the transfer API wants: digits
// without plus, 00 or country prefix.
// With a prefix every number of the served countries has 11 digits or more.
func validLocalPhone(phone string) bool {
	return len(phone) >= 8 && len(phone) <= 10 &&
		strings.Trim(phone, "0123456789") == "" && !strings.HasPrefix(phone, "00")
}
