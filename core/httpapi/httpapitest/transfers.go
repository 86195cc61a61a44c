package httpapitest

import (
	"cmp"
	"context"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Receive adds an unmatched transfer of the customer cus_7 at Account.
func (e *Engine) Receive(amount money.Amount) core.Transfer {
	e.mu.Lock()
	defer e.mu.Unlock()
	id := newID(core.PrefixTransfer, e.now())
	t := core.Transfer{
		ID: id, Account: Account, ProviderRef: "at-" + id, ProviderCustomer: "cus_7", Amount: amount,
		Outcome: sdk.OutcomeSucceeded, Status: "completed", CreatedAt: e.now(), SeenAt: e.now(), Version: 1,
	}
	e.transfers = append(e.transfers, t)
	return t
}

// Transfers returns a page of what was received, newest first.
func (e *Engine) Transfers(ctx context.Context, _ core.Caller, f core.TransferFilter) (core.Page[core.Transfer], error) {
	page := core.Page[core.Transfer]{}
	if err := e.enter(ctx); err != nil {
		return page, err
	}
	defer e.mu.Unlock()
	all := slices.Clone(e.transfers)
	slices.SortFunc(all, func(a, b core.Transfer) int { return cmp.Compare(b.ID, a.ID) })
	for _, t := range all {
		matched := t.Transaction != "" || t.TopUp != ""
		if f.Account != "" && f.Account != t.Account || f.Customer != "" && f.Customer != t.ProviderCustomer ||
			f.Matched && !matched || f.Unmatched && matched || f.Cursor != "" && t.ID >= f.Cursor {
			continue
		}
		if len(page.Items) == f.Limit {
			page.Next = page.Items[len(page.Items)-1].ID
			break
		}
		page.Items = append(page.Items, t)
	}
	return page, nil
}

// Assign gives a transfer to a transaction and leaves that as it is.
func (e *Engine) Assign(
	ctx context.Context, caller core.Caller, id, transaction string, accept bool, _ string,
) (core.Transfer, error) {
	return e.give(ctx, id, func(t *core.Transfer) error {
		tx, err := e.find(caller, transaction)
		if err != nil {
			return err
		}
		if t.Amount != tx.Amount && !accept {
			return &core.Problem{
				Code: core.ErrInvalidRequest.Code, Fields: []core.FieldError{{Location: "accept_amount", Message: "must be true"}},
			}
		}
		t.Transaction = transaction
		return nil
	})
}

// TopUp marks a transfer as one that filled a wallet.
func (e *Engine) TopUp(ctx context.Context, _ core.Caller, id, customer, _ string) (core.Transfer, error) {
	return e.give(ctx, id, func(t *core.Transfer) error {
		t.TopUp = customer
		return nil
	})
}

func (e *Engine) give(ctx context.Context, id string, to func(*core.Transfer) error) (core.Transfer, error) {
	if err := e.enter(ctx); err != nil {
		return core.Transfer{}, err
	}
	defer e.mu.Unlock()
	at := slices.IndexFunc(e.transfers, func(t core.Transfer) bool { return t.ID == id })
	if at < 0 {
		return core.Transfer{}, core.ErrNotFound
	}
	t := &e.transfers[at]
	if t.Transaction != "" || t.TopUp != "" {
		return core.Transfer{}, &core.Problem{Code: core.ErrNotAllowed.Code, Detail: "the transfer is given away"}
	}
	if err := to(t); err != nil {
		return core.Transfer{}, err
	}
	t.Version++
	return *t, nil
}
