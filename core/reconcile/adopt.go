package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Adopt asks the provider about attempts and transfers of an account, with the
// rules that hold for every question, and tells what came of each. Nobody's word
// is taken but the provider's own of this moment: what a file says names only
// what to ask about. It returns the errors of Statement.
func (r *Reconciler) Adopt(ctx context.Context, account string, adoptions []core.Adoption) ([]core.Adopted, error) {
	b, _, err := r.bookOf(account)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementWithin)
	defer cancel()
	adopted := make([]core.Adopted, len(adoptions))
	for i, one := range adoptions {
		adopted[i].Adoption = one
		if one.Transaction != "" {
			b.askAbout(ctx, &adopted[i])
		}
	}
	if b.lists {
		b.receiveAll(ctx, adopted)
	}
	return adopted, nil
}

// askAbout asks what became of an attempt.
func (b book) askAbout(ctx context.Context, one *core.Adopted) {
	tx, err := b.Transactions.Transaction(ctx, one.Transaction)
	a, ok := tx.Attempt(one.Attempt)
	switch {
	case errors.Is(err, core.ErrNotFound) || err == nil && (!ok || a.Account != b.account):
		one.Problem = fmt.Sprintf("%s has no attempt %d at %s", one.Transaction, one.Attempt, b.account)
		return
	case err != nil:
		one.Problem = "the store cannot be read now"
		return
	}
	one.Before = a.State.String()
	after, err := b.askPatiently(ctx, tx, a.Number)
	if a, ok = after.Attempt(one.Attempt); ok {
		one.After = a.State.String()
	}
	if err != nil {
		one.Problem = "not asked: " + clip(err.Error())
	}
}

// askPatiently waits for room at the account, as long as there is time. An answer
// of before the statement was read is none.
func (r *Reconciler) askPatiently(ctx context.Context, tx core.Transaction, attempt int) (core.Transaction, error) {
	for {
		after, err := r.askFor(ctx, tx, attempt, "", true)
		wait := roomIn(err)
		if until, _ := ctx.Deadline(); wait <= 0 || time.Until(until) < wait {
			return after, err
		}
		sleep(ctx, wait)
	}
}

// receiveAll reads the list a day around the time of the transfers once, because
// a file may tell no more than the day, and receives those that are meant as it
// shows them.
func (b book) receiveAll(ctx context.Context, adopted []core.Adopted) {
	var from, to time.Time
	wanted := map[string]*core.Adopted{}
	for i := range adopted {
		one := &adopted[i]
		if one.ProviderRef == "" {
			continue
		}
		wanted[one.ProviderRef] = one
		if from.IsZero() || one.At.Before(from) {
			from = one.At
		}
		to = latest(to, one.At)
		if known, err := b.TransferBook.TransferByRef(ctx, b.account, one.ProviderRef); err == nil {
			one.Before = known.Outcome.String()
		}
	}
	if len(wanted) == 0 {
		return
	}
	items, got := b.pages(ctx, b.account, sdk.ListRequest{From: from.Add(-statementAround), To: to.Add(statementAround)}, b.patientPage)
	for _, item := range items {
		if one := wanted[item.ID]; one != nil {
			b.receive(ctx, one, item)
			delete(wanted, item.ID)
		}
	}
	for _, one := range wanted {
		one.Problem = "the provider's list does not show it"
		if got.fault != nil {
			one.Problem = "the provider's list was not read to its end: " + clip(got.fault.Error())
		}
	}
}

func (b book) receive(ctx context.Context, one *core.Adopted, item sdk.ListItem) {
	if err := b.Receiver.Received(ctx, b.account, item); err != nil {
		one.Problem = "not received: " + clip(err.Error())
		return
	}
	t, err := b.TransferBook.TransferByRef(ctx, b.account, item.ID)
	if err != nil {
		one.Problem = "it cannot be kept here; the engine's log says why"
		return
	}
	one.After, one.Transaction = t.Outcome.String(), t.Transaction
}
