package routing

import (
	"math"
	"slices"

	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk/money"
)

// must is a comparison that holds whenever the whole expression does: one of those
// that and joins at its top. It is of a text with ==, or of the amount.
type must struct {
	variable, operator string
	word               string
	amount             money.Amount
	before             int
}

// says returns which text it demands: of an amount its currency.
func (m must) says() (variable, word string) {
	if m.variable == "amount" {
		return "currency", m.amount.Currency().String()
	}
	return m.variable, m.word
}

// contradict reports what an expression demands and the rule's own match, or the
// expression itself, excludes.
func (w *when) contradict(node yamlfile.Node, m *match) {
	for _, p := range w.prices {
		if _, named := m.of(p.amount.Currency()); len(m.currencies) > 0 && !named {
			node.ErrorWithin(p.before, "can never hold: it compares with %s, and the rule matches no %s",
				p.amount, p.amount.Currency())
		}
	}
	said := map[string]string{}
	for _, must := range w.musts {
		variable, word := must.says()
		if other, twice := said[variable]; twice && other != word {
			node.ErrorWithin(must.before, "can never hold: %s is %s already", variable, other)
		}
		said[variable] = word
		if must.variable == "amount" {
			continue
		}
		if allowed := m.allowed(must.variable); len(allowed) > 0 && !slices.Contains(allowed, must.word) {
			node.ErrorWithin(must.before, "can never hold: the match of this rule wants %s", oneOf(allowed))
		}
	}
	w.contradictAmounts(node, m)
}

// contradictAmounts reports a bound that leaves no amount beside the others.
func (w *when) contradictAmounts(node yamlfile.Node, m *match) {
	left := map[money.Currency]span{}
	for _, must := range w.musts {
		currency := must.amount.Currency()
		if must.variable != "amount" {
			continue
		}
		rest, ok := left[currency]
		if !ok {
			rest = span{currency: currency, min: 1, max: math.MaxInt64}
			if own, bounded := m.of(currency); bounded {
				rest.min, rest.max = max(own.min, 1), own.max
			}
		}
		rest.bend(must.operator, must.amount.Minor())
		left[currency] = rest
		if rest.min > rest.max {
			node.ErrorWithin(must.before, "can never hold: no amount is %s %s beside the other bounds", must.operator, must.amount)
			return
		}
	}
}

// bend makes a range as narrow as a comparison with an amount does.
func (s *span) bend(operator string, minor int64) {
	switch operator {
	case "==":
		s.min, s.max = max(s.min, minor), min(s.max, minor)
	case ">=":
		s.min = max(s.min, minor)
	case ">":
		s.min = max(s.min, minor+1)
	case "<=":
		s.max = min(s.max, minor)
	case "<":
		s.max = min(s.max, minor-1)
	}
}

// allowed returns the words that a match leaves to a variable, none for all.
func (m *match) allowed(variable string) []string {
	switch variable {
	case "kind":
		return kinds.words(m.kinds)
	case "method":
		return methods.words(m.methods)
	case "network":
		return networks.words(m.networks)
	case "country":
		return codesOf(m.countries)
	case "merchant":
		return m.merchants
	case "currency":
		codes := make([]string, len(m.currencies))
		for i, s := range m.currencies {
			codes[i] = s.currency.String()
		}
		return codes
	}
	if m.narrow == nil {
		return nil
	}
	if variable == stickyCustomer {
		return m.narrow.customers
	}
	for _, l := range m.narrow.metadata {
		if variable == stickyMetadata+l.key {
			return l.values
		}
	}
	return nil
}
