package reconcile_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/reconcile"
	"github.com/paymux/paymux/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// books is a store, an orchestrator and the accounts in memory: payments with an
// attempt each that are asked about once.
type books struct {
	mu           sync.Mutex
	transactions map[string]core.Transaction
	held         map[string]time.Time
	inbox        map[string]core.InboxRow
	events       []core.Event

	// rate is how many questions an account has room for in a second, zero for no bound.
	rate    map[string]int
	asked   map[string]int
	room    map[string]int
	period  time.Time
	refusal map[string]error
	query   func(context.Context, sdk.Attempt) (sdk.Result, error)

	// standings are what is known of accounts, work how far pull-only ones were read.
	standings map[string]core.Standing
	work      map[string]core.AccountWork
	claims    []core.Claim
	list      func(sdk.ListRequest) (sdk.ListPage, error)
	reads     []sdk.ListRequest
	received  []string
	refused   string // A transfer.
	again     []string
}

func newBooks() *books {
	return &books{
		transactions: map[string]core.Transaction{}, held: map[string]time.Time{}, inbox: map[string]core.InboxRow{},
		standings: map[string]core.Standing{}, work: map[string]core.AccountWork{},
		rate: map[string]int{}, asked: map[string]int{}, room: map[string]int{}, refusal: map[string]error{},
		query: func(context.Context, sdk.Attempt) (sdk.Result, error) {
			return sdk.Result{Outcome: sdk.OutcomePending}, nil
		},
	}
}

// owes adds a payment at account whose timers of these kinds are due.
func (b *books) owes(id, account string, kinds ...core.TimerKind) {
	tx := core.Transaction{ID: id, Kind: sdk.KindPayment, Attempts: []core.Attempt{{Number: 1, Account: account, State: core.AttemptPending}}}
	for _, kind := range kinds {
		tx.Timers = append(tx.Timers, core.Timer{Kind: kind, At: time.Now(), Attempt: 1})
	}
	b.transactions[id] = tx
}

func (b *books) Due(_ context.Context, now time.Time, hold time.Duration, limit int) ([]core.Due, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var due []core.Due
	for id, row := range b.inbox {
		if !row.DueAt.After(now) && !b.held[id].After(now) {
			due = append(due, core.Due{Kind: core.DueInbox, ID: id, At: row.DueAt})
			b.held[id] = now.Add(hold)
		}
	}
	for id, tx := range b.transactions {
		if at := tx.DueAt(); len(due) < limit && !at.IsZero() && !at.After(now) && !b.held[id].After(now) {
			due = append(due, core.Due{Kind: core.DueTransaction, ID: id, At: at})
			b.held[id] = now.Add(hold)
		}
	}
	for name, work := range b.work {
		if !work.DueAt.After(now) && !b.held[name].After(now) {
			due = append(due, core.Due{Kind: core.DueAccount, ID: name, At: work.DueAt})
			b.held[name] = now.Add(hold)
		}
	}
	return due, nil
}

