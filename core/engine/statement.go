package engine

import (
	"context"
	"fmt"

	"github.com/paymux/paymux/core"
)

// Statement compares what the provider lists of an account, or the rows of a
// file, with what is recorded of it. It is for operators. It returns
// core.ErrForbidden, ErrNotFound, ErrNotSupported, ErrInvalidRequest, ErrTooLarge
// or ErrProviderUnavailable.
func (e *Engine) Statement(ctx context.Context, caller core.Caller, about core.Statement) (core.Comparison, error) {
	if !caller.Operator {
		return core.Comparison{}, fmt.Errorf("engine: statement: %w", core.ErrForbidden)
	}
	return e.reconciler.Statement(ctx, about)
}

// Expected returns a page of what a statement of an account must show. Its
// errors are those of Statement.
func (e *Engine) Expected(ctx context.Context, caller core.Caller, about core.Statement, cursor string) (core.Page[core.Held], error) {
	if !caller.Operator {
		return core.Page[core.Held]{}, fmt.Errorf("engine: expected: %w", core.ErrForbidden)
	}
	return e.reconciler.Expected(ctx, about, cursor)
}

// Adopt asks the provider about what a statement showed otherwise than it is
// recorded, and tells what came of it. It is audited before anybody is asked.
// Its errors are those of Statement, and core.ErrStoreUnavailable.
func (e *Engine) Adopt(ctx context.Context, caller core.Caller, account string, adoptions []core.Adoption) ([]core.Adopted, error) {
	if !caller.Operator {
		return nil, fmt.Errorf("engine: adopt: %w", core.ErrForbidden)
	}
	if _, ok := e.at(ctx).accounts.Standing(account); !ok {
		return nil, fmt.Errorf("engine: account %q: %w", account, core.ErrNotFound)
	}
	if err := e.at(ctx).orchestrator.RecordAdoptions(ctx, caller, account, adoptions); err != nil {
		return nil, err
	}
	return e.reconciler.Adopt(ctx, account, adoptions)
}
