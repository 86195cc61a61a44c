package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// paid is the happy path: the customer is sent to CinetPay's page, pays, and
// CinetPay notifies the engine, which believes nothing and asks.
func paid(ctx context.Context, s *stage) error {
	tx, err := s.pay(ctx, order("order-1", "5000"))
	if err != nil {
		return err
	}
	if err := s.sandboxes.CinetPay.Open(ctx, tx.NextAction.URL); err != nil {
		return err
	}
	s.story.tell("customer", "opens %.60s... and pays", tx.NextAction.URL)
	if err := s.sandboxes.CinetPay.Press(ctx, tx.NextAction.URL, cinetpay.Pay); err != nil {
		return err
	}
	if err := s.comeBack(ctx, tx); err != nil {
		return err
	}
	return s.await(ctx, tx.ID, "succeeded")
}

// comeBack is the customer's browser that leaves CinetPay's page.
func (s *stage) comeBack(ctx context.Context, tx api.Transaction) error {
	back := s.engine.URL + "/v1/return/" + tx.Attempts[0].Ref
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, back, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		return err
	}
	s.story.tell("customer", "comes back: %s, to %s", resp.Status, resp.Header.Get("Location"))
	return resp.Body.Close()
}

// refused ends without money. The engine goes on watching: CinetPay lets a customer
// pay on the same page after a refusal.
func refused(ctx context.Context, s *stage) error {
	tx, err := s.pay(ctx, order("order-2", "7500"))
	if err != nil {
		return err
	}
	s.story.tell("customer", "opens the page and cancels")
	if err := s.sandboxes.CinetPay.Press(ctx, tx.NextAction.URL, cinetpay.Cancel); err != nil {
		return err
	}
	return s.await(ctx, tx.ID, "failed")
}

// notificationLost is paid while nobody tells the engine: a question finds it.
func notificationLost(ctx context.Context, s *stage) error {
	tx, err := s.pay(ctx, order("order-3", "12000"))
	if err != nil {
		return err
	}
	if err := s.sandboxes.CinetPay.Open(ctx, tx.NextAction.URL); err != nil {
		return err
	}
	s.story.tell("customer", "opens the page and looks for the phone")
	if err := pause(ctx, 2500*time.Millisecond); err != nil {
		return err
	}
	if err := s.sandboxes.CinetPay.Decide(ctx, tx.Attempts[0].Ref, cinetpay.Decision{Action: cinetpay.Pay, Silent: true}); err != nil {
		return err
	}
	s.story.tell("customer", "pays; CinetPay's notification never arrives")
	return s.await(ctx, tx.ID, "succeeded")
}

// answerLost is the case that must never be paid twice: there is a payment at
// CinetPay, and nobody knows. The engine asks, and asks for no second one.
func answerLost(ctx context.Context, s *stage) error {
	if err := s.sandboxes.CinetPay.Inject(ctx, cinetpay.Fault{Op: cinetpay.OpPayment, Kind: cinetpay.FaultDrop}); err != nil {
		return err
	}
	s.story.tell("CinetPay", "will create the next payment and cut the connection instead of answering")
	tx, err := s.pay(ctx, order("order-4", "9000"))
	if err != nil {
		return err
	}
	if tx.State != "unknown" {
		return fmt.Errorf("%s is %s: an answer that was lost must be unknown", tx.ID, tx.State)
	}
	if err := s.await(ctx, tx.ID, "succeeded"); err != nil {
		return err
	}
	return s.createdOnce(ctx, tx)
}

// notificationsRepeated sends every kind of noise. The engine asks CinetPay, and
// counts the money once.
func notificationsRepeated(ctx context.Context, s *stage) error {
	tx, err := s.pay(ctx, order("order-5", "6165"))
	if err != nil {
		return err
	}
	ref := tx.Attempts[0].Ref
	noise := []cinetpay.Again{
		{Status: "00"},               // "Paid", before anybody paid.
		{Status: "662", Times: 2},    // "Waiting", twice.
		{Token: cinetpay.TokenBad},   // Forged.
		{Status: "627", Times: 3},    // "Canceled", after the payment.
		{Status: "623"}, {Times: 10}, // "Waiting", after the payment, and the last one again and again.
	}
	for i, again := range noise {
		if i == len(noise)/2 {
			if err := s.sandboxes.CinetPay.Decide(ctx, ref, cinetpay.Decision{Action: cinetpay.Pay}); err != nil {
				return err
			}
			s.story.tell("customer", "pays")
		}
		if err := s.notify(ctx, ref, again); err != nil {
			return err
		}
	}
	return s.await(ctx, tx.ID, "succeeded")
}

func (s *stage) notify(ctx context.Context, ref string, again cinetpay.Again) error {
	sent, err := s.sandboxes.CinetPay.Notify(ctx, ref, again)
	if err != nil {
		return err
	}
	told := sent[len(sent)-1]
	s.story.tell("CinetPay", "notifies %d time(s), token %s, saying %q -> HTTP %d", max(again.Times, 1), told.Token, told.Message, told.Status)
	return nil
}

// requestRepeated is a merchant who did not get the answer and asks again.
func requestRepeated(ctx context.Context, s *stage) error {
	payment := order("order-6", "4500")
	tx, err := s.pay(ctx, payment)
	if err != nil {
		return err
	}
	again, err := s.client.Pay(ctx, "key-order-6", payment)
	if err != nil {
		return err
	}
	s.story.tell("merchant", "the same again, with the same Idempotency-Key -> %s, replayed: %t", again.Transaction.ID, again.Replayed)
	if again.Transaction.ID != tx.ID || !again.Replayed {
		return errors.New("the repeated request was not answered with the first answer")
	}
	payment.Amount = "9999000"
	_, err = s.client.Pay(ctx, "key-order-6", payment)
	if !errors.Is(err, core.ErrIdempotencyKeyReused) {
		return fmt.Errorf("another body under the same key: want it refused, got %w", err)
	}
	s.story.tell("merchant", "another amount under the same key -> %v", err)
	if err := s.sandboxes.CinetPay.Press(ctx, tx.NextAction.URL, cinetpay.Pay); err != nil {
		return err
	}
	return s.await(ctx, tx.ID, "succeeded")
}
