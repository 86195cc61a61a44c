package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/examples/demo/local"
)

//go:embed routes.yaml
var rules string

// The accounts, as the rules name them.
const (
	accountCinetPay = "cinetpay-ci"
	accountEnovePay = "enovepay"
	accountNumipay  = "numipay"
	accountCenoa    = "cenoa-usd"
	accountAcmePay  = "acmepay-eu"
)

// stage is what the scenes are played on.
type stage struct {
	story     *story
	setup     local.Setup
	sandboxes *local.Sandboxes
	acmepay   *local.AcmePaySandbox // Nil until it is added.
	engine    *local.Engine
	// client has the shop's key, and desk that of its operators.
	client, desk *client.Client
}

// open builds the programs and starts sandboxes and engine.
func open(ctx context.Context, dir string, story *story) (*stage, error) {
	programs, err := local.Build(ctx, dir, local.EnovePay, local.Numipay, local.Cenoa)
	if err != nil {
		return nil, err
	}
	story.tell("operator", "go build ./cmd/engine ./plugins/... ./examples/sandbox")
	s := &stage{story: story, setup: local.Setup{Programs: programs, Dir: dir, Rules: rules}}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stage) start(ctx context.Context) (err error) {
	if s.sandboxes, err = local.StartSandboxes(ctx, s.setup.Programs); err != nil {
		return err
	}
	if s.setup.Key, err = s.setup.Programs.NewKey(ctx); err != nil {
		return err
	}
	if s.setup.Desk, err = s.setup.Programs.NewKey(ctx); err != nil {
		return err
	}
	s.setup.Accounts = accounts(s.sandboxes)
	s.setup.Poll, s.setup.Deadline = ages(), 10*time.Second
	if err := s.setup.Write(ctx); err != nil {
		return err
	}
	if err := s.startEngine(ctx, ""); err != nil {
		return err
	}
	return s.showAccounts(ctx)
}

// showAccounts tells which plugin serves each account, in a process of its own.
func (s *stage) showAccounts(ctx context.Context) error {
	list, err := s.desk.Providers(ctx)
	if err != nil {
		return err
	}
	for _, p := range list.Data {
		s.story.tell("operator", "GET /v1/providers: %s is %s, plugin %s with checksum %.12s...", p.Provider, p.Health, p.Plugin, p.Checksum)
	}
	if len(list.Data) != len(s.setup.Accounts) {
		return fmt.Errorf("the engine has %d accounts: want %d", len(list.Data), len(s.setup.Accounts))
	}
	return nil
}

func accounts(at *local.Sandboxes) []local.Account {
	const timeout = 2 * time.Second
	return []local.Account{
		{Name: accountCinetPay, Plugin: local.CinetPay, URL: at.CinetPay.URL, Timeout: timeout},
		{Name: accountEnovePay, Plugin: local.EnovePay, URL: at.EnovePay.URL, Timeout: timeout},
		{Name: accountNumipay, Plugin: local.Numipay, URL: at.Numipay.URL, Timeout: timeout},
		{Name: accountCenoa, Plugin: local.Cenoa, URL: at.Cenoa.URL, Timeout: timeout},
	}
}

// providerOf is the provider whose account it is.
func providerOf(account string) string {
	switch account {
	case accountCinetPay:
		return "CinetPay"
	case accountEnovePay:
		return "EnovePay"
	case accountNumipay:
		return "Numipay"
	case accountAcmePay:
		return "AcmePay"
	default:
		return "Cenoa"
	}
}

// ages are those at which a provider is asked about a payment. In earnest they are
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
	s.closeClients()
	if s.client, err = engine.Client(); err != nil {
		return err
	}
	s.desk, err = engine.Operator()
	return err
}

func (s *stage) closeClients() {
	for _, c := range []*client.Client{s.client, s.desk} {
		if c != nil {
			c.Close()
		}
	}
}

// close ends what runs.
func (s *stage) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	var faults []error
	s.closeClients()
	if s.engine != nil {
		faults = append(faults, s.engine.Stop(ctx))
	}
	if s.sandboxes != nil {
		faults = append(faults, s.sandboxes.Stop(ctx))
	}
	if s.acmepay != nil {
		faults = append(faults, s.acmepay.Stop(ctx))
	}
	return errors.Join(faults...)
}

// order is a payment in Ivory Coast that the merchant asks for. CinetPay is asked,
// and EnovePay could take it too.
func order(reference, amount string) api.Payment {
	return api.Payment{
		Reference: reference, Amount: amount, Currency: "XOF", Country: "CI", Method: "mobile_money", Network: "ORANGE",
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
	s.asked("/v1/payments", answer.Transaction)
	return answer.Transaction, nil
}

// payOut asks for a payout, as the merchant does.
func (s *stage) payOut(ctx context.Context, payout api.Payout) (api.Transaction, error) {
	answer, err := s.client.Payout(ctx, "key-"+payout.Reference, payout)
	if err != nil {
		return api.Transaction{}, err
	}
	s.asked("/v1/payouts", answer.Transaction)
	return answer.Transaction, nil
}

func (s *stage) asked(path string, tx api.Transaction) {
	s.story.tell("merchant", "POST %s: %s %s for %s -> %s, %s at %s", path, tx.Amount, tx.Currency, tx.Reference, tx.ID, tx.State, tx.Provider)
}

// waitMax bounds how long a scene waits for the engine.
const waitMax = 30 * time.Second

// await waits until the transaction is in the state, and tells its timeline.
func (s *stage) await(ctx context.Context, id, state string) error {
	ctx, cancel := context.WithTimeout(ctx, waitMax)
	defer cancel()
	for {
		tx, err := s.client.Transaction(ctx, id)
		if err != nil {
			return fmt.Errorf("waiting for %s to be %s: %w", id, state, err)
		}
		if tx.State == state {
			s.story.timeline(tx)
			return nil
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			s.story.timeline(tx)
			return fmt.Errorf("%s is %s and not %s: %w", id, tx.State, state, err)
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

// want returns an error unless the transaction is in the state at the account.
func want(tx api.Transaction, state, account string) error {
	if tx.State == state && tx.Provider == account {
		return nil
	}
	return fmt.Errorf("%s is %s at %s: want %s at %s", tx.ID, tx.State, tx.Provider, state, account)
}
