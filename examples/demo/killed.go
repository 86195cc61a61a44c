package main

import (
	"context"
	"fmt"
	"time"

	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// engineKilled kills the engine with SIGKILL while CinetPay has created the
// payment and its answer is on the way. The next start finds the payment in the
// store, and what became of it by asking.
func engineKilled(ctx context.Context, s *stage) error {
	before, err := s.sandboxes.CinetPay.Ledger(ctx)
	if err != nil {
		return err
	}
	if err := s.sandboxes.CinetPay.Inject(ctx, cinetpay.Fault{Op: cinetpay.OpPayment, Kind: cinetpay.FaultSlow, DelayMS: 900}); err != nil {
		return err
	}
	payment := order("order-7", "15000")
	cut := make(chan error, 1)
	go func() {
		_, err := s.client.Pay(ctx, "key-order-7", payment)
		cut <- err
	}()
	s.story.tell("merchant", "POST /v1/payments: %s XOF for %s", payment.Amount, payment.Reference)
	if err := s.awaitCreated(ctx, len(before.Payments)+1); err != nil {
		return err
	}
	s.story.tell("CinetPay", "has created the payment; its answer takes its time")
	if err := s.engine.Kill(); err != nil {
		return err
	}
	s.story.tell("operator", "kill -9 of the engine")
	if err := <-cut; err == nil {
		return fmt.Errorf("the merchant got an answer of an engine that was killed before it had one")
	}
	if err := s.startEngine(ctx, s.engine.Address); err != nil {
		return err
	}
	tx, err := s.pay(ctx, payment) // The merchant repeats the request, with the same key.
	if err != nil {
		return err
	}
	if err := s.await(ctx, tx.ID, "succeeded"); err != nil {
		return err
	}
	return s.createdOnce(ctx, tx)
}

// awaitCreated waits until CinetPay has so many payments.
func (s *stage) awaitCreated(ctx context.Context, payments int) error {
	ctx, cancel := context.WithTimeout(ctx, waitMax)
	defer cancel()
	for {
		ledger, err := s.sandboxes.CinetPay.Ledger(ctx)
		if err != nil || len(ledger.Payments) >= payments {
			return err
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return fmt.Errorf("waiting for CinetPay to create the payment: %w", err)
		}
	}
}
