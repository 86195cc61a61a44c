package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
)

// cenoaStage is a stage at Cenoa, whose list is read at every look.
func cenoaStage(t *testing.T, play func(l *lives, user cenoa.User), at *cenoa.Server) *stage {
	t.Helper()
	user, err := at.AddUser("+905321235001", "")
	if err != nil {
		t.Fatal(err)
	}
	s := writeMarket(t, "version: 1\ndefault: { order: [first] }\n", atCenoa("first", at))
	return &stage{
		shop:      s,
		play:      func(l *lives) { play(l, user) },
		meanwhile: syncAll,
		books: func(all []api.Transaction) ledgers {
			books := ledgerOfSeenTransfers(t, s, at.State(), all)
			books.pull = "first"
			return books
		},
	}
}

// syncAll asks about everything that is not over.
func syncAll(l *lives) {
	all, err := l.all(l.t.Context())
	for _, tx := range all {
		if tx.State == "requires_action" && err == nil {
			_, err = l.client.Sync(l.t.Context(), tx.ID)
		}
	}
	_ = err // It has ended, and is asked again.
}

// ledgerOfSeenTransfers has the transfers that the engine has seen under the
// attempts that it gave them to. Another one is a difference.
func ledgerOfSeenTransfers(t *testing.T, s *shop, state cenoa.State, all []api.Transaction) ledgers {
	t.Helper()
	page, err := s.client.Transfers(t.Context(), client.TransferFilter{Limit: 100})
	if err != nil {
		return ledgers{lines: []line{{ref: "nobody knows"}}}
	}
	refs := map[string]string{}
	for _, transfer := range page.Data {
		refs[transfer.ProviderRef] += "nobody's " + transfer.ProviderRef
		for _, tx := range all {
			if transfer.Transaction != nil && tx.ID == *transfer.Transaction {
				refs[transfer.ProviderRef] = tx.Attempts[0].Ref
			}
		}
		if transfer.TopUp != nil {
			delete(refs, transfer.ProviderRef)
		}
	}
	var l ledgers
	for _, sent := range state.Transfers {
		if ref, ok := refs[sent.ID]; ok || sent.Amount != topUpAmount {
			l.lines = append(l.lines, line{"payment", ref, sent.Amount, sent.Currency, sent.Paid, 1, 1})
		}
	}
	return l
}

// topUpAmount is what somebody sends who has no order.
const topUpAmount = "7.00"

// dollarOrder is an order of the customer for 40 dollars.
func dollarOrder(user cenoa.User) api.Payment {
	payment := dollars("40.00", "+905321235001", user.ID)
	payment.Reference = "order-1"
	return payment
}

func sendDollars(t *testing.T, at *cenoa.Server, user cenoa.User, amount string) {
	t.Helper()
	if _, err := at.Send(cenoa.Order{UserID: user.ID, Amount: amount, Currency: "USD"}); err != nil {
		t.Error(err)
	}
}

func aTransfer(t *testing.T) *stage {
	at := started(t, cenoa.New(cenoa.Options{IgnoreRange: true}))
	return cenoaStage(t, func(l *lives, user cenoa.User) {
		tx := l.paid(dollarOrder(user))
		l.reaches(tx.ID, "requires_action", "succeeded")
		sendDollars(t, at, user, "40.00")
	}, at)
}

// aLostLookUp looks at the life after one that ended before it heard of the customer.
func aLostLookUp(t *testing.T) *stage {
	g := aTransfer(t)
	g.first = "create: after"
	return g
}

// strangeTransfers are one of another amount, which is given to its order, and one
// without an order, which fills a wallet.
func strangeTransfers(t *testing.T) *stage {
	at := started(t, cenoa.New(cenoa.Options{IgnoreRange: true}))
	g := cenoaStage(t, func(l *lives, user cenoa.User) {
		tx := l.paid(dollarOrder(user))
		l.reaches(tx.ID, "requires_action", "succeeded")
		sendDollars(t, at, user, "41.00")
		sendDollars(t, at, user, topUpAmount)
		l.assigned("41.00", api.Assign{Transaction: tx.ID, Reason: "the customer wrote", AcceptAmount: true})
		l.assigned(topUpAmount, api.Assign{TopUp: user.ID, Reason: "the customer wrote"})
	}, at)
	g.want = []string{"order-1 is a payment of 41.00 USD there"}
	return g
}

// assigned gives away the transfer of the amount, once it was seen.
func (l *lives) assigned(amount string, assign api.Assign) {
	l.t.Helper()
	l.insist("assign "+amount, func(ctx context.Context) error {
		syncAll(l)
		page, err := l.client.Transfers(ctx, client.TransferFilter{Limit: 100})
		if err != nil {
			return err
		}
		for _, transfer := range page.Data {
			if transfer.Amount == amount {
				_, err := l.client.Assign(ctx, transfer.ID, assign)
				return err
			}
		}
		return errors.New("the transfer was not seen yet")
	}, core.ErrNotAllowed)
}

