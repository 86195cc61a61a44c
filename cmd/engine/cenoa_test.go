package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

const dollarRules = `version: 1
rules:
  - name: dollars
    match: { kind: payment, currency: USD }
    use:   { order: [first, second] }
default: { deny: "only dollars are taken" }
`

// dollars is a payment by a transfer of somebody with the phone, or of Cenoa's customer.
func dollars(amount, phone, customer string) api.Payment {
	return api.Payment{
		Amount: amount, Currency: "USD", Country: "TR", Method: "wallet",
		Customer: api.PaymentCustomer{ID: "c-7", Phone: phone, ProviderCustomer: customer},
	}
}

// Each customer is one whom Cenoa's look-up treats in its own way. The account
// asks once a second at most.
func TestEveryLookUpOfCenoa(t *testing.T) {
	t.Parallel()
	first := started(t, cenoa.New(cenoa.Options{}))
	second := started(t, numipay.New(numipay.Options{CompletionDelay: 200 * time.Millisecond}))
	s := openMarket(t, dollarRules, atCenoa("first", first).with(map[string]any{"timeout": "9s"}), atNumipay("second", second))
	const passedOver = "succeeded: first not_sent, second succeeded"
	orders := func(rows map[string]play) map[string]play {
		plays := map[string]play{}
		for ends, row := range rows {
			row.order = dollars("10.00", "+90532123"+ends, "")
			plays["customer "+ends] = row
		}
		return plays
	}
	var all []api.Transaction
	for _, rows := range []map[string]play{
		{
			"0000": {soon: secondPays}, "0001": {soon: secondPays}, "0002": {soon: passedOver}, "0401": {soon: secondPays},
			"4567": {soon: "requires_action: first requires_action"},
		},
		// These two keep the account from asking for others.
		{"0429": {soon: passedOver}},
		{"0500": {soon: passedOver}},
	} {
		all = append(all, s.perform(orders(rows), func() {})...)
	}
	books := ledgerOfNumipay(second.State())
	books.transactions, books.pull = all, "first"
	books.check(t)
}

// senders are Cenoa's customers, who act in the app.
type senders struct {
	t  *testing.T
	at *cenoa.Server
}

// order is a payment of a new customer, who will send these amounts.
func (f senders) order(phone, amount string, sent ...string) play {
	f.t.Helper()
	user, err := f.at.AddUser(phone, "")
	if err != nil {
		f.t.Fatal(err)
	}
	return play{order: dollars(amount, phone, user.ID), then: f.send(user.ID, sent...)}
}

func (f senders) send(user string, amounts ...string) func(context.Context, api.Transaction) error {
	return func(context.Context, api.Transaction) error {
		for _, amount := range amounts {
			if _, err := f.at.Send(cenoa.Order{UserID: user, Amount: amount, Currency: "USD"}); err != nil {
				return err
			}
		}
		return nil
	}
}

// plays are the triggers by the decimals of what is sent, and the ways in which
// a customer may be wrong.
func (f senders) plays() map[string]play {
	const waits = "requires_action: first requires_action"
	plays := map[string]play{}
	add := func(name string, one play, soon, later string) {
		one.soon, one.later = soon, later
		plays[name] = one
	}
	for decimals, soon := range map[string]string{
		"00": firstPays, "01": waits, "02": waits, "05": firstPays, "06": firstPays, "07": waits, "08": waits,
		"09": waits, "10": waits, "11": firstPays,
	} {
		add("sent "+decimals, f.order("+9053212340"+decimals, "10."+decimals, "10."+decimals), soon, "")
	}
	add("sent 03", f.order("+905321234003", "10.03", "10.03"), waits, firstPays)
	add("sent 12", f.order("+905321234012", "10.12", "10.12"), waits, firstPays)
	add("sent twice", f.order("+905321235001", "20.00", "20.00", "20.00"), firstPays, "")
	add("failed, sent again", f.order("+905321235002", "30.01", "30.01", "30.01"), waits, "")
	add("another amount", f.order("+905321235003", "40.00", "41.00"), waits, "")
	add("sent by somebody else", f.order("+905321235004", "50.00"), waits, "")
	stranger := f.order("+905321235005", "60.00", "60.00", "50.00")
	add("sent by a friend", stranger, firstPays, "")
	return plays
}

