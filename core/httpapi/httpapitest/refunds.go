package httpapitest

import (
	"context"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Refund gives a succeeded payment back: a manual refund has succeeded, any other
// is being processed. Refunds together are never more than was paid.
func (e *Engine) Refund(ctx context.Context, req core.RefundRequest) (core.Answer, error) {
	if err := e.enter(ctx); err != nil {
		return core.Answer{}, err
	}
	defer e.mu.Unlock()
	payment, err := e.find(req.Caller, req.Payment)
	if err != nil {
		return core.Answer{}, err
	}
	route := "POST /v1/payments/" + req.Payment + "/refunds"
	return e.once(req.Caller, route, req.IdempotencyKey, req.Fingerprint, func() (core.Transaction, error) {
		if err := e.referenceFree(sdk.KindRefund, payment.Merchant, req.Reference); err != nil {
			return core.Transaction{}, err
		}
		amount, err := reserve(payment, req.Amount)
		if err != nil {
			return core.Transaction{}, err
		}
		tx := e.refund(req, *payment, amount)
		if tx.Manual {
			payment.Refunded, err = payment.Refunded.Add(amount)
		}
		e.record(tx.ID, "created", core.StateNone, tx.State, req.Caller.Actor)
		return tx, err
	})
}

// reserve takes what was asked for, or all that is left, out of what was paid.
func reserve(payment *core.Transaction, asked money.Amount) (money.Amount, error) {
	if payment.State != core.StateSucceeded {
		return asked, &core.Problem{Code: core.ErrNotAllowed.Code, Detail: "the payment is " + payment.State.String()}
	}
	paid := &payment.Attempts[0]
	left, err := paid.Confirmed.Sub(paid.Reserved)
	if err != nil {
		return asked, err
	}
	if asked.IsZero() {
		asked = left
	}
	more, err := asked.Compare(left)
	switch {
	case err != nil:
		return asked, err
	case asked.IsZero():
		return asked, &core.Problem{Code: core.ErrNotAllowed.Code, Detail: "nothing is left to refund"}
	case more > 0:
		return asked, &core.Problem{Code: core.ErrInvalidRequest.Code, Detail: "only " + left.String() + " is left to refund"}
	}
	paid.Reserved, err = paid.Reserved.Add(asked)
	return asked, err
}

func (e *Engine) refund(req core.RefundRequest, payment core.Transaction, amount money.Amount) core.Transaction {
	now := e.now()
	tx := core.Transaction{
		ID: newID(core.PrefixRefund, now), Kind: sdk.KindRefund, Merchant: payment.Merchant, State: core.StateProcessing,
		Version: 1, Sequence: 1, Reference: req.Reference, Amount: amount, Received: money.Zero(amount.Currency()),
		Country: payment.Country, Method: payment.Method, Network: payment.Network, Description: req.Reason,
		Customer: payment.Customer, Metadata: req.Metadata, Manual: req.Manual, Parent: payment.ID,
		ParentAttempt: payment.Attempts[0].ID, Route: core.Route{Rule: "refund", Candidates: []string{Account}},
		CreatedBy: req.Caller.Actor, CreatedAt: now, UpdatedAt: now,
	}
	if req.Manual {
		tx.State = core.StateSucceeded
		return tx
	}
	ref, _ := core.Ref(tx.ID, 1)
	tx.Attempts = []core.Attempt{{
		ID: newID(core.PrefixAttempt, now), Number: 1, Account: Account, Ref: ref, State: core.AttemptPending,
		Outcome: sdk.OutcomePending, StartedAt: now, AnsweredAt: now,
	}}
	return tx
}
