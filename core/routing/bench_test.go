package routing_test

import (
	"fmt"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
)

// BenchmarkDecide decides where the last rule of n matches, with one account.
func BenchmarkDecide(b *testing.B) {
	account := accounts()["enovepay"]
	lookup := routing.In(map[string]core.Standing{"a": account})
	for _, n := range []int{10, 100, 1000} {
		rules := mustCompile(b, manyRules(n), nil)
		payment := sample(sdk.KindPayment, "150000 XOF", "TG")
		b.Run(fmt.Sprint("rules=", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if choice := rules.Decide(payment, lookup); choice.Rule != "last" {
					b.Fatal(choice)
				}
			}
		})
	}
}

func BenchmarkExplain(b *testing.B) {
	rules := mustCompile(b, manyRules(100), nil)
	payment, lookup := sample(sdk.KindPayment, "150000 XOF", "TG"), routing.In(accounts())
	b.ReportAllocs()
	for b.Loop() {
		rules.Explain(payment, lookup)
	}
}

// BenchmarkParse reads, checks and compiles a file of 1000 rules.
func BenchmarkParse(b *testing.B) {
	content := manyRules(1000)
	for b.Loop() {
		mustCompile(b, content, nil)
	}
}
