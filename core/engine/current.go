package engine

import (
	"context"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// current is the live generation for work that is no request: questions, timers and
// notifications go by what is live when they are due.
type current struct{ engine *Engine }

func (c current) live() *snapshot { return c.engine.live.Load() }

// Acquire gives the right to make one attempt now, or says why not.
func (c current) Acquire(account string) (core.Permit, error) {
	return guarded{c.live().accounts, &c.engine.doors}.Acquire(account)
}

// AcquireQuestion gives the right to ask one question now, or says why not.
func (c current) AcquireQuestion(account string) (core.Permit, error) {
	return c.live().accounts.AcquireQuestion(account)
}

// Provider returns the account to call, and false if nothing serves it.
func (c current) Provider(account string) (sdk.FullProvider, bool) {
	return c.live().accounts.Provider(account)
}

// Standing returns what is known of the account now, and false if there is none.
func (c current) Standing(account string) (core.Standing, bool) {
	return c.live().accounts.Standing(account)
}

// Standings returns what is known of each account now.
func (c current) Standings() map[string]core.Standing { return c.live().accounts.Standings() }

// Decide chooses accounts by the rules that are live.
func (c current) Decide(sample core.Sample) core.Choice { return c.live().Decide(sample) }

// Handle brings an event to a transaction.
func (c current) Handle(ctx context.Context, id string, e core.Event, with core.Commit) (core.Transaction, error) {
	return c.live().orchestrator.Handle(ctx, id, e, with)
}

// Continue starts what was approved and could not start then.
func (c current) Continue(ctx context.Context, id string) error {
	return c.live().orchestrator.Continue(ctx, id)
}

// Again makes an unanswered create call once more, where that creates nothing.
func (c current) Again(ctx context.Context, id string, attempt int) (core.Transaction, error) {
	return c.live().orchestrator.Again(ctx, id, attempt)
}

// Received takes one transfer of a provider's list.
func (c current) Received(ctx context.Context, account string, item sdk.ListItem) error {
	return c.live().orchestrator.Received(ctx, account, item)
}
