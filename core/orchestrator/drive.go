package orchestrator

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

// The actors that are no person.
const (
	actorEngine   = "engine"
	actorProvider = "provider"
)

// run is one chain of create calls: an attempt, and the next ones after a
// definite no.
type run struct {
	accepted core.Transaction
	attempt  int
	permit   core.Permit
	// candidates are the accounts left to try.
	candidates []string
	// card is what only this run's calls may carry.
	card cardData
	// until is when the request is answered at the latest; no attempt begins after it.
	until time.Time
	// row is the idempotency row to complete, nil if there is none; claimed says
	// that somebody is answering it.
	row     *core.IdempotencyRow
	claimed atomic.Bool
	// result is the transaction to answer with; it may be read once done is closed.
	result core.Transaction
	done   chan struct{}
}

// drive makes the create calls of a run until one is not a definite no.
func (o *Orchestrator) drive(r *run) {
	defer o.calls.Done()
	defer close(r.done)
	for {
		result := o.create(r)
		r.permit.Release()
		if !o.settle(r, result) {
			return
		}
	}
}

// create makes the creating call of the run's attempt and turns a fault into
// what it proves: NOT_SENT at best, UNKNOWN otherwise.
func (o *Orchestrator) create(r *run) sdk.Result {
	a, _ := r.result.Attempt(r.attempt)
	provider, ok := o.Accounts.Provider(a.Account)
	switch {
	case !ok:
		return notSent("nothing serves the account any more")
	case o.Now().After(a.SendBy):
		return notSent("the time to send was over before the call")
	}
	failpoint.At("create: before")
	result, err := o.createAt(provider, r.result, a, r.card)
	failpoint.At("create: after")
	if err != nil {
		result = fault(err)
		o.Logger.Warn("create call failed", "transaction", r.result.ID, "attempt", a.ID, "outcome", result.Outcome, "error", r.card.words(err.Error()))
	}
	return r.card.hidden(result)
}

// createAt makes the call of the transaction's kind.
func (o *Orchestrator) createAt(provider sdk.FullProvider, tx core.Transaction, a core.Attempt, card cardData) (sdk.Result, error) {
	ctx := sdk.WithSendBy(background(), a.SendBy)
	switch tx.Kind {
	case sdk.KindPayout:
		return provider.CreatePayout(ctx, o.payoutRequest(tx, a))
	case sdk.KindRefund:
		payment, err := o.Ledger.Transaction(ctx, tx.Parent)
		if err != nil {
			return notSent("its payment cannot be read: " + err.Error()), nil
		}
		return provider.CreateRefund(ctx, o.refundRequest(tx, a, payment))
	default:
		req := o.paymentRequest(tx, a)
		req.Card, req.Browser = card.card, card.browser
		return provider.CreatePayment(ctx, req)
	}
}

// Again makes the unanswered create call of an attempt once more. It is only for
// providers whose create call creates nothing (idempotency harmless), and carries
// the same reference. It returns ErrNotAllowed for any other attempt.
func (o *Orchestrator) Again(ctx context.Context, id string, number int) (core.Transaction, error) {
	tx, err := o.Ledger.Transaction(ctx, id)
	if err != nil {
		return tx, fmt.Errorf("orchestrator: %s: %w", id, err)
	}
	a, _ := tx.Attempt(number)
	standing, _ := o.Accounts.Standing(a.Account)
	if a.State != core.AttemptUnknown || standing.Facts[tx.Kind].Idempotency != sdk.IdempotencyHarmless {
		return tx, notAllowed("attempt %d of %s may not be sent again", number, id)
	}
	result := sdk.Result{}
	if provider, ok := o.Accounts.Provider(a.Account); ok {
		again := a
		again.SendBy = o.Now().Add(sendWithin)
		failpoint.At("create again: before")
		if result, err = o.createAt(provider, tx, again, cardData{}); err != nil {
			o.Logger.Warn("create call failed again", "transaction", id, "attempt", a.ID, "error", err)
			result = sdk.Result{} // That nothing was sent now says nothing of the first time.
		}
	}
	failpoint.At("create again: after")
	r := &run{accepted: tx, result: tx, attempt: number, until: o.Now(), done: make(chan struct{})}
	o.settleAgain(r, result)
	return r.result, nil
}

