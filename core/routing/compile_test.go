package routing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
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
