package routing

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// TestARuleIsUnreachableExactlyWhereNoTransactionReachesIt draws files and asks
// every transaction of a small world: a rule that is said never to match matches
// first for none of them, and any other for at least one.
func TestARuleIsUnreachableExactlyWhereNoTransactionReachesIt(t *testing.T) {
	t.Parallel()
	world, together := smallWorld(), 0
	check := func(t *rapid.T) {
		content := drawBoxes(t)
		file, found := Parse("routes.yaml", []byte(content))
		unreachable := make([]bool, len(file.rules))
		for _, d := range found {
			if strings.Contains(d.Message, "together match all of it") {
				together++
			}
			if !d.Warning {
				unreachable[d.Line-3] = true
			}
		}
		reached := make([]bool, len(file.rules))
		for i := range world {
			f := factsOf(&world[i])
			if first := slices.IndexFunc(file.rules, func(r rule) bool { return r.match.misses(&f) == clauseNone }); first >= 0 {
				reached[first] = true
			}
		}
		for i := range reached {
			if reached[i] == unreachable[i] {
				t.Fatalf("rule %d: reached %v, said to be unreachable %v:\n%s\n%v", i, reached[i], unreachable[i], content, found)
			}
		}
	}
	for tries := 0; together == 0; tries++ {
		if tries == 20 {
			t.Fatal("no drawn rule was taken by several together")
		}
		rapid.Check(t, check)
	}
}

// drawnClauses are the ways to narrow each property of the drawn rules.
var drawnClauses = [][]string{
	{"kind: payment", "kind: payout", "kind: [payment, payout]"},
	{"country: CI", "country: [CI, SN]", "country: SN"},
	{
		"currency: XOF", "currency: [XOF, EUR]", `currency: XOF, amount: { max: "9" }`, `currency: XOF, amount: { min: "10" }`,
		`currency: XOF, amount: { min: "5", max: "15" }`,
	},
	{"method: card", "method: [mobile_money, wallet, bank_transfer, any]", "method: any"},
	{"metadata: { tier: vip }", "metadata: { tier: [vip, gold] }", "metadata: { plan: pro }"},
	{
		`hours: { tz: UTC, from: "08:00", to: "20:00" }`, `hours: { tz: UTC, from: "20:00", to: "08:00" }`,
		`hours: { tz: UTC, from: "07:00", to: "09:00" }`,
	},
}

// drawBoxes returns rules, one a line from the third, that differ in few properties.
func drawBoxes(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	often := rapid.SliceOfNDistinct(rapid.IntRange(0, len(drawnClauses)-1), 2, 2, rapid.ID[int]).Draw(t, "often narrowed")
	for i := range rapid.IntRange(2, 7).Draw(t, "rules") {
		var clauses []string
		for property, ways := range drawnClauses {
			one := rapid.IntRange(0, 9).Draw(t, "narrowed")
			if one == 0 || one < 7 && slices.Contains(often, property) {
				clauses = append(clauses, rapid.SampledFrom(ways).Draw(t, "by"))
			}
		}
		fmt.Fprintf(&b, "  - { name: r%d, match: { %s }, use: { order: a%d } }\n", i, strings.Join(clauses, ", "), i)
	}
	return b.String() + "default: { order: a }\n"
}

// smallWorld has a transaction for each combination that the drawn rules can tell apart.
func smallWorld() []core.Sample {
	var world []core.Sample
	amounts := []money.Amount{
		money.Zero(money.XOF), money.Of(1, money.XOF), money.Of(5, money.XOF), money.Of(10, money.XOF), money.Of(16, money.XOF),
		money.Of(700, money.EUR), money.Of(700, money.GBP),
	}
	labels := []map[string]string{nil, {"tier": "vip"}, {"tier": "gold"}, {"plan": "pro"}, {"tier": "vip", "plan": "pro"}, {"tier": "gold", "plan": "pro"}}
	for _, kind := range []sdk.Kind{sdk.KindPayment, sdk.KindPayout} {
		for _, country := range []string{"", "CI", "SN"} {
			for _, amount := range amounts {
				for _, method := range []string{"", "card", "wallet"} {
					for _, metadata := range labels {
						for _, hour := range []int{-1, 0, 7, 8, 12, 20} {
							s := core.Sample{Kind: kind, Country: country, Amount: amount, Method: method, Metadata: metadata}
							if hour >= 0 {
								s.At = time.Date(2026, 11, 20, hour, 0, 0, 0, time.UTC)
							}
							world = append(world, s)
						}
					}
				}
			}
		}
	}
	return world
}
