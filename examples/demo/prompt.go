package main

import (
	"context"

	"github.com/paymux/paymux/core/api"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
)

// EnovePay's sandbox does what the end of a number says: wait for the customer, or
// create and cut the connection instead of answering.
const (
	phoneInKenya      = "+254700000114"
	phoneInIvoryCoast = "+2250707000114"
	phoneLosesAnswer  = "+2250707000126"
)

// phonePrompt has no page: EnovePay rings on the customer's phone.
func phonePrompt(ctx context.Context, s *stage) error {
	payment := order("order-9", "1500")
	payment.Country, payment.Currency, payment.Network, payment.Customer.Phone = "KE", "KES", "MPESA", phoneInKenya
	tx, err := s.pay(ctx, payment)
	if err != nil {
		return err
	}
	if err := want(tx, "requires_action", accountEnovePay); err != nil {
		return err
	}
	if err := s.approveOnPhone(ctx, tx); err != nil {
		return err
	}
	return s.await(ctx, tx.ID, "succeeded")
}

// approveOnPhone is the customer who types the PIN.
func (s *stage) approveOnPhone(ctx context.Context, tx api.Transaction) error {
	s.story.tell("customer", "is told %q, and approves on the phone", tx.NextAction.Message)
	live := tx.Attempts[len(tx.Attempts)-1]
	return s.sandboxes.EnovePay.Decide(ctx, live.Ref, enovepay.Decision{Action: enovepay.Pay})
}
