package orchestrator

import (
	"context"
	"hash/maphash"
	"sync"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// turns are locks for payments whose refunds are changed. All refunds of a
// payment write its record too: of many at a time each would find it changed
// again and again. The locks only spare that; what guards is the version.
type turns struct {
	seed  maphash.Seed
	locks [64]sync.Mutex
}

func newTurns() turns { return turns{seed: maphash.MakeSeed()} }

// take waits for the payment's turn and returns how to end it.
func (t *turns) take(payment string) (end func()) {
	lock := &t.locks[maphash.String(t.seed, payment)%uint64(len(t.locks))]
	lock.Lock()
	return lock.Unlock
}

// turnOf waits for the turn of a refund's payment; nothing else has to wait.
func (o *Orchestrator) turnOf(ctx context.Context, id string) (end func()) {
	if kind, err := core.KindOf(id); err != nil || kind != sdk.KindRefund {
		return func() {}
	}
	refund, err := o.Ledger.Transaction(ctx, id)
	if err != nil {
		return func() {}
	}
	return o.turns.take(refund.Parent)
}
