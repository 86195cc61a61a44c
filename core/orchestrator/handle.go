package orchestrator

import (
	"context"
	"errors"
	"fmt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/core/machine"
	"github.com/paymux/paymux/sdk"
)

// conflictsMax is how often a commit is tried again after somebody else wrote
// the transaction. Nobody writes one that often: more means a fault of ours.
const conflictsMax = 20

// Handle brings an event to the transaction with id: it asks the machine,
// commits what follows together with what with holds, and carries out the
// effects. Dedupe rows of with are written only if the event moved the
// transaction or an attempt's end came of it. It returns the transaction as committed.
//
// It returns ErrNotFound, ErrIllegalTransition or a Problem of the machine, or
// the store's error; then nothing changed.
func (o *Orchestrator) Handle(ctx context.Context, id string, e core.Event, with core.Commit) (core.Transaction, error) {
	tx, effects, err := o.handle(ctx, id, e, with, nil)
	if err != nil {
		return tx, err
	}
	o.carryOut(tx, effects)
	return tx, nil
}

// seal completes a commit that is about to be written.
type seal func(tx core.Transaction, effects []core.Effect, commit *core.Commit)

func (o *Orchestrator) handle(ctx context.Context, id string, e core.Event, with core.Commit, complete seal) (core.Transaction, []core.Effect, error) {
	defer o.turnOf(ctx, id)()
	e.ID, e.At = o.NewID(core.PrefixEvent, o.Now()), o.Now()
	for range conflictsMax {
		tx, err := o.Ledger.Transaction(ctx, id)
		if err != nil {
			return core.Transaction{}, nil, fmt.Errorf("orchestrator: %s: %w", id, err)
		}
		next, effects, err := machine.Next(tx, o.informed(ctx, tx, e))
		if err != nil {
			return tx, nil, o.refused(err)
		}
		commit := with
		if len(effects) == 0 {
			return tx, nil, o.applyAlone(ctx, commit)
		}
		commit.Dedupe = dedupe(with.Dedupe, tx, next)
		commit.Transactions = []core.Change{o.change(tx.Version, next, effects)}
		if err := errors.Join(o.withParent(ctx, tx, next, &commit), o.claims(ctx, tx, next, &commit)); err != nil {
			return tx, nil, err
		}
		if complete != nil {
			complete(next, effects, &commit)
		}
		failpoint.At("event: before")
		err = o.apply(ctx, commit)
		if err == nil {
			failpoint.At("event: after")
			next.Version = tx.Version + 1
			o.Changed(tx, next)
			return next, effects, nil
		}
		if !errors.Is(err, core.ErrConflict) {
			return tx, nil, err
		}
	}
	return core.Transaction{}, nil, fmt.Errorf("orchestrator: %s: changed %d times while %s was handled: %w", id, conflictsMax, e.Type, core.ErrConflict)
}

// dedupe keeps the rows only where the event changed something: a hint that
// changed nothing may come again.
func dedupe(rows []core.Dedupe, before, after core.Transaction) []core.Dedupe {
	if before.State != after.State {
		return rows
	}
	for i := range after.Attempts {
		if before.Attempts[i].State != after.Attempts[i].State {
			return rows
		}
	}
	return nil
}

// informed completes the event with what the machine must know of the attempt's account.
func (o *Orchestrator) informed(ctx context.Context, tx core.Transaction, e core.Event) core.Event {
	account := accountOf(tx, e)
	standing, _ := o.Accounts.Standing(account)
	e.Policy = o.policy(account, tx.Kind)
	e.Policy.OverRefund = o.overRefund(ctx, tx)
	e.CallLostAt = e.At.Add(standing.Timeout + answerSlack)
	e.Jitter = o.Jitter()
	return e
}

// accountOf is the account of the attempt that the event is about.
func accountOf(tx core.Transaction, e core.Event) string {
	if e.Resolve != nil && e.Attempt == 0 {
		e.Attempt = e.Resolve.Attempt
	}
	if a, ok := tx.Attempt(e.Attempt); ok {
		return a.Account
	}
	if live, ok := tx.Live(); ok {
		return live.Account
	}
	if e.Start != nil {
		return e.Start.Account
	}
	last, _ := tx.Last()
	return last.Account
}

// policy reads the account's facts. While its plugin has not described itself
// the longest watch counts: nothing may be forgotten because a process is down.
func (o *Orchestrator) policy(account string, kind sdk.Kind) core.Policy {
	standing, _ := o.Accounts.Standing(account)
	facts, known := standing.Facts[kind]
	if !known {
		facts.LateSuccess = watchUnknown
	}
	return machine.PolicyOf(facts, standing.Capabilities, o.Poll)
}

func (o *Orchestrator) refused(err error) error {
	if errors.Is(err, core.ErrIllegalTransition) {
		o.Logger.Error("event refused", "error", err)
	}
	return err
}

func (o *Orchestrator) change(was uint64, next core.Transaction, effects []core.Effect) core.Change {
	return core.Change{
		Transaction: next, Was: was, History: entries(effects), IndexProviderRefs: o.indexesProviderRefs(next),
	}
}

func entries(effects []core.Effect) []core.HistoryEntry {
	var all []core.HistoryEntry
	for _, effect := range effects {
		if effect.Type == core.EffectRecord {
			all = append(all, effect.Entry)
		}
	}
	return all
}

// indexesProviderRefs reports whether notifications of an account lack our
// reference, so that its attempts must be found by the provider's.
func (o *Orchestrator) indexesProviderRefs(tx core.Transaction) bool {
	for _, a := range tx.Attempts {
		standing, _ := o.Accounts.Standing(a.Account)
		if standing.Facts[tx.Kind].NotifiesByProviderRef {
			return true
		}
	}
	return false
}

func (o *Orchestrator) apply(ctx context.Context, commit core.Commit) error {
	if err := o.Ledger.Apply(ctx, commit); err != nil {
		return fmt.Errorf("orchestrator: %w", err)
	}
	o.Committed()
	for _, claim := range commit.Claims {
		o.Waiting(claim.Account)
	}
	return nil
}

// applyAlone writes what came with an event that changed nothing.
func (o *Orchestrator) applyAlone(ctx context.Context, with core.Commit) error {
	with.Dedupe = nil
	if len(with.InboxDone)+len(with.InboxRetry)+len(with.Audit) == 0 {
		return nil
	}
	return o.apply(ctx, with)
}

// carryOut does what a committed transition asks for, except for create calls:
// whoever brought the permit for one makes it.
func (o *Orchestrator) carryOut(tx core.Transaction, effects []core.Effect) {
	for _, effect := range effects {
		switch effect.Type {
		case core.EffectCall:
			if effect.Call != core.CallCreate {
				o.inBackground(func() { o.decideAtProvider(tx, effect.Attempt, effect.Call) })
			}
		case core.EffectCancel:
			if o.canCancel(tx, effect.Attempt) {
				o.inBackground(func() { o.cancelOvertaken(tx, effect.Attempt) })
			}
		case core.EffectAlert:
			o.Logger.Warn("needs a look", "transaction", tx.ID, "attempt", effect.Attempt, "why", effect.Name)
		case core.EffectRoute, core.EffectEmit, core.EffectRecord, core.EffectAlone:
		}
	}
}

func (o *Orchestrator) inBackground(work func()) {
	if !o.enter() {
		return // The timers of what was committed bring it back.
	}
	go func() {
		defer o.calls.Done()
		work()
	}()
}

func has(effects []core.Effect, kind core.EffectType) bool {
	for _, effect := range effects {
		if effect.Type == kind {
			return true
		}
	}
	return false
}