// The engine reads the list every 15 s while an order waits. A success that is
// taken back is looked for once a day, which is too late for this test.
func TestEveryTransferOfCenoa(t *testing.T) {
	t.Parallel()
	// Were it narrowed, the list would show a transfer that is dated ahead two minutes later.
	first := started(t, cenoa.New(cenoa.Options{IgnoreRange: true, Window: 40 * time.Second}))
	second := started(t, numipay.New(numipay.Options{}))
	s := openMarket(t, dollarRules, atCenoa("first", first), atNumipay("second", second))
	all := s.perform(senders{t, first}.plays(), func() {
		first.Advance(45 * time.Second)
		s.readListNow()
	})
	books := ledgerOfNumipay(second.State()).alongside(s.ledgerOfCenoa(first.State(), all))
	books.transactions, books.pull = all, "first"
	books.check(
		t,
		"a payment of 10.01 USD, paid false, is nobody's",
		"a payment of 10.07 USD, paid true, is nobody's",
		"a payment of 10.08 USD, paid true, is nobody's",
		"a payment of 10.10 USD, paid true, is nobody's",
		"a payment of 20.00 USD, paid true, is nobody's",
		"a payment of 30.01 USD, paid false, is nobody's",
		"a payment of 30.01 USD, paid false, is nobody's",
		"a payment of 41.00 USD, paid true, is nobody's",
		"a payment of 50.00 USD, paid true, is nobody's",
		"sent 09 is paid true there and requires_action here",
	)
	s.assign(all)
}

// readListNow asks about one order, and reads about all of them.
func (s *shop) readListNow() {
	s.t.Helper()
	orders, err := s.client.Transactions(s.t.Context(), client.Filter{Limit: 1})
	if err != nil || len(orders.Data) != 1 {
		s.t.Fatalf("want an order, got %d: %v", len(orders.Data), err)
	}
	if _, err := s.client.Sync(s.t.Context(), orders.Data[0].ID); err != nil {
		s.t.Fatal(err)
	}
}

// transfers are all that the engine knows of.
func (s *shop) transfers(filter client.TransferFilter) []api.Transfer {
	s.t.Helper()
	var all []api.Transfer
	for {
		page, err := s.client.Transfers(s.t.Context(), filter)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, page.Data...)
		if page.NextCursor == nil {
			return all
		}
		filter.Cursor = *page.NextCursor
	}
}

// ledgerOfCenoa has a transfer under the reference of the attempt that the engine
// gave it to.
func (s *shop) ledgerOfCenoa(state cenoa.State, all []api.Transaction) ledgers {
	s.t.Helper()
	refs := map[string]string{}
	for _, transfer := range s.transfers(client.TransferFilter{}) {
		if refs[transfer.ProviderRef] != "" {
			s.t.Errorf("the engine has %s twice", transfer.ProviderRef)
		}
		refs[transfer.ProviderRef] = "nobody's " + transfer.ProviderRef
		i := slices.IndexFunc(all, func(tx api.Transaction) bool { return transfer.Transaction != nil && tx.ID == *transfer.Transaction })
		if i >= 0 {
			refs[transfer.ProviderRef] = all[i].Attempts[0].Ref
		}
	}
	var l ledgers
	for _, sent := range state.Transfers {
		ref, seen := refs[sent.ID]
		if !seen {
			s.t.Errorf("the engine has not seen %s of %s", sent.ID, sent.Amount)
		}
		l.lines = append(l.lines, line{"payment", ref, sent.Amount, sent.Currency, sent.Paid, 1, 1})
	}
	return l
}

// assign gives the transfer of another amount to the order that it was meant for.
func (s *shop) assign(all []api.Transaction) {
	s.t.Helper()
	unmatched := s.transfers(client.TransferFilter{Matched: "false"})
	transfer := unmatched[slices.IndexFunc(unmatched, func(t api.Transfer) bool { return t.Amount == "41.00" })]
	order := all[slices.IndexFunc(all, func(tx api.Transaction) bool { return tx.Reference == "another amount" })]
	assign := api.Assign{Transaction: order.ID, Reason: "the customer wrote to us"}
	if _, err := s.client.Assign(s.t.Context(), transfer.ID, assign); err == nil {
		s.t.Error("another amount was taken without a word")
	}
	assign.AcceptAmount = true
	if _, err := s.client.Assign(s.t.Context(), transfer.ID, assign); err != nil {
		s.t.Fatal(err)
	}
	tx := s.await(order.ID, "succeeded")
	if diff := cmp.Diff("41.00", tx.AmountReceived); diff != "" {
		s.t.Errorf("received (-want +got):\n%s", diff)
	}
	if left := s.transfers(client.TransferFilter{Matched: "false"}); len(left) != len(unmatched)-1 {
		s.t.Errorf("%d transfers are nobody's, there were %d", len(left), len(unmatched))
	}
}
