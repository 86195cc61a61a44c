package money

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// Amount is a number of minor units of one currency. Amounts are compared with ==, and the zero
// value is zero of no currency. An amount below zero comes only from Of and from calculating;
// nothing that parses gives one.
type Amount struct {
	minor    int64
	currency Currency
}

// Of returns the amount of minor units of c: Of(20000, EUR) is 200.00 EUR, Of(5000, XOF) is 5000 XOF.
func Of(minor int64, c Currency) Amount {
	return Amount{minor: minor, currency: c}
}

// Zero returns nothing of c.
func Zero(c Currency) Amount {
	return Of(0, c)
}

// Minor returns the amount in minor units.
func (a Amount) Minor() int64 { return a.minor }

// Currency returns the currency of the amount.
func (a Amount) Currency() Currency { return a.currency }

// Decimal returns the amount in major units with exactly the decimals of its currency, such as
// "200.00" or "5000". It is the one form in which the amount is written anywhere.
func (a Amount) Decimal() string {
	digits := strconv.FormatUint(magnitude(a.minor), 10)
	exponent := a.currency.Exponent()
	if short := exponent + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	if exponent > 0 {
		point := len(digits) - exponent
		digits = digits[:point] + "." + digits[point:]
	}
	if a.minor < 0 {
		return "-" + digits
	}
	return digits
}

// String returns the decimal and the code, such as "200.00 EUR", which ParseMoney reads. An amount
// of no currency is its number alone.
func (a Amount) String() string {
	if a.currency == 0 {
		return a.Decimal()
	}
	return a.Decimal() + " " + a.currency.String()
}

// MarshalText returns what String does, and no text for the zero value, so that no encoder writes an
// amount as an empty object. It returns ErrCurrency for an amount that has no valid currency.
func (a Amount) MarshalText() ([]byte, error) {
	if a == (Amount{}) {
		return nil, nil
	}
	if !a.currency.Valid() {
		return nil, invalidCurrency(a.currency)
	}
	return []byte(a.String()), nil
}

// UnmarshalText reads what MarshalText writes of an amount that is not below zero. It returns the
// errors of ParseMoney, and leaves a as it was.
func (a *Amount) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*a = Amount{}
		return nil
	}
	parsed, err := ParseMoney(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// IsZero reports whether the amount is zero, of whatever currency.
func (a Amount) IsZero() bool { return a.minor == 0 }

// IsPositive reports whether the amount is above zero.
func (a Amount) IsPositive() bool { return a.minor > 0 }

// Add returns a plus b. It returns ErrMismatch when the currencies differ and ErrOverflow when the
// sum does not fit.
func (a Amount) Add(b Amount) (Amount, error) {
	const does = "add"
	if a.currency != b.currency {
		return Amount{}, differ(does, a, b)
	}
	if b.minor > 0 && a.minor > math.MaxInt64-b.minor {
		return Amount{}, outOfRange(does, a, b)
	}
	if b.minor < 0 && a.minor < math.MinInt64-b.minor {
		return Amount{}, outOfRange(does, a, b)
	}
	return Of(a.minor+b.minor, a.currency), nil
}

// Sub returns a minus b, which is below zero when b is larger. It returns ErrMismatch when the
// currencies differ and ErrOverflow when the difference does not fit.
func (a Amount) Sub(b Amount) (Amount, error) {
	const does = "subtract"
	if a.currency != b.currency {
		return Amount{}, differ(does, a, b)
	}
	if b.minor < 0 && a.minor > math.MaxInt64+b.minor {
		return Amount{}, outOfRange(does, a, b)
	}
	if b.minor > 0 && a.minor < math.MinInt64+b.minor {
		return Amount{}, outOfRange(does, a, b)
	}
	return Of(a.minor-b.minor, a.currency), nil
}

// Compare returns -1 when a is below b, 0 when they are equal, and 1 when a is above b.
// It returns ErrMismatch when the currencies differ.
func (a Amount) Compare(b Amount) (int, error) {
	if a.currency != b.currency {
		return 0, differ("compare", a, b)
	}
	return cmp.Compare(a.minor, b.minor), nil
}

// Equal reports whether a and b are the same amount of the same currency, as == does. Comparers
// that may not look into an Amount, such as go-cmp, ask it.
func (a Amount) Equal(b Amount) bool { return a == b }

// MultipleOf reports whether a is a whole number of steps. It returns ErrMismatch when the
// currencies differ and ErrZero when the step is not above zero.
func (a Amount) MultipleOf(step Amount) (bool, error) {
	if a.currency != step.currency {
		return false, differ("divide", a, step)
	}
	if !step.IsPositive() {
		return false, badStep(step)
	}
	return a.minor%step.minor == 0, nil
}

// magnitude returns n without its sign. Negating as an unsigned number keeps the smallest int64
// right, which has no positive counterpart.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
