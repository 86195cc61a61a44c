package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

// askGap is the least time between two questions about one attempt.
const askGap = 2 * time.Second

// question is an attempt of a transaction to be asked about.
type question struct {
	transaction string
	attempt     int
}

// answer is what a question under way, or one answered lately, led to.
type answer struct {
	done chan struct{}
	at   time.Time
	tx   core.Transaction
	err  error
}

// questions merges questions about one attempt: one is in flight at a time, and
// at most one is asked in askGap.
type questions struct {
	mu    sync.Mutex
	asked map[question]*answer
	// many is how many answers there may be before old ones are looked for again.
	many int
}

// join returns the answer to wait for, and whether the caller must find it.
func (q *questions) join(about question, now time.Time) (*answer, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget(now)
	if under, ok := q.asked[about]; ok && !under.old(now) {
		return under, false
	}
	mine := &answer{done: make(chan struct{})}
	q.asked[about] = mine
	return mine, true
}

// forgetAbove is how many answers are kept before old ones are looked for.
const forgetAbove = 1024

// forget drops answers that are too old to be joined, once there are twice as many
// as were left the last time: to look at each of them at every question would make
// a question the slower the more there are.
func (q *questions) forget(now time.Time) {
	if len(q.asked) < max(q.many, forgetAbove) {
		return
	}
	defer func() { q.many = 2 * len(q.asked) }()
	for about, a := range q.asked {
		if a.old(now) {
			delete(q.asked, about)
		}
	}
}

func (a *answer) old(now time.Time) bool {
	select {
	case <-a.done:
		gap := now.Sub(a.at)
		return gap < 0 || gap >= askGap // Clocks may be set back.
	default:
		return false
	}
}

func (q *questions) settle(a *answer, now time.Time, tx core.Transaction, err error) {
	q.mu.Lock()
	a.at, a.tx, a.err = now, tx, err
	q.mu.Unlock()
	close(a.done)
}

// Ask asks the provider now what became of the transaction's latest attempt, and
// returns the transaction as it is afterwards. Questions asked at the same time,
// or within two seconds, are one, so that whoever asked first and goes away does
// not end it for the others. It returns ErrNotFound, or ErrProviderUnavailable
// where the account cannot be asked now.
func (r *Reconciler) Ask(ctx context.Context, id string) (core.Transaction, error) {
	return r.askLatest(context.WithoutCancel(ctx), id)
}

func (r *Reconciler) askLatest(ctx context.Context, id string) (core.Transaction, error) {
	tx, err := r.Transactions.Transaction(ctx, id)
	if err != nil {
		return tx, err
	}
	a, ok := tx.Live()
	if !ok {
		a, ok = tx.Last()
	}
	if !ok {
		return tx, nil
	}
	return r.ask(ctx, tx, a.Number, "")
}

// ask asks about one attempt and brings the answer to the orchestrator. A timer
// is not satisfied with an answer, or with a fault, from before it went off: it
// waits out the gap.
func (r *Reconciler) ask(ctx context.Context, tx core.Transaction, attempt int, timer core.TimerKind) (core.Transaction, error) {
	return r.askFor(ctx, tx, attempt, timer, timer != "")
}

// askFor is ask; anew says that an answer of before will not do.
func (r *Reconciler) askFor(ctx context.Context, tx core.Transaction, attempt int, timer core.TimerKind, anew bool) (core.Transaction, error) {
	mine, first := r.questions.join(question{tx.ID, attempt}, r.Now())
	for !first {
		after, err := joined(ctx, mine)
		if !anew || ctx.Err() != nil {
			return after, err
		}
		sleep(ctx, mine.at.Add(askGap).Sub(r.Now()))
		mine, first = r.questions.join(question{tx.ID, attempt}, r.Now())
	}
	after, err := r.query(ctx, tx, attempt, timer)
	at := r.Now()
	if notAsked(err) {
		at = time.Time{} // The next one need not keep a distance to a question that was none.
	}
	r.questions.settle(mine, at, after, err)
	return after, err
}

func joined(ctx context.Context, a *answer) (core.Transaction, error) {
	select {
	case <-a.done:
		return a.tx, a.err
	case <-ctx.Done():
		return core.Transaction{}, ctx.Err()
	}
}

