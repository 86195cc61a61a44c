package backtest

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// report makes the report of what was counted.
func (r *replay) report() (core.Backtest, error) {
	report := r.counted
	report.From, report.To = r.question.From, r.question.To
	for _, name := range r.question.After.Names() {
		report.Rules = append(report.Rules, core.BacktestRule{Name: name, Matched: r.matched[name]})
	}
	moves := map[[2]string]*move{}
	lost, gained, fees := sums{}, sums{}, feeSums{}
	for k, s := range r.kinds {
		amount := money.Of(s.minor, k.currency)
		var err error
		switch {
		case k.to == "":
			err = lost.add(amount)
		case k.from == "":
			err = gained.add(amount)
		default:
			pair := [2]string{k.from, k.to}
			if moves[pair] == nil {
				moves[pair] = &move{sums: sums{}}
			}
			err = moves[pair].add(k, s, r.ended)
			if err == nil {
				err = fees.add(r.question.Accounts, k, s)
			}
		}
		if err != nil {
			return report, err
		}
	}
	report.Lost.Sums, report.Gained.Sums = lost.list(), gained.list()
	report.Fees = fees.list()
	for pair, m := range moves {
		report.Moves = append(report.Moves, m.shown(pair[0], pair[1]))
	}
	slices.SortFunc(report.Moves, func(a, b core.BacktestMove) int {
		return cmp.Or(cmp.Compare(b.Transactions, a.Transactions), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return report, nil
}

// sums are amounts by their currency.
type sums map[money.Currency]money.Amount

func (s sums) add(a money.Amount) error {
	total, ok := s[a.Currency()]
	if !ok {
		s[a.Currency()] = a
		return nil
	}
	total, err := total.Add(a)
	if err != nil {
		return fmt.Errorf("%w: %w", errSum, err)
	}
	s[a.Currency()] = total
	return nil
}

func (s sums) list() []money.Amount {
	list := make([]money.Amount, 0, len(s))
	for _, c := range slices.Sorted(maps.Keys(s)) {
		list = append(list, s[c])
	}
	slices.SortFunc(list, func(a, b money.Amount) int { return cmp.Compare(a.Currency().String(), b.Currency().String()) })
	return list
}

// move is all that goes from one account to another.
type move struct {
	transactions uint64
	sums         sums
	compared     uint64
	// before and after are the expected successes, times million.
	before, after         big.Int
	endsBefore, endsAfter uint64
	seen                  map[like]bool
}

func (m *move) add(k kind, s *sum, ended *ends) error {
	m.transactions += s.transactions
	if err := m.sums.add(money.Of(s.minor, k.currency)); err != nil {
		return err
	}
	from, to := ended.all(k.from, k.like), ended.all(k.to, k.like)
	before, after := from.Succeeded+from.Failed, to.Succeeded+to.Failed
	if min(before, after) < core.BacktestEndsMin {
		return nil
	}
	m.compared += s.transactions
	m.before.Add(&m.before, expected(s.transactions, from))
	m.after.Add(&m.after, expected(s.transactions, to))
	if m.seen == nil {
		m.seen = map[like]bool{}
	}
	if !m.seen[k.like] { // The same ends stand behind every currency.
		m.seen[k.like] = true
		m.endsBefore += before
		m.endsAfter += after
	}
	return nil
}

const million = 1_000_000

// expected is how many of n would succeed by a tally, times million.
func expected(n uint64, t core.Tally) *big.Int {
	product := new(big.Int).SetUint64(n)
	product.Mul(product, new(big.Int).SetUint64(t.Succeeded*million))
	return product.Div(product, new(big.Int).SetUint64(t.Succeeded+t.Failed))
}

func (e *ends) all(account string, l like) core.Tally {
	if s, ok := e.series[place{account: account, like: l}]; ok {
		return s.all
	}
	return core.Tally{}
}

func (m *move) shown(from, to string) core.BacktestMove {
	shown := core.BacktestMove{From: from, To: to, Transactions: m.transactions, Sums: m.sums.list()}
	if m.compared > 0 {
		n := new(big.Int).SetUint64(m.compared)
		shown.Success = core.BacktestSuccess{
			Transactions: m.compared,
			Before:       new(big.Int).Div(&m.before, n).Uint64(), After: new(big.Int).Div(&m.after, n).Uint64(),
			EndsBefore: m.endsBefore, EndsAfter: m.endsAfter,
		}
	}
	return shown
}
