package routing

import (
	"math"
	"strings"

	"github.com/paymux/paymux/sdk/money"
)

// why says in words why a match holds, or which clause does not.
func (m *match) why(missed clause, f *facts) string {
	if missed == clauseNone {
		return m.whyHeld(f)
	}
	name, value := f.value(missed)
	if value == "" {
		return name + " absent"
	}
	return name + " " + value + " is not " + m.wants(missed, f)
}

func (m *match) whyHeld(f *facts) string {
	var held []string
	for c := clauseKind; c <= clauseMerchant; c++ {
		if m.asks(c, f) {
			name, value := f.value(c)
			held = append(held, name+" "+value)
		}
	}
	if len(held) == 0 {
		return "matches everything"
	}
	return strings.Join(held, ", ")
}

// asks reports whether the match has the clause for the facts at hand.
func (m *match) asks(c clause, f *facts) bool {
	switch c {
	case clauseKind:
		return m.kinds != 0
	case clauseCurrency:
		return len(m.currencies) > 0
	case clauseAmount:
		s, _ := m.of(f.currency)
		return s.bounded
	case clauseCountry:
		return len(m.countries) > 0
	case clauseMethod:
		return m.methods != 0
	case clauseNetwork:
		return m.networks != 0
	case clauseMerchant:
		return len(m.merchants) > 0
	default:
		return false
	}
}

// value names the part of the sample that a clause looks at, and what it is; ""
// where the request leaves it open.
func (f *facts) value(c clause) (name, value string) {
	switch c {
	case clauseKind:
		return "kind", string(f.sample.Kind)
	case clauseCurrency:
		return "currency", f.currency.String()
	case clauseAmount:
		if f.minor == 0 {
			return "amount", ""
		}
		return "amount", f.sample.Amount.String()
	case clauseCountry:
		return "country", f.sample.Country
	case clauseMethod:
		return "method", methodOf(f.sample)
	case clauseNetwork:
		return "network", f.sample.Network
	default:
		return "merchant", f.sample.Merchant
	}
}

// wants names what a clause would hold for.
func (m *match) wants(c clause, f *facts) string {
	switch c {
	case clauseKind:
		return oneOf(kinds.words(m.kinds))
	case clauseCurrency:
		list := make([]string, len(m.currencies))
		for i, s := range m.currencies {
			list[i] = s.currency.String()
		}
		return oneOf(list)
	case clauseAmount:
		s, _ := m.of(f.currency)
		return s.String()
	case clauseCountry:
		list := make([]string, len(m.countries))
		for i, code := range m.countries {
			list[i] = code.String()
		}
		return oneOf(list)
	case clauseMethod:
		return oneOf(methods.words(m.methods))
	case clauseNetwork:
		return oneOf(networks.words(m.networks))
	default:
		return oneOf(m.merchants)
	}
}

func oneOf(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return "one of " + strings.Join(list, ", ")
}

// String reads as "between 100 XOF and 1500000 XOF".
func (s span) String() string {
	least, most := money.Of(s.min, s.currency), money.Of(s.max, s.currency)
	switch {
	case s.max == math.MaxInt64:
		return "at least " + least.String()
	case s.min == 0:
		return "at most " + most.String()
	default:
		return "between " + least.String() + " and " + most.String()
	}
}
