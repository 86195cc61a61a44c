package routing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestAccountsAreCheckedAgainstWhatRulesSendThem(t *testing.T) {
	t.Parallel()
	const content = `version: 1
rules:
  - name: unknown
    match: { currency: XOF, country: BJ }
    use: { order: [cinetpay-cl, enovepay] }
  - name: one-cannot
    match: { kind: payout, currency: XOF }
    use: { order: [enovepay, cinetpay-ci] }
  - name: nobody-can
    match: { kind: payment, currency: [GBP, EUR], country: FR, amount: { min: "10" } }
    use: { order: [cinetpay-ci, enovepay] }
  - name: too-much
    match: { kind: payment, currency: XOF, country: CI, amount: { min: "2000000" } }
    use: { order: cinetpay-ci }
  - name: countries-methods-networks
    match: { kind: payment, currency: XOF, country: SN, method: wallet, network: WAVE }
    use: { order: [cinetpay-ci, enovepay, silent] }
default: { order: [numipay, nobody] }
`
	known := accounts()
	known["silent"] = core.Standing{Enabled: true, Health: core.HealthStarting}
	file, found := routing.Parse("routes.yaml", []byte(content))
	rules, more := routing.Compile(file, known)
	if rules != nil {
		t.Error("the rules were accepted")
	}
	golden(t, "testdata/accounts.txt", text(append(found, more...)))
}