// settleAgain commits what a repeated create call answered; no answer sets the
// next time to ask.
func (o *Orchestrator) settleAgain(r *run, result sdk.Result) {
	if result.Outcome != sdk.OutcomeUnknown {
		o.settle(r, result)
		return
	}
	silent := core.Event{
		Type: core.EventOutcome, Source: core.SourceQuery, Attempt: r.attempt, Actor: actorEngine, Cause: "no answer to the repeated call",
	}
	tx, err := o.Handle(background(), r.accepted.ID, silent, core.Commit{})
	if err != nil {
		o.Logger.Error("outcome not committed", "transaction", r.accepted.ID, "error", err)
		return
	}
	r.result = tx
}

func notSent(why string) sdk.Result {
	return sdk.Result{Outcome: sdk.OutcomeNotSent, Reason: sdk.ReasonProviderUnavailable, Message: why}
}

func fault(err error) sdk.Result {
	result := sdk.Result{Outcome: sdk.CreateOutcome(err)}
	if result.Outcome == sdk.OutcomeNotSent {
		result.Reason = sdk.ReasonProviderUnavailable
	}
	var details *sdk.Error
	if errors.As(err, &details) {
		result.ProviderCode, result.Message, result.Exchanges = details.ProviderCode, details.Message, details.Exchanges
	}
	return result
}

// settle commits the outcome and, after a definite no, the start of the next
// attempt with it. It reports whether there is a next call to make.
func (o *Orchestrator) settle(r *run, result sdk.Result) bool {
	event := core.Event{
		Type: core.EventOutcome, Source: core.SourceCreate, Attempt: r.attempt, Result: result, Actor: actorProvider,
	}
	permit, passedOver, ok := o.nextPermit(r, result)
	event.PassedOver = passedOver
	if ok {
		event.Start = o.start(permit.Account, o.Now())
	}
	tx, effects, err := o.handle(background(), r.accepted.ID, event, core.Commit{}, r.seal(o.Now()))
	if errors.Is(err, core.ErrClaimTaken) {
		release(permit, ok)
		return o.settle(r, duplicateOrder())
	}
	if err != nil {
		// The attempt stays as it is in the store: its timer asks what became of it.
		o.Logger.Error("outcome not committed", "transaction", r.accepted.ID, "attempt", r.attempt, "error", err)
		release(permit, ok)
		return false
	}
	failpoint.At("create: committed")
	o.carryOut(tx, effects)
	r.result = tx
	if !ok || has(effects, core.EffectAlone) {
		release(permit, ok)
		return false
	}
	r.attempt, r.permit = len(tx.Attempts), permit
	return true
}

func release(permit core.Permit, taken bool) {
	if taken {
		permit.Release()
	}
}

// seal puts the answer to the request into the commit that ends the run, so
// that the same key gives the same answer for ever.
func (r *run) seal(now time.Time) seal {
	mine := false
	return func(tx core.Transaction, effects []core.Effect, commit *core.Commit) {
		if r.row == nil || goesOn(effects) {
			return
		}
		mine = mine || r.claimed.CompareAndSwap(false, true)
		if mine {
			commit.Idempotency = []core.IdempotencyWrite{{Row: answered(*r.row, tx, now)}}
		}
	}
}

// goesOn reports whether another create call follows.
func goesOn(effects []core.Effect) bool {
	for _, effect := range effects {
		if effect.Type == core.EffectCall && effect.Call == core.CallCreate {
			return true
		}
	}
	return false
}

// answerNow answers at the deadline with the state as it is, unless the run is
// being answered at this moment.
func (o *Orchestrator) answerNow(r *run) core.Transaction {
	if !r.claimed.CompareAndSwap(false, true) {
		<-r.done
		return r.result
	}
	tx, err := o.Ledger.Transaction(background(), r.accepted.ID)
	if err != nil {
		return r.accepted
	}
	row := answered(*r.row, tx, o.Now())
	failpoint.At("answer at the deadline: before")
	if err := o.apply(background(), core.Commit{Idempotency: []core.IdempotencyWrite{{Row: row}}}); err != nil {
		o.Logger.Error("answer not recorded", "transaction", tx.ID, "error", err)
	}
	failpoint.At("answer at the deadline: after")
	return tx
}
