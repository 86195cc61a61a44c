package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/examples/demo/local"
)

// germany is the rule that sends payments to the new account, before the one for
// all of Europe.
const germany = `rules:
  - name: germany
    match: { kind: payment, country: DE, currency: EUR }
    use:   { order: [acmepay-eu] }
`

// pluginAdded adds a plugin of another module to the running engine: its binary, its
// account and a rule.
func pluginAdded(ctx context.Context, s *stage) (err error) {
	if err := s.setup.Programs.BuildAcmePay(ctx); err != nil {
		return err
	}
	s.story.tell("team", "go build in examples/acmepay, a module of its own that imports the sdk alone")
	if s.acmepay, err = local.StartAcmePay(ctx, s.setup.Programs); err != nil {
		return err
	}
	s.setup.Accounts = append(s.setup.Accounts, local.Account{
		Name: accountAcmePay, Plugin: local.AcmePay, URL: s.acmepay.URL, Timeout: 2 * time.Second,
	})
	s.setup.Rules = strings.Replace(s.setup.Rules, "rules:\n", germany, 1)
	if err := s.setup.Write(ctx); err != nil {
		return err
	}
	s.story.tell("operator", "adds the plugin with its checksum, an account and a rule to paymux.yaml and routes.yaml")
	return s.reconfigure(ctx)
}

// reconfigure lets the engine read its configuration again, while it runs.
func (s *stage) reconfigure(ctx context.Context) error {
	reloaded, err := s.desk.Reload(ctx, "AcmePay for Germany")
	if err != nil {
		return err
	}
	s.story.tell("operator", "POST /v1/reload: generation %d is live, and the engine was not restarted", reloaded.Generation.Number)
	return s.showAccounts(ctx)
}

// paidAtAcmePay is a payment in Germany that the customer pays at once.
func (s *stage) paidAtAcmePay(ctx context.Context, reference, amount string) (api.Transaction, error) {
	tx, err := s.orderAtAcmePay(ctx, reference, amount)
	if err != nil {
		return tx, err
	}
	s.story.tell("customer", "opens %s and pays", tx.NextAction.URL)
	if err := s.acmepay.Press(ctx, tx.NextAction.URL, "paid"); err != nil {
		return tx, err
	}
	return tx, s.await(ctx, tx.ID, "succeeded")
}

func (s *stage) orderAtAcmePay(ctx context.Context, reference, amount string) (api.Transaction, error) {
	payment := order(reference, amount)
	payment.Country, payment.Currency, payment.Method, payment.Network = "DE", "EUR", "any", ""
	payment.Customer = api.PaymentCustomer{ID: "c-10", Email: "jana@example.com"}
	tx, err := s.pay(ctx, payment)
	if err != nil {
		return tx, err
	}
	return tx, want(tx, "requires_action", accountAcmePay)
}

// giveBack refunds an amount, or all that is left where there is none.
func (s *stage) giveBack(ctx context.Context, payment api.Transaction, reference, amount string) error {
	answer, err := s.client.Refund(ctx, "key-"+reference, payment.ID, api.Refund{Amount: amount, Reference: reference, Reason: "returned"})
	if err != nil {
		return err
	}
	s.asked("/v1/payments/"+payment.ID+"/refunds", answer.Transaction)
	return s.await(ctx, answer.Transaction.ID, "succeeded")
}

// isGivenBack tells how much of a payment went back, and returns an error unless it
// is so much.
func (s *stage) isGivenBack(ctx context.Context, payment api.Transaction, amount string) error {
	tx, err := s.client.Transaction(ctx, payment.ID)
	if err != nil {
		return err
	}
	s.story.tell("engine", "%s is %s, refunded %s of %s %s", tx.Reference, tx.State, tx.RefundedAmount, tx.Amount, tx.Currency)
	if tx.RefundedAmount != amount {
		return fmt.Errorf("%s was given back: want %s", tx.RefundedAmount, amount)
	}
	return nil
}

// givenBackInParts gives back 30 of 80, and then whatever is left.
func givenBackInParts(ctx context.Context, s *stage) error {
	payment, err := s.paidAtAcmePay(ctx, "order-20", "80.00")
	if err != nil {
		return err
	}
	if err := s.giveBack(ctx, payment, "refund-1", "30.00"); err != nil {
		return err
	}
	if err := s.isGivenBack(ctx, payment, "30.00"); err != nil {
		return err
	}
	if err := s.giveBack(ctx, payment, "refund-2", ""); err != nil {
		return err
	}
	return s.isGivenBack(ctx, payment, "80.00")
}

// givenBackInFull gives back all at once. One cent more is refused before anybody
// is asked.
func givenBackInFull(ctx context.Context, s *stage) error {
	payment, err := s.paidAtAcmePay(ctx, "order-21", "19.90")
	if err != nil {
		return err
	}
	_, err = s.client.Refund(ctx, "key-too-much", payment.ID, api.Refund{Amount: "19.91"})
	if !errors.Is(err, core.ErrInvalidRequest) {
		return fmt.Errorf("a refund of more than was paid: want it refused, got %w", err)
	}
	s.story.tell("merchant", "asks for 19.91 EUR back, refused: %v", err)
	if err := s.giveBack(ctx, payment, "refund-3", ""); err != nil {
		return err
	}
	return s.isGivenBack(ctx, payment, "19.90")
}

// canceled closes an open payment at the provider, and its customer comes too late.
// A payment that is paid is given back, not canceled.
func canceled(ctx context.Context, s *stage) error {
	tx, err := s.orderAtAcmePay(ctx, "order-22", "15.00")
	if err != nil {
		return err
	}
	asked, err := s.client.Cancel(ctx, tx.ID, "sold out")
	if err != nil {
		return err
	}
	s.story.tell("merchant", "POST /v1/payments/%s/cancel -> %s", tx.ID, asked.State)
	if err := s.await(ctx, tx.ID, "canceled"); err != nil {
		return err
	}
	s.story.tell("customer", "presses the button of the page that is closed")
	if err := s.acmepay.Press(ctx, tx.NextAction.URL, "paid"); err != nil {
		return err
	}
	return errors.Join(s.createdOnce(ctx, tx), s.paidStaysPaid(ctx))
}

func (s *stage) paidStaysPaid(ctx context.Context) error {
	tx, err := s.paidAtAcmePay(ctx, "order-23", "5.00")
	if err != nil {
		return err
	}
	if _, err = s.client.Cancel(ctx, tx.ID, "sold out too"); !errors.Is(err, core.ErrAlreadyFinal) {
		return fmt.Errorf("the cancellation of a payment that is paid: want it refused, got %w", err)
	}
	s.story.tell("merchant", "cancels %s too -> %v", tx.Reference, err)
	return nil
}
