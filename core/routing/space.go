package routing

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/paymux/paymux/sdk/money"
)

// The axes that every file has; behind them come those of metadata keys, time
// zones and conditions that several rules share.
const (
	axisKind = iota
	axisMethod
	axisNetwork
	axisCountry
	axisMerchant
	axisCustomer
	axisMoney
	axesFixed
)

// space is all transactions, as the rules of one file tell them apart.
type space struct {
	axes []axis
	// further finds the axes of metadata keys, time zones and conditions.
	further map[string]int
	// scales are the amounts, by currency, at which some rule's range begins or has just ended.
	scales map[money.Currency]*scale
	// minutes are, by time zone, the minutes at which some rule's hours begin or have just ended.
	minutes map[string][]int
	// conditions counts the rules that have an expression.
	conditions map[string]int
}

// scale cuts the amounts of one currency. What lies between two cuts is one value
// of the money axis, where the first of them has the number first.
type scale struct {
	cuts  []int64
	first int
}

// newSpace names every value that a sound rule names, so that boxes can be made.
func newSpace(rules []rule) *space {
	s := &space{
		axes: make([]axis, axesFixed), further: map[string]int{}, conditions: map[string]int{},
		scales: map[money.Currency]*scale{}, minutes: map[string][]int{},
	}
	for i, noun := range []string{"kind", "method", "network", "country", "merchant", "customer", "amount"} {
		s.axes[i] = newAxis(noun, i > axisMethod)
	}
	s.nameAll(axisKind, kinds)
	s.nameAll(axisMethod, methods)
	s.nameAll(axisNetwork, networks)
	for i := range rules {
		if rules[i].sound {
			s.learn(&rules[i].match)
		}
	}
	s.cutMoney()
	s.cutTime()
	return s
}

func (s *space) learn(m *match) {
	for _, c := range m.countries {
		s.axes[axisCountry].name(c.String())
	}
	s.nameAll(axisMerchant, m.merchants)
	for _, c := range m.currencies {
		if s.scales[c.currency] == nil {
			s.scales[c.currency] = &scale{cuts: []int64{0, 1}} // What is left open, zero, is within no range.
		}
		cuts := &s.scales[c.currency].cuts
		*cuts = append(*cuts, c.min)
		if c.max < math.MaxInt64 {
			*cuts = append(*cuts, c.max+1)
		}
	}
	if m.narrow != nil {
		s.learnNarrow(m.narrow)
	}
}

func (s *space) learnNarrow(n *narrow) {
	s.nameAll(axisCustomer, n.customers)
	for _, l := range n.metadata {
		s.nameAll(s.axis("metadata "+l.key), l.values)
	}
	if n.hours != nil {
		zone := n.hours.zone.String()
		s.minutes[zone] = append(s.minutes[zone], 0, n.hours.from, n.hours.to%minutesADay)
	}
	if n.when == nil {
		return
	}
	// A condition of one rule alone tells nothing about another.
	if s.conditions[n.when.source]++; s.conditions[n.when.source] > 1 {
		s.nameAll(s.axis("when "+n.when.source), []string{"true"})
	}
}

func (s *space) nameAll(axis int, names []string) {
	for _, name := range names {
		s.axes[axis].name(name)
	}
}

// axis returns the number of a further axis, which it makes where there is none.
func (s *space) axis(noun string) int {
	if number, ok := s.further[noun]; ok {
		return number
	}
	s.further[noun] = len(s.axes)
	s.axes = append(s.axes, newAxis(noun, true))
	return len(s.axes) - 1
}

func (s *space) cutMoney() {
	for _, currency := range slices.Sorted(maps.Keys(s.scales)) {
		scale := s.scales[currency]
		scale.cuts, scale.first = sortedOnce(scale.cuts), len(s.axes[axisMoney].names)
		s.axes[axisMoney].name(currency.String())
		for _, cut := range scale.cuts[1:] {
			s.axes[axisMoney].name(money.Of(cut, currency).String())
		}
	}
}

func (s *space) cutTime() {
	for _, zone := range slices.Sorted(maps.Keys(s.minutes)) {
		s.minutes[zone] = sortedOnce(s.minutes[zone])
		number := s.axis("time " + zone)
		for _, cut := range s.minutes[zone] {
			s.axes[number].name(clock(cut))
		}
	}
}

func sortedOnce[T cmp.Ordered](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}

// box returns the transactions that a match takes. Exact false means that it takes
// fewer: a percentage, or a condition that no other rule has, cannot be drawn.
func (s *space) box(m *match) (b box, exact bool) {
	put := func(axis int, in atoms) {
		if !s.axes[axis].full(in) {
			b = b.with(axis, in)
		}
	}
	if m.kinds != 0 {
		put(axisKind, s.axes[axisKind].of(kinds.words(m.kinds)))
	}
	if m.methods != 0 {
		put(axisMethod, s.axes[axisMethod].of(methods.words(m.methods)))
	}
	if m.networks != 0 {
		put(axisNetwork, s.axes[axisNetwork].of(networks.words(m.networks)))
	}
	if len(m.countries) > 0 {
		put(axisCountry, s.axes[axisCountry].of(codesOf(m.countries)))
	}
	if len(m.merchants) > 0 {
		put(axisMerchant, s.axes[axisMerchant].of(m.merchants))
	}
	if len(m.currencies) > 0 {
		put(axisMoney, s.money(m.currencies))
	}
	return b, m.narrow == nil || s.narrow(m.narrow, put)
}

func (s *space) money(spans []span) atoms {
	in := noAtoms(s.axes[axisMoney].size())
	for _, span := range spans {
		scale := s.scales[span.currency]
		for i, cut := range scale.cuts {
			if !span.bounded || cut >= max(span.min, 1) && cut <= span.max {
				in.add(scale.first + i)
			}
		}
	}
	return in
}

// narrow puts the sides of the clauses that few rules have, and reports whether
// they say all.
func (s *space) narrow(n *narrow, put func(int, atoms)) (exact bool) {
	exact = n.percent == nil || n.percent.share == whole
	if len(n.customers) > 0 {
		put(axisCustomer, s.axes[axisCustomer].of(n.customers))
	}
	for _, l := range n.metadata {
		number := s.axis("metadata " + l.key)
		put(number, s.axes[number].of(l.values))
	}
	if n.hours != nil {
		number := s.axis("time " + n.hours.zone.String())
		put(number, s.axes[number].of(s.clocks(n.hours)))
	}
	if n.when == nil {
		return exact
	}
	number, shared := s.further["when "+n.when.source]
	if shared {
		put(number, s.axes[number].of([]string{"true"}))
	}
	return exact && shared
}

func (s *space) clocks(h *hours) []string {
	var names []string
	for _, cut := range s.minutes[h.zone.String()] {
		if h.take(cut) {
			names = append(names, clock(cut))
		}
	}
	return names
}
