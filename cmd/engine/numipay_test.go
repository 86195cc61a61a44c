package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/examples/demo/local"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// Naira goes to the cashier, cedi straight to one provider behind Numipay.
const cashierRules = `version: 1
rules:
  - name: naira
    match: { country: NG, currency: NGN }
    use:   { order: [first, second] }
  - name: cedi
    match: { country: GH, currency: GHS }
    use:   { order: [direct, second] }
default: { deny: "only Nigeria and Ghana are served" }
`

// cediPayment is a payment of the amount in Ghana.
func cediPayment(amount string) api.Payment {
	payment := nairaPayment(amount, "000")
	payment.Country, payment.Currency, payment.Customer.Phone = "GH", "GHS", "+233201234000"
	return payment
}

// numipayPaymentRows are Numipay's triggers by the decimals of the amount, as one
// account of Numipay and then another provider are told.
func numipayPaymentRows() map[string]play {
	const waits = "requires_action: first requires_action"
	return map[string]play{
		"00": {soon: firstPays},
		"01": {soon: "failed insufficient_funds: first declined"},
		"02": {soon: noMoney},
		"03": {soon: "expired expired: first expired"},
		"04": {soon: waits},
		"05": {soon: firstPays, then: paysAtTheCashier},
		"06": {soon: firstPays},
		"07": {soon: secondPays},
		"08": {soon: firstPays}, "09": {soon: firstPays}, "10": {soon: firstPays}, "11": {soon: firstPays},
		"12": {soon: "review amount_mismatch: first mismatch"},
		"13": {soon: noMoney, later: "succeeded late: first succeeded"},
		"14": {soon: "unknown: first unknown"},
		"15": {soon: firstPays}, "16": {soon: firstPays},
		"17": {soon: waits},
		"18": {soon: firstPays},
		"19": {soon: "review currency_mismatch: first mismatch"},
		"20": {soon: waits, later: firstPays},
		"21": {soon: firstPays}, "22": {soon: firstPays},
	}
}

// paysAtTheCashier is the customer who was sent there.
func paysAtTheCashier(ctx context.Context, tx api.Transaction) error {
	if tx.NextAction == nil {
		return fmt.Errorf("%s was sent nowhere", tx.Reference)
	}
	var browser local.Sandbox
	return browser.Press(ctx, tx.NextAction.URL, cinetpay.Pay)
}

func TestEveryTriggerOfNumipayForPayments(t *testing.T) {
	t.Parallel()
	first := started(t, numipay.New(numipay.Options{}))
	direct := started(t, numipay.New(numipay.Options{}))
	second := started(t, enovepay.New(enovepay.Options{}))
	s := openMarket(t, cashierRules, atNumipay("first", first), atEnovePay("second", second),
		atNumipay("direct", direct).with(map[string]any{
			"mode": "direct", "provider_id": "p-1", "signature_password": numipay.SignaturePassword, "api_key": numipay.LiveKey,
		}))
	plays := map[string]play{}
	for decimals, row := range numipayPaymentRows() {
		row.order = nairaPayment("50."+decimals, "000")
		plays["hosted "+decimals] = row
		row.order, row.soon, row.later = cediPayment("50."+decimals), asDirect(row.soon), asDirect(row.later)
		plays["direct "+decimals] = row
	}
	all := s.perform(plays, func() { first.Advance(45 * time.Second); direct.Advance(45 * time.Second) })
	books := ledgerOfNumipay(first.State()).alongside(ledgerOfNumipay(direct.State())).alongside(ledgerOfEnovePay(second.State()))
	books.transactions = all
	books.check(
		t,
		"hosted 12 is paid true there and review here",
		"hosted 19 is paid true there and review here",
		"direct 12 is paid true there and review here",
		"direct 19 is paid true there and review here",
	)
}

func TestEveryTriggerOfNumipayForPayouts(t *testing.T) {
	t.Parallel()
	first := started(t, numipay.New(numipay.Options{RequireApproval: true}))
	second := started(t, enovepay.New(enovepay.Options{}))
	s := openMarket(t, nairaRules, atNumipay("first", first).with(map[string]any{"payout_approval": "true"}), atEnovePay("second", second))
	approve := func(ctx context.Context, tx api.Transaction) error {
		_, err := s.client.Approve(ctx, tx.ID, "looked at")
		return err
	}
	reject := func(ctx context.Context, tx api.Transaction) error {
		_, err := s.client.Reject(ctx, tx.ID, "not ours")
		return err
	}
	portal := func(action numipay.Action) func(context.Context, api.Transaction) error {
		return func(_ context.Context, tx api.Transaction) error {
			return first.Decide(tx.Attempts[0].Ref, numipay.Decision{Action: action})
		}
	}
	const turnedDown = "canceled rejected_by_operator: first declined"
	plays := map[string]play{
		"rejected 00":          {soon: turnedDown, held: true, then: reject, order: nairaPayout("50.00", "000")},
		"rejected 18":          {soon: turnedDown, held: true, then: reject, order: nairaPayout("50.18", "000")},
		"rejected 11":          {soon: turnedDown, held: true, then: reject, order: nairaPayout("50.11", "000")},
		"rejected 21":          {soon: turnedDown, held: true, then: reject, order: nairaPayout("50.21", "000")},
		"paid in the portal":   {soon: firstPays, held: true, then: portal(numipay.Pay), order: nairaPayout("50.00", "000")},
		"refused there":        {soon: noMoney, held: true, then: portal(numipay.Refuse), order: nairaPayout("50.00", "000")},
		"expired there":        {soon: "expired expired: first expired", held: true, then: portal(numipay.Expire), order: nairaPayout("50.00", "000")},
		"paid there, silently": {soon: firstPays, held: true, then: portal(numipay.Pay), order: nairaPayout("50.21", "000")},
		"nobody decides":       {soon: "awaiting_approval: first pending", order: nairaPayout("50.00", "000")},
	}
	maps.Copy(plays, approvedPlays(approve))
	all := s.perform(plays, func() { first.Advance(45 * time.Second) })
	books := ledgerOfNumipay(first.State()).alongside(ledgerOfEnovePay(second.State()))
	books.transactions = all
	books.check(
		t,
		"approved 12 is paid true there and review here",
		"approved 19 is paid true there and review here",
	)
}

// approvedPlays are the rows of payments, for payouts that are approved.
func approvedPlays(approve func(context.Context, api.Transaction) error) map[string]play {
	const goesOn = "processing: first pending"
	plays := map[string]play{}
	for decimals, row := range numipayPaymentRows() {
		row.order, row.held, row.then = nairaPayout("50."+decimals, "000"), true, approve
		switch decimals {
		case "04", "17", "20":
			row.soon = goesOn
		case "05":
			row.then = func(ctx context.Context, tx api.Transaction) error {
				return errors.Join(approve(ctx, tx), paysAtTheCashier(ctx, tx))
			}
		case "07", "14":
			row.held, row.then = false, nil // There is nothing to approve.
		}
		plays["approved "+decimals] = row
	}
	return plays
}

// asDirect is an expectation of the account first for the account direct.
func asDirect(text string) string { return strings.ReplaceAll(text, "first", "direct") }
