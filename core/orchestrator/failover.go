package orchestrator

import (
	"context"
	"fmt"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

// nextPermit takes the permit for the next account, if the answer is a definite
// no that may go on and the request has time and attempts left. It returns whom
// it passed over, with why.
func (o *Orchestrator) nextPermit(r *run, result sdk.Result) (core.Permit, []core.Removed, bool) {
	route := r.result.Route
	if !route.GoesOn(result.Outcome, result.Reason) {
		return core.Permit{}, nil, false
	}
	number := r.attempt + 1
	switch {
	case r.attempt >= route.MaxAttempts:
		return core.Permit{}, notReached(r.candidates, number, tooMany(route)), false
	case !o.Now().Before(r.until):
		return core.Permit{}, notReached(r.candidates, number, "the time of the request was over"), false
	}
	permit, rest, passedOver, ok := o.permitOf(r.candidates, number)
	r.candidates = rest
	return permit, passedOver, ok
}

func tooMany(route core.Route) string {
	return fmt.Sprintf("the most attempts, %d, were made", route.MaxAttempts)
}

// notReached says of every candidate that was left why it was not asked.
func notReached(candidates []string, number int, why string) []core.Removed {
	var all []core.Removed
	for _, account := range candidates {
		all = append(all, core.Removed{Account: account, Reason: why, Attempt: number})
	}
	return all
}

// permitOf takes the permit of the first candidate for the attempt with a number
// that gives one. It returns the candidates after it, and those it passed over.
func (o *Orchestrator) permitOf(candidates []string, number int) (core.Permit, []string, []core.Removed, bool) {
	var passedOver []core.Removed
	for i, account := range candidates {
		permit, err := o.Accounts.Acquire(account)
		if err == nil {
			return permit, candidates[i+1:], passedOver, true
		}
		passedOver = append(passedOver, atAttempt(number, removals(account, err))...)
	}
	return core.Permit{}, nil, passedOver, false
}

// atAttempt marks who was passed over in search of the attempt with a number.
func atAttempt(number int, removed []core.Removed) []core.Removed {
	marked := slices.Clone(removed)
	for i := range marked {
		marked[i].Attempt = number
	}
	return marked
}

// untried decides anew about a transaction that an operator tries again: it takes
// the permit of the first account that may take it and was not asked yet. A refund
// goes back where the money came from or nowhere. The raw card data that a request
// carried is gone.
func (o *Orchestrator) untried(tx core.Transaction) (core.Permit, []string, core.Route, error) {
	if tx.Kind == sdk.KindRefund {
		return core.Permit{}, nil, core.Route{}, notAllowed("%s goes to the account that took the money and to no other", tx.ID)
	}
	before := tx.Route.Removed
	tx.Route.At, tx.Route.Card = o.Now(), false
	sample := tx.Sample()
	tried, why := triedBefore(tx)
	sample.Tried = tried
	choice := o.choose(sample)
	if nobodyLeft(choice, tried) {
		return core.Permit{}, nil, core.Route{}, notAllowed("%s has no account left to try", tx.ID)
	}
	permit, rest, err := o.firstPermit(&choice)
	if err != nil {
		return core.Permit{}, nil, core.Route{}, err
	}
	route := o.route(choice, tx)
	route.Candidates, route.Reasons = slices.Concat(tried, route.Candidates), append(why, route.Reasons...)
	route.Removed = slices.Concat(before, atAttempt(len(tx.Attempts)+1, route.Removed))
	return permit, rest, route, nil
}

// nobodyLeft reports whether a decision leaves nobody but who was tried before.
func nobodyLeft(choice core.Choice, tried []string) bool {
	others := slices.ContainsFunc(choice.Removed, func(r core.Removed) bool { return !slices.Contains(tried, r.Account) })
	return len(choice.Candidates) == 0 && choice.Denied == "" && !others
}

// triedBefore are the accounts that have an attempt, in their order, and why they
// stand before those of a later decision.
func triedBefore(tx core.Transaction) (accounts, why []string) {
	for _, a := range tx.Attempts {
		if slices.Contains(accounts, a.Account) {
			continue
		}
		accounts, why = append(accounts, a.Account), append(why, fmt.Sprintf("tried as attempt %d", a.Number))
	}
	return accounts, why
}

// handleLate handles a no that came after the create call was answered, and where
// rule and provider let it go on starts the next account in the same commit. It
// reports false where nobody is to be asked, with whom it passed over.
func (o *Orchestrator) handleLate(ctx context.Context, id string, e core.Event, with core.Commit) (core.Transaction, []core.Removed, bool, error) {
	tx, err := o.Ledger.Transaction(ctx, id)
	if err != nil {
		return core.Transaction{}, nil, true, fmt.Errorf("orchestrator: %s: %w", id, err)
	}
	if !o.goesOnLate(tx, e) {
		return tx, nil, false, nil
	}
	number := len(tx.Attempts) + 1
	if len(tx.Attempts) >= tx.Route.MaxAttempts {
		return tx, notReached(tx.Untried(), number, tooMany(tx.Route)), false, nil
	}
	permit, rest, passedOver, ok := o.permitOf(tx.Untried(), number)
	if !ok {
		return tx, passedOver, false, nil
	}
	e.PassedOver, e.Start = passedOver, o.start(permit.Account, o.Now())
	tx, err = o.startLate(ctx, tx, e, with, &run{permit: permit, candidates: rest})
	return tx, nil, true, err
}

// goesOnLate reports whether the event is a late no that the rule and the facts of
// its account let go on. The machine decides; this only spares permits.
func (o *Orchestrator) goesOnLate(tx core.Transaction, e core.Event) bool {
	a, _ := tx.Attempt(e.Attempt)
	return a.State.Live() && tx.Kind == sdk.KindPayout && tx.Route.GoesOnLate(e.Result.Outcome, e.Result.Reason) &&
		o.policy(a.Account, tx.Kind).LateFailover
}

// startLate commits the late no with the start of the next attempt, and drives it.
func (o *Orchestrator) startLate(ctx context.Context, tx core.Transaction, e core.Event, with core.Commit, r *run) (core.Transaction, error) {
	if !o.enter() {
		r.permit.Release()
		return tx, shuttingDown() // What is not handled comes again after the next start.
	}
	tx, effects, err := o.handle(ctx, tx.ID, e, with, nil)
	if err == nil {
		o.carryOut(tx, effects)
	}
	if err != nil || !goesOn(effects) {
		r.permit.Release()
		o.calls.Done()
		return tx, err
	}
	failpoint.At("late failover: committed")
	r.accepted, r.result, r.attempt, r.done = tx, tx, len(tx.Attempts), make(chan struct{})
	r.until = o.Now().Add(o.deadline(tx.Route))
	go o.drive(r)
	return tx, nil
}
