package orchestrator

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

// Cancel ends a transaction before money moved: at once where nobody can have
// paid, else by asking the provider. It returns ErrAlreadyFinal,
// ErrDecisionMade, ErrNotSupported, ErrProviderUnavailable or ErrNotFound.
//
// goodRead says that a whole read of the provider's list shows no transfer for it.
func (o *Orchestrator) Cancel(ctx context.Context, caller core.Caller, id, reason string, goodRead bool) (core.Transaction, error) {
	event := core.Event{
		Type: core.EventDecision, Decision: core.CallCancel, Actor: caller.Actor, Cause: reason, GoodRead: goodRead,
	}
	tx, err := o.Handle(ctx, id, event, core.Commit{})
	if errors.Is(err, core.ErrNotSupported) && o.unheard(tx) {
		return tx, &core.Problem{
			Code: core.ErrProviderUnavailable.Code, RetryAfter: retryAfter,
			Detail: tx.ID + " cannot be canceled now: the plugin of its account has not said yet what it can do",
		}
	}
	return tx, refusalOrNil(err)
}

// unheard reports whether the plugin of the live attempt's account has not said
// yet what it can do, so that nobody knows whether it could cancel.
func (o *Orchestrator) unheard(tx core.Transaction) bool {
	live, ok := tx.Live()
	if !ok {
		return false
	}
	standing, configured := o.Accounts.Standing(live.Account)
	return configured && len(standing.Capabilities.Operations) == 0
}

// canCancel reports whether the attempt's provider can be asked to cancel.
func (o *Orchestrator) canCancel(tx core.Transaction, number int) bool {
	a, _ := tx.Attempt(number)
	standing, _ := o.Accounts.Standing(a.Account)
	return standing.Capabilities.Can(sdk.OperationCancel)
}

// cancelOvertaken asks the provider to close an attempt that another one
// overtook. Whatever it answers, the attempt is watched to its end.
func (o *Orchestrator) cancelOvertaken(tx core.Transaction, number int) {
	a, _ := tx.Attempt(number)
	provider, ok := o.Accounts.Provider(a.Account)
	if !ok {
		return
	}
	failpoint.At("cancel the overtaken: before")
	if _, err := provider.Cancel(background(), core.About(tx, a)); err != nil {
		o.Logger.Warn("overtaken attempt not canceled", "transaction", tx.ID, "attempt", a.ID, "error", err)
	}
	failpoint.At("cancel the overtaken: after")
}

// Resolve settles by hand what is in review or unknown. It is audited in the
// same commit. It returns ErrNotAllowed, ErrDecisionMade, ErrProviderUnavailable
// or ErrNotFound.
func (o *Orchestrator) Resolve(ctx context.Context, caller core.Caller, id string, how core.Resolution) (core.Transaction, error) {
	if strings.TrimSpace(how.Reason) == "" {
		return core.Transaction{}, &core.Problem{
			Code: core.ErrInvalidRequest.Code, Detail: "a settlement by hand needs a reason",
			Fields: []core.FieldError{{Location: "reason", Message: "required"}},
		}
	}
	event := core.Event{Type: core.EventResolve, Resolve: &how, Actor: caller.Actor, Cause: how.Reason}
	entry := o.audit(caller, "resolve "+how.Verb, id, how.Reason)
	tx, err := o.settleByHand(ctx, id, event, core.Commit{Audit: []core.AuditEntry{entry}})
	if errors.Is(err, core.ErrNotAllowed) || errors.Is(err, core.ErrDecisionMade) {
		o.auditRefusal(ctx, entry, err)
	}
	return tx, err
}

func (o *Orchestrator) settleByHand(ctx context.Context, id string, event core.Event, with core.Commit) (core.Transaction, error) {
	if event.Resolve.Verb == "retry" {
		return o.retry(ctx, id, event, with)
	}
	tx, err := o.Handle(ctx, id, event, with)
	return tx, refusalOrNil(err)
}

// auditRefusal records what an operator wanted and could not have: of two who
// settle the same thing the audit shows both.
func (o *Orchestrator) auditRefusal(ctx context.Context, entry core.AuditEntry, refused error) {
	entry.Action += " refused"
	entry.Detail += ": " + refused.Error()
	if err := o.apply(ctx, core.Commit{Audit: []core.AuditEntry{entry}}); err != nil {
		o.Logger.Error("refusal not recorded", "transaction", entry.Transaction, "error", err)
	}
}

// retry abandons the live attempt and tries the next account that was not asked
// yet. It means the attempt that is live now: of two who retry it one is refused.
func (o *Orchestrator) retry(ctx context.Context, id string, event core.Event, with core.Commit) (core.Transaction, error) {
	tx, err := o.Ledger.Transaction(ctx, id)
	if err != nil {
		return tx, err
	}
	how := *event.Resolve
	if live, ok := tx.Live(); ok && how.Attempt == 0 {
		how.Attempt = live.Number
	}
	event.Resolve = &how
	permit, err := o.untried(tx)
	if err != nil {
		return tx, err
	}
	if !o.enter() {
		permit.Release()
		return tx, shuttingDown()
	}
	event.Start = o.start(permit.Account, o.Now())
	tx, effects, err := o.handle(ctx, id, event, with, nil)
	if err != nil || !goesOn(effects) {
		permit.Release()
		o.calls.Done()
		return tx, refusalOrNil(err)
	}
	failpoint.At("retry: committed")
	o.carryOut(tx, effects)
	r := &run{
		accepted: tx, result: tx, attempt: len(tx.Attempts), permit: permit,
		until: o.Now().Add(o.Deadline), done: make(chan struct{}),
	}
	go o.drive(r)
	return o.awaitRetry(ctx, r), nil
}

// awaitRetry waits for the answer as long as the operator does, and until the
// deadline at most: then the transaction is answered as it stands.
func (o *Orchestrator) awaitRetry(ctx context.Context, r *run) core.Transaction {
	timer := time.NewTimer(r.until.Sub(o.Now()))
	defer timer.Stop()
	select {
	case <-r.done:
		return r.result
	case <-timer.C:
	case <-ctx.Done():
	}
	tx, err := o.Ledger.Transaction(background(), r.accepted.ID)
	if err != nil {
		return r.accepted
	}
	return tx
}

// untried takes the permit of the first account that may take the transaction
// and was not asked yet. A refund goes back where the money came from or nowhere.
func (o *Orchestrator) untried(tx core.Transaction) (core.Permit, error) {
	if tx.Kind == sdk.KindRefund {
		return core.Permit{}, notAllowed("%s goes to the account that took the money and to no other", tx.ID)
	}
	choice := o.Router.Decide(core.SampleOf(tx, o.Now()))
	choice.Candidates = slices.DeleteFunc(slices.Clone(choice.Candidates), func(c core.Candidate) bool {
		return slices.ContainsFunc(tx.Attempts, func(a core.Attempt) bool { return a.Account == c.Account })
	})
	permit, _, err := o.firstPermit(&choice)
	if err == nil {
		return permit, nil
	}
	if len(choice.Removed) == 0 {
		return permit, &core.Problem{Code: core.ErrNotAllowed.Code, Detail: tx.ID + " has no account left to try"}
	}
	return permit, err
}

func refusalOrNil(err error) error {
	if err == nil || errors.Is(err, core.ErrNotFound) {
		return err
	}
	return refusal(err)
}
