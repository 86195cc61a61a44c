package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/core/routing/backtest"
)

// backtestWithin bounds a backtest on a running engine, below the longest answer of
// the HTTP API (60 s).
const backtestWithin = 45 * time.Second

// Evaluate decides over a transaction that is not made, by the rules and accounts of
// this moment, and says why of every rule. It is for operators. Nothing is stored.
// What the sample lacks of ID, Merchant and At is filled in. It returns
// core.ErrForbidden.
func (e *Engine) Evaluate(ctx context.Context, caller core.Caller, sample core.Sample) (core.Choice, error) {
	if !caller.Operator {
		return core.Choice{}, fmt.Errorf("engine: evaluate: %w", core.ErrForbidden)
	}
	if sample.At.IsZero() {
		sample.At = e.now()
	}
	if sample.ID == "" {
		sample.ID = e.ids.next(core.PrefixOf(sample.Kind), e.now())
	}
	if sample.Merchant == "" {
		sample.Merchant = caller.Merchant
	}
	if sample.Merchant == "" {
		sample.Merchant = defaultMerchant
	}
	live := e.at(ctx)
	return live.rules.Explain(sample, live.accounts), nil
}

// Backtest replays what was stored within since through the rules of this moment and
// through those in text, and tells what would change. It is for operators. Nothing is
// stored. It returns core.ErrForbidden, core.ErrInvalidRequest with each fault of the
// rules, ErrTooLarge where that much cannot be replayed in time, or ErrNotAllowed while
// another one is under way.
func (e *Engine) Backtest(ctx context.Context, caller core.Caller, text []byte, since time.Duration) (core.Backtest, error) {
	if !caller.Operator {
		return core.Backtest{}, fmt.Errorf("engine: backtest: %w", core.ErrForbidden)
	}
	live := e.at(ctx)
	accounts := live.accounts.Standings()
	after, err := compileFor(accounts, text)
	if err != nil {
		return core.Backtest{}, err
	}
	if !e.replaying.CompareAndSwap(false, true) {
		return core.Backtest{}, &core.Problem{
			Code: core.ErrNotAllowed.Code, Detail: "another backtest is under way: try again when it is over",
		}
	}
	defer e.replaying.Store(false)
	ctx, cancel := context.WithTimeout(ctx, backtestWithin)
	defer cancel()
	now := e.now()
	report, err := backtest.Run(ctx, e.store, backtest.Question{
		Before: live.rules, After: after, Accounts: accounts, Measured: account.Measured, From: now.Add(-since), To: now,
	})
	switch {
	case err == nil:
		return report, nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, backtest.ErrTooMuch):
		return report, &core.Problem{
			Code:   core.ErrTooLarge.Code,
			Detail: "more is stored than can be replayed now: take a shorter time, or engine routes backtest --store with a copy",
		}
	default:
		return report, e.storeUnavailable("read", err)
	}
}

// compileFor makes rules of a text that came with a request.
func compileFor(accounts map[string]core.Standing, text []byte) (*routing.Rules, error) {
	file, found := routing.Parse("rules", text)
	rules, more := routing.Compile(file, accounts)
	if rules != nil {
		return rules, nil
	}
	problem := &core.Problem{Code: core.ErrInvalidRequest.Code, Detail: "the rules cannot be used"}
	for _, d := range append(found, more...) {
		if d.Warning {
			continue
		}
		message := "line " + strconv.Itoa(d.Line) + ": " + d.Message
		if d.Path != "" {
			message = "line " + strconv.Itoa(d.Line) + ": " + d.Path + ": " + d.Message
		}
		problem.Fields = append(problem.Fields, core.FieldError{Location: "rules", Message: message})
	}
	return nil, problem
}
