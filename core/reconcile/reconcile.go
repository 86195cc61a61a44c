package reconcile

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/sync/singleflight"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

const (
	// holdFor is how long work handed out is not handed out again. It is longer
	// than any question may take.
	holdFor = time.Minute
	// batch is how much due work is read at once, workers how much is done at once:
	// more than one account may take, so that a slow one leaves room for the others.
	batch, workers = 256, 256
	// parkedMax is how much work may wait for room at its accounts. The rest comes
	// again when it is handed out again, which is after parkedFor.
	parkedMax, parkedFor = 1024, holdFor - 10*time.Second
	// idleMax is the longest sleep: clocks may be set.
	idleMax = time.Minute
	// hintsMax is how many hints may wait; more are dropped, as timers ask in any case.
	hintsMax = 1024
	// faultPause is the pause after the store refused.
	faultPause = time.Second
)

// Schedule says what is due.
type Schedule interface {
	// Due returns what is due at now, the earliest first, and holds it until now + hold.
	Due(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]core.Due, error)
	// NextDue returns when Due will return something; zero if it never will.
	NextDue(ctx context.Context) (time.Time, error)
}

// Transactions reads what to ask about.
type Transactions interface {
	Transaction(ctx context.Context, id string) (core.Transaction, error)
	// Transactions returns a page of those that the filter selects, newest first.
	Transactions(ctx context.Context, f core.Filter) (core.Page[core.Transaction], error)
}

// Inbox holds the notifications that are not used up.
type Inbox interface {
	Inbox(ctx context.Context, id string) (core.InboxRow, error)
	InboxOf(ctx context.Context, transaction string) ([]core.InboxRow, error)
	// Apply writes rows put off or given up.
	Apply(ctx context.Context, c core.Commit) error
}

// Accounts are the provider accounts to ask.
type Accounts interface {
	// AcquireQuestion gives the right to ask one question now, or says why not.
	AcquireQuestion(account string) (core.Permit, error)
	Provider(account string) (sdk.FullProvider, bool)
	// Standings returns what is known of each account now.
	Standings() map[string]core.Standing
}

// Reader reads notifications that could not be verified when they came, and
// finds what they are about.
type Reader interface {
	Read(ctx context.Context, row core.InboxRow) (core.InboxRow, error)
}

// Orchestrator takes events.
type Orchestrator interface {
	Handle(ctx context.Context, id string, e core.Event, with core.Commit) (core.Transaction, error)
	// Continue starts what was approved and could not start then.
	Continue(ctx context.Context, id string) error
	// Again makes an unanswered create call once more, where that creates nothing.
	Again(ctx context.Context, id string, attempt int) (core.Transaction, error)
}

// Options are what New needs; all are required.
type Options struct {
	Schedule     Schedule
	Transactions Transactions
	Inbox        Inbox
	Reading      Reading
	Receiver     Receiver
	Book         Book
	TransferBook TransferBook
	Accounts     Accounts
	Reader       Reader
	Orchestrator Orchestrator
	Logger       hclog.Logger
	Now          func() time.Time
	// StartedAt is when this process began. The store belongs to one process at a
	// time, so calls that an earlier one had under way will not be answered.
	StartedAt time.Time
	// InboxKept is how long a notification is tried before it is given up.
	InboxKept func() time.Duration
}

// Reconciler does due work. Its methods may be called concurrently.
type Reconciler struct {
	Options
	wake      chan struct{}
	hints     chan string
	soon      chan string
	questions questions
	// reads merges reads of one account.
	reads   singleflight.Group
	reading readings
	// slots bounds the work under way, parked what waits for room at an account.
	slots, parked chan struct{}
}

// New returns a reconciler that does nothing until Run.
func New(options Options) *Reconciler {
	return &Reconciler{
		Options: options, wake: make(chan struct{}, 1), hints: make(chan string, hintsMax), soon: make(chan string, hintsMax),
		questions: questions{asked: map[question]*answer{}}, reading: readings{accounts: map[string]*readingOf{}},
		slots: make(chan struct{}, workers), parked: make(chan struct{}, parkedMax),
	}
}

// Wake makes Run look again: something may have become due. It never waits.
func (r *Reconciler) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Hint brings the next question about a transaction forward: somebody saw the
// customer come back. It never waits, and a hint too many is dropped.
func (r *Reconciler) Hint(id string) {
	select {
	case r.hints <- id:
	default:
	}
}

