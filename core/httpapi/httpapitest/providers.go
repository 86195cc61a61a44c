package httpapitest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Providers returns the one account.
func (e *Engine) Providers(context.Context, core.Caller) []core.Standing {
	e.mu.Lock()
	defer e.mu.Unlock()
	return []core.Standing{e.standing()}
}

func (e *Engine) standing() core.Standing {
	return core.Standing{
		Account: Account, Plugin: "cinetpay", Version: "1.0.0", Checksum: strings.Repeat("ab", 32), Protocol: 1,
		Health: core.HealthReady, Enabled: true, Generation: 1, Timeout: 30 * time.Second,
		Capabilities: sdk.Capabilities{
			Operations: []sdk.Operation{
				sdk.OperationPayment, sdk.OperationPayout, sdk.OperationRefund, sdk.OperationQuery, sdk.OperationLookup, sdk.OperationBalance,
			},
			Identity: "site 445160",
			Corridors: []sdk.Corridor{
				{
					Kind: sdk.KindPayment, Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF},
					Min: money.Of(100, money.XOF), Step: money.Of(5, money.XOF),
				},
				{
					Kind: sdk.KindPayout, Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF},
					Methods: []string{"mobile_money"}, Min: money.Of(500, money.XOF), Max: money.Of(500000, money.XOF),
				},
			},
			Needs: map[sdk.Operation][]string{sdk.OperationPayment: {"customer.phone"}},
		},
		Breaker: core.Breaker{
			State: core.BreakerHalfOpen, Reason: "unanswered: 10 of 12 create calls in 1m0s failed",
			Since: time.Date(2026, 11, 20, 10, 0, 30, 0, time.UTC),
		},
		Fees: []core.Fee{
			{Currency: money.XOF, Millionths: 19000, Fixed: money.Of(50, money.XOF)}, {Millionths: 25001},
		},
		Drained:  e.drained,
		Counters: core.Counters{Calls: 7, Faults: 1, Restarts: e.restarts},

		LoggedUntil: e.loggedUntil,
	}
}

// DrainAccount drains the one account.
func (e *Engine) DrainAccount(ctx context.Context, caller core.Caller, account, reason string) (core.Standing, error) {
	return e.changeAccount(ctx, caller, account, func() { e.drained = true })
}

// ResumeAccount takes back DrainAccount.
func (e *Engine) ResumeAccount(ctx context.Context, caller core.Caller, account, reason string) (core.Standing, error) {
	return e.changeAccount(ctx, caller, account, func() { e.drained = false })
}

// changeAccount makes a change to the one account that an operator asked for.
func (e *Engine) changeAccount(ctx context.Context, caller core.Caller, account string, do func()) (core.Standing, error) {
	if err := e.enter(ctx); err != nil {
		return core.Standing{}, err
	}
	defer e.mu.Unlock()
	switch {
	case !caller.Operator:
		return core.Standing{}, fmt.Errorf("change an account: %w", core.ErrForbidden)
	case account != Account:
		return core.Standing{}, fmt.Errorf("account %s: %w", account, core.ErrNotFound)
	}
	do()
	return e.standing(), nil
}

// RestartAccount restarts the one account.
func (e *Engine) RestartAccount(ctx context.Context, caller core.Caller, account, _ string) (core.Standing, error) {
	return e.changeAccount(ctx, caller, account, func() {
		e.restarts++
		e.incident = nil
	})
}

// LogRequests logs the requests of the one account.
func (e *Engine) LogRequests(
	ctx context.Context, caller core.Caller, account string, length time.Duration, _ string,
) (core.Standing, error) {
	return e.changeAccount(ctx, caller, account, func() {
		e.loggedUntil = time.Time{}
		if length > 0 {
			e.loggedUntil = e.now().Add(length)
		}
	})
}

// Fail has the process of the one account end.
func (e *Engine) Fail(incident core.Incident) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.incident = &incident
}

// Incident returns what Fail was told, until a restart.
func (e *Engine) Incident(account string) (core.Incident, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if account != Account || e.incident == nil {
		return core.Incident{}, false
	}
	return *e.incident, true
}
