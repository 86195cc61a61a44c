package orchestrator

import (
	"context"
	"fmt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

// Assign gives an unmatched transfer to a transaction, by an operator. Another
// amount than the transaction's is refused unless accept is set. It is audited.
// It returns ErrNotAllowed, ErrInvalidRequest or ErrNotFound.
func (o *Orchestrator) Assign(ctx context.Context, caller core.Caller, id, transaction string, accept bool, reason string) (core.Transfer, error) {
	t, err := o.unmatched(ctx, id, reason)
	if err != nil {
		return t, err
	}
	tx, err := o.Ledger.Transaction(ctx, transaction)
	if err != nil {
		return t, fmt.Errorf("orchestrator: %s: %w", transaction, err)
	}
	a := waitingAt(tx, t.Account)
	switch {
	case tx.Kind != sdk.KindPayment || a.Number == 0:
		return t, notAllowed("%s is no payment with an attempt at %s, where the money is", tx.ID, t.Account)
	case a.State == core.AttemptSucceeded || a.State == core.AttemptReversed || a.State == core.AttemptMismatch:
		return t, notAllowed("attempt %d of %s has its money already", a.Number, tx.ID)
	case t.Outcome != sdk.OutcomeSucceeded:
		return t, notAllowed("%s is %s and no money yet", t.ID, t.Outcome)
	case t.Amount != tx.Amount && !accept:
		return t, &core.Problem{
			Code: core.ErrInvalidRequest.Code, Detail: fmt.Sprintf("the transfer is %s, the transaction %s", t.Amount, tx.Amount),
			Fields: []core.FieldError{{Location: "accept_amount", Message: "must be true to give a transfer of another amount"}},
		}
	case t.Amount.Currency() != tx.Amount.Currency():
		return t, notAllowed("the transfer is in %s, the transaction in %s", t.Amount.Currency(), tx.Amount.Currency())
	}
	return o.assign(ctx, caller, t, tx, a, reason)
}

func (o *Orchestrator) assign(ctx context.Context, caller core.Caller, t core.Transfer, tx core.Transaction, a core.Attempt, reason string) (core.Transfer, error) {
	t.Was, t.Transaction = t.Version, tx.ID
	held, err := o.claimsHeld(ctx, tx.ID, a)
	if err != nil {
		return t, err
	}
	with := core.Commit{
		Transfers: []core.Transfer{t}, ClaimsFreed: held,
		Audit: []core.AuditEntry{o.audit(caller, "assign "+t.ID, tx.ID, reason)},
	}
	told := sdk.Told{Amount: t.Amount.Decimal(), Currency: t.Amount.Currency().String()}
	event := core.Event{
		Type: core.EventMatched, Source: core.SourceTransfer, Attempt: a.Number, Actor: caller.Actor, Cause: reason,
		Result:   sdk.Result{Outcome: t.Outcome, ProviderStatus: t.Status, Told: told},
		Resolve:  &core.Resolution{Amount: t.Amount, Reason: reason},
		Evidence: &sdk.Evidence{Outcome: t.Outcome, ProviderRef: t.ProviderRef, Told: told},
	}
	if _, err := o.Handle(ctx, tx.ID, event, with); err != nil {
		return t, refusalOrNil(err)
	}
	failpoint.At("assign: after")
	t.Version++
	return t, nil
}

// TopUp marks an unmatched transfer as one that filled a customer's wallet. It
// is audited. It returns ErrNotAllowed or ErrNotFound.
func (o *Orchestrator) TopUp(ctx context.Context, caller core.Caller, id, customer, reason string) (core.Transfer, error) {
	t, err := o.unmatched(ctx, id, reason)
	if err != nil {
		return t, err
	}
	if t.Outcome != sdk.OutcomeSucceeded {
		return t, notAllowed("%s is %s and no money yet", t.ID, t.Outcome)
	}
	t.Was, t.TopUp = t.Version, customer
	failpoint.At("top up: before")
	err = o.apply(ctx, core.Commit{
		Transfers: []core.Transfer{t}, Audit: []core.AuditEntry{o.audit(caller, "top up "+t.ID, "", reason)},
	})
	if err != nil {
		return t, refusalOrNil(err)
	}
	failpoint.At("top up: after")
	t.Version++
	return t, nil
}

func (o *Orchestrator) unmatched(ctx context.Context, id, reason string) (core.Transfer, error) {
	if reason == "" {
		return core.Transfer{}, &core.Problem{
			Code: core.ErrInvalidRequest.Code, Detail: "what is done by hand needs a reason",
			Fields: []core.FieldError{{Location: "reason", Message: "required"}},
		}
	}
	t, err := o.Transfers.Transfer(ctx, id)
	switch {
	case err != nil:
		return t, fmt.Errorf("orchestrator: %s: %w", id, err)
	case t.Transaction != "":
		return t, notAllowed("%s belongs to %s", t.ID, t.Transaction)
	case t.TopUp != "":
		return t, notAllowed("%s filled the wallet of %s", t.ID, t.TopUp)
	default:
		return t, nil
	}
}
