package sandbox

import (
	"slices"
	"strings"
)

// The credentials of the sandbox's only merchant.
const (
	APIToken        = "sandbox-token"
	ClientID        = "sandbox-client"
	ClientSecretKey = "test_client_secret_key"
)

// market is what is served in a country.
type market struct {
	currency string
	// decimals are how many an amount may have, and step is what it must be a
	// multiple of, in whole units.
	decimals int
	step     int64
	networks []string
	// prefix and digits are the country code of phones and the length after it.
	prefix string
	digits int
	// starts is what the digits after the prefix begin with.
	starts string
}

const networkBank = "BANK"

func marketOf(country string) (market, bool) {
	switch country {
	case "KE":
		return market{currency: "KES", step: 1, networks: []string{"MPESA", "AIRTEL"}, prefix: "254", digits: 9}, true
	case "NG":
		return market{currency: "NGN", decimals: 2, networks: []string{networkBank, "MTN"}, prefix: "234", digits: 10}, true
	case "GH":
		return market{currency: "GHS", decimals: 2, networks: []string{"MTN", "VODAFONE", "AIRTELTIGO"}, prefix: "233", digits: 9}, true
	case "CM":
		return market{currency: "XAF", step: 5, networks: []string{"MTN", "ORANGE"}, prefix: "237", digits: 9}, true
	case "BJ":
		return market{currency: "XOF", step: 5, networks: []string{"MTN", "MOOV"}, prefix: "229", digits: 10, starts: "01"}, true
	case "CI":
		return market{currency: "XOF", step: 5, networks: []string{"MTN", "ORANGE", "MOOV", "WAVE"}, prefix: "225", digits: 10}, true
	case "SN":
		return market{currency: "XOF", step: 5, networks: []string{"ORANGE", "FREE", "WAVE"}, prefix: "221", digits: 9}, true
	}
	return market{}, false
}

// takes reports whether the network is served, for the operation.
func (m market) takes(network string, op Operation) bool {
	return slices.Contains(m.networks, network) && (network != networkBank || op == OpPayout)
}

// validPhone reports whether the number is one of the country, digits without plus.
func (m market) validPhone(number string) bool {
	local, ours := strings.CutPrefix(number, m.prefix)
	return ours && len(local) == m.digits && strings.HasPrefix(local, m.starts) && onlyDigits(local)
}

func onlyDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }
