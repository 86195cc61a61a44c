package main

import (
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
)

// cinetPayRows are CinetPay's triggers for payments, by the amount modulo 1000.
func cinetPayRows() map[string]play {
	const waits = "requires_action: first requires_action"
	const canceled = "failed canceled_by_customer: first declined"
	return map[string]play{
		"000": {soon: firstPays},
		"105": {soon: noMoney},
		"115": {soon: "failed insufficient_funds: first declined"},
		"125": {soon: noMoney},
		"135": {soon: canceled},
		"145": {soon: waits},
		"155": {soon: canceled, later: "succeeded late: first succeeded"},
		"165": {soon: firstPays}, "175": {soon: firstPays}, "185": {soon: firstPays}, "195": {soon: firstPays},
		"205": {soon: waits}, // A word of the transfers' API: nobody knows what it says of a payment.
		"215": {soon: waits},
		"225": {soon: "review amount_mismatch: first mismatch"},
		"235": {soon: "review currency_mismatch: first mismatch"},
		"245": {soon: firstPays}, "255": {soon: firstPays}, "265": {soon: firstPays},
		"275": {soon: secondPays},
		"285": {soon: "unknown: first unknown"},
		"295": {soon: firstPays}, "305": {soon: firstPays},
	}
}

func TestEveryTriggerOfCinetPayForPayments(t *testing.T) {
	t.Parallel()
	first := started(t, cinetpay.New(cinetpay.Options{}))
	second := started(t, enovepay.New(enovepay.Options{}))
	s := openMarket(t, rules, atCinetPay("first", first), atEnovePay("second", second))
	plays := map[string]play{}
	for ends, row := range cinetPayRows() {
		row.order = api.Payment{
			Amount: "5" + ends, Currency: "XOF", Country: "CI", Method: "mobile_money", Network: "ORANGE",
			Customer: api.PaymentCustomer{ID: "c-7", Phone: "+2250707123000"},
		}
		plays["payment "+ends] = row
	}
	all := s.perform(plays, func() { first.Advance(45 * time.Second) })
	books := ledgerOfCinetPay(first.State()).alongside(ledgerOfEnovePay(second.State()))
	books.transactions = all
	books.check(
		t,
		"payment 205 is paid true there and requires_action here",
		"payment 225 is paid true there and review here",
		"payment 235 is paid true there and review here",
	)
}

const francRules = `version: 1
rules:
  - name: francs
    match: { kind: payout, country: CI, currency: XOF }
    use:   { order: [first, second] }
default: { deny: "only payouts to Ivory Coast" }
`

// cinetPayPayoutRows are CinetPay's triggers for payouts, by the last three digits
// of the phone. EnovePay's sandbox has triggers for the same digits: it refuses
// what is tried there.
func cinetPayPayoutRows() map[string]play {
	const goesOn = "processing: first pending"
	return map[string]play{
		"000": {soon: firstPays},
		"101": {soon: "failed authentication: first declined, second rejected"},
		"102": {soon: goesOn},
		"103": {soon: goesOn, later: firstPays},
		"104": {soon: goesOn, later: noMoney},
		"105": {soon: firstPays},
		"106": {soon: "failed not_supported: first rejected, second rejected"},
		"107": {soon: "unknown: first unknown"},
		"108": {soon: "failed provider_unavailable: first rejected, second rejected"},
		"109": {soon: "failed authentication: first rejected, second rejected"},
		"110": {soon: firstPays},
		"111": {soon: "review amount_mismatch: first mismatch"},
		"112": {soon: goesOn},
		"113": {soon: firstPays},
	}
}

func TestEveryTriggerOfCinetPayForPayouts(t *testing.T) {
	t.Parallel()
	first := started(t, cinetpay.New(cinetpay.Options{}))
	second := started(t, enovepay.New(enovepay.Options{}))
	s := openMarket(t, francRules, atCinetPay("first", first), atEnovePay("second", second))
	plays := map[string]play{}
	for ends, row := range cinetPayPayoutRows() {
		row.order = api.Payout{
			Amount: "5000", Currency: "XOF", Country: "CI", Method: "mobile_money", Network: "ORANGE",
			Recipient: api.Recipient{ID: "c-7", Name: "Awa", Surname: "Koné", Email: "awa@example.com", Phone: "+2250707123" + ends},
		}
		plays["payout "+ends] = row
	}
	all := s.perform(plays, func() { first.Advance(45 * time.Second) })
	books := ledgerOfCinetPay(first.State()).alongside(ledgerOfEnovePay(second.State()))
	books.transactions = all
	books.check(
		t,
		"payout 111 is paid true there and review here",
		"payout 113 was asked for 2 times and created 1 times", // The first time with a login that had ended.
	)
}