// hear asks about what was hinted at.
func (r *Reconciler) hear(ctx context.Context, under *sync.WaitGroup) {
	for {
		select {
		case id := <-r.hints:
			if !r.enter(ctx) {
				return
			}
			under.Go(func() {
				defer r.leave()
				if _, err := r.askLatest(ctx, id); err != nil && ctx.Err() == nil {
					r.Logger.Info("hint not followed", "id", id, "error", err)
				}
			})
		case account := <-r.soon:
			under.Go(func() { r.readSooner(ctx, account) })
		case <-ctx.Done():
			return
		}
	}
}

// enter waits for a slot, and reports false if ctx is done first.
func (r *Reconciler) enter(ctx context.Context) bool {
	select {
	case r.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *Reconciler) leave() { <-r.slots }

// Run does due work until ctx is done, and returns when the work under way is over.
func (r *Reconciler) Run(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	under.Go(func() { r.hear(ctx, &under) })
	under.Go(func() { r.giveUpFormerCalls(ctx) })
	under.Go(func() { r.findAccounts(ctx) })
	for ctx.Err() == nil {
		due, err := r.Schedule.Due(ctx, r.Now(), holdFor, batch)
		if err != nil && ctx.Err() == nil {
			r.Logger.Error("due work not read", "error", err)
			sleep(ctx, faultPause)
			continue
		}
		for _, one := range due {
			if !r.enter(ctx) {
				return
			}
			under.Go(func() { r.work(ctx, one) })
		}
		if len(due) < batch {
			r.rest(ctx)
		}
	}
}

// rest sleeps until something is due, or until it is woken.
func (r *Reconciler) rest(ctx context.Context) {
	wait := idleMax
	next, err := r.Schedule.NextDue(ctx)
	switch {
	case err != nil:
		wait = faultPause
	case !next.IsZero():
		wait = min(max(next.Sub(r.Now()), 0), idleMax)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.wake:
	case <-ctx.Done():
	}
}

func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// work does one piece of work, which has a slot. As long as its account has no
// room for it, it gives the slot back and waits.
func (r *Reconciler) work(ctx context.Context, due core.Due) {
	until := r.Now().Add(parkedFor)
	for {
		wait := roomIn(r.do(ctx, due))
		r.leave()
		if wait == 0 || r.Now().Add(wait).After(until) || !r.park(ctx, wait) || !r.enter(ctx) {
			return
		}
	}
}

// park waits, and reports false if too many wait already or ctx is done.
func (r *Reconciler) park(ctx context.Context, wait time.Duration) bool {
	select {
	case r.parked <- struct{}{}:
		defer func() { <-r.parked }()
		sleep(ctx, wait)
		return ctx.Err() == nil
	default:
		return false
	}
}

func (r *Reconciler) do(ctx context.Context, due core.Due) error {
	var err error
	switch due.Kind {
	case core.DueTransaction:
		err = r.transaction(ctx, due.ID)
	case core.DueInbox:
		err = r.notification(ctx, due.ID)
	case core.DueAccount:
		err = r.account(ctx, due.ID)
	case core.DueOutbox:
		// Nothing of this release writes such a row.
	}
	switch {
	case err == nil || ctx.Err() != nil:
	case errors.Is(err, core.ErrProviderUnavailable):
		r.Logger.Debug("due work waits for its account", "id", due.ID, "error", err)
	default:
		r.Logger.Warn("due work goes on later", "id", due.ID, "error", err)
	}
	return err
}

// transaction does everything that is due of one transaction, a timer at a time:
// each event changes the timers.
func (r *Reconciler) transaction(ctx context.Context, id string) error {
	tx, err := r.Transactions.Transaction(ctx, id)
	if err != nil {
		return err
	}
	for _, timer := range tx.Timers {
		if timer.At.After(r.Now()) || !slices.Contains(tx.Timers, timer) {
			continue
		}
		if err := r.timer(ctx, tx, timer); err != nil {
			return err
		}
		if tx, err = r.Transactions.Transaction(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reconciler) timer(ctx context.Context, tx core.Transaction, timer core.Timer) error {
	if timer.Kind == core.TimerPoll && timer.Attempt == 0 {
		return r.Orchestrator.Continue(ctx, tx.ID)
	}
	event := core.Event{Actor: "engine", Attempt: timer.Attempt, Timer: timer.Kind}
	switch timer.Kind {
	case core.TimerPoll, core.TimerExpire, core.TimerWatch:
		_, err := r.ask(ctx, tx, timer.Attempt, timer.Kind)
		return err
	case core.TimerCallLost:
		event.Type, event.Cause = core.EventCallLost, "no answer within the time of the call"
	case core.TimerApproval, core.TimerDecide:
		event.Type = core.EventTimer
	default:
		return nil
	}
	failpoint.At("timer: before")
	_, err := r.Orchestrator.Handle(ctx, tx.ID, event, core.Commit{})
	failpoint.At("timer: after")
	return err
}
