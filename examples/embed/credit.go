package main

import (
	"context"
	"sync"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// credit is our customers' credit, as a provider inside this process. It is written
// like any plugin; only nobody starts a process for it. A real one would be a table
// of the shop's database: this one is empty after a restart.
type credit struct {
	mu      sync.Mutex
	left    map[string]money.Amount
	entries map[string]entry // By the attempt's reference, so that none is booked twice.
}

// entry is what was booked under a reference.
type entry struct {
	customer string
	amount   money.Amount
	outcome  sdk.Outcome
	reason   sdk.Reason
}

func newCredit(left map[string]money.Amount) *credit {
	return &credit{left: left, entries: map[string]entry{}}
}

// Describe says that a reference is booked once, whoever asks how often.
func (c *credit) Describe() sdk.Manifest {
	facts := sdk.Facts{Idempotency: sdk.IdempotencyKey, QueryBy: sdk.QueryByOurRef, TellsCurrency: true}
	return sdk.Manifest{
		Name: "store-credit", Version: "1.0.0", Doc: "the credit of our own customers",
		Facts:        map[sdk.Kind]sdk.Facts{sdk.KindPayment: facts, sdk.KindRefund: facts},
		Capabilities: sdk.CapabilitiesOf(c),
	}
}

// Open returns the only account.
func (c *credit) Open(sdk.Settings) (sdk.Provider, error) { return c, nil }

// Capabilities says who can pay: customers that we know.
func (c *credit) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Corridors: []sdk.Corridor{
			{Kind: sdk.KindPayment, Currencies: []money.Currency{money.XOF}, Methods: []string{"wallet"}}, {Kind: sdk.KindRefund},
		},
		Needs: map[sdk.Operation][]string{sdk.OperationPayment: {"customer.id"}},
	}
}

// CreatePayment takes credit. Our own book is proof, so that it is paid at once.
func (c *credit) CreatePayment(_ context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, booked := c.entries[req.Ref]; !booked {
		c.entries[req.Ref] = c.take(req.Customer.ID, req.Amount)
	}
	return c.told(req.Ref), nil
}

// take lowers the credit of a customer who has enough. The lock is held.
func (c *credit) take(customer string, amount money.Amount) entry {
	taken := entry{customer: customer, amount: amount}
	left, err := c.left[customer].Sub(amount)
	if err != nil || !left.IsZero() && !left.IsPositive() {
		taken.outcome, taken.reason = sdk.OutcomeDeclinedFinal, sdk.ReasonInsufficientFunds
		return taken
	}
	c.left[customer], taken.outcome = left, sdk.OutcomeSucceeded
	return taken
}

// CreateRefund gives credit back.
func (c *credit) CreateRefund(_ context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, booked := c.entries[req.Ref]; booked {
		return c.told(req.Ref), nil
	}
	given := entry{customer: c.entries[req.Payment.Ref].customer, amount: req.Amount}
	left, err := c.left[given.customer].Add(req.Amount)
	if err != nil {
		return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonInvalidRequest}, nil
	}
	c.left[given.customer], given.outcome = left, sdk.OutcomeSucceeded
	c.entries[req.Ref] = given
	return c.told(req.Ref), nil
}

// QueryStatus tells what was booked. What was not is UNKNOWN, as with any provider.
func (c *credit) QueryStatus(_ context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.told(attempt.Ref), nil
}

// told is what the book says of a reference. The lock is held.
func (c *credit) told(ref string) sdk.Result {
	booked, ok := c.entries[ref]
	if !ok {
		return sdk.Result{}
	}
	return sdk.Result{
		Outcome: booked.outcome, Reason: booked.reason, ProviderRef: ref,
		Told: sdk.Told{Amount: booked.amount.Decimal(), Currency: booked.amount.Currency().String(), Reference: ref},
	}
}
