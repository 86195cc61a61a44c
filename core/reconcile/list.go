package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// readWithin bounds how long pages are asked for, so that a read ends before
	// its work is handed out again.
	readWithin = holdFor - 10*time.Second
	// pagesMax and itemsMax bound a read of a list that has no end.
	pagesMax, itemsMax = 200, 20_000
	// readMost and readLeast bound the time that one read covers. The least is more
	// than readBack, so that every read gets on.
	readMost, readLeast = dailyBack, 2 * readBack
)

// reach is how a read ended. It is whole where there is no fault.
type reach struct {
	fault error
	// some says that a part of it was read before the fault, wait how long the
	// provider, or the account's own rate, then asked to wait.
	some bool
	wait time.Duration
	// pending is when the earliest transfer was made that is on its way, zero for none.
	pending time.Time
}

// read hands every transfer of the time to the orchestrator, the earliest first,
// because it is the earliest that pays. What one of them meets hinders no other.
// It asks beyond the time as well: the provider's clock may be ahead.
func (r *Reconciler) read(ctx context.Context, account string, from, to time.Time) reach {
	items, got := r.pages(ctx, account, sdk.ListRequest{From: from, To: to.Add(readBack)}, r.page)
	slices.SortStableFunc(items, func(a, b sdk.ListItem) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	got.pending = earliestPending(items, r.Now())
	for _, item := range items {
		if err := r.Receiver.Received(ctx, account, item); err != nil && got.fault == nil {
			got.fault = err
		}
	}
	return got
}

// earliestPending is when the first of the items was made that is on its way;
// zero for none that is young enough to be asked about often.
func earliestPending(items []sdk.ListItem, now time.Time) time.Time {
	for _, item := range items {
		if item.Outcome == sdk.OutcomePending && item.CreatedAt.After(now.Add(-pendingBack)) {
			return item.CreatedAt
		}
	}
	return time.Time{}
}

// pageOf asks an account for one page of its list.
type pageOf func(ctx context.Context, account string, req sdk.ListRequest) (sdk.ListPage, error)

// pages asks for one page after the other, and keeps what came before a fault.
func (r *Reconciler) pages(ctx context.Context, account string, req sdk.ListRequest, ask pageOf) ([]sdk.ListItem, reach) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	var items []sdk.ListItem
	for pages := 1; ; pages++ {
		page, err := ask(ctx, account, req)
		if err != nil {
			return items, reach{fault: err, some: pages > 1, wait: retryAfter(err)}
		}
		if page.Alert != "" {
			r.Logger.Warn("needs a look", "account", account, "why", page.Alert)
		}
		items = append(items, page.Items...)
		switch {
		case page.Cut || pages == pagesMax || len(items) > itemsMax:
			return items, reach{fault: fmt.Errorf("reconcile: the list of %s was cut", account), some: true}
		case page.Next == "":
			return items, reach{}
		case page.Next == req.Cursor:
			return items, reach{fault: fmt.Errorf("reconcile: the list of %s goes round in circles", account), some: true}
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

// readings are what is known of the reads of each account so far.
type readings struct {
	mu       sync.Mutex
	accounts map[string]*readingOf
}

type readingOf struct {
	// most and mostAgain are how much time one read may cover, of what is new and
	// of what is read again; zero for readMost.
	most, mostAgain time.Duration
	endedAt         time.Time
	err             error
}

func (r *readings) of(account string) *readingOf {
	if r.accounts[account] == nil {
		r.accounts[account] = &readingOf{}
	}
	return r.accounts[account]
}

func (r *readings) ended(account string, at time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of(account).endedAt, r.of(account).err = at, err
}

// lately returns how a read ended that is too young for another one.
func (r *readings) lately(account string, now time.Time) (error, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.of(account)
	gap := now.Sub(last.endedAt)
	return last.err, !last.endedAt.IsZero() && gap >= 0 && gap < askGap // Clocks may be set back.
}

func (r *readings) most(account string) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return cmp.Or(r.of(account).most, readMost)
}

func (r *readings) mostAgain(account string) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return cmp.Or(r.of(account).mostAgain, readMost)
}

// learn halves what the next read covers after one that was cut, and doubles it
// after one that was whole.
func (r *readings) learn(account string, got reach, covered time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.of(account)
	switch {
	case got.fault == nil:
		last.most = min(2*cmp.Or(last.most, readMost), readMost)
	case got.some:
		last.most = max(covered/2, readLeast)
	}
}

// learnAgain halves what is read again at once.
func (r *readings) learnAgain(account string, covered time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of(account).mostAgain = max(covered/2, readLeast)
}

func (r *readings) forgetAgain(account string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of(account).mostAgain = 0
}

// listed is what the account's list says of an attempt that no transfer was
// found for: nothing yet, once the list was read beyond the attempt's time. A
// watch reads the attempt's own time again, for what was listed late.
func (r *Reconciler) listed(ctx context.Context, tx core.Transaction, a core.Attempt, timer core.TimerKind) (sdk.Result, error) {
	if timer == core.TimerWatch && a.Match != nil {
		to := earliest(r.Now(), a.Match.Until.Add(windowLate))
		if got := r.read(ctx, a.Account, a.Match.From.Add(-windowEarly), to); got.fault != nil {
			return sdk.Result{}, got.fault
		}
	}
	work, err := r.Reading.AccountWork(ctx, a.Account)
	if err != nil {
		return sdk.Result{}, err
	}
	if end := tx.ExpiresAt.Add(windowLate); !r.Now().Before(tx.ExpiresAt) && work.Cursor.Before(end) {
		return sdk.Result{}, fmt.Errorf("the list of %s was not read beyond %s yet", a.Account, end.UTC().Format(time.RFC3339))
	}
	return sdk.Result{Outcome: sdk.OutcomePending, Message: "no transfer in the list"}, nil
}