func (b *books) NextDue(context.Context) (time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var next time.Time
	for id, row := range b.inbox {
		at := row.DueAt
		if b.held[id].After(at) {
			at = b.held[id]
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	for id, tx := range b.transactions {
		at := tx.DueAt()
		if at.IsZero() {
			continue
		}
		if b.held[id].After(at) {
			at = b.held[id]
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	for name, work := range b.work {
		at := work.DueAt
		if b.held[name].After(at) {
			at = b.held[name]
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, nil
}

// Transactions lists those in a state.
func (b *books) Transactions(_ context.Context, f core.Filter) (core.Page[core.Transaction], error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var page core.Page[core.Transaction]
	for _, tx := range b.transactions {
		if tx.State == f.State && !tx.CreatedAt.Before(f.CreatedAfter) {
			page.Items = append(page.Items, tx)
		}
	}
	return page, nil
}

func (b *books) Transaction(_ context.Context, id string) (core.Transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	tx, ok := b.transactions[id]
	if !ok {
		return tx, core.ErrNotFound
	}
	return tx, nil
}

func (b *books) Inbox(_ context.Context, id string) (core.InboxRow, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	row, ok := b.inbox[id]
	if !ok {
		return row, core.ErrNotFound
	}
	return row, nil
}

func (b *books) InboxOf(_ context.Context, transaction string) ([]core.InboxRow, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var rows []core.InboxRow
	for _, row := range b.inbox {
		if row.Transaction == transaction {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func (b *books) Apply(_ context.Context, c core.Commit) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.apply(c)
	return nil
}

// apply keeps what is written of the inbox. The caller holds the lock.
func (b *books) apply(c core.Commit) {
	for _, row := range c.InboxRetry {
		b.inbox[row.ID] = row
		delete(b.held, row.ID) // With another time it is another piece of work.
	}
	for _, id := range c.InboxDone {
		delete(b.inbox, id)
	}
	for _, work := range c.Accounts {
		work.Version = work.Was + 1
		b.work[work.Account] = work
		delete(b.held, work.Account)
	}
}

func (b *books) Read(_ context.Context, row core.InboxRow) (core.InboxRow, error) { return row, nil }

// Handle takes an answer: nothing more is due of the transaction.
func (b *books) Handle(_ context.Context, id string, e core.Event, with core.Commit) (core.Transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.apply(with)
	b.events = append(b.events, e)
	tx := b.transactions[id]
	tx.Timers = nil
	b.transactions[id] = tx
	return tx, nil
}

func (b *books) AcquireQuestion(account string) (core.Permit, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.refusal[account]; err != nil {
		return core.Permit{}, err
	}
	if now := time.Now().Truncate(time.Second); !now.Equal(b.period) {
		b.period = now
		clear(b.room)
	}
	if rate := b.rate[account]; rate > 0 {
		if b.room[account] == rate {
			return core.Permit{}, unavailable(time.Until(b.period.Add(time.Second)))
		}
		b.room[account]++
	}
	b.asked[account]++
	return core.Permit{Account: account, Release: func() {}}, nil
}

func unavailable(wait time.Duration) error {
	return &core.Problem{
		Code: core.ErrProviderUnavailable.Code, RetryAfter: wait,
		Removed: []core.Removed{{Account: "one", Reason: "not now", Passing: true}},
	}
}

func (b *books) Provider(string) (sdk.FullProvider, bool) { return sdk.Complete(plugin{b}), true }

type plugin struct{ books *books }

func (p plugin) Capabilities() sdk.Capabilities { return sdk.Capabilities{} }

func (p plugin) QueryStatus(ctx context.Context, a sdk.Attempt) (sdk.Result, error) {
	return p.books.query(ctx, a)
}

func (b *books) reconciler() *reconcile.Reconciler {
	return reconcile.New(reconcile.Options{
		Schedule: b, Transactions: b, Inbox: b, Reading: b, Receiver: b, Accounts: b, Reader: b, Orchestrator: b,
		Logger: hclog.NewNullLogger(), Now: time.Now, StartedAt: time.Now(), InboxKept: func() time.Duration { return 24 * time.Hour },
	})
}

// run lets the reconciler work for a while, then ends it.
func (b *books) run(d time.Duration) {
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() { b.reconciler().Run(ctx) })
	time.Sleep(d)
	stop()
	working.Wait()
}

func TestTheWholeRateOfAnAccountIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.rate["one"] = 5
		for i := range 100 {
			b.owes(fmt.Sprintf("pay_%d", i), "one", core.TimerPoll)
		}
		b.run(25 * time.Second)
		if got := len(b.events); got != 100 {
			t.Errorf("%d of 100 were asked in 25 s at 5 in a second", got)
		}
	})
}

func TestASlowProviderLeavesRoomForTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.query = func(ctx context.Context, a sdk.Attempt) (sdk.Result, error) {
			if a.TransactionID[:4] == "slow" {
				select {
				case <-time.After(30 * time.Second):
				case <-ctx.Done():
				}
			}
			return sdk.Result{Outcome: sdk.OutcomePending}, nil
		}
		for i := range 32 { // as many as one account has slots for questions
			b.owes(fmt.Sprintf("slow_%d", i), "slow", core.TimerPoll)
		}
		ctx, stop := context.WithCancel(t.Context())
		var working sync.WaitGroup
		r := b.reconciler()
		working.Go(func() { r.Run(ctx) })
		time.Sleep(time.Second)
		b.mu.Lock()
		b.owes("pay_1", "one", core.TimerPoll)
		b.mu.Unlock()
		r.Wake()
		time.Sleep(time.Second)
		b.mu.Lock()
		asked := b.asked["one"]
		b.mu.Unlock()
		if asked != 1 {
			t.Error("the other account waits for the slow one")
		}
		stop()
		working.Wait()
	})
}

func TestAWatchIsNotSpentOnAPluginThatIsNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.refusal["one"] = unavailable(0)
		b.owes("pay_1", "one", core.TimerWatch)
		b.run(5 * time.Minute)
		if len(b.events) != 0 {
			t.Errorf("told %+v, although nobody was asked", b.events)
		}
		delete(b.refusal, "one")
		b.run(2 * time.Minute)
		if len(b.events) != 1 {
			t.Errorf("asked %d times once it is ready, want once", len(b.events))
		}
	})
}

