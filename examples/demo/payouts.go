package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

// salary is a payout in France, which Numipay holds until a person decides.
func salary(reference, amount string) api.Payout {
	return api.Payout{
		Reference: reference, Amount: amount, Currency: "EUR", Country: "FR",
		Recipient: api.Recipient{ID: "e-3", Name: "Anna", Surname: "Petit", Phone: "+33612345678"},
	}
}

// heldPayouts are decided by an operator: one goes, one does not. The merchant's
// key decides nothing.
func heldPayouts(ctx context.Context, s *stage) error {
	good, err := s.payOut(ctx, salary("salary-1", "120.00"))
	if err != nil {
		return err
	}
	bad, err := s.payOut(ctx, salary("salary-2", "9800.00"))
	if err != nil {
		return err
	}
	for _, tx := range []api.Transaction{good, bad} {
		if err := s.await(ctx, tx.ID, "awaiting_approval"); err != nil {
			return err
		}
	}
	if err := s.mayNotApprove(ctx, good); err != nil {
		return err
	}
	return errors.Join(s.approve(ctx, good), s.reject(ctx, bad))
}

func (s *stage) mayNotApprove(ctx context.Context, tx api.Transaction) error {
	_, err := s.client.Approve(ctx, tx.ID, "it is mine")
	if !errors.Is(err, core.ErrForbidden) {
		return fmt.Errorf("the merchant approves its own payout: want it forbidden, got %w", err)
	}
	s.story.tell("merchant", "tries to approve %s -> %v", tx.Reference, err)
	return nil
}

func (s *stage) approve(ctx context.Context, tx api.Transaction) error {
	decided, err := s.desk.Approve(ctx, tx.ID, "on the list of November")
	if err != nil {
		return err
	}
	s.story.tell("operator", "approves %s -> %s", tx.Reference, decided.State)
	return s.await(ctx, tx.ID, "succeeded")
}

func (s *stage) reject(ctx context.Context, tx api.Transaction) error {
	decided, err := s.desk.Reject(ctx, tx.ID, "nobody earns that much")
	if err != nil {
		return err
	}
	s.story.tell("operator", "rejects %s -> %s", tx.Reference, decided.State)
	return s.await(ctx, tx.ID, "canceled")
}

// transferPayout goes through CinetPay's transfer API to a phone.
func transferPayout(ctx context.Context, s *stage) error {
	tx, err := s.payOut(ctx, api.Payout{
		Reference: "salary-3", Amount: "25000", Currency: "XOF", Country: "CI", Method: "mobile_money", Network: "ORANGE",
		Recipient: api.Recipient{ID: "e-4", Name: "Awa", Surname: "Kone", Email: "awa@example.com", Phone: "+2250707123456"},
	})
	if err != nil {
		return err
	}
	if err := s.await(ctx, tx.ID, "succeeded"); err != nil {
		return err
	}
	return s.createdOnce(ctx, tx)
}
