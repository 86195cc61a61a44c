package main

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// decision is a client's call about a payout.
type decision func(c *client.Client, ctx context.Context, id, reason string) (api.Transaction, error)

// decided insists on a decision; one that was made before is as good.
func (l *lives) decided(id string, decide decision) {
	l.t.Helper()
	l.insist("the decision", func(ctx context.Context) error {
		_, err := decide(l.client, ctx, id, "looked at")
		return err
	}, core.ErrAlreadyFinal)
}

// francPayout pays out in Ivory Coast.
func francPayout() api.Payout {
	return api.Payout{
		Reference: "salary-1", Amount: "5000", Currency: "XOF", Country: "CI", Method: "mobile_money", Network: "ORANGE",
		Recipient: api.Recipient{ID: "c-7", Name: "Awa", Surname: "Koné", Email: "awa@example.com", Phone: "+2250707123000"},
	}
}

// heldShop holds every payout by our own policy.
func heldShop(t *testing.T) (*shop, *cinetpay.Server) {
	t.Helper()
	first := started(t, cinetpay.New(cinetpay.Options{CompletionDelay: -1}))
	s := writeMarket(t, "version: 1\ndefault: { order: [first] }\n", atCinetPay("first", first))
	text, err := os.ReadFile(s.setup.Config())
	if err != nil {
		t.Fatal(err)
	}
	s.keep(s.setup.Config(), string(text)+"payouts: { approval: { default: always } }\n")
	return s, first
}

func aPolicyHeldPayout(t *testing.T, decide decision) *stage {
	t.Helper()
	s, first := heldShop(t)
	return &stage{
		shop:      s,
		play:      func(l *lives) { l.decided(l.paidOut(francPayout()).ID, decide) },
		meanwhile: func(l *lives) { payAll(l.t, first) },
		books:     func([]api.Transaction) ledgers { return ledgerOfCinetPay(first.State()) },
	}
}

// anUndecidedPayout waits until nobody may decide any more.
func anUndecidedPayout(t *testing.T) *stage {
	g := aPolicyHeldPayout(t, nil)
	g.play, g.between = func(*lives) {}, dueNow
	g.before = func(l *lives) { l.paidOut(francPayout()) }
	return g
}

// aHeldPayout is held by the provider.
func aHeldPayout(t *testing.T, decide decision) *stage {
	t.Helper()
	first := started(t, numipay.New(numipay.Options{RequireApproval: true, CompletionDelay: 200 * time.Millisecond}))
	s := writeMarket(t, "version: 1\ndefault: { order: [first] }\n", atNumipay("first", first).with(map[string]any{"payout_approval": "true"}))
	return &stage{
		shop: s, between: dueNow, slow: true,
		play: func(l *lives) {
			payout := nairaPayout("50.00", "000")
			payout.Reference = "salary-1"
			tx := l.paidOut(payout)
			l.reaches(tx.ID, "awaiting_approval", "unknown", "processing", "succeeded", "canceled")
			if len(first.State().Transactions) > 0 { // One that never arrived is held by nobody.
				l.reaches(tx.ID, "awaiting_approval", "processing", "succeeded", "canceled")
				l.decided(tx.ID, decide)
			}
		},
		books: func([]api.Transaction) ledgers { return ledgerOfNumipay(first.State()) },
	}
}
