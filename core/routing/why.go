package routing

import (
	"math"
	"strconv"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// verdict says what became of a rule: the first clause that does not hold, or all
// that do, and each clause by itself.
func (m *match) verdict(name string, missed clause, f *facts) core.RuleVerdict {
	v := core.RuleVerdict{Name: name, Matched: missed == clauseNone}
	var held []string
	for c := clauseKind; c <= clauseWhen; c++ {
		if !m.asks(c, f) {
			continue
		}
		part := core.ClauseVerdict{Held: m.holds(c, f)}
		if part.Held {
			part.Why = m.held(c, f)
			held = append(held, part.Why)
		} else {
			part.Why = m.missed(c, f)
		}
		v.Clauses = append(v.Clauses, part)
	}
	switch {
	case missed != clauseNone:
		v.Why = m.missed(missed, f)
	case len(held) == 0:
		v.Why = "matches everything"
	default:
		v.Why = strings.Join(held, ", ")
	}
	return v
}

// held says of a clause what holds.
func (m *match) held(c clause, f *facts) string {
	if c >= clauseCustomer {
		return m.narrow.held(c, f)
	}
	name, value := f.value(c)
	return name + " " + value
}

// missed says of a clause what does not hold.
func (m *match) missed(c clause, f *facts) string {
	if c >= clauseCustomer {
		return m.narrow.missed(c, f)
	}
	name, value := f.value(c)
	if value == "" {
		return name + " absent"
	}
	return name + " " + value + " is not " + m.wants(c, f)
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
		return m.narrow != nil && m.narrow.asks(c)
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
		return oneOf(codesOf(m.countries))
	case clauseMethod:
		return oneOf(methods.words(m.methods))
	case clauseNetwork:
		return oneOf(networks.words(m.networks))
	default:
		return oneOf(m.merchants)
	}
}

// listShown is the most values that explain repeats of a list.
const listShown = 12

func oneOf(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	if more := len(list) - listShown; more > 0 {
		return "one of " + strings.Join(list[:listShown], ", ") + " and " + strconv.Itoa(more) + " more"
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