func TestAnAnswerMayMakeTheNextTimerNeedless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.owes("pay_1", "one", core.TimerExpire, core.TimerPoll)
		b.run(time.Minute)
		if got := b.asked["one"]; got != 1 {
			t.Errorf("asked %d times, want once", got)
		}
	})
}

// That nobody could be asked a moment ago is no answer to what is due now.
func TestATimerIsNotSatisfiedWithAFaultFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.owes("pay_1", "one")
		b.refusal["one"] = unavailable(0)
		r := b.reconciler()
		if _, err := r.Ask(t.Context(), "pay_1"); err == nil {
			t.Fatal("it was asked")
		}
		delete(b.refusal, "one")
		time.Sleep(time.Second)
		b.owes("pay_1", "one", core.TimerPoll)
		ctx, stop := context.WithCancel(t.Context())
		var working sync.WaitGroup
		working.Go(func() { r.Run(ctx) })
		time.Sleep(3 * time.Second)
		b.mu.Lock()
		asked := b.asked["one"]
		b.mu.Unlock()
		if asked != 1 {
			t.Errorf("it was asked %d times within 3 s, want once", asked)
		}
		stop()
		working.Wait()
	})
}

func TestTheOneWhoGoesAwayEndsNoQuestionOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.query = func(ctx context.Context, _ sdk.Attempt) (sdk.Result, error) {
			select {
			case <-time.After(5 * time.Second):
				return sdk.Result{Outcome: sdk.OutcomePending}, nil
			case <-ctx.Done():
				return sdk.Result{}, ctx.Err()
			}
		}
		b.owes("pay_1", "one", core.TimerPoll)
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := b.reconciler().Ask(ctx, "pay_1"); err != nil {
			t.Fatal(err)
		}
		if got := b.events[0].Result.Outcome; got != sdk.OutcomePending {
			t.Errorf("the answer is %s, want the provider's", got)
		}
	})
}

