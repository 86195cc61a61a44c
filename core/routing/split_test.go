package routing_test

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// customers is how many customers a share is measured over.
const customers = 50_000

// anyPayment is a corridor that every payment fits.
var anyPayment = sdk.Corridor{Kind: sdk.KindPayment}

func everywhere(names ...string) routing.Market {
	standings := map[string]core.Standing{}
	for _, name := range names {
		standings[name] = standing(both, anyPayment)
	}
	return routing.In(standings)
}

// firsts returns who is asked first for each customer, by the use of one rule.
func firsts(t testing.TB, use string, count int) []string {
	t.Helper()
	rules := mustCompile(t, "version: 1\ndefault: "+use+"\n", nil)
	market, list := everywhere("a", "b", "c", "d"), make([]string, count)
	for i := range list {
		choice := rules.Decide(core.Sample{Kind: "payment", Customer: fmt.Sprint("customer-", i)}, market)
		list[i] = choice.Candidates[0].Account
	}
	return list
}

func TestASplitKeepsItsWeightsWithinOnePercent(t *testing.T) {
	t.Parallel()
	for use, want := range map[string]map[string]int{
		"{ split: { a: 80, b: 20 } }":               {"a": 80_000, "b": 20_000},
		"{ split: { a: 5, b: 15, c: 30, d: 50 } }":  {"a": 5_000, "b": 15_000, "c": 30_000, "d": 50_000},
		"{ split: { a: 1, b: 1, c: 1 } }":           {"a": 6_667, "b": 6_667, "c": 6_667},
		"{ split: { a: 999, b: 1 } }":               {"a": 19_980, "b": 20},
		"{ split: { a: 1, b: 0 } }":                 {"a": 20_000},
		"{ split: { a: 1000000, b: 1, c: 500000 }}": {"a": 13_333, "c": 6_667},
	} {
		all := 0
		for _, part := range want {
			all += part
		}
		got := map[string]int{}
		for _, first := range firsts(t, use, all) {
			got[first]++
		}
		for name, part := range want {
			if off := got[name] - part; max(off, -off) > all/100 {
				t.Errorf("%s: %s is first for %d customers, want about %d", use, name, got[name], part)
			}
		}
	}
}

func TestAnAccountThatLeavesASplitMovesOnlyItsOwnCustomers(t *testing.T) {
	t.Parallel()
	before := firsts(t, "{ split: { a: 20, b: 30, c: 40, d: 10 } }", 20_000)
	after := firsts(t, "{ split: { a: 20, b: 30, d: 10 } }", 20_000)
	heirs := map[string]int{}
	for i := range before {
		switch {
		case before[i] == "c":
			heirs[after[i]]++
		case before[i] != after[i]:
			t.Fatalf("customer %d moved from %s to %s", i, before[i], after[i])
		}
	}
	// 8,000 customers go to a, b and d as 20 to 30 to 10.
	for name, want := range map[string]int{"a": 2667, "b": 4000, "d": 1333} {
		if off := heirs[name] - want; max(off, -off) > 200 {
			t.Errorf("%s got %d of the customers of c, want about %d", name, heirs[name], want)
		}
	}
}

func TestAWeightThatChangesMovesAsFewCustomersAsItCan(t *testing.T) {
	t.Parallel()
	before := firsts(t, "{ split: { a: 80, b: 20 } }", 20_000)
	after := firsts(t, "{ split: { a: 70, b: 30 } }", 20_000)
	moved := 0
	for i := range before {
		switch before[i] {
		case after[i]:
		case "a":
			moved++
		default:
			t.Fatalf("customer %d moved from %s to %s", i, before[i], after[i])
		}
	}
	if off := moved - 2000; max(off, -off) > 200 {
		t.Errorf("%d customers moved, want about 2000: the tenth by which the weights changed", moved)
	}
}

