package routing

import (
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// apart returns the first clause in which a corridor and a rule have nothing in
// common, clauseNone if some transaction fits both.
func apart(capabilities *sdk.Capabilities, c *sdk.Corridor, m *match) clause {
	switch {
	case !capabilities.Can(sdk.Operation(c.Kind)), !meets(m.kinds, kinds.bit(string(c.Kind))):
		return clauseKind
	case !m.meetsCurrency(c):
		return clauseCurrency
	case !m.meetsCountry(c):
		return clauseCountry
	case !m.meetsMethod(c):
		return clauseMethod
	case len(c.Networks) > 0 && !meets(m.networks, union(networks, c.Networks)):
		return clauseNetwork
	case !m.meetsAmount(c):
		return clauseAmount
	}
	return clauseNone
}

func meets(rule, corridor set) bool { return rule == 0 || rule&corridor != 0 }

func union(v vocabulary, words []string) set {
	var s set
	for _, word := range words {
		s |= v.bit(word)
	}
	return s
}

func (m *match) meetsCurrency(c *sdk.Corridor) bool {
	if len(m.currencies) == 0 || len(c.Currencies) == 0 {
		return true
	}
	return slices.ContainsFunc(m.currencies, func(s span) bool { return slices.Contains(c.Currencies, s.currency) })
}

func (m *match) meetsCountry(c *sdk.Corridor) bool {
	if len(m.countries) == 0 || len(c.Countries) == 0 {
		return true
	}
	return slices.ContainsFunc(m.countries, func(code country) bool { return slices.Contains(c.Countries, code.String()) })
}

// meetsMethod knows that a request for any method fits every corridor.
func (m *match) meetsMethod(c *sdk.Corridor) bool {
	if len(c.Methods) == 0 || slices.Contains(c.Methods, methodAny) || m.methods&methods.bit(methodAny) != 0 {
		return true
	}
	return meets(m.methods, union(methods, c.Methods))
}

func (m *match) meetsAmount(c *sdk.Corridor) bool {
	if len(m.currencies) == 0 {
		return true
	}
	return slices.ContainsFunc(m.currencies, func(s span) bool {
		served := len(c.Currencies) == 0 || slices.Contains(c.Currencies, s.currency)
		return served && s.reaches(c.Min, c.Max)
	})
}

// reaches reports whether an amount of s lies within the bounds of a corridor.
func (s span) reaches(least, most money.Amount) bool {
	if !least.IsZero() && (least.Currency() != s.currency || s.max < least.Minor()) {
		return false
	}
	return most.IsZero() || most.Currency() == s.currency && s.min <= most.Minor()
}

// only names what a corridor serves in a clause.
func only(c *sdk.Corridor, missed clause) string {
	switch missed {
	case clauseCurrency:
		return codes(c.Currencies)
	case clauseCountry:
		return "the countries " + strings.Join(c.Countries, ", ")
	case clauseMethod:
		return "the methods " + strings.Join(c.Methods, ", ")
	case clauseNetwork:
		return "the networks " + strings.Join(c.Networks, ", ")
	default:
		return "amounts" + limit(" from ", c.Min) + limit(" to ", c.Max)
	}
}

func limit(word string, bound money.Amount) string {
	if bound.IsZero() {
		return ""
	}
	return word + bound.String()
}

func either(words []string) string {
	if len(words) == 0 {
		words = kinds
	}
	return strings.Join(words, " or ")
}
