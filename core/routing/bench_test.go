package routing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
)

// BenchmarkDecide decides where the last rule of n matches, with one account: by
// matchers; with an expression behind the matchers of every rule; and with nothing
// but an expression in every rule, so that all of them are evaluated.
func BenchmarkDecide(b *testing.B) {
	market := routing.In(map[string]core.Standing{"a": accounts()["enovepay"]})
	payment := sample(sdk.KindPayment, "150000 XOF", "TG")
	payment.Metadata = map[string]string{"tier": "gold"}
	for _, kind := range []string{"matchers", "matchers and expressions", "expressions"} {
		for _, n := range []int{10, 100, 1000} {
			rules := mustCompile(b, manyRulesOf(kind, n), nil)
			b.Run(fmt.Sprint(kind, "/rules=", n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if choice := rules.Decide(payment, market); choice.Rule != "last" {
						b.Fatal(choice)
					}
				}
			})
		}
	}
}

func manyRulesOf(kind string, n int) string {
	const condition = `amount >= money("1000 XOF") && metadata["tier"] == "none`
	switch kind {
	case "matchers":
		return manyRules(n)
	case "matchers and expressions":
		lines := strings.Split(manyRules(n), "\n")
		for i := range lines {
			lines[i] = strings.Replace(lines[i], ", use: { order: a } }", fmt.Sprintf(", when: '%s%d\"', use: { order: a } }", condition, i), 1)
		}
		return strings.Replace(strings.Join(lines, "\n"), fmt.Sprintf(`none%d"`, n+1), `gold"`, 1)
	}
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for i := range n - 1 {
		fmt.Fprintf(&b, "  - { name: r%d, when: '%s%d\"', use: { order: a } }\n", i, condition, i)
	}
	b.WriteString("  - { name: last, match: { country: TG }, use: { order: a } }\ndefault: { order: a }\n")
	return b.String()
}

// BenchmarkRank puts two accounts in order by each strategy.
func BenchmarkRank(b *testing.B) {
	market := everywhere("a", "b")
	payment := sample(sdk.KindPayment, "150000 XOF", "TG")
	payment.Customer, payment.ID = "c-7", "pay_1"
	for _, use := range []string{"order: [a, b]", "split: { a: 80, b: 20 }", "cheapest: [a, b]", "best: [a, b]"} {
		rules := mustCompile(b, "version: 1\ndefault: { "+use+" }\n", nil)
		strategy, _, _ := strings.Cut(use, ":")
		b.Run(strategy, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rules.Decide(payment, market)
			}
		})
	}
}

func BenchmarkExplain(b *testing.B) {
	rules := mustCompile(b, manyRules(100), nil)
	payment, market := sample(sdk.KindPayment, "150000 XOF", "TG"), routing.In(accounts())
	b.ReportAllocs()
	for b.Loop() {
		rules.Explain(payment, market)
	}
}

// BenchmarkParse reads, checks and compiles a file of 1000 rules.
func BenchmarkParse(b *testing.B) {
	content := manyRules(1000)
	for b.Loop() {
		mustCompile(b, content, nil)
	}
}
