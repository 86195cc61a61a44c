package reconcile

import (
	"context"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
)

// formerWindow is how far back calls of a former process are looked for. Older
// ones are past the time of their call, and due by themselves.
const formerWindow = 10 * time.Minute

// giveUpFormerCalls finds the create calls that a former process had under way when it
// ended, so that their providers are asked now and not when the time of the call
// is over. Nothing depends on it: those timers go off in any case. Of a decision
// its attempt does not tell which process sent it, so that its own timer must.
func (r *Reconciler) giveUpFormerCalls(ctx context.Context) {
	filter := core.Filter{State: core.StateProcessing, CreatedAfter: r.StartedAt.Add(-formerWindow), Limit: 100}
	for ctx.Err() == nil {
		page, err := r.Transactions.Transactions(ctx, filter)
		if err != nil {
			r.Logger.Warn("calls of the former process are found by their timers", "error", err)
			return
		}
		for _, tx := range page.Items {
			r.giveUpFormerCall(ctx, tx)
		}
		if filter.Cursor = page.Next; filter.Cursor == "" {
			return
		}
	}
}

func (r *Reconciler) giveUpFormerCall(ctx context.Context, tx core.Transaction) {
	a, ok := tx.Live()
	if !ok || a.Calling != core.CallCreate || !a.StartedAt.Before(r.StartedAt) {
		return
	}
	lost := core.Event{
		Type: core.EventCallLost, Attempt: a.Number, Actor: "engine", Cause: "the process that made the call is gone",
	}
	failpoint.At("give up a former call: before")
	if _, err := r.Orchestrator.Handle(ctx, tx.ID, lost, core.Commit{}); err != nil && ctx.Err() == nil {
		r.Logger.Warn("call of the former process not given up", "transaction", tx.ID, "error", err)
	}
	failpoint.At("give up a former call: after")
}
