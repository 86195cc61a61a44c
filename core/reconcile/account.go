package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

const (
	// readBack is how far each read goes back behind the last one: what was listed
	// late must not be missed.
	readBack = 10 * time.Minute
	// readPending is the pause while a transfer is on its way that no open order waits
	// for, and pendingBack how old such a one may be; an older one is read once a day.
	readPending, pendingBack = time.Minute, 48 * time.Hour
	// readBusy and readIdle are the pauses between reads while an order waits and
	// while none does.
	readBusy, readIdle = 15 * time.Second, 10 * time.Minute
	// readFault and readFaultMax bound the pause after a read that was not whole,
	// whatever a plugin says: reading never stops.
	readFault, readFaultMax = 30 * time.Second, time.Hour
	// dailyBack is what is read again once a day, for statuses that changed.
	dailyBack, dailyEvery = 30 * 24 * time.Hour, 24 * time.Hour
	// lookForAccounts is how often accounts are looked for that are not read yet: while
	// plugins start, and later.
	lookForAccounts, lookLater = 10 * time.Second, time.Minute
	// looksAtStart is how often that is before later.
	looksAtStart = 60
	// readSoonTries is how often, once a second, a read is brought forward before
	// that is given up.
	readSoonTries = 20
	// windowEarly and windowLate are how long before and after an order's time its
	// transfers still count.
	windowEarly, windowLate = time.Minute, 10 * time.Minute
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
	for looks := 0; ctx.Err() == nil; looks++ {
		for name, standing := range r.Accounts.Standings() {
			if !pullOnly(standing) {
				continue
			}
			if err := r.beginReading(ctx, name); err != nil && ctx.Err() == nil {
				r.Logger.Warn("account not read yet", "account", name, "error", err)
			}
		}
		if looks < looksAtStart {
			sleep(ctx, lookForAccounts)
		} else {
			sleep(ctx, lookLater)
		}
	}
}

func (r *Reconciler) beginReading(ctx context.Context, account string) error {
	now := r.Now()
	work, err := r.Reading.AccountWork(ctx, account)
	if err == nil && work.DueAt.After(now.Add(readFaultMax+readIdle)) {
		return r.readSoon(ctx, account) // No pause is so long: our clock was set back.
	}
	if err == nil && begun(work) || err != nil && !errors.Is(err, core.ErrNotFound) {
		return err
	}
	first := core.AccountWork{
		Account: account, Cursor: now, DailyReadAt: now.Add(dailyEvery), DueAt: now, Drained: work.Drained, Was: work.Version,
	}
	defer r.Wake()
	failpoint.At("begin to read: before")
	err = r.Inbox.Apply(ctx, core.Commit{Accounts: []core.AccountWork{first}})
	failpoint.At("begin to read: after")
	return err
}

// begun reports whether the account is read. A row may only say that it is drained.
func begun(work core.AccountWork) bool { return !work.Cursor.IsZero() }

// account reads what an account's list shows since the last read. Who comes while
// it is read gets the same answer.
func (r *Reconciler) account(ctx context.Context, account string) error {
	_, err, _ := r.reads.Do(account, func() (any, error) {
		err := r.readAccount(ctx, account)
		r.reading.ended(account, r.Now(), err)
		return nil, err
	})
	return err
}

