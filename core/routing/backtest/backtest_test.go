package backtest_test

import (
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const rulesBefore = `version: 1
rules:
  - { name: closed, match: { country: KP }, use: { deny: "not served" } }
  - { name: ivory-coast-wave, match: { kind: payment, country: CI, currency: XOF, network: WAVE }, use: { order: [enovepay, cinetpay-ci] } }
  - { name: ivory-coast, match: { kind: payment, country: CI, currency: XOF, amount: { min: "100", max: "1500000" } }, use: { order: [cinetpay-ci, enovepay] } }
  - { name: senegal, match: { kind: payment, country: SN, currency: XOF }, use: { order: [cinetpay-sn, enovepay] } }
  - { name: togo, match: { kind: payment, country: TG, currency: XOF }, use: { order: [enovepay] } }
  - { name: benin, match: { kind: payment, country: BJ, currency: XOF }, use: { order: [enovepay, cinetpay-ci] } }
  - { name: payouts, match: { kind: payout }, use: { order: [enovepay] } }
default: { deny: "nobody serves this" }
`

const rulesAfter = `version: 1
rules:
  - { name: closed, match: { country: KP }, use: { deny: "not served" } }
  - { name: ivory-coast, match: { kind: payment, country: CI, currency: XOF, amount: { min: "100", max: "1500000" } }, use: { order: [cinetpay-ci, enovepay] } }
  - { name: senegal, match: { kind: payment, country: SN, currency: XOF }, use: { order: [enovepay, cinetpay-sn] } }
  - { name: togo, match: { kind: payment, country: TG, currency: XOF, amount: { max: "5000" } }, use: { order: [enovepay] } }
  - { name: benin, match: { kind: payment, country: BJ, currency: XOF }, use: { order: [enovepay, cinetpay-sn] } }
  - { name: euros, match: { currency: EUR }, use: { order: [enovepay] } }
  - { name: payouts, match: { kind: payout }, use: { order: [enovepay] } }
default: { deny: "nobody serves this any more" }
`

func compile(t testing.TB, content string) *routing.Rules {
	t.Helper()
	file, found := routing.Parse("routes.yaml", []byte(content))
	rules, more := routing.Compile(file, accounts())
	if rules == nil {
		t.Fatal(append(found, more...))
	}
	return rules
}

// accounts are three that can do all in XOF, two of them with fees.
func accounts() map[string]core.Standing {
	able := core.Standing{Enabled: true, Capabilities: sdk.Capabilities{
		Operations: []sdk.Operation{sdk.OperationPayment, sdk.OperationPayout},
		Corridors:  []sdk.Corridor{{Kind: sdk.KindPayment}, {Kind: sdk.KindPayout}},
	}}
	cinetpay, enovepay := able, able
	cinetpay.Fees = []core.Fee{{Currency: money.XOF, Millionths: 25_000}}
	enovepay.Fees = []core.Fee{{Millionths: 10_000}, {Currency: money.XOF, Millionths: 20_000, Fixed: money.Of(15, money.XOF)}}
	return map[string]core.Standing{"cinetpay-ci": cinetpay, "cinetpay-sn": able, "enovepay": enovepay}
}
