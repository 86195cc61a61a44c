package main

import (
	"context"

	"github.com/paymux/paymux/core/api"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// hostedCheckout is paid at Numipay's cashier. The sandbox pays this amount only
// once its page was posted.
func hostedCheckout(ctx context.Context, s *stage) error {
	payment := order("order-10", "49.05")
	payment.Country, payment.Currency, payment.Method, payment.Network = "FR", "EUR", "any", ""
	payment.Customer = api.PaymentCustomer{ID: "c-8", Email: "anna@example.com"}
	tx, err := s.pay(ctx, payment)
	if err != nil {
		return err
	}
	if err := want(tx, "requires_action", accountNumipay); err != nil {
		return err
	}
	cashier := s.sandboxes.Numipay
	if err := cashier.Open(ctx, tx.NextAction.URL); err != nil {
		return err
	}
	s.story.tell("customer", "opens %s and pays", tx.NextAction.URL)
	if err := cashier.Press(ctx, tx.NextAction.URL, numipay.Pay); err != nil {
		return err
	}
	return s.await(ctx, tx.ID, "succeeded")
}
