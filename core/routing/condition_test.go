package routing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func conditional(source string) []byte {
	return []byte("version: 1\nrules:\n  - name: one\n    when: |\n      " + strings.ReplaceAll(source, "\n", "\n      ") +
		"\n    use: { order: a }\ndefault: { order: b }\n")
}

// Ten million brackets end a process that parses them; they are refused unread,
// whether the file or the expression is too large.
func TestTenMillionBracketsAreRefusedUnread(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"larger than a file":        strings.Repeat("(", 10<<20),
		"larger than an expression": strings.Repeat("(", 512<<10),
		"one byte larger":           "card" + strings.Repeat(" ", 4<<10-4) + "\nc",
	} {
		_, found := routing.Parse("routes.yaml", conditional(source))
		if len(found) != 1 || !strings.Contains(found[0].Message, "bytes") {
			t.Errorf("%s: %s", name, text(found))
		}
	}
}

func TestNestingWithinTheBoundIsHarmless(t *testing.T) {
	t.Parallel()
	const most = 4<<10 - 1 // The line break behind it is one byte more.
	for name, source := range map[string]string{
		"brackets that are not closed": strings.Repeat("(", most),
		"brackets":                     strings.Repeat("(", 2000) + "card" + strings.Repeat(")", 2000),
		"lists":                        strings.Repeat("[", 2000) + strings.Repeat("]", 2000),
		"maps":                         strings.Repeat("{a:", 1000) + "1" + strings.Repeat("}", 1000),
		"not":                          strings.Repeat("!", 4000) + "card",
		"minus":                        strings.Repeat("-", 4000) + "1",
		"predicates":                   strings.Repeat("all([1],", 400) + "true" + strings.Repeat(")", 400),
		"members":                      "metadata" + strings.Repeat(".a", 2000),
		"branches":                     strings.Repeat("card?", 800) + "card" + strings.Repeat(":card", 600),
	} {
		file, found := routing.Parse("routes.yaml", conditional(source))
		rules, _ := routing.Compile(file, nil)
		if accepted := rules != nil; accepted != (name == "brackets") {
			t.Errorf("%s: accepted %v: %s", name, accepted, text(found))
		}
	}
}

func TestAnExpressionHasAtMostTwoHundredParts(t *testing.T) {
	t.Parallel()
	join := func(n int) []byte { return conditional(strings.Repeat("card || ", n-1) + "card") }
	// A hundred words and the 99 operators between them.
	if _, found := routing.Parse("routes.yaml", join(100)); len(found) > 0 {
		t.Error(text(found))
	}
	_, found := routing.Parse("routes.yaml", join(101))
	if len(found) != 1 || !strings.Contains(found[0].Message, "more than 200 parts") {
		t.Error(text(found))
	}
}

func TestAComparisonOfTwoCurrenciesIsNoMatchAndIsTold(t *testing.T) {
	t.Parallel()
	const content = `version: 1
rules:
  - { name: fine, match: { country: SN }, when: 'amount > money("5 XOF")', use: { order: a } }
  - { name: doubtful, when: 'not (amount < money("10.00 EUR"))', use: { order: b } }
default: { order: c }
`
	rules, market := mustCompile(t, content, nil), everywhere("a", "b", "c")
	payment := sample(sdk.KindPayment, "5000 XOF", "CI")
	for _, choice := range []core.Choice{rules.Decide(payment, market), rules.Explain(payment, market)} {
		want := []core.RuleError{{Rule: "doubtful", Why: "compare 5000 XOF and 10.00 EUR: currencies differ: give both in one currency"}}
		if diff := cmp.Diff(want, choice.Errors); diff != "" || choice.Rule != "default" {
			t.Errorf("rule %s, errors (-want +got):\n%s", choice.Rule, diff)
		}
	}
	for amount, want := range map[string]string{"10.00 EUR": "doubtful", "9.99 EUR": "default"} {
		if got := rules.Decide(sample(sdk.KindPayment, amount, "CI"), market).Rule; got != want {
			t.Errorf("%s: rule %s, want %s", amount, got, want)
		}
	}
}

func TestAmountsAreComparedExactlyInTheirCurrency(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string][3]bool{ // 999, 1000 and 1001 XOF.
		`amount < money("1000 XOF")`: {true, false, false}, `amount <= money("1000 XOF")`: {true, true, false},
		`amount > money("1000 XOF")`: {false, false, true}, `amount >= money("1000 XOF")`: {false, true, true},
		`amount == money("1000 XOF")`: {false, true, false}, `amount != money("1000 XOF")`: {true, false, true},
		`money("1000 XOF") > amount`: {true, false, false},
	} {
		rules := mustCompile(t, string(conditional(condition)), nil)
		var got [3]bool
		for i := range got {
			s := core.Sample{Kind: sdk.KindPayment, Amount: money.Of(int64(999+i), money.XOF)}
			got[i] = rules.Decide(s, everywhere("a", "b")).Rule == "one"
		}
		if got != want {
			t.Errorf("%s: %v, want %v", condition, got, want)
		}
	}
}

func TestConditionsAreUsedConcurrently(t *testing.T) {
	t.Parallel()
	rules := mustCompile(t, string(conditional(`amount >= money("500 XOF") && metadata["n"] in ["1", "3"]`)), nil)
	market := everywhere("a", "b")
	for worker := range 4 {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			for i := range 2000 {
				s := core.Sample{Kind: sdk.KindPayment, Amount: money.Of(int64(i), money.XOF), Metadata: map[string]string{"n": fmt.Sprint(i % 4)}}
				want := "default"
				if i >= 500 && i%2 == 1 {
					want = "one"
				}
				if got := rules.Decide(s, market).Rule; got != want {
					t.Fatalf("%d: rule %s, want %s", i, got, want)
				}
			}
		})
	}
}
