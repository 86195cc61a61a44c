package routing

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// million is what a fee's part is counted in: 25000 millionths are 2.5 percent.
const million = 1_000_000

// cheapest asks the account first that takes the least for the amount. Among
// equals the order of the file holds; an account whose fee is not known is last.
type cheapest struct{ accounts []core.Candidate }

// cost is what an account takes for one amount.
type cost struct {
	account string
	// high and low are millionths of the minor unit, in 128 bits, so that nothing is rounded.
	high, low uint64
	known     bool
	// why says how it comes about, or why it is not known.
	why string
}

func (c cheapest) rank(f *facts, market Market) []core.Candidate {
	costs := make([]cost, len(c.accounts))
	for i, candidate := range c.accounts {
		standing, _ := market.Standing(candidate.Account)
		costs[i] = costOf(candidate.Account, &standing, f.sample.Amount)
	}
	slices.SortStableFunc(costs, lower)
	candidates := make([]core.Candidate, len(costs))
	for i, cost := range costs {
		candidates[i] = core.Candidate{
			Account: cost.account, Reason: place(i, len(costs)) + " by fee, " + cost.why,
		}
	}
	return candidates
}

// lower puts the lower cost first, and those that are not known last.
func lower(a, b cost) int {
	switch {
	case a.known && b.known:
		return cmp.Or(cmp.Compare(a.high, b.high), cmp.Compare(a.low, b.low))
	case a.known:
		return -1
	case b.known:
		return 1
	default:
		return 0
	}
}

func costOf(account string, standing *core.Standing, amount money.Amount) cost {
	c := cost{account: account}
	if !amount.IsPositive() {
		c.why = "amount absent"
		return c
	}
	fee, ok := standing.Fee(amount.Currency())
	if !ok {
		c.why = "no fee known for " + amount.Currency().String()
		return c
	}
	if fee.Millionths < 0 || fee.Fixed.Minor() < 0 {
		c.why = "its fee is below zero"
		return c
	}
	if !fee.Fixed.IsZero() && fee.Fixed.Currency() != amount.Currency() {
		c.why = "its fixed fee is in " + fee.Fixed.Currency().String()
		return c
	}
	c.high, c.low = bits.Mul64(uint64(amount.Minor()), uint64(fee.Millionths))
	fixedHigh, fixedLow := bits.Mul64(uint64(fee.Fixed.Minor()), million)
	var carry uint64
	c.low, carry = bits.Add64(c.low, fixedLow, 0)
	c.high, _ = bits.Add64(c.high, fixedHigh, carry)
	c.known, c.why = true, formula(fee, amount)+" is "+c.text(amount.Currency())
	return c
}

// formula reads as "2.5 % of 5000 XOF + 100 XOF".
func formula(fee core.Fee, amount money.Amount) string {
	if fee.Millionths == 0 {
		return "the fixed part"
	}
	percent := strconv.FormatInt(fee.Millionths/10_000, 10) + decimals(uint64(fee.Millionths%10_000), 4)
	text := percent + " % of " + amount.String()
	if !fee.Fixed.IsZero() {
		text += " + " + fee.Fixed.String()
	}
	return text
}

// text writes the cost exactly, with the decimals that it needs.
func (c cost) text(currency money.Currency) string {
	if c.high >= million {
		return "beyond measure"
	}
	minor, rest := bits.Div64(c.high, c.low, million)
	if minor > 1<<62 {
		return "beyond measure"
	}
	whole := money.Of(int64(minor), currency)
	if rest == 0 {
		return whole.String()
	}
	digits := whole.Decimal()
	more := decimals(rest, 6)
	if strings.Contains(digits, ".") {
		more = more[1:]
	}
	return digits + more + " " + currency.String()
}

// decimals writes a part of 10^width as what stands behind the point, "" for none.
func decimals(part uint64, width int) string {
	if part == 0 {
		return ""
	}
	text := strconv.FormatUint(part, 10)
	return "." + strings.TrimRight(strings.Repeat("0", width-len(text))+text, "0")
}
