package main

import (
	"maps"
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// The same two accounts, one after the other, for all that is in naira.
const nairaRules = `version: 1
rules:
  - name: naira
    match: { country: NG, currency: NGN }
    use:   { order: [first, second] }
default: { deny: "only Nigeria is served" }
`

// nairaPayment is a payment by phone, whose last digits are ends.
func nairaPayment(amount, ends string) api.Payment {
	return api.Payment{
		Amount: amount, Currency: "NGN", Country: "NG", Method: "mobile_money", Network: "MTN",
		Customer: api.PaymentCustomer{ID: "c-7", Name: "Ada", Surname: "Obi", Phone: "+2348012345" + ends},
	}
}

// nairaPayout pays out to a phone, whose last digits are ends.
func nairaPayout(amount, ends string) api.Payout {
	return api.Payout{
		Amount: amount, Currency: "NGN", Country: "NG", Method: "mobile_money", Network: "MTN",
		Recipient: api.Recipient{ID: "c-7", Name: "Ada", Surname: "Obi", Phone: "+2348012345" + ends},
	}
}

// What a definite no of the first account leads to.
const (
	secondPays = "succeeded: first rejected, second succeeded"
	firstPays  = "succeeded: first succeeded"
	noMoney    = "failed declined: first declined"
)

// enovePayRows are EnovePay's triggers by the last three digits, for payments and
// payouts alike. Where somebody is waited for, a payment requires action.
func enovePayRows() map[string]play {
	return map[string]play{
		"000": {soon: firstPays},
		"101": {soon: secondPays}, "102": {soon: secondPays}, "105": {soon: secondPays}, "106": {soon: secondPays},
		"107": {soon: secondPays}, "108": {soon: secondPays}, "109": {soon: secondPays}, "111": {soon: secondPays},
		"103": {soon: "failed invalid_request: first rejected"},
		"104": {soon: firstPays},
		"110": {soon: firstPays},
		"112": {soon: noMoney},
		"113": {soon: secondPays},
		"115": {soon: noMoney},
		"116": {soon: "succeeded: first declined, second succeeded"},
		"120": {soon: firstPays, later: "reversed: first reversed"},
		"121": {soon: firstPays}, "122": {soon: firstPays}, "123": {soon: firstPays}, "124": {soon: firstPays},
		"125": {soon: "review amount_mismatch: first mismatch"},
		"126": {soon: firstPays}, "127": {soon: firstPays},
		"128": {soon: noMoney, later: "succeeded late: first succeeded"},
		"129": {soon: "unknown: first unknown"},
		"130": {soon: firstPays}, "131": {soon: firstPays}, "132": {soon: firstPays}, "133": {soon: firstPays},
		"135": {soon: firstPays},
		"136": {soon: noMoney},
		"137": {soon: firstPays},
	}
}

func enovePayPlays() map[string]play {
	plays := map[string]play{}
	for ends, row := range enovePayRows() {
		row.order = nairaPayment("5000.00", ends)
		plays["payment "+ends] = row
		row.order = nairaPayout("5000.00", ends)
		plays["payout "+ends] = row
	}
	account := nairaPayout("5000.00", "000")
	account.Method, account.Network = "bank_transfer", "BANK"
	account.Recipient.BankAccount = api.RecipientBankAccount{BankCode: "058", AccountNumber: "0123456112"}
	maps.Copy(plays, map[string]play{
		"payment 114":    {order: nairaPayment("5000.00", "114"), soon: "requires_action: first requires_action"},
		"payout 114":     {order: nairaPayout("5000.00", "114"), soon: "processing: first pending"},
		"payment 134":    {order: nairaPayment("5000.00", "134"), soon: "requires_action: first requires_action", later: firstPays},
		"payout 134":     {order: nairaPayout("5000.00", "134"), soon: "processing: first pending", later: firstPays},
		"to account 112": {order: account, soon: noMoney},
	})
	return plays
}

func TestEveryTriggerOfEnovePay(t *testing.T) {
	t.Parallel()
	first := started(t, enovepay.New(enovepay.Options{}))
	second := started(t, numipay.New(numipay.Options{}))
	s := openMarket(t, nairaRules, atEnovePay("first", first), atNumipay("second", second))
	all := s.perform(enovePayPlays(), func() { first.Advance(45 * time.Second) })
	books := ledgerOfEnovePay(first.State()).alongside(ledgerOfNumipay(second.State()))
	books.transactions = all
	books.check(
		t,
		"payment 125 is paid true there and review here",
		"payout 125 is paid true there and review here",
	)
}
