package httpapitest

import (
	"context"
	"strconv"

	"github.com/paymux/paymux/core"
)

// Statement compares as Comparison says. Rows of a file are missing here, but for those of Held and those of another time.
func (e *Engine) Statement(ctx context.Context, _ core.Caller, about core.Statement) (core.Comparison, error) {
	if err := e.enter(ctx); err != nil {
		return core.Comparison{}, err
	}
	defer e.mu.Unlock()
	if about.Account != Account {
		return core.Comparison{}, core.ErrNotFound
	}
	if about.Rows == nil {
		return e.Comparison, nil
	}
	var found core.Comparison
	for i := range about.Rows {
		if row := &about.Rows[i]; row.At.IsZero() || about.Holds(row.At) {
			found.Findings = append(found.Findings, e.finding(row))
		}
	}
	return found, nil
}

// finding says of a row that it is equal to what is held under its reference, else that it is missing here.
func (e *Engine) finding(row *core.StatementRow) core.Finding {
	for i := range e.Held {
		if row.Ref != "" && e.Held[i].Ref == row.Ref {
			return core.Finding{Class: core.StatementEqual, Row: row, Held: &e.Held[i]}
		}
	}
	return core.Finding{Class: core.StatementMissingHere, Row: row, Why: "nothing of ours"}
}

// Expected returns one of Held a page.
func (e *Engine) Expected(ctx context.Context, _ core.Caller, about core.Statement, cursor string) (core.Page[core.Held], error) {
	if err := e.enter(ctx); err != nil {
		return core.Page[core.Held]{}, err
	}
	defer e.mu.Unlock()
	at, _ := strconv.Atoi(cursor) // The first page has none.
	switch {
	case about.Account != Account:
		return core.Page[core.Held]{}, core.ErrNotFound
	case at >= len(e.Held):
		return core.Page[core.Held]{}, nil
	case at == len(e.Held)-1:
		return core.Page[core.Held]{Items: e.Held[at:]}, nil
	default:
		return core.Page[core.Held]{Items: e.Held[at : at+1], Next: strconv.Itoa(at + 1)}, nil
	}
}

// Adopt says that everything succeeded that was pending, and changes nothing.
func (e *Engine) Adopt(ctx context.Context, _ core.Caller, account string, adoptions []core.Adoption) ([]core.Adopted, error) {
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	defer e.mu.Unlock()
	if account != Account {
		return nil, core.ErrNotFound
	}
	var adopted []core.Adopted
	for _, one := range adoptions {
		adopted = append(adopted, core.Adopted{Adoption: one, Before: "pending", After: "succeeded"})
	}
	return adopted, nil
}
