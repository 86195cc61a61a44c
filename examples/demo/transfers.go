package main

import (
	"context"
	"fmt"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
)

// The order that is paid in Cenoa's app, and what comes in besides.
const (
	transferOrder = "order-8"
	strayAmount   = "31.00"
)

// moneySent is an order whose customer sends the money in an app, and then sends
// some that nobody asked for. Cenoa notifies nobody: the engine reads its list
// every 15 seconds, while the next scenes are played.
func moneySent(ctx context.Context, s *stage) error {
	customer := api.PaymentCustomer{ID: "c-9", Phone: "+905321234567"}
	found, err := s.client.Lookup(ctx, accountCenoa, customer.Phone)
	if err != nil {
		return err
	}
	s.story.tell("merchant", "looks the phone up at Cenoa -> %s, %s", found.CustomerID, found.Email)
	customer.ProviderCustomer = found.CustomerID
	tx, err := s.pay(ctx, api.Payment{
		Reference: transferOrder, Amount: "25.50", Currency: "USD", Method: "wallet", Customer: customer,
	})
	if err != nil {
		return err
	}
	if err := want(tx, "requires_action", accountCenoa); err != nil {
		return err
	}
	s.story.tell("customer", "is told %q", tx.NextAction.Instructions)
	for _, amount := range []string{tx.Amount, strayAmount} {
		sent, err := s.sandboxes.Cenoa.Send(ctx, cenoa.Order{UserID: found.CustomerID, Amount: amount, Currency: "USD"})
		if err != nil {
			return err
		}
		s.story.tell("customer", "sends %s %s in the app: %s", sent.Amount, sent.Currency, sent.ID)
	}
	return nil
}

// transferMatched is the end of that order: the engine found its money in the list.
func transferMatched(ctx context.Context, s *stage) error {
	list, err := s.client.Transactions(ctx, client.Filter{Reference: transferOrder})
	if err != nil {
		return err
	}
	if len(list.Data) != 1 {
		return fmt.Errorf("%s is there %d times", transferOrder, len(list.Data))
	}
	return s.await(ctx, list.Data[0].ID, "succeeded")
}

// transferOfNobody fits no order. It is kept, and a person says whose it is.
func transferOfNobody(ctx context.Context, s *stage) error {
	list, err := s.desk.Transfers(ctx, client.TransferFilter{Provider: accountCenoa, Matched: "false"})
	if err != nil {
		return err
	}
	if len(list.Data) != 1 || list.Data[0].Amount != strayAmount {
		return fmt.Errorf("want the transfer of %s unmatched, got %d transfers", strayAmount, len(list.Data))
	}
	stray := list.Data[0]
	s.story.tell("operator", "GET /v1/transfers?matched=false: %s, %s %s of %s", stray.ID, stray.Amount, stray.Currency, stray.ProviderCustomer)
	kept, err := s.desk.Assign(ctx, stray.ID, api.Assign{TopUp: "c-9", Reason: "the customer meant to fill the wallet"})
	if err != nil {
		return err
	}
	s.story.tell("operator", "assigns it: a top-up of %s", *kept.TopUp)
	return nil
}
