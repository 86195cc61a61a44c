package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/paymux/paymux/core"
)

// Transfers returns a page, newest first, of what pull-only providers reported.
// It is for operators.
func (e *Engine) Transfers(ctx context.Context, caller core.Caller, filter core.TransferFilter) (core.Page[core.Transfer], error) {
	if !caller.Operator {
		return core.Page[core.Transfer]{}, fmt.Errorf("engine: transfers: %w", core.ErrForbidden)
	}
	return e.store.Transfers(ctx, filter)
}

// Assign gives an unmatched transfer to a transaction. Another amount than the
// transaction's needs accept. It is audited. It returns core.ErrNotAllowed,
// ErrInvalidRequest, ErrForbidden or ErrNotFound.
func (e *Engine) Assign(ctx context.Context, caller core.Caller, id, transaction string, accept bool, reason string) (core.Transfer, error) {
	if !caller.Operator {
		return core.Transfer{}, fmt.Errorf("engine: assign: %w", core.ErrForbidden)
	}
	t, err := e.at(ctx).orchestrator.Assign(ctx, caller, id, transaction, accept, reason)
	return t, raced(id, err)
}

// TopUp marks an unmatched transfer as one that filled a customer's wallet. Its
// errors are those of Assign.
func (e *Engine) TopUp(ctx context.Context, caller core.Caller, id, customer, reason string) (core.Transfer, error) {
	if !caller.Operator {
		return core.Transfer{}, fmt.Errorf("engine: top up: %w", core.ErrForbidden)
	}
	t, err := e.at(ctx).orchestrator.TopUp(ctx, caller, id, customer, reason)
	return t, raced(id, err)
}

// raced says in words that somebody else gave the transfer away, or its provider
// changed it, since it was read.
func raced(id string, err error) error {
	if !errors.Is(err, core.ErrConflict) {
		return err
	}
	return &core.Problem{Code: core.ErrNotAllowed.Code, Detail: id + " changed meanwhile; look at it again"}
}
