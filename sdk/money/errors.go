package money

import (
	"errors"
	"fmt"
	"strconv"
)

// The kinds of refusal. Every error of this package wraps exactly one of them.
var (
	// ErrCurrency says that a text or a number is not a currency of ISO 4217 one can pay in.
	ErrCurrency = errors.New("not a currency")
	// ErrSyntax says that a text is not an amount: a sign, an exponent, a space, a separator, a
	// superfluous leading zero, a point without a digit on both sides, or nothing at all.
	ErrSyntax = errors.New("not an amount")
	// ErrDecimals says that an amount has more decimals than its currency.
	ErrDecimals = errors.New("too many decimals")
	// ErrZero says that an amount is zero where it must be above zero.
	ErrZero = errors.New("zero is not allowed")
	// ErrDigits says that an amount has more than 15 digits in all.
	ErrDigits = errors.New("too many digits")
	// ErrOverflow says that the result of a calculation does not fit.
	ErrOverflow = errors.New("amount out of range")
	// ErrMismatch says that two amounts are of different currencies.
	ErrMismatch = errors.New("currencies differ")
)

const (
	// quoteMax is the most an error repeats of a text, in bytes, so that a log line stays readable.
	quoteMax = 40
	// quoteDigitsMax is the most digits an error repeats. A phone or card number that strayed into
	// an amount has more, and must not reach a log.
	quoteDigitsMax = 7
)

// quote repeats text for an error as far as that is short and safe.
func quote(text string) string {
	if n := countDigits(text); n > quoteDigitsMax {
		return "text with " + strconv.Itoa(n) + " digits"
	}
	const ellipsis = "..."
	if len(text) > quoteMax {
		text = text[:quoteMax-len(ellipsis)] + ellipsis
	}
	return strconv.QuoteToASCII(text)
}

func countDigits(text string) int {
	n := 0
	for i := range len(text) {
		if isDigit(text[i]) {
			n++
		}
	}
	return n
}

func unknownCurrency(code string) error {
	suggestion := hint(code)
	if suggestion == "" {
		suggestion = ": give three capital letters of ISO 4217, such as XOF"
	}
	return fmt.Errorf("%s is %w%s", quote(code), ErrCurrency, suggestion)
}

func invalidCurrency(c Currency) error {
	if c == 0 {
		return fmt.Errorf("the empty currency is %w: name the currency of the amount", ErrCurrency)
	}
	return fmt.Errorf("number %d is %w: give a numeric code of ISO 4217", uint16(c), ErrCurrency)
}

func badSyntax(text, why string) error {
	return fmt.Errorf("%s is %w: %s, write it like 1500 or 200.50", quote(text), ErrSyntax, why)
}

func tooManyDecimals(text string, c Currency) error {
	if c.Exponent() == 0 {
		return fmt.Errorf("%s has %w: %s has none, leave the point out", quote(text), ErrDecimals, c)
	}
	return fmt.Errorf("%s has %w: %s has %d, round it", quote(text), ErrDecimals, c, c.Exponent())
}

func tooManyDigits(text string, c Currency) error {
	return fmt.Errorf("%s has %w: give at most %d before the point for %s",
		quote(text), ErrDigits, digitsMax-c.Exponent(), c)
}

func differ(does string, a, b Amount) error {
	return fmt.Errorf("%s %s and %s: %w: give both in one currency", does, a, b, ErrMismatch)
}

func outOfRange(does string, a, b Amount) error {
	return fmt.Errorf("%s %s and %s: %w: split the amounts", does, a, b, ErrOverflow)
}

func badMoney(text string) error {
	return fmt.Errorf("%s is %w with a currency: write both with one space between, like 5000 XOF",
		quote(text), ErrSyntax)
}

func zeroText(text string) error {
	return fmt.Errorf("%s: %w: give an amount above zero", quote(text), ErrZero)
}

func badStep(step Amount) error {
	return fmt.Errorf("step %s: %w: give a step above zero", step, ErrZero)
}
