package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// earlyPayments are under way when the provider tells that they are paid.
const earlyPayments = 12

// A customer may be faster than the provider's answer. Nobody asks later, so that
// what is told before the answer is the only news. The control is an engine that
// is deaf until then.
func TestANotificationThatOvertakesTheAnswerIsNotLost(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.setup.Poll = []time.Duration{time.Hour}
	s.write()
	s.open()
	ids := s.overtaken()
	lost := 0
	for _, id := range ids {
		tx := s.await(id, "succeeded")
		if tx.AmountReceived != "5000" || len(tx.Attempts) != 1 {
			lost++
			t.Errorf("%s has %s received in %s", id, tx.AmountReceived, attempts(tx))
		}
	}
	told := 0
	for _, n := range s.first.State().Notifications {
		if n.Method == http.MethodPost && n.Status == http.StatusOK {
			told++
		}
	}
	if told < earlyPayments {
		t.Errorf("%d of %d notifications were accepted before the answers", told, earlyPayments)
	}

	control := newShop(t)
	control.setup.Poll = s.setup.Poll
	control.write()
	control.openBroken(deaf)
	missed := control.missed(control.overtaken())
	if missed != earlyPayments {
		t.Errorf("a deaf engine knows of %d payments: there was other news", earlyPayments-missed)
	}
	t.Logf("chaos 21: %d notifications between the sent mark and the answer, %d lost; control that hears none before the answer: %d lost",
		earlyPayments, lost, missed)
}

// overtaken has payments paid before the call that creates them is answered, and
// returns their ids.
func (s *shop) overtaken() []string {
	s.t.Helper()
	inject(s.t, s.first, sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: 1200, Times: earlyPayments})
	var paying sync.WaitGroup
	ids := make([]string, earlyPayments)
	for i := range earlyPayments {
		paying.Go(func() {
			reference := fmt.Sprint("order-", i)
			answer, err := s.client.Pay(s.t.Context(), "key-"+reference, order(reference))
			if err != nil {
				s.t.Error(err)
			}
			ids[i] = answer.Transaction.ID
		})
	}
	s.until("the provider has all", func(context.Context) (bool, error) {
		return len(s.first.State().Payments) == earlyPayments, nil
	})
	for _, row := range s.first.State().Payments {
		if err := s.first.Decide(row.Ref, sandbox.Decision{Action: sandbox.Pay}); err != nil {
			s.t.Error(err)
		}
	}
	paying.Wait()
	return ids
}

// missed counts the payments of which nobody knows that they are paid, when
// nothing else is to come before the next question.
func (s *shop) missed(ids []string) int {
	s.t.Helper()
	pause(time.Second) // A sound engine knows within some milliseconds.
	missed := 0
	for _, id := range ids {
		tx, err := s.client.Transaction(s.t.Context(), id)
		if err != nil {
			s.t.Error(err)
		}
		if tx.State != "succeeded" {
			missed++
		}
	}
	return missed
}

// A provider that names only its own reference tells of what nobody knows until
// the answer brings it. The control is a deaf engine.
func TestAnOrphanOfARunningEngineIsAdopted(t *testing.T) {
	t.Parallel()
	s, id := orphaned(t, "")
	tx := s.await(id, "succeeded")
	if tx.AmountReceived != "5000" {
		t.Errorf("%s received", tx.AmountReceived)
	}
	control, dropped := orphaned(t, deaf)
	missed := control.missed([]string{dropped})
	if missed != 1 {
		t.Error("an engine that drops orphans is not noticed")
	}
	t.Logf("chaos 21: a notification of nobody's kept by a running engine and adopted with the answer, 0 lost; control that drops orphans: %d lost", missed)
}

// orphaned makes a payment at a bank that tells of it, by its own reference, before
// it answers. Nobody asks for an hour.
func orphaned(t *testing.T, broken string) (*shop, string) {
	t.Helper()
	at, ledger := atBank(t, "bank")
	s := writeMarket(t, bankRules, at)
	s.askOnlyAt("1h")
	if broken != "" {
		s.openBroken(broken)
	} else {
		s.open()
	}
	paid := make(chan string, 1)
	go func() {
		payment := order("early")
		payment.Description = bankMumbles
		answer, err := s.client.Pay(t.Context(), "early", payment)
		if err != nil {
			t.Error(err)
		}
		paid <- answer.Transaction.ID
	}()
	s.until("the bank has it", func(context.Context) (bool, error) { return len(ledger.refs(t)) == 1, nil })
	ref := ledger.refs(t)[0]
	ledger.add(ref, "paid")
	ledger.toldBefore(s, ref)
	return s, <-paid
}

// toldBefore brings the bank's notification, which names its own reference.
func (l bankLedger) toldBefore(s *shop, ref string) {
	s.t.Helper()
	if err := post(s.t.Context(), s.engine.URL+"/v1/webhooks/bank?id="+url.QueryEscape(bankRef(ref))); err != nil {
		s.t.Error(err)
	}
}