// TestANotificationIsNotUsedUpByAnAnswerThatLags asks a provider whose own copies
// lag a minute behind what it notified of.
func TestANotificationIsNotUsedUpByAnAnswerThatLags(t *testing.T) {
	for name, test := range map[string]struct {
		worth sdk.Authenticity
		said  sdk.Outcome
		at    core.AttemptState
		lags  sdk.Outcome
	}{
		"verified, the answer knows nothing":              {sdk.Genuine, sdk.OutcomeUnknown, core.AttemptPending, sdk.OutcomeUnknown},
		"not verified, the answer knows nothing":          {sdk.Hint, sdk.OutcomeUnknown, core.AttemptPending, sdk.OutcomeUnknown},
		"it tells of money, the answer of waiting":        {sdk.Genuine, sdk.OutcomeSucceeded, core.AttemptPending, sdk.OutcomePending},
		"it tells of money, the answer of a no":           {sdk.Genuine, sdk.OutcomeSucceeded, core.AttemptPending, sdk.OutcomeDeclined},
		"about an ended attempt, the answer still waits":  {sdk.Genuine, sdk.OutcomeUnknown, core.AttemptExpired, sdk.OutcomePending},
		"a hint about an ended attempt, the answer waits": {sdk.Hint, sdk.OutcomeUnknown, core.AttemptExpired, sdk.OutcomePending},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBooks()
				began := time.Now()
				b.query = func(context.Context, sdk.Attempt) (sdk.Result, error) {
					if time.Since(began) < time.Minute {
						return sdk.Result{Outcome: test.lags}, nil
					}
					return sdk.Result{Outcome: sdk.OutcomeSucceeded}, nil
				}
				b.owes("pay_1", "one") // nothing is due of it any more
				b.transactions["pay_1"].Attempts[0].State = test.at
				b.inbox["whk_1"] = core.InboxRow{
					ID: "whk_1", Account: "one", Transaction: "pay_1", Attempt: 1, ReceivedAt: began, DueAt: began,
					Read: &sdk.Notification{Authenticity: test.worth, Result: sdk.Result{Outcome: test.said}},
				}
				b.run(10 * time.Minute)
				last := b.events[len(b.events)-1].Result.Outcome
				if last != sdk.OutcomeSucceeded || len(b.inbox) != 0 {
					t.Errorf("the last answer is %s and %d notifications are left, want it paid and none", last, len(b.inbox))
				}
			})
		})
	}
}

// TestANotificationIsUsedUpByWhatIsAnswered asks once only.
func TestANotificationIsUsedUpByWhatIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.owes("pay_1", "one")
		b.inbox["whk_1"] = core.InboxRow{
			ID: "whk_1", Account: "one", Transaction: "pay_1", Attempt: 1, ReceivedAt: time.Now(), DueAt: time.Now(),
			Read: &sdk.Notification{Authenticity: sdk.Hint},
		}
		b.run(time.Hour)
		if b.asked["one"] != 1 || len(b.inbox) != 0 {
			t.Errorf("asked %d times and %d notifications are left, want one and none", b.asked["one"], len(b.inbox))
		}
	})
}

func TestCallsOfAFormerProcessAreGivenUpAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		before := time.Now()
		time.Sleep(time.Second)
		sent := func(id string, at time.Time, calling core.Call) {
			b.transactions[id] = core.Transaction{
				ID: id, State: core.StateProcessing, CreatedAt: at,
				Attempts: []core.Attempt{{Number: 1, Account: "one", State: core.AttemptSent, Calling: calling, StartedAt: at}},
			}
		}
		sent("pay_former", before, core.CallCreate)
		sent("pay_answered", before, core.CallNone)
		sent("pay_ours", time.Now().Add(time.Second), core.CallCreate)
		// This process sends decisions about attempts of a former one, from its first moment on.
		sent("out_decided", before, core.CallApprove)
		b.run(5 * time.Second)
		if len(b.events) != 1 || b.events[0].Type != core.EventCallLost {
			t.Fatalf("told %+v, want one call_lost", b.events)
		}
	})
}

func TestWhatAProviderAsksToWaitIsHandedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.query = func(context.Context, sdk.Attempt) (sdk.Result, error) {
			return sdk.Result{}, &sdk.Error{Kind: sdk.KindRateLimited, Message: "too many calls", RetryAfter: 7 * time.Minute}
		}
		b.owes("pay_1", "one", core.TimerPoll)
		b.run(time.Second)
		if len(b.events) != 1 || b.events[0].Result.RetryAfter != 7*time.Minute || b.events[0].Result.Outcome != sdk.OutcomeUnknown {
			t.Errorf("events %+v, want one that knows nothing and waits 7 minutes", b.events)
		}
	})
}