func TestAnAccountThatNeverServesARuleBesideOthersIsAWarning(t *testing.T) {
	t.Parallel()
	const content = "version: 1\nrules:\n  - { name: a, match: { kind: payout }, use: { order: [enovepay, numipay] } }\ndefault: { deny: x }\n"
	file, _ := routing.Parse("routes.yaml", []byte(content))
	rules, found := routing.Compile(file, accounts())
	if rules == nil {
		t.Error("the rules were refused")
	}
	want := "routes.yaml:3: warning: rules[0].use.order[1]: numipay can never serve this rule: it serves no payout\n"
	if diff := cmp.Diff(want, text(found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestAThousandRulesAreReadAndOneMoreIsNot(t *testing.T) {
	t.Parallel()
	mustCompile(t, manyRules(1000), nil)
	_, found := routing.Parse("routes.yaml", []byte(manyRules(1001)))
	if diff := cmp.Diff("routes.yaml:3: rules: 1001 rules, at most 1000 are read\n", text(found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestAFileOfOneMebibyteIsReadAndOneByteMoreIsNot(t *testing.T) {
	t.Parallel()
	content := everyone + "# " + strings.Repeat("x", 1<<20-len(everyone)-2)
	mustCompile(t, content, nil)
	_, found := routing.Parse("routes.yaml", []byte(content+"x"))
	want := "routes.yaml:1: the file is larger than 1048576 bytes, which is the most that is read\n"
	if diff := cmp.Diff(want, text(found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestTheTestsOfAFileRun(t *testing.T) {
	t.Parallel()
	rules := mustCompile(t, string(mustRead(t, "testdata/routes.yaml")), accounts())
	if found := rules.Test(); len(found) > 0 || rules.Tests() != 3 {
		t.Errorf("%d tests: %s", rules.Tests(), text(found))
	}
}

func TestTestsDoNotDependOnTheHourTheyRun(t *testing.T) {
	t.Parallel()
	resting := accounts()
	for name, account := range resting {
		account.Health, account.Enabled, account.Drained = core.HealthFailed, false, true
		account.Capabilities.Needs = map[sdk.Operation][]string{sdk.OperationPayment: {"customer.phone"}}
		resting[name] = account
	}
	if found := mustCompile(t, string(mustRead(t, "testdata/routes.yaml")), resting).Test(); len(found) > 0 {
		t.Error(text(found))
	}
}

func TestATestThatFailsSaysWhatItGotAndWhy(t *testing.T) {
	t.Parallel()
	content := string(mustRead(t, "testdata/routes.yaml")) + `
  - { name: order, given: { kind: payment, country: CI, currency: XOF, amount: "5000" }, expect: [enovepay, cinetpay-ci] }
  - { name: step, given: { kind: payment, country: CI, currency: XOF, amount: "5001" }, expect: [cinetpay-ci, enovepay] }
  - { name: denied, given: { kind: payment, country: KP, currency: XOF, amount: "5000" }, expect: enovepay }
  - { name: nobody, given: { kind: payment, country: SN, network: WAVE, merchant: shop, currency: XOF, amount: "5000" }, expect: enovepay }
`
	want := `routes.yaml:21: tests[3]: test "order" expects enovepay, cinetpay-ci, gets cinetpay-ci, enovepay by rule ivory-coast
routes.yaml:22: tests[4]: test "step" expects cinetpay-ci, enovepay, gets enovepay by rule ivory-coast; cinetpay-ci amount 5001 XOF is not a multiple of 5 XOF
routes.yaml:23: tests[5]: test "denied" expects enovepay, gets nobody by rule blocked, which denies
routes.yaml:24: tests[6]: test "nobody" expects enovepay, gets nobody by rule orange-senegal; enovepay network WAVE is not served, only ORANGE, MTN
`
	if diff := cmp.Diff(want, text(mustCompile(t, content, accounts()).Test())); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// TestExplainIsDecide draws rules and samples: both walks choose the same, twice
// the same, and exactly the rule chosen is the one that is said to match.
func TestExplainIsDecide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		file, _ := routing.Parse("routes.yaml", []byte(drawRules(t)))
		rules, _ := routing.Compile(file, nil)
		if rules == nil {
			return // Drawn rules may shadow each other.
		}
		s, lookup := drawSample(t), routing.In(accounts())
		decided, explained := rules.Decide(s, lookup), rules.Explain(s, lookup)
		verdicts := explained.Rules
		explained.Rules = nil
		if diff := cmp.Diff(decided, explained); diff != "" {
			t.Fatalf("explain is not decide (-decide +explain):\n%s", diff)
		}
		if diff := cmp.Diff(decided, rules.Decide(s, lookup)); diff != "" {
			t.Fatalf("the second decision differs:\n%s", diff)
		}
		for _, verdict := range verdicts {
			if verdict.Matched != (verdict.Name == decided.Rule) || verdict.Why == "" {
				t.Fatalf("verdict %+v where %s decided", verdict, decided.Rule)
			}
		}
	})
}

func TestARuleIsRefusedOnlyWhereAnEarlierOneTakesAllOfIt(t *testing.T) {
	t.Parallel()
	const wide = "version: 1\nrules:\n  - { name: wide, match: { country: [CI, SN], currency: [XOF, EUR] }, use: { order: a } }\n"
	for name, test := range map[string]struct {
		match    string
		shadowed bool
	}{
		"narrower":            {"{ country: CI, currency: XOF, kind: payment, amount: { min: \"5\" } }", true},
		"the same":            {"{ country: [SN, CI], currency: [EUR, XOF] }", true},
		"one country more":    {"{ country: [CI, BJ], currency: XOF }", false},
		"one currency more":   {"{ country: CI, currency: [XOF, XAF] }", false},
		"without the country": {"{ currency: XOF }", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := wide + "  - { name: narrow, match: " + test.match + ", use: { deny: x } }\ndefault: { order: a }\n"
			_, found := routing.Parse("routes.yaml", []byte(content))
			if core.Failed(found) != test.shadowed {
				t.Errorf("shadowed %v, want %v: %s", core.Failed(found), test.shadowed, text(found))
			}
		})
	}
}

func drawRules(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
		b.WriteString("  - { name: r" + string(rune('0'+i)) + ", match: { " + strings.Join(drawMatch(t), ", ") + " }, use: ")
		b.WriteString(rapid.SampledFrom([]string{"{ order: [enovepay, numipay] }", "{ deny: no }", "{ order: cinetpay-ci }"}).Draw(t, "use") + " }\n")
	}
	return b.String() + "default: { order: enovepay }\n"
}

func drawMatch(t *rapid.T) []string {
	clauses := []string{
		"kind: payment", "country: [CI, SN]", "currency: [XOF, EUR], amount: { min: 10, max: 500 }",
		"method: [card, any]", "network: ORANGE", "merchant: shop",
	}
	return slices.DeleteFunc(clauses, func(clause string) bool { return rapid.Bool().Draw(t, clause) })
}

func drawSample(t *rapid.T) core.Sample {
	word := func(label string, words ...string) string { return rapid.SampledFrom(words).Draw(t, label) }
	return core.Sample{
		Kind:     sdk.Kind(word("kind", "payment", "payout", "refund", "")),
		Amount:   money.Of(rapid.Int64Range(0, 60_000).Draw(t, "minor"), rapid.SampledFrom([]money.Currency{money.XOF, money.EUR, money.GBP, 0}).Draw(t, "currency")),
		Country:  word("country", "", "CI", "SN", "FR", "ci", "C", "\xff\xff"),
		Method:   word("method", "", "any", "card", "wallet", "?"),
		Network:  word("network", "", "ORANGE", "MTN", "?"),
		Merchant: word("merchant", "", "shop", "other"),
		Provider: word("provider", "", "enovepay", "nobody"),
	}
}

func FuzzParse(f *testing.F) {
	f.Add(mustRead(f, "testdata/routes.yaml"))
	f.Add([]byte(manyRules(3)))
	for _, name := range []string{"amounts", "empty-values", "misspelled", "shadowed", "alias-bomb"} {
		f.Add(mustRead(f, "testdata/broken/"+name+".yaml"))
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
			rules.Explain(sample(sdk.KindPayment, "5000 XOF", "CI"), routing.In(accounts()))
		}
	})
}
