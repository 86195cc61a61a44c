package orchestrator

import (
	"context"
	"errors"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/core/machine"
)

// sendWithin is how long after its commit a creating call may still be sent.
const sendWithin = 5 * time.Second

// answerSlack is how long after the deadline of an RPC its answer counts as lost.
const answerSlack = 5 * time.Second

// watchUnknown is how long an attempt is watched whose provider's facts are not known.
const watchUnknown = 48 * time.Hour

// Pay accepts a payment and answers once its first attempts have an answer, or
// at the deadline with the state as it is. The same idempotency key gives the
// same answer.
//
// It returns a Problem: ErrInvalidRequest, ErrIdempotencyKeyMissing,
// ErrIdempotencyKeyReused, ErrIdempotencyInFlight, ErrDuplicateReference,
// ErrNoRoute, ErrDenied, ErrProviderUnavailable or ErrStoreUnavailable. With any
// of them nothing was stored and nobody was asked.
func (o *Orchestrator) Pay(ctx context.Context, req core.PaymentRequest) (core.Answer, error) {
	if err := checkPayment(req); err != nil {
		return core.Answer{}, err
	}
	card := cardData{req.Card, req.Browser}
	req.Card, req.Browser = nil, nil
	key := o.key(req.Caller, "POST /v1/payments", req.IdempotencyKey, req.Fingerprint, req)
	return o.take(ctx, key, func(row core.IdempotencyRow) (*run, error) {
		return o.acceptRouted(ctx, o.payment(req, row.CreatedAt), row, card)
	})
}

// accept commits a transaction with the row of its idempotency key. The run it
// returns has no permit where there is nothing to send.
type accept func(row core.IdempotencyRow) (*run, error)

// take answers a request that moves money: as before where its key is known,
// else by accepting it and driving what was accepted.
func (o *Orchestrator) take(ctx context.Context, key core.IdempotencyRow, accept accept) (core.Answer, error) {
	if answer, found, err := o.replay(ctx, key.Scope, key.Fingerprint); found || err != nil {
		return answer, err
	}
	if !o.enter() {
		return core.Answer{}, shuttingDown()
	}
	r, err := accept(key)
	if err != nil {
		o.calls.Done()
		return o.taken(ctx, key.Scope, key.Fingerprint, err)
	}
	if r.permit.Release == nil {
		o.calls.Done()
		return core.Answer{Transaction: r.result}, nil
	}
	go o.drive(r)
	return o.await(ctx, r)
}

// taken answers a request that was refused. One that lost the race for its
// idempotency key may have been refused for what its own repeat did first: the
// reference it holds, the money it reserved, the slot it uses.
func (o *Orchestrator) taken(ctx context.Context, scope core.IdempotencyScope, print []byte, refused error) (core.Answer, error) {
	answer, found, err := o.replay(ctx, scope, print)
	switch {
	case found || err != nil:
		return answer, err
	case errors.Is(refused, core.ErrKeyTaken):
		return core.Answer{}, inFlight()
	default:
		return core.Answer{}, refusal(refused)
	}
}

// acceptRouted routes the transaction and commits it, its first attempt and the
// key's row at once.
func (o *Orchestrator) acceptRouted(ctx context.Context, tx core.Transaction, row core.IdempotencyRow, card cardData) (*run, error) {
	asked := core.SampleOf(tx, row.CreatedAt)
	asked.Card = card.card != nil
	choice := o.Router.Decide(asked)
	permit, candidates, err := o.firstPermit(&choice)
	if err != nil {
		return nil, err
	}
	tx.Route = o.route(choice)
	r := &run{
		permit: permit, candidates: candidates, card: card, until: row.CreatedAt.Add(o.deadline(choice)), row: &row,
		done: make(chan struct{}),
	}
	if err := o.open(ctx, r, tx, core.Commit{}); err != nil {
		permit.Release()
		return nil, err
	}
	return r, nil
}

// open commits the transaction with its first attempt, the key's row and what
// else belongs to it.
func (o *Orchestrator) open(ctx context.Context, r *run, tx core.Transaction, with core.Commit) error {
	tx, effects, err := o.begin(tx, r.row.CreatedAt, r.permit.Account)
	if err != nil {
		return err
	}
	r.row.Transaction, r.row.Until = tx.ID, r.until.Add(sendWithin)
	with.Transactions = append([]core.Change{o.change(0, tx, effects)}, with.Transactions...)
	with.Idempotency = []core.IdempotencyWrite{{Row: *r.row, New: true}}
	failpoint.At("accept: before")
	if err := o.apply(ctx, with); err != nil {
		return err
	}
	failpoint.At("accept: after")
	tx.Version = 1
	o.Changed(core.Transaction{}, tx)
	r.accepted, r.result, r.attempt = tx, tx, 1
	return nil
}

