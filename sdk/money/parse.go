package money

import (
	"strconv"
	"strings"
)

// digitsMax bounds an amount written with all decimals of its currency, so minor units stay below
// 10^15: far from the ends of int64, and exact even in a reader that only has float64.
const digitsMax = 15

// Parse reads an amount in major units: digits, or digits, a point and at most as many digits as
// the currency has decimals ("5000" XOF, "200", "200.5" or "200.50" EUR). Zero is an amount.
//
// It returns ErrCurrency when c is not valid; ErrSyntax for a sign, an exponent, a space, a
// separator, a superfluous leading zero, or a point without a digit on both sides; ErrDecimals for
// more decimals than the currency has; and ErrDigits for more than 15 digits, all decimals of the
// currency counted, so that what Parse accepts it also accepts in the form Decimal gives it.
func Parse(text string, c Currency) (Amount, error) {
	if !c.Valid() {
		return Amount{}, invalidCurrency(c)
	}
	whole, decimals, err := split(text)
	if err != nil {
		return Amount{}, err
	}
	return join(text, whole, decimals, c)
}

// ParsePositive is Parse for an amount that must be above zero: it also returns ErrZero.
func ParsePositive(text string, c Currency) (Amount, error) {
	a, err := Parse(text, c)
	if err != nil {
		return Amount{}, err
	}
	if a.IsZero() {
		return Amount{}, zeroText(text)
	}
	return a, nil
}

// ParseTold is Parse for an amount that a provider said. White space around it is fine, and so are
// decimals beyond those of the currency as long as they are zero ("100.00" XOF, "10.000" EUR).
// Anything else returns the errors of Parse.
func ParseTold(text string, c Currency) (Amount, error) {
	if !c.Valid() {
		return Amount{}, invalidCurrency(c)
	}
	whole, decimals, err := split(strings.Trim(text, " \t\r\n"))
	if err != nil {
		return Amount{}, err
	}
	return join(text, whole, strings.TrimRight(decimals, "0"), c)
}

// ParseMoney reads an amount, one space and a currency code, such as "5000 XOF".
// It returns ErrSyntax when there is not exactly one space, and the errors of Parse and
// ParseCurrency.
func ParseMoney(text string) (Amount, error) {
	amount, code, ok := strings.Cut(text, " ")
	if !ok || strings.Contains(code, " ") {
		return Amount{}, badMoney(text)
	}
	c, err := ParseCurrency(code)
	if err != nil {
		return Amount{}, err
	}
	return Parse(amount, c)
}

// split takes text apart at the point. The decimals are "" when there is no point.
func split(text string) (whole, decimals string, err error) {
	whole, decimals, point := strings.Cut(text, ".")
	if strange := firstStrange(whole, decimals); strange != "" {
		return "", "", badSyntax(text, strange+" is not allowed")
	}
	switch {
	case text == "":
		return "", "", badSyntax(text, "nothing is there")
	case whole == "":
		return "", "", badSyntax(text, "a digit before the point is missing")
	case point && decimals == "":
		return "", "", badSyntax(text, "a digit after the point is missing")
	case len(whole) > 1 && whole[0] == '0':
		return "", "", badSyntax(text, "it begins with a superfluous 0")
	}
	return whole, decimals, nil
}

// join turns what split found into an amount of c. The text is what an error repeats.
func join(text, whole, decimals string, c Currency) (Amount, error) {
	exponent := c.Exponent()
	if len(decimals) > exponent {
		return Amount{}, tooManyDecimals(text, c)
	}
	if len(whole)+exponent > digitsMax {
		return Amount{}, tooManyDigits(text, c)
	}
	minor := appendDigits(appendDigits(0, whole), decimals)
	for range exponent - len(decimals) {
		minor *= 10
	}
	return Of(minor, c), nil
}

// appendDigits writes digits behind n. It cannot overflow, because join bounds their number first.
func appendDigits(n int64, digits string) int64 {
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	return n
}

// firstStrange quotes the first character that is not a digit, and is "" when there is none.
func firstStrange(parts ...string) string {
	for _, part := range parts {
		for i, r := range part {
			if !isDigit(part[i]) {
				return strconv.QuoteRuneToASCII(r)
			}
		}
	}
	return ""
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