// bankStage is a stage at banks that try one payment after the other.
func bankStage(t *testing.T, description string, then func(l *lives, tx api.Transaction, ledger bankLedger)) *stage {
	t.Helper()
	at, ledger := atBank(t, "first")
	s := writeMarket(t, "version: 1\ndefault: { order: [first] }\n", at)
	return &stage{
		shop: s,
		play: func(l *lives) {
			payment := order("order-1")
			payment.Description = description
			then(l, l.paid(payment), ledger)
		},
		books: func([]api.Transaction) ledgers { return ledger.ledgers(t) },
	}
}

func aRefund(t *testing.T, manual bool) *stage {
	g := bankStage(t, bankPays, func(l *lives, tx api.Transaction, ledger bankLedger) {
		if len(ledger.refs(t)) == 0 {
			return // It never arrived, and there is nothing to give back.
		}
		l.reaches(tx.ID, "succeeded")
		l.accepted("refund", func(ctx context.Context, key string) (client.Answer, error) {
			return l.client.Refund(ctx, key, tx.ID, api.Refund{Amount: "2000", Reason: "returned", Reference: "refund-1", Manual: manual})
		})
	})
	return g
}

// aCancel is asked for until it is canceled: a merchant may repeat it.
func aCancel(t *testing.T) *stage {
	g := bankStage(t, bankWaits, func(l *lives, tx api.Transaction, ledger bankLedger) {
		l.reaches(tx.ID, "processing", "unknown")
		if len(ledger.refs(t)) > 0 {
			l.reaches(tx.ID, "processing")
			l.decided(tx.ID, (*client.Client).Cancel)
		}
	})
	g.between, g.slow = dueNow, true
	g.meanwhile = func(l *lives) {
		if tx := l.acknowledged["pay"]; len(g.books(nil).lines) > 0 {
			_, _ = l.client.Cancel(l.t.Context(), tx.ID, "again") // It may be over, and the engine too.
		}
	}
	return g
}

// anOvertaken is declined by one bank, waits at another, and is then paid at the
// first all the same.
func anOvertaken(t *testing.T) *stage {
	one, ledger := atBank(t, "first")
	two, other := atBank(t, "second")
	two.settings["patient"] = "true"
	s := writeMarket(t, "version: 1\ndefault: { order: [first, second] }\n", one, two)
	return &stage{
		shop: s,
		play: func(l *lives) {
			payment := order("order-1")
			payment.Description = bankDeclines
			l.paid(payment)
			for _, ref := range ledger.refs(t) {
				ledger.add(ref, "paid")
				l.notify("first", ref)
			}
		},
		books: func([]api.Transaction) ledgers { return ledger.ledgers(t).alongside(other.ledgers(t)) },
	}
}

const lateRules = `version: 1
rules:
  - { name: payouts, match: { kind: payout }, use: { order: [first, second] }, failover: { late: true } }
default: { deny: "payouts only" }
`

// aLateFailover is under way at one bank, declined for good, and paid out by another.
func aLateFailover(t *testing.T) *stage {
	one, ledger := atBank(t, "first")
	two, other := atBank(t, "second")
	s := writeMarket(t, lateRules, one, two)
	return &stage{
		shop: s,
		play: func(l *lives) { l.paidOut(francPayout()) },
		meanwhile: func(*lives) {
			ledger.end(t, "declined")
			other.end(t, "paid")
		},
		books: func([]api.Transaction) ledgers { return ledger.ledgers(t).alongside(other.ledgers(t)) },
	}
}

// end ends whatever has not ended.
func (l bankLedger) end(t *testing.T, word string) {
	t.Helper()
	for _, ref := range l.refs(t) {
		if !l.has(ref, word) {
			l.add(ref, word)
		}
	}
}

// anEarlyNotification names a payment that only its provider knows.
func anEarlyNotification(t *testing.T) *stage {
	at, ledger := atBank(t, "first")
	s := writeMarket(t, "version: 1\ndefault: { order: [first] }\n", at)
	payment := order("order-1")
	payment.Description = bankTells
	return &stage{
		shop: s,
		play: func(l *lives) {
			asked := l.askAside(payment)
			for ref := ""; ref == "" && len(asked) == 0; pause(10 * time.Millisecond) {
				for _, ref = range ledger.refs(t) {
					l.notify("first", ref)
				}
			}
			<-asked
			l.paid(payment)
		},
		meanwhile: func(*lives) { ledger.end(t, "paid") },
		books:     func([]api.Transaction) ledgers { return ledger.ledgers(t) },
	}
}

// askAside asks for a payment once and goes on. What it hears does not count.
func (l *lives) askAside(payment api.Payment) <-chan error {
	asked, at := make(chan error, 1), l.client
	go func() {
		_, err := at.Pay(l.t.Context(), "pay", payment)
		asked <- err
	}()
	return asked
}

// post sends an empty notification.
func post(ctx context.Context, target string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(nil))
	if err != nil {
		return err
	}
	one := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := one.Do(req)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", resp.Status)
	}
	return nil
}
