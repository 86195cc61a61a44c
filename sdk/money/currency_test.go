package money_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/money"
)

func TestAnUnknownCodeIsRefusedWithTheCure(t *testing.T) {
	const give = ": give three capital letters of ISO 4217, such as XOF"
	tests := map[string]struct{ code, want string }{
		"neighbours swapped":      {"XFO", `"XFO" is not a currency (did you mean XOF?)`},
		"last neighbours swapped": {"ERU", `"ERU" is not a currency (did you mean EUR?)`},
		"lower case":              {"xof", `"xof" is not a currency (did you mean XOF?)`},
		"one wrong letter":        {"XQF", `"XQF" is not a currency (did you mean XAF?)`},
		"one letter too many":     {"EURO", `"EURO" is not a currency (did you mean EUR?)`},
		"first letter doubled":    {"EEUR", `"EEUR" is not a currency (did you mean EUR?)`},
		"one letter too few":      {"US", `"US" is not a currency (did you mean USD?)`},
		"withdrawn":               {"BGN", `"BGN" is not a currency (it was replaced by EUR)`},
		"redenominated":           {"SLL", `"SLL" is not a currency (it was replaced by SLE)`},
		"nothing near":            {"QQQ", `"QQQ" is not a currency` + give},
		"empty":                   {"", `"" is not a currency` + give},
		"a word":                  {"francs", `"francs" is not a currency` + give},
		"a symbol":                {"€", `"\u20ac" is not a currency` + give},
		"a number":                {"952", `"952" is not a currency` + give},
		"white space around":      {" XOF", `" XOF" is not a currency (did you mean XOF?)`},
		"a line feed":             {"X\nF", `"X\nF" is not a currency (did you mean XAF?)`},
		"far too long":            {"a currency that nobody in the world has ever heard of", `"a currency that nobody in the world h..." is not a currency` + give},
		"a card number":           {"4111111111111111", `text with 16 digits is not a currency` + give},
		"a phone number":          {"+225 07 07 12 34 56", `text with 13 digits is not a currency` + give},
		"bytes that are not text": {"\xff\xfe\xfd", `"\xff\xfe\xfd" is not a currency` + give},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := money.ParseCurrency(test.code)
			if !errors.Is(err, money.ErrCurrency) {
				t.Fatalf("ParseCurrency = %v, %v, want ErrCurrency", c, err)
			}
			if c != 0 {
				t.Errorf("ParseCurrency = %v beside its error, want no currency", c)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

// Each successor must itself be a currency, and no code may be both current and withdrawn.
func TestAWithdrawnCodeNamesACurrencyOfToday(t *testing.T) {
	replaced := map[string]string{
		"ANG": "XCG", "BGN": "EUR", "BYR": "BYN", "CUC": "CUP", "HRK": "EUR", "LTL": "EUR", "MRO": "MRU",
		"SLL": "SLE", "STD": "STN", "VEF": "VES", "ZMK": "ZMW", "ZWL": "ZWG",
	}
	for old, now := range replaced {
		if _, err := money.ParseCurrency(now); err != nil {
			t.Error(err)
		}
		_, err := money.ParseCurrency(old)
		if err == nil {
			t.Errorf("%s is still a currency", old)
			continue
		}
		want := `"` + old + `" is not a currency (it was replaced by ` + now + `)`
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("message (-want +got):\n%s", diff)
		}
	}
}

func TestACurrencyThatIsNoneSaysSo(t *testing.T) {
	tests := map[string]struct {
		currency money.Currency
		text     string
	}{
		"no currency":             {0, ""},
		"a number nobody has":     {1, "Currency(1)"},
		"gold":                    {959, "Currency(959)"},
		"the largest of 3 digits": {999, "Currency(999)"},
		"one beyond 3 digits":     {1000, "Currency(1000)"},
		"the largest":             {65535, "Currency(65535)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.currency.Valid() {
				t.Error("it is valid")
			}
			if diff := cmp.Diff(test.text, test.currency.String()); diff != "" {
				t.Errorf("String (-want +got):\n%s", diff)
			}
			if test.currency.Exponent() != 0 || test.currency.Name() != "" {
				t.Errorf("it has %d decimals and the name %q", test.currency.Exponent(), test.currency.Name())
			}
		})
	}
}

type priced struct {
	Price    money.Amount
	Currency money.Currency
}

func TestMoneyGoesThroughJSONUnchanged(t *testing.T) {
	tests := map[string]struct {
		value priced
		text  string
	}{
		"with decimals":  {priced{money.Of(20050, money.EUR), money.EUR}, `{"Price":"200.50 EUR","Currency":"EUR"}`},
		"without":        {priced{money.Of(5000, money.XOF), money.XOF}, `{"Price":"5000 XOF","Currency":"XOF"}`},
		"nothing of one": {priced{money.Zero(money.KWD), money.KWD}, `{"Price":"0.000 KWD","Currency":"KWD"}`},
		"left out":       {priced{}, `{"Price":"","Currency":""}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(test.value)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.text, string(text)); diff != "" {
				t.Errorf("written (-want +got):\n%s", diff)
			}
			read := priced{money.Of(1, money.USD), money.USD}
			if err := json.Unmarshal(text, &read); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.value, read); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMoneyThatIsNoneIsNotWritten(t *testing.T) {
	tests := map[string]any{
		"a number that is not a currency": money.Currency(1),
		"an amount of no currency":        money.Of(1, 0),
		"an amount of such a number":      money.Of(1, 1),
		"nothing of such a number":        money.Of(0, 1),
	}
	for name, value := range tests {
		t.Run(name, func(t *testing.T) {
			if text, err := json.Marshal(value); !errors.Is(err, money.ErrCurrency) {
				t.Errorf("Marshal = %s, %v, want ErrCurrency", text, err)
			}
		})
	}
}

func TestMoneyThatCannotBeReadIsLeftAsItWas(t *testing.T) {
	tests := map[string]struct {
		text string
		want error
	}{
		"unknown currency":              {`{"Currency":"XFO"}`, money.ErrCurrency},
		"amount without a currency":     {`{"Price":"5000"}`, money.ErrSyntax},
		"amount of an unknown currency": {`{"Price":"5000 XFO"}`, money.ErrCurrency},
		"amount below zero":             {`{"Price":"-5000 XOF"}`, money.ErrSyntax},
		"amount with too many decimals": {`{"Price":"5.5 XOF"}`, money.ErrDecimals},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			was := priced{money.Of(700, money.USD), money.USD}
			read := was
			if err := json.Unmarshal([]byte(test.text), &read); !errors.Is(err, test.want) {
				t.Errorf("Unmarshal: %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(was, read); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
		})
	}
}
