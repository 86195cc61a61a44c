package main

import (
	"cmp"
	"maps"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk/money"
)

// tally counts the rows of a comparison and sums their money.
type tally struct {
	counts map[core.StatementClass]int
	sums   map[core.StatementClass]map[money.Currency]*sums
}

// sums are the money of one class in one currency: what the statement says and what is recorded.
type sums struct{ there, here sum }

// sum is a sum of amounts. Too many for 64 bits is told, not wrapped around.
type sum struct {
	amount money.Amount
	over   bool
}

func newTally() tally {
	return tally{map[core.StatementClass]int{}, map[core.StatementClass]map[money.Currency]*sums{}}
}

// add counts a finding. An amount that cannot be read is in no sum.
func (t tally) add(f api.Finding) {
	class := core.StatementClass(f.Class)
	t.counts[class]++
	if f.Record != nil {
		if amount, ok := amountOf(f.Record.Amount, f.Record.Currency); ok {
			t.in(class, amount.Currency()).here.add(amount)
		}
	}
	if f.Row == nil {
		return
	}
	currency := f.Row.Currency
	if f.Record != nil {
		currency = cmp.Or(currency, f.Record.Currency)
	}
	if amount, ok := amountOf(f.Row.Amount, currency); ok {
		t.in(class, amount.Currency()).there.add(amount)
	}
}

func (t tally) in(class core.StatementClass, currency money.Currency) *sums {
	if t.sums[class] == nil {
		t.sums[class] = map[money.Currency]*sums{}
	}
	if t.sums[class][currency] == nil {
		t.sums[class][currency] = &sums{sum{amount: money.Zero(currency)}, sum{amount: money.Zero(currency)}}
	}
	return t.sums[class][currency]
}

func amountOf(text, code string) (money.Amount, bool) {
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return money.Amount{}, false
	}
	amount, err := money.ParseTold(text, currency)
	return amount, err == nil
}

func (s *sum) add(amount money.Amount) {
	total, err := s.amount.Add(amount)
	if err != nil {
		s.over = true
		return
	}
	s.amount = total
}

// String is the sum in major units.
func (s sum) String() string {
	if s.over {
		return "more than " + s.amount.Decimal()
	}
	return s.amount.Decimal()
}

// classSummary is what is printed of a class.
type classSummary struct {
	Class string        `json:"class"`
	Count int           `json:"count"`
	Sums  []currencySum `json:"sums"`
}

type currencySum struct {
	Currency string `json:"currency"`
	There    string `json:"there"`
	Here     string `json:"here"`
}

// summary returns every class that was found, and equal in any case.
func (t tally) summary() []classSummary {
	var all []classSummary
	for _, class := range core.StatementClasses() {
		if t.counts[class] == 0 && class != core.StatementEqual {
			continue
		}
		one := classSummary{Class: string(class), Count: t.counts[class], Sums: []currencySum{}}
		for _, currency := range slices.Sorted(maps.Keys(t.sums[class])) {
			s := t.sums[class][currency]
			one.Sums = append(one.Sums, currencySum{currency.String(), s.there.String(), s.here.String()})
		}
		all = append(all, one)
	}
	return all
}
