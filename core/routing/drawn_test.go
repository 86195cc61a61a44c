package routing_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// TestExplainIsDecide draws rules, accounts and samples: both walks choose the same,
// twice the same, and exactly the rule chosen is the one that is said to match.
func TestExplainIsDecide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		content := drawRules(t)
		rules, refused := compileDrawn(content)
		if refused != "" {
			t.Fatalf("%s\n%s", refused, content)
		}
		if rules == nil {
			return // Drawn rules may shadow each other.
		}
		for range 8 {
			if differs := explainIsDecide(rules, drawSample(t), drawMarket(t)); differs != "" {
				t.Fatalf("%s\n%s", differs, content)
			}
		}
	})
}

// explainIsDecide says in what the two walks differ, "" if in nothing.
func explainIsDecide(rules *routing.Rules, s core.Sample, market routing.Market) string {
	decided, explained := rules.Decide(s, market), rules.Explain(s, market)
	verdicts := explained.Rules
	if routing.Tree(explained) == "" {
		return "the tree is empty"
	}
	explained.Rules = nil
	if diff := cmp.Diff(decided, explained); diff != "" {
		return "explain is not decide (-decide +explain):\n" + diff
	}
	if diff := cmp.Diff(decided, rules.Decide(s, market)); diff != "" {
		return "the second decision differs:\n" + diff
	}
	for _, verdict := range verdicts {
		if verdict.Matched != (verdict.Name == decided.Rule) || verdict.Why == "" {
			return fmt.Sprintf("verdict %+v where %s decided", verdict, decided.Rule)
		}
		if len(verdict.Clauses) > 0 && verdict.Matched == slices.ContainsFunc(verdict.Clauses, failed) {
			return fmt.Sprintf("the clauses of %s do not say whether it matched: %+v", verdict.Name, verdict.Clauses)
		}
	}
	if asked := len(decided.Candidates) + len(decided.Removed); decided.Denied == "" && asked == 0 {
		return fmt.Sprintf("nobody is asked and nobody left out: %+v", decided)
	}
	return ""
}

// TestRulesOfAnyKindDecideTheSameEachTime is what the chaos catalogue asks of rules:
// whatever is in a file, it is refused in words or decides without a panic, always
// the same, and as explain says. The control reads the rules in reverse.
func TestRulesOfAnyKindDecideTheSameEachTime(t *testing.T) {
	t.Parallel()
	files := 300
	if os.Getenv("PAYMUX_CHAOS") != "" {
		files = 20_000
	}
	texts, samples, markets := rapid.Custom(drawRules), rapid.Custom(drawSample), rapid.Custom(drawMarket)
	decisions, refusals, control := 0, 0, 0
	for seed := range files {
		content := texts.Example(seed)
		rules, refused := compileDrawn(content)
		if refused != "" {
			t.Fatalf("%s\n%s", refused, content)
		}
		if rules == nil {
			refusals++
			continue
		}
		s, market := samples.Example(seed), markets.Example(seed)
		if differs := explainIsDecide(rules, s, market); differs != "" {
			t.Fatalf("%s\n%s", differs, content)
		}
		decisions += 3
		if other, _ := compileDrawn(reversed(content)); other != nil && other.Decide(s, market).Rule != rules.Decide(s, market).Rule {
			control++
		}
	}
	if decisions == 0 || refusals == 0 || control == 0 {
		t.Errorf("%d decisions, %d files refused, %d differences of the control", decisions, refusals, control)
	}
	t.Logf("chaos 24: %d files of rules, %d refused in words, %d decisions without a panic and each as explained; "+
		"%s a decision at 10, 100 and 1000 rules; control with the rules in reverse: %d decide otherwise",
		files, refusals, decisions, decisionTimes(t), control)
}

// reversed turns the rules of a file around, a line each.
func reversed(content string) string {
	lines := strings.Split(strings.TrimSuffix(content, "\n"), "\n")
	slices.Reverse(lines[2 : len(lines)-1])
	return strings.Join(lines, "\n")
}

// decisionTimes measures the best of a few rounds.
func decisionTimes(t *testing.T) string {
	t.Helper()
	const rounds, each = 20, 200
	payment := sample(sdk.KindPayment, "150000 XOF", "TG")
	var times []string
	for _, n := range []int{10, 100, 1000} {
		rules, market, best := mustCompile(t, manyRules(n), nil), everywhere("a"), time.Hour
		for range rounds {
			start := time.Now()
			for range each {
				rules.Decide(payment, market)
			}
			best = min(best, time.Since(start)/each)
		}
		times = append(times, best.String())
	}
	return strings.Join(times, ", ")
}

func failed(clause core.ClauseVerdict) bool { return !clause.Held }

// compileDrawn returns the rules of a drawn file, nil where one of them can never
// match. Anything else that is found is refused, and a fault of the test.
func compileDrawn(content string) (rules *routing.Rules, refused string) {
	file, found := routing.Parse("routes.yaml", []byte(content))
	rules, more := routing.Compile(file, nil)
	for _, d := range append(found, more...) {
		if !d.Warning && !strings.Contains(d.Message, "can never") {
			return nil, d.Exact()
		}
	}
	return rules, ""
}

func drawRules(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for i := range rapid.IntRange(1, 8).Draw(t, "rules") {
		fmt.Fprintf(&b, "  - { name: r%d, match: { %s }, use: %s", i, strings.Join(drawMatch(t), ", "), drawUse(t))
		if rapid.IntRange(0, 3).Draw(t, "conditional") == 0 {
			fmt.Fprintf(&b, ", when: '%s'", drawCondition(t, 3))
		}
		b.WriteString(" }\n")
	}
	return b.String() + "default: { order: enovepay }\n"
}

