package httpapitest

import (
	"context"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// Evaluate sends everything to the one account and keeps the sample for Sample.
func (e *Engine) Evaluate(ctx context.Context, caller core.Caller, sample core.Sample) (core.Choice, error) {
	if err := e.enter(ctx); err != nil {
		return core.Choice{}, err
	}
	defer e.mu.Unlock()
	if sample.Merchant == "" {
		sample.Merchant = caller.Merchant
	}
	e.sample = sample
	if sample.Country == "KP" {
		return core.Choice{
			Rule: "closed", Generation: 3, Denied: "not served", Rules: []core.RuleVerdict{{Name: "closed", Matched: true, Why: "country KP"}},
		}, nil
	}
	return core.Choice{
		Rule: "ivory-coast", Generation: 3,
		Candidates: []core.Candidate{{Account: Account, Reason: "number 1 of 2 in the order of ivory-coast"}},
		Removed:    []core.Removed{{Account: "numipay", Reason: "offers no payment"}},
		Rules: []core.RuleVerdict{
			{Name: "closed", Why: "country CI is not KP"},
			{Name: "ivory-coast", Matched: true, Why: "country CI"},
			{Name: "default", Why: "not asked: ivory-coast matched before"},
		},
	}, nil
}

// Sample returns what was evaluated last.
func (e *Engine) Sample() core.Sample {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sample
}

// Backtest returns Backtested for rules that name the one account; others cannot be used.
func (e *Engine) Backtest(ctx context.Context, _ core.Caller, rules []byte, since time.Duration) (core.Backtest, error) {
	if err := e.enter(ctx); err != nil {
		return core.Backtest{}, err
	}
	defer e.mu.Unlock()
	if !strings.Contains(string(rules), Account) {
		return core.Backtest{}, &core.Problem{
			Code: core.ErrInvalidRequest.Code, Detail: "the rules cannot be used",
			Fields: []core.FieldError{{Location: "rules", Message: "line 1: no account of this name"}},
		}
	}
	report := Backtested()
	report.From = report.To.Add(-since)
	return report, nil
}

// Backtested is what every backtest of this engine shows.
func Backtested() core.Backtest {
	to := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	xof := func(minor int64) money.Amount { return money.Of(minor, money.XOF) }
	return core.Backtest{
		From: to.Add(-time.Hour), To: to, Transactions: 10, AsRecorded: 9, Unchanged: 5, Reordered: 1, Moved: 3, Neither: 0,
		Lost: core.BacktestServed{
			Transactions: 1, Sums: []money.Amount{xof(5000)},
			Examples: []core.BacktestExample{{Transaction: "pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG", Rule: "default", Why: "denied: not served"}},
		},
		Moves: []core.BacktestMove{
			{From: Account, To: "numipay", Transactions: 2, Sums: []money.Amount{xof(7500)}, Success: core.BacktestSuccess{
				Transactions: 2, Before: 913_650, After: 938_044, EndsBefore: 512, EndsAfter: 120,
			}},
			{From: "numipay", To: Account, Transactions: 1, Sums: []money.Amount{xof(100)}},
		},
		Fees:  []core.BacktestFee{{Transactions: 2, Unknown: 1, Before: xof(188), After: xof(150)}},
		Rules: []core.BacktestRule{{Name: "ivory-coast", Matched: 9}, {Name: "default", Matched: 1}},
	}
}
