package routing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func mustCompile(t testing.TB, content string, accounts map[string]core.Standing) *routing.Rules {
	t.Helper()
	file, found := routing.Parse("routes.yaml", []byte(content))
	rules, more := routing.Compile(file, accounts)
	if rules == nil {
		t.Fatal(text(append(found, more...)))
	}
	return rules
}

// standing returns an account at its best with the given corridors.
func standing(operations []sdk.Operation, corridors ...sdk.Corridor) core.Standing {
	return core.Standing{
		Enabled: true, Health: core.HealthReady,
		Capabilities: sdk.Capabilities{Operations: operations, Corridors: corridors},
	}
}

var both = []sdk.Operation{sdk.OperationPayment, sdk.OperationPayout}

// accounts returns the three accounts that testdata/routes.yaml names.
func accounts() map[string]core.Standing {
	xof := []money.Currency{money.XOF}
	return map[string]core.Standing{
		"cinetpay-ci": standing(both[:1], sdk.Corridor{
			Kind: sdk.KindPayment, Countries: []string{"CI"}, Currencies: xof, Methods: []string{"mobile_money", "card"},
			Min: money.Of(100, money.XOF), Max: money.Of(1_500_000, money.XOF), Step: money.Of(5, money.XOF),
		}),
		"enovepay": standing(both,
			sdk.Corridor{Kind: sdk.KindPayment, Currencies: xof, Networks: []string{"ORANGE", "MTN"}},
			sdk.Corridor{Kind: sdk.KindPayout, Currencies: xof, Max: money.Of(1000, money.XOF)}),
		"numipay": standing(both[:1], sdk.Corridor{Kind: sdk.KindPayment, Currencies: []money.Currency{money.EUR}}),
	}
}

func sample(kind sdk.Kind, amount string, country string) core.Sample {
	value, err := money.ParseMoney(amount)
	if err != nil {
		panic(err)
	}
	return core.Sample{Kind: kind, Amount: value, Country: country, Merchant: "default"}
}

