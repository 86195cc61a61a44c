package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// readBack is how far each read goes back behind the last one: what was listed
	// late must not be missed.
	readBack = 10 * time.Minute
	// readBusy and readIdle are the pauses between reads while an order waits and
	// while none does, readFault the least pause after a read that was not whole.
	readBusy, readIdle, readFault = 15 * time.Second, 10 * time.Minute, 30 * time.Second
	// dailyBack is what is read again once a day, for statuses that changed.
	dailyBack, dailyEvery = 30 * 24 * time.Hour, 24 * time.Hour
	// readWithin bounds a whole read, page by page, so that it ends before its
	// work is handed out again.
	readWithin = holdFor - 10*time.Second
	// lookForAccounts is how often accounts are looked for that are not read yet.
	lookForAccounts = 10 * time.Second
	// readSoonTries is how often, once a second, a read is brought forward before
	// that is given up.
	readSoonTries = 20
	// windowLate is how long after an order's time its transfers still count.
	windowLate = 10 * time.Minute
)

// Reading keeps how far each pull-only account was read.
type Reading interface {
	// AccountWork returns the timer and cursor of an account, or ErrNotFound.
	AccountWork(ctx context.Context, account string) (core.AccountWork, error)
	// Claims returns the claims at an account, of all customers where customer is empty.
	Claims(ctx context.Context, account, customer string) ([]core.Claim, error)
}

// Receiver takes what a list shows.
type Receiver interface {
	// Received takes one transfer; what is known already changes nothing.
	Received(ctx context.Context, account string, item sdk.ListItem) error
}

// pullOnly reports whether an account's payments are found in its list only.
func pullOnly(s core.Standing) bool {
	return s.Facts[sdk.KindPayment].QueryBy == sdk.QueryByList && s.Capabilities.Can(sdk.OperationList)
}

// findAccounts gives each pull-only account its timer. Once it has one, reading
// never stops.
func (r *Reconciler) findAccounts(ctx context.Context) {
	for ctx.Err() == nil {
		for name, standing := range r.Accounts.Standings() {
			if !pullOnly(standing) {
				continue
			}
			if err := r.beginReading(ctx, name); err != nil && ctx.Err() == nil {
				r.Logger.Warn("account not read yet", "account", name, "error", err)
			}
		}
		sleep(ctx, lookForAccounts)
	}
}

func (r *Reconciler) beginReading(ctx context.Context, account string) error {
	_, err := r.Reading.AccountWork(ctx, account)
	if !errors.Is(err, core.ErrNotFound) {
		return err
	}
	now := r.Now()
	first := core.AccountWork{Account: account, Cursor: now, ReadFrom: now, DailyReadAt: now.Add(dailyEvery), DueAt: now}
	defer r.Wake()
	return r.Inbox.Apply(ctx, core.Commit{Accounts: []core.AccountWork{first}})
}

// account reads what an account's list shows since the last read. Who comes while
// it is read gets the same answer.
func (r *Reconciler) account(ctx context.Context, account string) error {
	_, err, _ := r.reads.Do(account, func() (any, error) { return nil, r.readAccount(ctx, account) })
	return err
}

// readAccount does one read. One that was cut or failed does not move the cursor,
// so that nothing is skipped.
func (r *Reconciler) readAccount(ctx context.Context, account string) error {
	work, err := r.Reading.AccountWork(ctx, account)
	if err != nil {
		return err
	}
	claims, err := r.Reading.Claims(ctx, account, "")
	if err != nil {
		return err
	}
	now := r.Now()
	from, daily := r.readFrom(work, claims, now)
	whole, wait, fault := r.read(ctx, account, from, now)
	if claims, err = r.Reading.Claims(ctx, account, ""); err != nil { // An order may have come meanwhile.
		return err
	}
	work.Was = work.Version
	if whole {
		work.Cursor = now
		if daily {
			work.DailyReadAt = now.Add(dailyEvery)
		}
	}
	work.ReadFrom = from
	work.DueAt = r.Now().Add(r.pause(claims, now, wait, fault))
	commit := core.Commit{Accounts: []core.AccountWork{work}, ClaimsFreed: old(claims, now)}
	defer r.Wake() // The next read may be before what Run sleeps for.
	if err := r.Inbox.Apply(ctx, commit); err != nil {
		return err
	}
	if whole {
		r.endOrders(ctx, claims, now)
	}
	return fault
}

// endOrders asks about the orders whose time the list was now read beyond: what
// was not found in it will not come any more.
func (r *Reconciler) endOrders(ctx context.Context, claims []core.Claim, now time.Time) {
	for _, claim := range claims {
		if now.Before(claim.Until) || !open(claim, now) {
			continue
		}
		if tx, err := r.Transactions.Transaction(ctx, claim.Transaction); err == nil {
			if _, waits := tx.Live(); waits {
				r.Hint(tx.ID)
			}
		}
	}
}

