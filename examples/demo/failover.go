package main

import (
	"context"
	"fmt"
	"net/http"

	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// definiteNo is a refusal that proves that nothing was created. So the payment may
// go to the next provider of the rule, and does within the same request.
func definiteNo(ctx context.Context, s *stage) error {
	busy := cinetpay.Fault{Op: cinetpay.OpPayment, Kind: cinetpay.FaultStatus, Status: http.StatusTooManyRequests}
	if err := s.sandboxes.CinetPay.Inject(ctx, busy); err != nil {
		return err
	}
	s.story.tell("CinetPay", "will answer 429 to the next payment: too many requests")
	payment := order("order-11", "8000")
	payment.Customer.Phone = phoneInIvoryCoast
	tx, err := s.pay(ctx, payment)
	if err != nil {
		return err
	}
	if err := want(tx, "requires_action", accountEnovePay); err != nil {
		return err
	}
	if len(tx.Attempts) != 2 || tx.Attempts[0].Provider != accountCinetPay {
		return fmt.Errorf("%s has %d attempts: want CinetPay's, then EnovePay's", tx.ID, len(tx.Attempts))
	}
	s.story.tell("engine", "%s said no (%s), so %s was asked",
		tx.Attempts[0].Provider, tx.Attempts[0].State, tx.Attempts[1].Provider)
	if err := s.approveOnPhone(ctx, tx); err != nil {
		return err
	}
	return s.await(ctx, tx.ID, "succeeded")
}

// noAnswer is the opposite: EnovePay may have created the collection. CinetPay is
// next in the rule and must not be asked, or the customer could pay twice.
func noAnswer(ctx context.Context, s *stage) error {
	payment := order("order-12", "6000")
	payment.Network, payment.Customer.Phone = "WAVE", phoneLosesAnswer
	s.story.tell("EnovePay", "will create the next collection and cut the connection instead of answering")
	tx, err := s.pay(ctx, payment)
	if err != nil {
		return err
	}
	if err := want(tx, "unknown", accountEnovePay); err != nil {
		return err
	}
	if err := s.await(ctx, tx.ID, "succeeded"); err != nil {
		return err
	}
	after, err := s.client.Transaction(ctx, tx.ID)
	if err != nil {
		return err
	}
	if len(after.Attempts) != 1 {
		return fmt.Errorf("%s was tried elsewhere although nobody knew", tx.ID)
	}
	return s.createdOnce(ctx, after)
}
