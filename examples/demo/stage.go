package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/examples/demo/local"
)

// rules send every payment to the one account.
const rules = `version: 1
rules:
  - name: ivory-coast
    match: { kind: payment, country: CI, currency: XOF }
    use:   { order: [cinetpay-ci] }
default: { deny: "only Ivory Coast is served" }
tests:
  - { name: a payment in Ivory Coast, given: { kind: payment, country: CI, currency: XOF, amount: "5000" }, expect: [cinetpay-ci] }
`

// stage is what the scenes are played on.
type stage struct {
	story   *story
	setup   local.Setup
	sandbox *local.Sandbox
	engine  *local.Engine
	client  *client.Client
	// payments are the ids of all payments, in the order in which they were made.
	payments []string
}

// open builds the programs and starts sandbox and engine.
func open(ctx context.Context, dir string, story *story) (*stage, error) {
	programs, err := local.Build(ctx, dir)
	if err != nil {
		return nil, err
	}
	story.tell("operator", "go build ./cmd/engine ./plugins/cinetpay ./examples/sandbox")
	s := &stage{story: story, setup: local.Setup{Programs: programs, Dir: dir, Rules: rules}}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stage) start(ctx context.Context) (err error) {
	if s.sandbox, err = local.StartSandbox(ctx, s.setup.Programs); err != nil {
		return err
	}
	s.story.tell("operator", "CinetPay's sandbox: %s", s.sandbox.URL)
	if s.setup.Key, err = s.setup.Programs.NewKey(ctx); err != nil {
		return err
	}
	s.setup.Accounts = []local.Account{{Name: "cinetpay-ci", URL: s.sandbox.URL, Timeout: 2 * time.Second}}
	s.setup.Poll, s.setup.Deadline = ages(), 10*time.Second
	if err := s.setup.Write(ctx); err != nil {
		return err
	}
	return s.startEngine(ctx, "")
}

// ages are those at which CinetPay is asked about a payment. In earnest they are
// the provider's own, up to two days; here nobody wants to wait.
func ages() []time.Duration {
	var ages []time.Duration
	for age := time.Second; age < time.Hour; age += max(time.Second, age/4).Truncate(time.Second) {
		ages = append(ages, age)
	}
	return ages
}

func (s *stage) startEngine(ctx context.Context, address string) error {
	started := time.Now()
	engine, err := s.setup.StartAt(ctx, address)
	if err != nil {
		return err
	}
	s.engine = engine
	s.story.tell("operator", "engine serve: ready at %s after %d ms", s.engine.URL, time.Since(started).Milliseconds())
	s.client, err = engine.Client()
	return err
}

// close ends what runs.
func (s *stage) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	var faults []error
	if s.client != nil {
		s.client.Close()
	}
	if s.engine != nil {
		faults = append(faults, s.engine.Stop(ctx))
	}
	if s.sandbox != nil {
		faults = append(faults, s.sandbox.Stop(ctx))
	}
	return errors.Join(faults...)
}

// order is a payment that the merchant asks for.
func order(reference, amount string) api.Payment {
	return api.Payment{
		Reference: reference, Amount: amount, Currency: "XOF", Country: "CI", Method: "mobile_money",
		Description: "Basket " + reference, ReturnURL: "https://shop.example/return",
		Customer: api.PaymentCustomer{ID: "c-7", Phone: "+2250707123456"},
	}
}

// pay asks for a payment, as the merchant does.
func (s *stage) pay(ctx context.Context, payment api.Payment) (api.Transaction, error) {
	answer, err := s.client.Pay(ctx, "key-"+payment.Reference, payment)
	if err != nil {
		return api.Transaction{}, err
	}
	s.payments = append(s.payments, answer.Transaction.ID)
	s.story.tell("merchant", "POST /v1/payments: %s XOF for %s -> %s, %s",
		payment.Amount, payment.Reference, answer.Transaction.ID, answer.Transaction.State)
	return answer.Transaction, nil
}

// waitMax bounds how long a scene waits for the engine.
const waitMax = 30 * time.Second

// await waits until the payment is in the state, and tells its timeline.
func (s *stage) await(ctx context.Context, id, state string) error {
	ctx, cancel := context.WithTimeout(ctx, waitMax)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		tx, err := s.client.Transaction(ctx, id)
		if err != nil {
			return fmt.Errorf("waiting for %s to be %s: %w", id, state, err)
		}
		if tx.State == state {
			s.story.timeline(tx)
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.story.timeline(tx)
			return fmt.Errorf("%s is %s and not %s: %w", id, tx.State, state, ctx.Err())
		}
	}
}

// pause lets time pass in the story.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
