package backtest

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// feeSums are the fees of what moved, by currency.
type feeSums map[money.Currency]*feeSum

type feeSum struct {
	transactions, unknown uint64
	// before and after are minor units times million, so that nothing is rounded before the end.
	before, after big.Int
}

func (f feeSums) add(accounts map[string]core.Standing, k kind, s *sum) error {
	currency := k.currency
	total := f[currency]
	if total == nil {
		total = &feeSum{}
		f[currency] = total
	}
	before, knownBefore := feeOf(accounts[k.from], currency)
	after, knownAfter := feeOf(accounts[k.to], currency)
	if !knownBefore || !knownAfter {
		total.unknown += s.transactions
		return nil
	}
	total.transactions += s.transactions
	total.before.Add(&total.before, feesOf(before, s))
	total.after.Add(&total.after, feesOf(after, s))
	if !rounded(&total.before).IsInt64() || !rounded(&total.after).IsInt64() {
		return fmt.Errorf("fees: %w", errSum)
	}
	return nil
}

// feeOf returns an account's fee for a currency, and false where it is not known, as
// where its fixed part is of another one.
func feeOf(standing core.Standing, currency money.Currency) (core.Fee, bool) {
	fee, known := standing.Fee(currency)
	return fee, known && (fee.Fixed.IsZero() || fee.Fixed.Currency() == currency)
}

// feesOf are the fees of transactions together, in minor units times million.
func feesOf(fee core.Fee, s *sum) *big.Int {
	part := new(big.Int).Mul(big.NewInt(s.minor), big.NewInt(fee.Millionths))
	fixed := new(big.Int).Mul(new(big.Int).SetUint64(s.transactions), big.NewInt(fee.Fixed.Minor()))
	return part.Add(part, fixed.Mul(fixed, big.NewInt(million)))
}

// rounded returns whole minor units, half of one up.
func rounded(millionths *big.Int) *big.Int {
	half := new(big.Int).Add(millionths, big.NewInt(million/2))
	return half.Div(half, big.NewInt(million))
}

func (f feeSums) list() []core.BacktestFee {
	list := make([]core.BacktestFee, 0, len(f))
	for currency, s := range f {
		list = append(list, core.BacktestFee{
			Transactions: s.transactions, Unknown: s.unknown,
			Before: money.Of(rounded(&s.before).Int64(), currency), After: money.Of(rounded(&s.after).Int64(), currency),
		})
	}
	slices.SortFunc(list, func(a, b core.BacktestFee) int {
		return cmp.Compare(a.Before.Currency().String(), b.Before.Currency().String())
	})
	return list
}