// readFrom is how far back to read: behind the cursor, to the oldest open order,
// and once a day all that may have changed.
func (r *Reconciler) readFrom(work core.AccountWork, claims []core.Claim, now time.Time) (time.Time, bool) {
	if !now.Before(work.DailyReadAt) {
		return now.Add(-dailyBack), true
	}
	from := work.Cursor.Add(-readBack)
	for _, claim := range claims {
		if open(claim, now) && claim.From.Before(from) {
			from = claim.From
		}
	}
	return from, false
}

func open(claim core.Claim, now time.Time) bool { return now.Before(claim.Until.Add(windowLate)) }

// old are claims that no transfer can answer any more, because none so old is read.
func old(claims []core.Claim, now time.Time) []core.Claim {
	var past []core.Claim
	for _, claim := range claims {
		if claim.Until.Before(now.Add(-dailyBack)) {
			past = append(past, claim)
		}
	}
	return past
}

// pause is how long until the next read.
func (r *Reconciler) pause(claims []core.Claim, now time.Time, wait time.Duration, fault error) time.Duration {
	if fault != nil {
		return max(wait, readFault)
	}
	for _, claim := range claims {
		if open(claim, now) {
			return readBusy
		}
	}
	return readIdle
}

// read hands every transfer of the time to the orchestrator. It reports whether
// the whole time was read, and how long the provider asks to wait.
func (r *Reconciler) read(ctx context.Context, account string, from, to time.Time) (bool, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	req := sdk.ListRequest{From: from, To: to}
	for {
		page, err := r.page(ctx, account, req)
		if err != nil {
			return false, retryAfter(err), err
		}
		if page.Alert != "" {
			r.Logger.Warn("needs a look", "account", account, "why", page.Alert)
		}
		for _, item := range page.Items {
			if err := r.Receiver.Received(ctx, account, item); err != nil {
				return false, 0, err
			}
		}
		switch {
		case page.Cut:
			return false, 0, fmt.Errorf("reconcile: the list of %s was cut", account)
		case page.Next == "":
			return true, 0, nil
		case page.Next == req.Cursor:
			return false, 0, fmt.Errorf("reconcile: the list of %s goes round in circles", account)
		}
		req.Cursor = page.Next
	}
}

func (r *Reconciler) page(ctx context.Context, account string, req sdk.ListRequest) (sdk.ListPage, error) {
	permit, err := r.Accounts.AcquireQuestion(account)
	if err != nil {
		return sdk.ListPage{}, err
	}
	defer permit.Release()
	provider, ok := r.Accounts.Provider(account)
	if !ok {
		return sdk.ListPage{}, fmt.Errorf("nothing serves the account %s", account)
	}
	return provider.ListTransactions(ctx, req)
}

// retryAfter is how long the provider, or the account's own rate, asks to wait.
func retryAfter(err error) time.Duration {
	var fault *sdk.Error
	if errors.As(err, &fault) {
		return fault.RetryAfter
	}
	return roomIn(err)
}

// Read reads an account's list now. Nil means that all of it was read: an order
// that is still not paid has no transfer.
func (r *Reconciler) Read(ctx context.Context, account string) error {
	return r.account(context.WithoutCancel(ctx), account)
}

// ReadSoon brings the next read of an account's list forward, because an order
// began to wait for it. It never waits; a lost one only costs time.
func (r *Reconciler) ReadSoon(account string) {
	select {
	case r.soon <- account:
	default:
	}
}

// readSooner tries until the account's timer is near: it may not be there yet. A
// read that ends at this moment sets it too, so that it is looked at a little later.
func (r *Reconciler) readSooner(ctx context.Context, account string) {
	var err error
	for range readSoonTries {
		sleep(ctx, time.Second)
		if err = r.readSoon(ctx, account); err == nil || ctx.Err() != nil {
			return
		}
	}
	r.Logger.Warn("list not read sooner", "account", account, "error", err)
}

func (r *Reconciler) readSoon(ctx context.Context, account string) error {
	work, err := r.Reading.AccountWork(ctx, account)
	if err != nil {
		return err
	}
	soon := r.Now().Add(readBusy)
	if !work.DueAt.After(soon) {
		return nil
	}
	work.Was, work.DueAt = work.Version, soon
	defer r.Wake()
	return r.Inbox.Apply(ctx, core.Commit{Accounts: []core.AccountWork{work}})
}

// listed is what the account's list says of an attempt that no transfer was
// found for: nothing yet, once the list was read beyond the attempt's time.
func (r *Reconciler) listed(ctx context.Context, tx core.Transaction, a core.Attempt) (sdk.Result, error) {
	work, err := r.Reading.AccountWork(ctx, a.Account)
	if err != nil {
		return sdk.Result{}, err
	}
	if end := tx.ExpiresAt.Add(windowLate); !r.Now().Before(tx.ExpiresAt) && work.Cursor.Before(end) {
		return sdk.Result{}, fmt.Errorf("the list of %s was not read beyond %s yet", a.Account, end.UTC().Format(time.RFC3339))
	}
	return sdk.Result{Outcome: sdk.OutcomePending, Message: "no transfer in the list"}, nil
}