// readAccount does one read. One that was cut or failed does not move the cursor,
// so that nothing is skipped; the next one goes less far.
func (r *Reconciler) readAccount(ctx context.Context, account string) error {
	work, err := r.Reading.AccountWork(ctx, account)
	if err != nil {
		return err
	}
	if !begun(work) {
		return fmt.Errorf("reconcile: the list of %s is not read yet: %w", account, core.ErrNotFound)
	}
	claims, err := r.Reading.Claims(ctx, account, "")
	if err != nil {
		return err
	}
	now := r.Now()
	from, to := r.span(work, claims, now)
	failpoint.At("list: before")
	got := r.read(ctx, account, from, to)
	failpoint.At("list: read")
	r.reading.learn(account, got, to.Sub(from))
	upToNow := got.fault == nil && to.Equal(now)
	if got.fault == nil {
		work.Cursor, work.PendingFrom = to, got.pending
	}
	work.Was = work.Version
	if upToNow {
		r.readAgain(ctx, &work, now)
	}
	if claims, err = r.Reading.Claims(ctx, account, ""); err != nil { // An order may have come meanwhile.
		return err
	}
	work.DueAt = r.Now().Add(r.pause(work, claims, now, got))
	commit := core.Commit{Accounts: []core.AccountWork{work}, ClaimsFreed: old(claims, now)}
	defer r.Wake() // The next read may be before what Run sleeps for.
	if err := r.Inbox.Apply(ctx, commit); err != nil {
		return err
	}
	failpoint.At("list: committed")
	if got.fault == nil && !upToNow {
		return fmt.Errorf("reconcile: the list of %s is read until %s so far", account, to.UTC().Format(time.RFC3339))
	}
	if upToNow {
		r.endOrders(ctx, claims, now)
	}
	return got.fault
}

// span is the time to read: behind the cursor, to the oldest open order and to
// the oldest transfer that was on its way, as far as one read goes. What lies far
// behind is read a part at a time.
func (r *Reconciler) span(work core.AccountWork, claims []core.Claim, now time.Time) (from, to time.Time) {
	most := r.reading.most(work.Account)
	from = earliest(work.Cursor, now).Add(-readBack) // Clocks may be set back.
	for _, claim := range claims {
		if open(claim, now) && claim.From.Before(from) {
			from = earliest(from, latest(claim.From, now.Add(-most)))
		}
	}
	if !work.PendingFrom.IsZero() {
		from = earliest(from, latest(work.PendingFrom, now.Add(-most)))
	}
	return from, earliest(now, from.Add(most))
}

// readAgain reads once a day, a part at a time, all that may have changed. That
// it is cut or fails keeps nobody from going on: it begins where it ended.
func (r *Reconciler) readAgain(ctx context.Context, work *core.AccountWork, now time.Time) {
	if now.Before(work.DailyReadAt) {
		return
	}
	most := r.reading.mostAgain(work.Account)
	from := latest(work.ReadFrom, now.Add(-dailyBack))
	to := earliest(now, from.Add(most))
	got := r.read(ctx, work.Account, from, to)
	switch {
	case got.fault == nil && to.Before(now):
		work.ReadFrom = to
		return
	case got.fault != nil && !got.some:
		r.Logger.Warn("changed statuses not read yet", "account", work.Account, "error", got.fault)
		work.DailyReadAt = now.Add(readIdle)
		return
	case got.fault != nil && most > readLeast:
		r.reading.learnAgain(work.Account, to.Sub(from))
		return
	case got.fault != nil:
		r.Logger.Error("changed statuses cannot be read: the list is too long", "account", work.Account, "error", got.fault)
	}
	work.DailyReadAt, work.ReadFrom = now.Add(dailyEvery), time.Time{}
	r.reading.forgetAgain(work.Account)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
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
func (r *Reconciler) pause(work core.AccountWork, claims []core.Claim, now time.Time, got reach) time.Duration {
	if got.fault != nil {
		return min(max(got.wait, readFault), readFaultMax)
	}
	if work.Cursor.Before(now) || !now.Before(work.DailyReadAt) {
		return readBusy // There is more to read.
	}
	for _, claim := range claims {
		if open(claim, now) {
			return readBusy
		}
	}
	if !work.PendingFrom.IsZero() {
		return readPending
	}
	return readIdle
}

// Read reads an account's list now, at most once in two seconds. Nil means that
// all of it was read: an order that is still not paid has no transfer.
func (r *Reconciler) Read(ctx context.Context, account string) error {
	if err, lately := r.reading.lately(account, r.Now()); lately {
		return err
	}
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
