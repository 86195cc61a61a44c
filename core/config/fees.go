package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk/money"
)

// Fee is what an attempt at an account costs, in one currency or, without one, in
// all that have no fee of their own.
type Fee struct {
	Currency money.Currency `koanf:"currency"`
	// Millionths of the amount: "2.5" percent is 25000.
	Millionths int64 `koanf:"percent"`
	// Fixed is a decimal in the currency; empty or zero is none.
	Fixed string `koanf:"fixed"`
}

// feeKeys are the keys of one fee.
func feeKeys() []key {
	return []key{{"currency", text(readCurrency)}, {"percent", text(readPercent)}, {"fixed", text(readFixed)}}
}

func readCurrency(code string) (any, string) {
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return nil, yamlfile.Quote(code) + " is not an ISO 4217 currency, such as XOF"
	}
	return currency, ""
}

var percentPattern = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,4})?$`)

// readPercent reads at most four decimals, which a millionth of the amount holds exactly.
func readPercent(text string) (any, string) {
	const wrong = "must be a percentage from 0 to 100 with at most 4 decimals, such as \"2.5\""
	const all = 1_000_000
	if !percentPattern.MatchString(text) {
		return nil, wrong
	}
	whole, decimals, _ := strings.Cut(text, ".")
	millionths, err := strconv.ParseInt(whole+(decimals + "0000")[:4], 10, 64)
	if err != nil || millionths > all {
		return nil, wrong
	}
	return millionths, ""
}

var amountPattern = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,6})?$`)

// readFixed reads what may be an amount; its currency says later whether it is one.
func readFixed(text string) (any, string) {
	if !amountPattern.MatchString(text) {
		return nil, "must be an amount without a sign, such as \"50\""
	}
	return text, ""
}

// fixed returns the fixed part, and what is wrong with it.
func (f Fee) fixed() (money.Amount, string) {
	switch {
	case strings.Trim(f.Fixed, "0.") == "":
		return money.Amount{}, ""
	case !f.Currency.Valid():
		return money.Amount{}, "an amount needs its currency: add one, such as currency: XOF, or write a list with one fee for each currency"
	}
	amount, err := money.Parse(f.Fixed, f.Currency)
	if err != nil {
		return money.Amount{}, err.Error()
	}
	return amount, ""
}

// Costs returns the fees as routing reads them.
func (p Provider) Costs() []core.Fee {
	var fees []core.Fee
	for _, fee := range p.Fees {
		fixed, _ := fee.fixed() // It was checked when it was read.
		fees = append(fees, core.Fee{Currency: fee.Currency, Millionths: fee.Millionths, Fixed: fixed})
	}
	return fees
}

// checkFees reports what no single key of a fee shows.
func (c *Config) checkFees(account string, fees []Fee) {
	seen := map[money.Currency]bool{}
	for i, fee := range fees {
		path := c.source.feePath(account, i)
		if _, wrong := fee.fixed(); wrong != "" {
			c.source.errorf(path+".fixed", wrong)
		}
		switch {
		case seen[fee.Currency] && fee.Currency.Valid():
			c.source.errorf(path+".currency", fee.Currency.String()+" has a fee already")
		case seen[fee.Currency] && !c.source.wrong(path+".currency"):
			c.source.errorf(path, "is the second fee without a currency: only one is for all others")
		}
		seen[fee.Currency] = true
		_, percent := c.source.places[path+".percent"]
		_, fixed := c.source.places[path+".fixed"]
		if !percent && !fixed && !c.source.wrong(path) {
			c.source.errorf(path, "percent or fixed is required")
		}
	}
}

// feePath is where a fee stands: fees itself, or an item of it.
func (s *source) feePath(account string, i int) string {
	path := "providers." + account + ".fees"
	item := fmt.Sprintf("%s[%d]", path, i)
	if _, list := s.places[item]; list {
		return item
	}
	return path
}

// Revision is another text whenever the plugin or a setting of an account is
// another one. A secret behind a reference is not looked at. It gives nothing away.
func (c *Config) Revision(account string) string {
	provider := c.Providers[account]
	about, err := json.Marshal([]any{provider.Plugin, c.Plugins[provider.Plugin], provider.Isolation, c.source.settings[account]})
	if err != nil {
		return "" // Settings were read from YAML scalars, lists and maps of text.
	}
	sum := sha256.Sum256(about)
	return hex.EncodeToString(sum[:])
}
