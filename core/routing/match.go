package routing

import (
	"math"
	"slices"

	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk/money"
)

// match is the condition of a rule. The empty set and the empty list hold always.
type match struct {
	kinds, methods, networks set
	countries                []country
	merchants                []string
	currencies               []span
	// narrow holds the clauses that few rules have, nil where a rule has none.
	narrow *narrow
}

// span is a currency with the minor units, inclusive, that a rule or an account takes of it.
type span struct {
	currency money.Currency
	// bounded says that the rule names an amount, so that one must be there.
	bounded  bool
	min, max int64
}

// clause is one part of a condition. A later one means that more was right
// before it failed.
type clause uint8

const (
	clauseNone clause = iota
	clauseKind
	clauseCurrency
	clauseCountry
	clauseMethod
	clauseNetwork
	clauseAmount
	clauseStep
	clauseMerchant
	clauseCustomer
	clauseMetadata
	clauseHours
	clausePercent
	clauseWhen
)

// misses returns the first clause that does not hold, clauseNone if all hold.
func (m *match) misses(f *facts) clause {
	if m.kinds != 0 && m.kinds&f.kind == 0 {
		return clauseKind
	}
	if len(m.currencies) > 0 {
		if missed := m.missesMoney(f); missed != clauseNone {
			return missed
		}
	}
	if len(m.countries) > 0 && !slices.Contains(m.countries, f.country) {
		return clauseCountry
	}
	if m.methods != 0 && m.methods&f.method == 0 {
		return clauseMethod
	}
	if m.networks != 0 && m.networks&f.network == 0 {
		return clauseNetwork
	}
	if len(m.merchants) > 0 && !slices.Contains(m.merchants, f.sample.Merchant) {
		return clauseMerchant
	}
	if m.narrow != nil {
		return m.narrow.misses(f)
	}
	return clauseNone
}

// holds reports whether one clause holds; one that is not there does. It is
// misses a clause at a time, for explain.
func (m *match) holds(c clause, f *facts) bool {
	switch c {
	case clauseKind:
		return m.kinds == 0 || m.kinds&f.kind != 0
	case clauseCurrency:
		return len(m.currencies) == 0 || m.missesMoney(f) != clauseCurrency
	case clauseAmount:
		return len(m.currencies) == 0 || m.missesMoney(f) != clauseAmount
	case clauseCountry:
		return len(m.countries) == 0 || slices.Contains(m.countries, f.country)
	case clauseMethod:
		return m.methods == 0 || m.methods&f.method != 0
	case clauseNetwork:
		return m.networks == 0 || m.networks&f.network != 0
	case clauseMerchant:
		return len(m.merchants) == 0 || slices.Contains(m.merchants, f.sample.Merchant)
	default:
		return m.narrow == nil || m.narrow.holds(c, f)
	}
}

func (m *match) missesMoney(f *facts) clause {
	for i := range m.currencies {
		s := &m.currencies[i]
		if s.currency != f.currency {
			continue
		}
		if s.bounded && (f.minor == 0 || f.minor < s.min || f.minor > s.max) {
			return clauseAmount
		}
		return clauseNone
	}
	return clauseCurrency
}

// of returns the range that the match gives a currency, and false if it has none.
func (m *match) of(c money.Currency) (span, bool) {
	for _, s := range m.currencies {
		if s.currency == c {
			return s, true
		}
	}
	return span{}, false
}

func readMatch(node, condition yamlfile.Node, rule string) match {
	if node.Exists() && node.Kind() == yamlfile.Absent {
		node.Errorf("is empty: leave it out to match everything")
	}
	values := read(node, matchKeys)
	m := match{
		kinds:     readKinds(values["kind"]),
		methods:   methods.read(values["method"], "method"),
		networks:  networks.read(values["network"], "network"),
		countries: readCountries(values["country"]),
		merchants: texts(values["merchant"]),
		narrow:    readNarrow(values, condition, rule),
	}
	m.currencies = readCurrencies(values["currency"])
	if amount, ok := values["amount"]; ok {
		m.bound(amount, values["currency"].Exists())
	}
	if m.narrow != nil && m.narrow.when != nil {
		m.narrow.when.contradict(condition, &m)
	}
	return m
}

func readKinds(node yamlfile.Node) set {
	for _, item := range node.Items() {
		if item.Raw() == "refund" {
			item.Errorf("a refund is not routed: it goes to the account of its payment")
			return 0
		}
	}
	return kinds.read(node, "kind")
}

func readCurrencies(node yamlfile.Node) []span {
	var spans []span
	for _, item := range items(node) {
		code, ok := item.Text()
		if !ok {
			continue
		}
		currency, err := money.ParseCurrency(code)
		switch {
		case err != nil:
			item.Errorf("%v", err)
		case slices.ContainsFunc(spans, func(s span) bool { return s.currency == currency }):
			item.Errorf("%s is listed twice", code)
		default:
			spans = append(spans, span{currency: currency, max: math.MaxInt64})
		}
	}
	return spans
}

// bound reads the amount range into each currency of the match.
func (m *match) bound(node yamlfile.Node, hasCurrency bool) {
	if node.Kind() != yamlfile.Map {
		node.Errorf("must be { min: \"100\", max: \"1500000\" }, or one of the two")
		return
	}
	values := read(node, amountKeys)
	if len(values) == 0 {
		node.Errorf("needs min or max")
	}
	if !hasCurrency {
		node.Errorf("needs a currency in the same rule: it is written in major units")
		return
	}
	for i := range m.currencies {
		m.currencies[i].bound(node, values)
	}
}

func (s *span) bound(node yamlfile.Node, values map[string]yamlfile.Node) {
	s.bounded = true
	least, hasMin := readAmount(values["min"], s.currency)
	most, hasMax := readAmount(values["max"], s.currency)
	if hasMin {
		s.min = least.Minor()
	}
	if hasMax {
		s.max = most.Minor()
	}
	switch {
	case hasMin && hasMax && s.min > s.max:
		node.Errorf("can never match: min %s is above max %s", least, most)
	case hasMax && s.max == 0:
		node.Errorf("can never match: no transaction has the amount zero")
	}
}

func readAmount(node yamlfile.Node, currency money.Currency) (money.Amount, bool) {
	if !node.Exists() {
		return money.Amount{}, false
	}
	text, ok := node.Decimal()
	if !ok {
		return money.Amount{}, false
	}
	amount, err := money.Parse(text, currency)
	if err != nil {
		node.Errorf("%v", err)
		return money.Amount{}, false
	}
	return amount, true
}
