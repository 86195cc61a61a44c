package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/sync/errgroup"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/orchestrator"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
)

// Restored counts what a backup held that was not over.
type Restored struct {
	// Review are the payouts and refunds that went to review, Asked the payments that
	// are asked about first after the next start.
	Review, Asked int
}

// String tells the counts in words.
func (r Restored) String() string {
	return fmt.Sprintf("payouts and refunds put into review: %d, payments to ask about: %d", r.Review, r.Asked)
}

// restorers is how many transactions are changed at a time: they share syncs.
const restorers = 64

// Restore tells the machine that s was restored from a backup, for everything in
// it that is not over. What became of it after the backup nobody here knows: a
// payout or a refund may have been sent and goes to review; all that is live at a
// provider is due at once, so that it is asked about before anything else. It is
// audited. No engine may have s open.
//
// Calling it again changes nothing more than the histories. It returns the store's errors.
func Restore(ctx context.Context, s store.Store, caller core.Caller, cause string) (Restored, error) {
	ids, err := unfinished(ctx, s)
	if err != nil {
		return Restored{}, fmt.Errorf("engine: restore: %w", err)
	}
	r := restorer{store: s, names: newIDs(), caller: caller, cause: cause, lists: map[string]bool{}}
	r.orchestrator = orchestrator.New(orchestrator.Options{
		Ledger: s, Transfers: s, Accounts: nobody{}, Router: nobody{}, Logger: hclog.NewNullLogger(),
		Now: time.Now, NewID: r.names.next, Jitter: jitter, Waiting: func(string) {}, Committed: func() {},
	})
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(restorers)
	for _, id := range ids {
		group.Go(func() error { return r.tell(groupCtx, id) })
	}
	if err := group.Wait(); err != nil {
		return Restored{}, fmt.Errorf("engine: restore: %w", err)
	}
	done, err := r.finish(ctx)
	if err != nil {
		return done, fmt.Errorf("engine: restore: %w", err)
	}
	return done, nil
}

// unfinished returns the ids of all transactions that have not ended.
func unfinished(ctx context.Context, s store.Store) ([]string, error) {
	var ids []string
	for _, state := range core.States() {
		if state.Final() {
			continue
		}
		for filter := (core.Filter{State: state, Limit: store.PageMax}); ; {
			page, err := s.Transactions(ctx, filter)
			if err != nil {
				return nil, err
			}
			for _, tx := range page.Items {
				ids = append(ids, tx.ID)
			}
			if filter.Cursor = page.Next; filter.Cursor == "" {
				break
			}
		}
	}
	return ids, nil
}

type restorer struct {
	store        store.Store
	orchestrator *orchestrator.Orchestrator
	names        *ids
	caller       core.Caller
	cause        string

	mu   sync.Mutex
	done Restored
	// lists are the accounts at which an order waits for a transfer in their list.
	lists map[string]bool
}

// tell brings the event to one transaction, by the way of every other event.
func (r *restorer) tell(ctx context.Context, id string) error {
	event := core.Event{Type: core.EventRestored, Actor: r.caller.Actor, Cause: r.cause}
	tx, err := r.orchestrator.Handle(ctx, id, event, core.Commit{})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if tx.Kind == sdk.KindPayment {
		r.done.Asked++
	} else {
		r.done.Review++
	}
	if live, ok := tx.Live(); ok && live.Match != nil {
		r.lists[live.Account] = true
	}
	return nil
}

// finish makes the lists due in which something is waited for, and records who restored.
func (r *restorer) finish(ctx context.Context) (Restored, error) {
	now := time.Now()
	var with core.Commit
	for account := range r.lists {
		work, err := r.store.AccountWork(ctx, account)
		if errors.Is(err, core.ErrNotFound) {
			continue // The engine begins to read it when it starts.
		}
		if err != nil {
			return r.done, err
		}
		work.Was, work.DueAt = work.Version, now
		with.Accounts = append(with.Accounts, work)
	}
	with.Audit = []core.AuditEntry{{
		ID: r.names.next(core.PrefixEvent, now), At: now, Actor: r.caller.Actor, Action: "restore",
		Detail: r.cause + ": " + r.done.String(),
	}}
	return r.done, r.store.Apply(ctx, with)
}

// nobody has no accounts: a backup is prepared without a provider in reach, and
// the machine needs to know none of them for it.
type nobody struct{}

// Acquire refuses.
func (nobody) Acquire(string) (core.Permit, error) {
	return core.Permit{}, core.ErrProviderUnavailable
}

// Provider returns none.
func (nobody) Provider(string) (sdk.FullProvider, bool) { return nil, false }

// Standing knows none.
func (nobody) Standing(string) (core.Standing, bool) { return core.Standing{}, false }

// Decide chooses none.
func (nobody) Decide(core.Sample) core.Choice { return core.Choice{} }