// acceptAlone commits a transaction that nothing is sent for: it waits for
// approval, or was settled outside. It is answered at once.
func (o *Orchestrator) acceptAlone(ctx context.Context, tx core.Transaction, row core.IdempotencyRow, with core.Commit) (*run, error) {
	created := core.Event{
		ID: o.NewID(core.PrefixEvent, row.CreatedAt), Type: core.EventCreated, At: row.CreatedAt,
		Actor: tx.CreatedBy, Policy: o.policy("", tx.Kind),
	}
	tx, effects, err := machine.Next(tx, created)
	if err != nil {
		return nil, o.refused(err)
	}
	tx.Version = 1
	row.Transaction = tx.ID
	with.Transactions = append([]core.Change{o.change(0, tx, effects)}, with.Transactions...)
	with.Idempotency = []core.IdempotencyWrite{{Row: answered(row, tx, row.CreatedAt), New: true}}
	failpoint.At("accept alone: before")
	if err := o.apply(ctx, with); err != nil {
		return nil, err
	}
	failpoint.At("accept alone: after")
	o.Changed(core.Transaction{}, tx)
	o.carryOut(tx, effects)
	return &run{accepted: tx, result: tx}, nil
}

// begin makes the transaction and starts its first attempt, as one step.
func (o *Orchestrator) begin(tx core.Transaction, now time.Time, account string) (core.Transaction, []core.Effect, error) {
	created := core.Event{ID: o.NewID(core.PrefixEvent, now), Type: core.EventCreated, At: now, Actor: tx.CreatedBy}
	tx, effects, err := machine.Next(tx, created)
	if err != nil {
		return tx, nil, o.refused(err)
	}
	started := core.Event{
		ID: o.NewID(core.PrefixEvent, now), Type: core.EventAttemptStarted, At: now, Actor: actorEngine,
		Cause: "routed to " + account, Start: o.start(account, now), Policy: o.policy(account, tx.Kind),
	}
	tx, more, err := machine.Next(tx, started)
	return tx, append(effects, more...), o.refusedOrNil(err)
}

func (o *Orchestrator) refusedOrNil(err error) error {
	if err == nil {
		return nil
	}
	return o.refused(err)
}

// start names the attempt to begin and its time limits.
func (o *Orchestrator) start(account string, now time.Time) *core.Start {
	standing, _ := o.Accounts.Standing(account)
	return &core.Start{
		AttemptID: o.NewID(core.PrefixAttempt, now), Account: account,
		SendBy: now.Add(sendWithin), CallLostAt: now.Add(standing.Timeout + answerSlack),
	}
}

// firstPermit takes the permit of the first candidate that gives one. It moves
// those that do not to the removed ones.
func (o *Orchestrator) firstPermit(choice *core.Choice) (core.Permit, []string, error) {
	for i, candidate := range choice.Candidates {
		permit, err := o.Accounts.Acquire(candidate.Account)
		if err == nil {
			rest := names(choice.Candidates[i+1:])
			choice.Candidates = choice.Candidates[i:]
			return permit, rest, nil
		}
		choice.Removed = append(choice.Removed, removals(candidate.Account, err)...)
	}
	return core.Permit{}, nil, noRoute(*choice)
}

func removals(account string, err error) []core.Removed {
	var problem *core.Problem
	if errors.As(err, &problem) && len(problem.Removed) > 0 {
		return problem.Removed
	}
	return []core.Removed{{Account: account, Reason: err.Error(), Passing: true}}
}

func names(candidates []core.Candidate) []string {
	all := make([]string, len(candidates))
	for i, candidate := range candidates {
		all[i] = candidate.Account
	}
	return all
}

func (o *Orchestrator) route(choice core.Choice) core.Route {
	attempts := choice.MaxAttempts
	if attempts == 0 {
		attempts = o.MaxAttempts
	}
	return core.Route{
		Rule: choice.Rule, Generation: choice.Generation, Candidates: names(choice.Candidates),
		Removed: choice.Removed, MaxAttempts: attempts,
	}
}

func (o *Orchestrator) deadline(choice core.Choice) time.Duration {
	if choice.Deadline > 0 {
		return choice.Deadline
	}
	return o.Deadline
}

// await answers when the run is over, at the deadline, or when the caller goes
// away; the run goes on in any case.
func (o *Orchestrator) await(ctx context.Context, r *run) (core.Answer, error) {
	if tx, ok := o.answer(ctx, r); ok {
		return core.Answer{Transaction: tx}, nil
	}
	// A repeat must find an answer, although this caller did not wait for it.
	o.inBackground(func() { o.answer(background(), r) })
	return core.Answer{Transaction: r.accepted}, nil
}

// answer returns what the request is answered with, once the run is over or at
// the deadline, and false if ctx is done before.
func (o *Orchestrator) answer(ctx context.Context, r *run) (core.Transaction, bool) {
	timer := time.NewTimer(r.until.Sub(o.Now()))
	defer timer.Stop()
	select {
	case <-r.done:
		return r.result, true
	case <-timer.C:
		return o.answerNow(r), true
	case <-ctx.Done():
		return core.Transaction{}, false
	}
}