func drawUse(t *rapid.T) string {
	return rapid.SampledFrom([]string{
		"{ order: [enovepay, numipay] }", "{ deny: no }", "{ order: cinetpay-ci }",
		"{ split: { enovepay: 7, numipay: 3, cinetpay-ci: 0 }, sticky: metadata.tier }", "{ split: { enovepay: 1, cinetpay-ci: 1 } }",
		"{ cheapest: [numipay, cinetpay-ci, enovepay] }", "{ best: [enovepay, numipay, cinetpay-ci], explore: 50, window: 5m }",
	}).Draw(t, "use")
}

func drawMatch(t *rapid.T) []string {
	clauses := []string{
		"kind: payment", "country: [CI, SN]", "currency: [XOF, EUR], amount: { min: 10, max: 500 }",
		"method: [card, any]", "network: ORANGE", "merchant: shop", "customer: { id: [c-1, c-2] }", "metadata: { tier: vip }",
		"percent: 50", `hours: { tz: Europe/Paris, from: "22:00", to: "06:00" }`,
	}
	return slices.DeleteFunc(clauses, func(string) bool { return rapid.IntRange(0, 3).Draw(t, "left out") > 0 })
}

// drawCondition returns an expression that is let through.
func drawCondition(t *rapid.T, depth int) string {
	leaves := []string{
		"card", `country in ["CI", "SN"]`, `amount >= money("100 XOF")`, `money("5.00 EUR") != amount`, `metadata["tier"] != "vip"`,
		`customer.id startsWith "c"`, `network == ""`, `"tier" in metadata`, `method == "any"`,
	}
	if depth == 0 || rapid.Bool().Draw(t, "leaf") {
		return rapid.SampledFrom(leaves).Draw(t, "leaf is")
	}
	switch rapid.IntRange(0, 2).Draw(t, "joined") {
	case 0:
		return "not (" + drawCondition(t, depth-1) + ")"
	case 1:
		return "(" + drawCondition(t, depth-1) + ") && (" + drawCondition(t, depth-1) + ")"
	default:
		return "(" + drawCondition(t, depth-1) + ") or (" + drawCondition(t, depth-1) + ")"
	}
}

func drawSample(t *rapid.T) core.Sample {
	word := func(label string, words ...string) string { return rapid.SampledFrom(words).Draw(t, label) }
	s := core.Sample{
		ID:       word("id", "", "pay_1", "pay_2", "pay_3"),
		Kind:     sdk.Kind(word("kind", "payment", "payout", "refund", "")),
		Amount:   money.Of(rapid.Int64Range(0, 60_000).Draw(t, "minor"), rapid.SampledFrom([]money.Currency{money.XOF, money.EUR, money.GBP, 0}).Draw(t, "currency")),
		Country:  word("country", "", "CI", "SN", "FR", "ci", "C", "\xff\xff"),
		Method:   word("method", "", "any", "card", "wallet", "?"),
		Network:  word("network", "", "ORANGE", "MTN", "?"),
		Merchant: word("merchant", "", "shop", "other"),
		Customer: word("customer", "", "c-1", "c-2", "c-3", "\x00"),
		Provider: word("provider", "", "", "", "enovepay", "nobody"),
		Card:     rapid.Bool().Draw(t, "card"),
	}
	if tier := word("tier", "", "vip", "gold"); tier != "" {
		s.Metadata = map[string]string{"tier": tier}
	}
	if rapid.Bool().Draw(t, "timed") {
		s.At = time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0)
	}
	return s
}

// drawMarket returns accounts with fees, breakers and tallies of any kind.
func drawMarket(t *rapid.T) routing.Market {
	standings, tallies := accounts(), map[string]core.Tally{}
	for _, name := range []string{"cinetpay-ci", "enovepay", "numipay"} {
		standing := standings[name]
		standing.Drained = rapid.IntRange(0, 5).Draw(t, "drained") == 0
		standing.Breaker.State = rapid.SampledFrom([]core.BreakerState{"", core.BreakerOpen, core.BreakerHalfOpen}).Draw(t, "breaker")
		for range rapid.IntRange(0, 2).Draw(t, "fees") {
			standing.Fees = append(standing.Fees, core.Fee{
				Currency:   rapid.SampledFrom([]money.Currency{0, money.XOF, money.EUR}).Draw(t, "fee for"),
				Millionths: rapid.Int64().Draw(t, "millionths"),
				Fixed:      money.Of(rapid.Int64().Draw(t, "fixed"), rapid.SampledFrom([]money.Currency{money.XOF, money.EUR}).Draw(t, "fixed in")),
			})
		}
		standings[name] = standing
		tallies[name] = core.Tally{Succeeded: rapid.Uint64().Draw(t, "succeeded"), Failed: rapid.Uint64().Draw(t, "failed")}
	}
	return measured{routing.In(standings), tallies}
}

func FuzzParse(f *testing.F) {
	for _, content := range seeds(f) {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, found := routing.Parse("routes.yaml", content)
		for _, known := range []map[string]core.Standing{nil, accounts()} {
			rules, more := routing.Compile(file, known)
			if (rules == nil) != (core.Failed(found) || core.Failed(more)) {
				t.Fatalf("rules and an error exclude each other: %s%s", text(found), text(more))
			}
			if rules == nil {
				continue
			}
			rules.Test()
			routing.Tree(rules.Explain(sample(sdk.KindPayment, "5000 XOF", "CI"), routing.In(accounts())))
		}
	})
}

// seeds are the rules of every case in writing.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	contents := [][]byte{mustRead(t, "testdata/routes.yaml"), []byte(manyRules(3)), mustRead(t, "testdata/broken/alias-bomb.yaml")}
	files, _ := filepath.Glob("testdata/cases/*.txtar")
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, archive.Files[0].Data)
	}
	return contents
}
