package orchestrator

import (
	"context"
	"errors"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

// Payout accepts a payout. One that our own policy holds is answered at once,
// awaiting approval; else it is answered as Pay answers, with the same problems.
func (o *Orchestrator) Payout(ctx context.Context, req core.PayoutRequest) (core.Answer, error) {
	if err := checkPayout(req); err != nil {
		return core.Answer{}, err
	}
	key := o.key(req.Caller, "POST /v1/payouts", req.IdempotencyKey, req.Fingerprint, req)
	return o.take(ctx, key, func(row core.IdempotencyRow) (*run, error) {
		tx := o.payout(req, row.CreatedAt)
		if !tx.PolicyHeld {
			return o.acceptRouted(ctx, tx, row, cardData{})
		}
		// Nobody approves what no account could ever pay out.
		if choice := o.Router.Decide(core.SampleOf(tx, row.CreatedAt)); len(choice.Candidates) == 0 && !anyPassing(choice.Removed) {
			return nil, noRoute(choice)
		}
		return o.acceptAlone(ctx, tx, row, core.Commit{})
	})
}

// Approve lets a held payout go. Approving again is no fault. It returns
// ErrDecisionMade where it was rejected or canceled before, ErrAlreadyFinal,
// ErrNotSupported where nothing is held, or ErrNotFound.
func (o *Orchestrator) Approve(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error) {
	return o.decide(ctx, caller, id, core.CallApprove, reason)
}

// Reject ends a held payout. Its errors are those of Approve.
func (o *Orchestrator) Reject(ctx context.Context, caller core.Caller, id, reason string) (core.Transaction, error) {
	return o.decide(ctx, caller, id, core.CallReject, reason)
}

// decide commits a decision with its audit entry, before anything is called.
func (o *Orchestrator) decide(ctx context.Context, caller core.Caller, id string, call core.Call, reason string) (core.Transaction, error) {
	event := core.Event{Type: core.EventDecision, Decision: call, Actor: caller.Actor, Cause: reason}
	entry := o.audit(caller, string(call), id, reason)
	tx, effects, err := o.handle(ctx, id, event, core.Commit{Audit: []core.AuditEntry{entry}}, nil)
	if err != nil {
		if errors.Is(err, core.ErrDecisionMade) || errors.Is(err, core.ErrNotSupported) {
			o.auditRefusal(ctx, entry, err)
		}
		return tx, refusalOrNil(err)
	}
	failpoint.At("decision: committed")
	o.carryOut(tx, effects)
	if has(effects, core.EffectRoute) {
		return o.release(ctx, tx)
	}
	return tx, nil
}

// release starts a payout that was approved: routing runs now. What cannot start
// now stays created and is tried again by its timer.
func (o *Orchestrator) release(ctx context.Context, tx core.Transaction) (core.Transaction, error) {
	r, err := o.startReleased(ctx, tx)
	if err != nil {
		o.Logger.Warn("approved payout not started yet", "transaction", tx.ID, "error", err)
		return tx, nil
	}
	return o.awaitRetry(ctx, r), nil
}

// Continue starts a payout that was approved and could not start then. It
// returns ErrProviderUnavailable or ErrNoRoute where it still cannot.
func (o *Orchestrator) Continue(ctx context.Context, id string) error {
	tx, err := o.Ledger.Transaction(ctx, id)
	if err != nil || tx.State != core.StateCreated {
		return err
	}
	_, err = o.startReleased(ctx, tx)
	return err
}

// startReleased routes a created transaction, commits its first attempt and drives it.
func (o *Orchestrator) startReleased(ctx context.Context, tx core.Transaction) (*run, error) {
	choice := o.Router.Decide(core.SampleOf(tx, o.Now()))
	permit, candidates, err := o.firstPermit(&choice)
	if err != nil {
		return nil, err
	}
	if !o.enter() {
		permit.Release()
		return nil, shuttingDown()
	}
	event := core.Event{
		Type: core.EventAttemptStarted, Actor: actorEngine, Cause: "routed to " + permit.Account,
		Start: o.start(permit.Account, o.Now()),
	}
	route := o.route(choice)
	event.Start.Route = &route
	tx, effects, err := o.handle(ctx, tx.ID, event, core.Commit{}, nil)
	if err != nil || !goesOn(effects) {
		permit.Release()
		o.calls.Done()
		return nil, err
	}
	failpoint.At("release: committed")
	r := &run{
		accepted: tx, result: tx, attempt: len(tx.Attempts), permit: permit, candidates: candidates,
		until: o.Now().Add(o.deadline(choice)), done: make(chan struct{}),
	}
	go o.drive(r)
	return r, nil
}

// decideAtProvider tells the provider what was decided. Its answer is never
// believed to say what became of the money: a question follows.
func (o *Orchestrator) decideAtProvider(tx core.Transaction, number int, call core.Call) {
	a, ok := tx.Attempt(number)
	if !ok {
		return
	}
	verdict := sdk.VerdictResult{}
	if provider, ok := o.Accounts.Provider(a.Account); ok {
		failpoint.At("tell a decision: before")
		told, err := decideAt(provider, call, core.About(tx, a))
		failpoint.At("tell a decision: after")
		verdict = told
		if err != nil {
			o.Logger.Warn("decision without an answer", "transaction", tx.ID, "attempt", a.ID, "call", call, "error", err)
			verdict = verdictOf(err)
		}
	}
	event := core.Event{Type: core.EventDecisionResult, Attempt: number, Verdict: verdict, Actor: actorProvider}
	if _, err := o.Handle(background(), tx.ID, event, core.Commit{}); err != nil {
		o.Logger.Error("answer to a decision not committed", "transaction", tx.ID, "error", err)
	}
	failpoint.At("tell a decision: committed")
}

func decideAt(provider sdk.FullProvider, call core.Call, about sdk.Attempt) (sdk.VerdictResult, error) {
	switch call {
	case core.CallApprove:
		return provider.ApprovePayout(background(), about)
	case core.CallReject:
		return provider.RejectPayout(background(), about)
	case core.CallCancel:
		return provider.Cancel(background(), about)
	case core.CallNone, core.CallCreate:
		return sdk.VerdictResult{}, errors.New("no decision")
	default:
		return sdk.VerdictResult{}, errors.New("no decision")
	}
}

// verdictOf is what a fault says of a decision: nothing, unless the account has
// no such call at all.
func verdictOf(err error) sdk.VerdictResult {
	if errors.Is(err, sdk.ErrNotSupported) {
		return sdk.VerdictResult{Verdict: sdk.VerdictRefused, Reason: sdk.ReasonNotSupported, Message: "the account has no such call"}
	}
	return sdk.VerdictResult{}
}
