package httpapitest

import (
	"context"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Payout creates a payout that waits for approval.
func (e *Engine) Payout(ctx context.Context, req core.PayoutRequest) (core.Answer, error) {
	if err := e.enter(ctx); err != nil {
		return core.Answer{}, err
	}
	defer e.mu.Unlock()
	return e.once(req.Caller, "POST /v1/payouts", req.IdempotencyKey, req.Fingerprint, func() (core.Transaction, error) {
		if err := e.referenceFree(sdk.KindPayout, req.Caller.Merchant, req.Reference); err != nil {
			return core.Transaction{}, err
		}
		now := e.now()
		tx := core.Transaction{
			ID: newID(core.PrefixPayout, now), Kind: sdk.KindPayout, Merchant: req.Caller.Merchant,
			State: core.StateAwaitingApproval, Version: 1, Sequence: 1, Reference: req.Reference, Amount: req.Amount,
			Received: money.Zero(req.Amount.Currency()), Country: req.Country, Method: req.Method, Network: req.Network,
			Description: req.Description, Customer: req.Recipient, BankAccount: req.BankAccount, Metadata: req.Metadata,
			Provider: req.Provider, PolicyHeld: true, CreatedBy: req.Caller.Actor, CreatedAt: now, UpdatedAt: now,
		}
		e.record(tx.ID, "created", core.StateNone, tx.State, req.Caller.Actor)
		return tx, nil
	})
}

// Approve lets a held payout go: its provider is then paying it out.
func (e *Engine) Approve(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error) {
	return e.decide(ctx, caller, id, core.CallApprove, reason, func(tx *core.Transaction) {
		now := e.now()
		ref, _ := core.Ref(tx.ID, 1)
		tx.State, tx.Route = core.StateProcessing, core.Route{Rule: "only", Generation: 1, Candidates: []string{Account}}
		tx.Attempts = []core.Attempt{{
			ID: newID(core.PrefixAttempt, now), Number: 1, Account: Account, Ref: ref, State: core.AttemptPending,
			Outcome: sdk.OutcomePending, StartedAt: now, AnsweredAt: now,
		}}
	})
}

// Reject ends a held payout.
func (e *Engine) Reject(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error) {
	return e.decide(ctx, caller, id, core.CallReject, reason, func(tx *core.Transaction) {
		tx.State, tx.Reason = core.StateCanceled, &core.Reason{Code: core.ReasonRejectedByOperator}
	})
}

func (e *Engine) decide(
	ctx context.Context, caller core.Caller, id string, call core.Call, reason string, carryOut func(*core.Transaction),
) (core.Transaction, error) {
	return e.change(ctx, caller, id, "decision", func(tx *core.Transaction) error {
		switch {
		case tx.Decision != nil && tx.Decision.Kind == call:
			return nil
		case tx.Decision != nil:
			return &core.Problem{Code: core.ErrDecisionMade.Code, Detail: "decided before: " + string(tx.Decision.Kind)}
		case tx.State.Final():
			return alreadyFinal(*tx)
		case tx.State != core.StateAwaitingApproval:
			return &core.Problem{Code: core.ErrNotSupported.Code, Detail: "the transaction is " + tx.State.String() + " and not held"}
		}
		tx.Decision = &core.Decision{Kind: call, Actor: caller.Actor, Reason: reason, At: e.now()}
		carryOut(tx)
		return nil
	})
}