func TestTheFirstRuleThatMatchesIsUsed(t *testing.T) {
	t.Parallel()
	rules := mustCompile(t, string(mustRead(t, "testdata/routes.yaml")), accounts()).WithGeneration(7)
	payment := sample(sdk.KindPayment, "5000 XOF", "CI")
	got := rules.Decide(payment, routing.In(accounts()))
	want := core.Choice{
		Rule: "ivory-coast", Generation: 7,
		Candidates: []core.Candidate{
			{Account: "cinetpay-ci", Reason: "number 1 of 2 in the order of ivory-coast"},
			{Account: "enovepay", Reason: "number 2 of 2 in the order of ivory-coast"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("choice (-want +got):\n%s", diff)
	}
}

// withoutClauses leaves the clauses to the trees in testdata/cases.
var withoutClauses = cmpopts.IgnoreFields(core.RuleVerdict{}, "Clauses")

func TestExplainSaysOfEveryRuleWhyOrWhyNot(t *testing.T) {
	t.Parallel()
	rules := mustCompile(t, string(mustRead(t, "testdata/routes.yaml")), accounts())
	with := func(s core.Sample, change func(*core.Sample)) core.Sample { change(&s); return s }
	plain := sample(sdk.KindPayment, "5000 XOF", "CI")
	tests := map[string]struct {
		sample core.Sample
		want   []core.RuleVerdict
	}{
		"the first rule matches": {plain, []core.RuleVerdict{
			{Name: "ivory-coast", Matched: true, Why: "kind payment, currency XOF, country CI, method any, amount 5000 XOF"},
			{Name: "orange-senegal", Why: "not asked: ivory-coast matched before"},
			{Name: "europe", Why: "not asked: ivory-coast matched before"},
			{Name: "blocked", Why: "not asked: ivory-coast matched before"},
			{Name: "default", Why: "not asked: ivory-coast matched before"},
		}},
		"absent values match nothing": {with(plain, func(s *core.Sample) { s.Country, s.Merchant = "", "" }), []core.RuleVerdict{
			{Name: "ivory-coast", Why: "country absent"},
			{Name: "orange-senegal", Why: "country absent"},
			{Name: "europe", Why: "currency XOF is not one of EUR, GBP"},
			{Name: "blocked", Why: "country absent"},
			{Name: "default", Matched: true, Why: "no rule matched"},
		}},
		"each clause is named": {with(sample(sdk.KindPayment, "3000.00 EUR", "SN"), func(s *core.Sample) { s.Method = "card" }), []core.RuleVerdict{
			{Name: "ivory-coast", Why: "currency EUR is not XOF"},
			{Name: "orange-senegal", Why: "network absent"},
			{Name: "europe", Why: "amount 3000.00 EUR is not at most 2500.50 EUR"},
			{Name: "blocked", Why: "country SN is not one of XX, KP"},
			{Name: "default", Matched: true, Why: "no rule matched"},
		}},
		"a network and another merchant": {with(sample(sdk.KindPayment, "50 XOF", "SN"), func(s *core.Sample) { s.Network = "WAVE" }), []core.RuleVerdict{
			{Name: "ivory-coast", Why: "amount 50 XOF is not between 100 XOF and 1500000 XOF"},
			{Name: "orange-senegal", Why: "merchant default is not shop"},
			{Name: "europe", Why: "currency XOF is not one of EUR, GBP"},
			{Name: "blocked", Why: "country SN is not one of XX, KP"},
			{Name: "default", Matched: true, Why: "no rule matched"},
		}},
		"a payout is denied": {sample(sdk.KindPayout, "50 XOF", "XX"), []core.RuleVerdict{
			{Name: "ivory-coast", Why: "kind payout is not payment"},
			{Name: "orange-senegal", Why: "kind payout is not payment"},
			{Name: "europe", Why: "currency XOF is not one of EUR, GBP"},
			{Name: "blocked", Matched: true, Why: "country XX"},
			{Name: "default", Why: "not asked: blocked matched before"},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, rules.Explain(test.sample, routing.In(accounts())).Rules, withoutClauses); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMethodLeftOpenIsAValueLikeTheOthers(t *testing.T) {
	t.Parallel()
	const content = `
version: 1
rules:
  - { name: mobile, match: { method: mobile_money }, use: { order: a } }
  - { name: open, match: { method: any }, use: { order: a } }
default: { order: a }`
	rules := mustCompile(t, content, nil)
	for method, want := range map[string]string{"": "open", "any": "open", "mobile_money": "mobile", "card": "default"} {
		s := sample(sdk.KindPayment, "5000 XOF", "")
		s.Method = method
		if got := rules.Decide(s, routing.In(nil)).Rule; got != want {
			t.Errorf("method %q: rule %s, want %s", method, got, want)
		}
	}
}

func TestAmountsAreInclusiveInEachCurrency(t *testing.T) {
	t.Parallel()
	const content = `
version: 1
rules:
  - { name: in, match: { currency: [XOF, EUR, TND], amount: { min: 100, max: "200" } }, use: { order: a } }
default: { order: a }`
	rules := mustCompile(t, content, nil)
	for amount, want := range map[string]string{
		"99 XOF": "default", "100 XOF": "in", "200 XOF": "in", "201 XOF": "default",
		"99.99 EUR": "default", "100 EUR": "in", "200 EUR": "in", "200.01 EUR": "default",
		"99.999 TND": "default", "200.000 TND": "in", "150 GBP": "default", "0 XOF": "default",
	} {
		if got := rules.Decide(sample(sdk.KindPayment, amount, ""), routing.In(nil)).Rule; got != want {
			t.Errorf("%s: rule %s, want %s", amount, got, want)
		}
	}
}

const everyone = "version: 1\ndefault: { order: [a] }\n"

func TestAnAccountIsLeftOutWithItsReason(t *testing.T) {
	t.Parallel()
	corridor := sdk.Corridor{
		Kind: sdk.KindPayment, Countries: []string{"CI", "SN"}, Currencies: []money.Currency{money.XOF, money.XAF},
		Methods: []string{"mobile_money", "card"}, Networks: []string{"ORANGE"},
		Min: money.Of(100, money.XOF), Max: money.Of(1000, money.XOF), Step: money.Of(5, money.XOF),
	}
	tests := map[string]struct {
		sample  func(*core.Sample)
		account func(*core.Standing)
		want    core.Removed
	}{
		"operation not offered": {func(s *core.Sample) { s.Kind = sdk.KindPayout }, nil, core.Removed{Reason: "offers no payout"}},
		"kind not in a corridor": {
			func(s *core.Sample) { s.Kind = sdk.KindPayout },
			func(a *core.Standing) { a.Capabilities.Operations = both },
			core.Removed{Reason: "serves no payout"},
		},
		"no corridor": {nil, func(a *core.Standing) { a.Capabilities.Corridors = nil }, core.Removed{Reason: "serves no payment"}},
		"currency": {
			func(s *core.Sample) { s.Amount = money.Of(500, money.EUR) }, nil,
			core.Removed{Reason: "currency EUR is not served, only XOF, XAF"},
		},
		"country": {func(s *core.Sample) { s.Country = "BJ" }, nil, core.Removed{Reason: "country BJ is not served, only CI, SN"}},
		"method": {
			func(s *core.Sample) { s.Method = "wallet" }, nil,
			core.Removed{Reason: "method wallet is not served, only mobile_money, card"},
		},
		"network":   {func(s *core.Sample) { s.Network = "WAVE" }, nil, core.Removed{Reason: "network WAVE is not served, only ORANGE"}},
		"too small": {func(s *core.Sample) { s.Amount = money.Of(99, money.XOF) }, nil, core.Removed{Reason: "amount 99 XOF is below its minimum 100 XOF"}},
		"too large": {func(s *core.Sample) { s.Amount = money.Of(1005, money.XOF) }, nil, core.Removed{Reason: "amount 1005 XOF is above its maximum 1000 XOF"}},
		"step":      {func(s *core.Sample) { s.Amount = money.Of(501, money.XOF) }, nil, core.Removed{Reason: "amount 501 XOF is not a multiple of 5 XOF"}},
		"a bound in another currency": {
			func(s *core.Sample) { s.Amount = money.Of(500, money.XAF) }, nil,
			core.Removed{Reason: "amount 500 XAF is below its minimum 100 XOF"},
		},
		"card data": {func(s *core.Sample) { s.Card = true }, nil, core.Removed{Reason: "takes no raw card data"}},
		"required fields": {nil, func(a *core.Standing) {
			a.Capabilities.Needs = map[sdk.Operation][]string{sdk.OperationPayment: {"customer.phone", "country", "customer.email", "network"}}
		}, core.Removed{Reason: "needs customer.email, network"}},
		"disabled":  {nil, func(a *core.Standing) { a.Enabled = false }, core.Removed{Reason: "disabled in the configuration"}},
		"drained":   {nil, func(a *core.Standing) { a.Drained = true }, core.Removed{Reason: "drained by an operator", Passing: true}},
		"not ready": {nil, func(a *core.Standing) { a.Health, a.Detail = core.HealthBackoff, "crashed" }, core.Removed{Reason: "plugin is backoff", Passing: true}},
		"never started": {nil, func(a *core.Standing) {
			a.Health, a.Capabilities = core.HealthStarting, sdk.Capabilities{}
		}, core.Removed{Reason: "plugin is starting", Passing: true}},
		"ready without a word": {nil, func(a *core.Standing) { a.Capabilities = sdk.Capabilities{} }, core.Removed{Reason: "has not said yet what it can do", Passing: true}},
		"a lasting reason goes before a passing one": {
			func(s *core.Sample) { s.Country = "BJ" }, func(a *core.Standing) { a.Drained = true },
			core.Removed{Reason: "country BJ is not served, only CI, SN"},
		},
		"nothing":                {nil, nil, core.Removed{}},
		"degraded still serves":  {nil, func(a *core.Standing) { a.Health = core.HealthDegraded }, core.Removed{}},
		"what is left open fits": {func(s *core.Sample) { s.Country, s.Method, s.Network = "", "any", "" }, nil, core.Removed{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account, s := standing(both[:1], corridor), sample(sdk.KindPayment, "500 XOF", "CI")
			s.Present = map[string]bool{"customer.phone": true}
			if test.account != nil {
				test.account(&account)
			}
			if test.sample != nil {
				test.sample(&s)
			}
			choice := mustCompile(t, everyone, nil).Decide(s, routing.In(map[string]core.Standing{"a": account}))
			want := core.Choice{Rule: "default", Candidates: []core.Candidate{{Account: "a", Reason: "number 1 of 1 in the order of default"}}}
			if test.want.Reason != "" {
				test.want.Account = "a"
				want = core.Choice{Rule: "default", Removed: []core.Removed{test.want}}
			}
			if diff := cmp.Diff(want, choice); diff != "" {
				t.Errorf("choice (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnyCorridorThatFitsIsEnoughAndTheNearestIsNamed(t *testing.T) {
	t.Parallel()
	account := standing(both[:1],
		sdk.Corridor{Kind: sdk.KindPayment, Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF}, Max: money.Of(100, money.XOF)},
		sdk.Corridor{Kind: sdk.KindPayment, Countries: []string{"CM"}, Currencies: []money.Currency{money.XAF}},
	)
	rules, lookup := mustCompile(t, everyone, nil), routing.In(map[string]core.Standing{"a": account})
	if choice := rules.Decide(sample(sdk.KindPayment, "500 XAF", "CM"), lookup); len(choice.Candidates) != 1 {
		t.Errorf("the second corridor fits, got %+v", choice)
	}
	choice := rules.Decide(sample(sdk.KindPayment, "500 XOF", "CI"), lookup)
	want := []core.Removed{{Account: "a", Reason: "amount 500 XOF is above its maximum 100 XOF"}}
	if diff := cmp.Diff(want, choice.Removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
}

func TestARequestForOneAccountGetsItOrNone(t *testing.T) {
	t.Parallel()
	rules := mustCompile(t, string(mustRead(t, "testdata/routes.yaml")), accounts())
	tests := map[string]struct {
		provider, country string
		want              core.Choice
	}{
		"it is in the order": {"enovepay", "CI", core.Choice{
			Rule: "ivory-coast", Candidates: []core.Candidate{{Account: "enovepay", Reason: "asked for by the request"}},
		}},
		"it is not in the order": {"enovepay", "ML", core.Choice{
			Rule: "default", Candidates: []core.Candidate{{Account: "enovepay", Reason: "asked for by the request"}},
		}},
		"it cannot": {"numipay", "CI", core.Choice{
			Rule: "ivory-coast", Removed: []core.Removed{{Account: "numipay", Reason: "currency XOF is not served, only EUR"}},
		}},
		"it is not configured": {"nobody", "CI", core.Choice{
			Rule: "ivory-coast", Removed: []core.Removed{{Account: "nobody", Reason: "is not configured"}},
		}},
		"deny holds": {"enovepay", "XX", core.Choice{Rule: "blocked", Denied: "not served"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sample(sdk.KindPayment, "5000 XOF", test.country)
			s.Provider = test.provider
			if diff := cmp.Diff(test.want, rules.Decide(s, routing.In(accounts())), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("choice (-want +got):\n%s", diff)
			}
		})
	}
}

// Compile checks what accounts have said by then; an account that says it later, or
// otherwise, is looked at again.
func TestALateNoGoesOnOnlyWhereEveryCandidateDocumentsItAsFinal(t *testing.T) {
	t.Parallel()
	const content = "version: 1\nrules:\n  - { name: one, match: { kind: payout }, use: { order: [a, b] }, failover: { late: true } }\ndefault: { deny: no }\n"
	rules := mustCompile(t, content, nil)
	for name, test := range map[string]struct {
		final   []bool
		drained string
		want    bool
	}{
		"both do":                         {[]bool{true, true}, "", true},
		"one does not":                    {[]bool{true, false}, "", false},
		"the one that does not is absent": {[]bool{true, false}, "b", true},
	} {
		standings := map[string]core.Standing{}
		for i, account := range []string{"a", "b"} {
			made := standing(both, sdk.Corridor{Kind: sdk.KindPayout})
			made.Drained = account == test.drained
			made.Facts = map[sdk.Kind]sdk.Facts{sdk.KindPayout: {DeclinedIsFinal: test.final[i]}}
			standings[account] = made
		}
		if got := rules.Decide(core.Sample{Kind: sdk.KindPayout}, routing.In(standings)).Late; got != test.want {
			t.Errorf("%s: late %v, want %v", name, got, test.want)
		}
	}
}

// manyRules returns n rules of which only the last matches a payment in TG.
func manyRules(n int) string {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for i := range n - 1 {
		fmt.Fprintf(&b, "  - { name: r%d, match: { kind: payment, country: [CI, SN, BJ], currency: XOF, method: [mobile_money, any], amount: { min: \"%d\", max: \"%d\" } }, use: { order: a } }\n", i, 100000-i, 200000+i)
	}
	b.WriteString("  - { name: last, match: { kind: payment, country: TG, currency: XOF }, use: { order: a } }\ndefault: { order: a }\n")
	return b.String()
}