// query asks the provider. That it could not be asked, or gave no answer, says
// nothing about the attempt; the machine sets the next time.
func (r *Reconciler) query(ctx context.Context, tx core.Transaction, number int, timer core.TimerKind) (core.Transaction, error) {
	a, ok := tx.Attempt(number)
	if !ok {
		return tx, fmt.Errorf("reconcile: %s has no attempt %d", tx.ID, number)
	}
	if a.Calling == core.CallCreate {
		return tx, nil // Its own answer, or the time of the call, comes first.
	}
	if r.harmless(tx.Kind, a) {
		return r.again(ctx, tx, a)
	}
	// What came before the question is settled by its answer; what comes while it
	// is under way may be newer than the answer, and is asked about again.
	notices := r.notices(ctx, tx.ID, number)
	event := core.Event{
		Type: core.EventOutcome, Source: core.SourceQuery, Attempt: number, Timer: timer, Actor: "provider",
		Evidence: notices.evidence(),
	}
	if event.Evidence != nil {
		a.Evidence = event.Evidence // The plugin may need it to believe the provider's answer.
	}
	failpoint.At("question: before")
	result, err := r.look(ctx, tx, a, timer)
	failpoint.At("question: after")
	if notAsked(err) || timer == core.TimerWatch && passing(err) {
		return tx, err // It stays due: nobody was asked, and may be later.
	}
	var with core.Commit
	if err == nil {
		event.Result = result
		with = notices.usedUp(result.Outcome.Known(), a.State.Live(), r.Now())
	} else {
		event.Actor, event.Cause = "engine", "no answer: "+clip(err.Error())
		event.Result.RetryAfter = retryAfter(err)
	}
	after, handled := r.Orchestrator.Handle(ctx, tx.ID, event, with)
	if handled != nil {
		return tx, handled
	}
	failpoint.At("question: committed")
	return after, refusedQuestion(err)
}

// notAsked reports whether the account has no room for a question now.
func notAsked(err error) bool { return roomIn(err) > 0 }

// roomIn is when the account has room for a question that it had none for, zero
// for every other error.
func roomIn(err error) time.Duration {
	var problem *core.Problem
	if errors.As(err, &problem) && problem.Code == core.ErrProviderUnavailable.Code {
		return problem.RetryAfter
	}
	return 0
}

// passing reports whether the account could not be asked for a reason that may
// be gone soon, such as a plugin that starts. A watch, whose questions are few,
// does not spend one of them on it.
func passing(err error) bool {
	var problem *core.Problem
	return errors.As(err, &problem) &&
		slices.ContainsFunc(problem.Removed, func(removed core.Removed) bool { return removed.Passing })
}

// refusedQuestion tells the one who asked that nobody could be asked; a provider
// without an answer is no fault of the question.
func refusedQuestion(err error) error {
	if errors.Is(err, core.ErrProviderUnavailable) {
		return err
	}
	return nil
}

// harmless reports whether the lost answer of the attempt's create call is simply
// asked for again, because that call creates nothing at the provider.
func (r *Reconciler) harmless(kind sdk.Kind, a core.Attempt) bool {
	facts := r.Accounts.Standings()[a.Account].Facts[kind]
	return a.State == core.AttemptUnknown && facts.Idempotency == sdk.IdempotencyHarmless
}

// again makes the call once more that was not answered, within the account's rate.
func (r *Reconciler) again(ctx context.Context, tx core.Transaction, a core.Attempt) (core.Transaction, error) {
	permit, err := r.Accounts.AcquireQuestion(a.Account)
	switch {
	case err == nil:
		defer permit.Release()
	case notAsked(err):
		return tx, err
	}
	return r.Orchestrator.Again(ctx, tx.ID, a.Number)
}

func (r *Reconciler) look(ctx context.Context, tx core.Transaction, a core.Attempt, timer core.TimerKind) (sdk.Result, error) {
	if pullOnly(r.Accounts.Standings()[a.Account]) {
		return r.listed(ctx, tx, a, timer)
	}
	permit, err := r.Accounts.AcquireQuestion(a.Account)
	if err != nil {
		return sdk.Result{}, err
	}
	defer permit.Release()
	provider, ok := r.Accounts.Provider(a.Account)
	if !ok {
		return sdk.Result{}, fmt.Errorf("nothing serves the account %s", a.Account)
	}
	result, err := provider.QueryStatus(ctx, core.About(tx, a))
	if result.Outcome.CreateOnly() {
		// A query cannot know that nothing was created.
		result.Alert = "the plugin answered a query with " + result.Outcome.String()
		result.Outcome = sdk.OutcomeUnknown
	}
	return result, err
}

func clip(text string) string {
	const most = 200
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