func TestASplitWithoutAnAccountIsItsFailOverOrder(t *testing.T) {
	t.Parallel()
	whole := mustCompile(t, "version: 1\ndefault: { split: { a: 3, b: 2, c: 1, d: 4 } }\n", nil)
	rest := mustCompile(t, "version: 1\ndefault: { split: { a: 3, b: 2, c: 1 } }\n", nil)
	rapid.Check(t, func(t *rapid.T) {
		sample := core.Sample{Kind: "payment", Customer: rapid.String().Draw(t, "customer"), ID: "pay_1"}
		var left []string
		for _, candidate := range whole.Decide(sample, everywhere("a", "b", "c", "d")).Candidates {
			if candidate.Account != "d" {
				left = append(left, candidate.Account)
			}
		}
		for i, candidate := range rest.Decide(sample, everywhere("a", "b", "c")).Candidates {
			if left[i] != candidate.Account {
				t.Fatalf("without d: %v, got %s at %d", left, candidate.Account, i)
			}
		}
	})
}

func TestTheSharesOfTwoRulesAreIndependent(t *testing.T) {
	t.Parallel()
	const content = "version: 1\nrules:\n  - { name: first, match: { percent: 30 }, use: { order: a } }\n" +
		"  - { name: second, match: { percent: 30 }, use: { split: { b: 50, c: 50 } } }\ndefault: { order: d }\n"
	rules, market, got := mustCompile(t, content, nil), everywhere("a", "b", "c", "d"), map[string]int{}
	for i := range customers {
		got[rules.Decide(core.Sample{Kind: "payment", Customer: fmt.Sprint(i)}, market).Candidates[0].Account]++
	}
	// The second rule sees 70 % and takes 30 % of them, in two halves.
	for name, want := range map[string]int{"a": 15_000, "b": 5_250, "c": 5_250, "d": 24_500} {
		if off := got[name] - want; max(off, -off) > customers/100 {
			t.Errorf("%s is first for %d customers, want about %d", name, got[name], want)
		}
	}
}

func TestBestExploresItsShareAmongAllTheOthers(t *testing.T) {
	t.Parallel()
	rules := mustCompile(t, "version: 1\ndefault: { best: [a, b, c], explore: 10 }\n", nil)
	market := measured{everywhere("a", "b", "c"), map[string]core.Tally{"a": {Succeeded: 90, Failed: 10}}}
	got := map[string]int{}
	for i := range customers {
		got[rules.Decide(core.Sample{Kind: "payment", ID: fmt.Sprint("pay_", i)}, market).Candidates[0].Account]++
	}
	for name, want := range map[string]int{"a": 45_000, "b": 2_500, "c": 2_500} {
		if off := got[name] - want; max(off, -off) > customers/100 {
			t.Errorf("%s is first for %d transactions, want about %d", name, got[name], want)
		}
	}
}

// A cost is exact to the last digit, however large: the control compares with
// numbers of any size.
func TestCheapestComparesExactly(t *testing.T) {
	t.Parallel()
	rules := mustCompile(t, "version: 1\ndefault: { cheapest: [a, b] }\n", nil)
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(1, 1e15).Draw(t, "amount")
		fees := [2]core.Fee{}
		var costs [2]*big.Int
		for i := range fees {
			fees[i].Millionths = rapid.Int64Range(0, 1e6).Draw(t, "millionths")
			fees[i].Fixed = money.Of(rapid.Int64Range(0, 1e15).Draw(t, "fixed"), money.XOF)
			costs[i] = new(big.Int).Mul(big.NewInt(amount), big.NewInt(fees[i].Millionths))
			costs[i].Add(costs[i], new(big.Int).Mul(big.NewInt(fees[i].Fixed.Minor()), big.NewInt(1e6)))
		}
		account := standing(both, anyPayment)
		account.Fees = fees[:1]
		other := account
		other.Fees = fees[1:]
		sample := core.Sample{Kind: "payment", Amount: money.Of(amount, money.XOF)}
		choice := rules.Decide(sample, routing.In(map[string]core.Standing{"a": account, "b": other}))
		want := "a"
		if costs[1].Cmp(costs[0]) < 0 {
			want = "b"
		}
		if got := choice.Candidates[0].Account; got != want {
			t.Fatalf("%v against %v of %d: %s first, want %s", fees[0], fees[1], amount, got, want)
		}
	})
}
