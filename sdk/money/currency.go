package money

import (
	"fmt"
	"slices"
	"strings"
)

// Currency is the ISO 4217 numeric code of a currency. The zero value is no currency.
type Currency uint16

// numericMax is the largest code that three digits can write.
const numericMax = 999

// rowOf finds the row of a numeric code: its place in iso4217 plus one, and zero for an unused code.
// It is filled once and never written to again.
var rowOf = indexRows()

func indexRows() (rows [numericMax + 1]uint8) {
	for i, e := range iso4217 {
		rows[e.currency] = uint8(i + 1)
	}
	return rows
}

// ParseCurrency returns the currency with the given three-letter code in capitals.
// It returns ErrCurrency for any other text, and names the nearest code where there is one.
func ParseCurrency(code string) (Currency, error) {
	if c, ok := byCode(code); ok {
		return c, nil
	}
	return 0, unknownCurrency(code)
}

// Currencies returns every currency the package knows, ordered by code.
func Currencies() []Currency {
	list := make([]Currency, len(iso4217))
	for i, e := range iso4217 {
		list[i] = e.currency
	}
	return list
}

// Valid reports whether c is one of Currencies. No currency is not valid.
func (c Currency) Valid() bool {
	return c <= numericMax && rowOf[c] != 0
}

// String returns the three-letter code, "" for no currency, and a form such as "Currency(1)" for
// a number that ISO 4217 gives to nobody.
func (c Currency) String() string {
	if c == 0 {
		return ""
	}
	if !c.Valid() {
		return fmt.Sprintf("Currency(%d)", uint16(c))
	}
	return c.entry().code
}

// Exponent returns how many decimals the currency has, which is 0 for a currency that is not valid.
func (c Currency) Exponent() int {
	return int(c.entry().exponent)
}

// Name returns the English name in ISO 4217, and "" for a currency that is not valid.
func (c Currency) Name() string {
	return c.entry().name
}

// MarshalText returns the code, and no text for no currency.
// It returns ErrCurrency for a number that is not a currency.
func (c Currency) MarshalText() ([]byte, error) {
	if c != 0 && !c.Valid() {
		return nil, invalidCurrency(c)
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads what MarshalText writes, so empty text is no currency.
// It returns ErrCurrency for text that ParseCurrency refuses, and leaves c as it was.
func (c *Currency) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = 0
		return nil
	}
	parsed, err := ParseCurrency(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

func (c Currency) entry() entry {
	if !c.Valid() {
		return entry{}
	}
	return iso4217[rowOf[c]-1]
}

func byCode(code string) (Currency, bool) {
	i, ok := slices.BinarySearchFunc(iso4217[:], code, func(e entry, code string) int {
		return strings.Compare(e.code, code)
	})
	if !ok {
		return 0, false
	}
	return iso4217[i].currency, true
}
