package reconcile

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/failpoint"
	"github.com/paymux/paymux/sdk"
)

// retryInbox are the pauses between tries to settle a notification; the last
// one is repeated.
var retryInbox = []time.Duration{
	askGap, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour,
}

// notification settles one row of the inbox: read it if nobody could so far,
// find what it is about, and ask the provider. The rows of one transaction are
// settled together by one question.
func (r *Reconciler) notification(ctx context.Context, id string) error {
	row, err := r.Inbox.Inbox(ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		return nil // Another question settled it.
	}
	if err != nil {
		return err
	}
	read, err := r.Reader.Read(ctx, row)
	if err != nil {
		return r.putOff(ctx, row, err.Error())
	}
	if read.Read.Authenticity == sdk.Forged || read.Read.Authenticity == sdk.Ping {
		r.Logger.Warn("notification dropped", "account", read.Account, "why", read.Read.Authenticity.String())
		return r.Inbox.Apply(ctx, core.Commit{InboxDone: []string{row.ID}})
	}
	if read.Transaction == "" {
		return r.putOff(ctx, read, "it names nothing of ours")
	}
	failpoint.At("notification: read")
	return r.settle(ctx, row, read)
}

// settle asks about what the notification is about. What could not be asked is
// put off; the row keeps what was read in it.
func (r *Reconciler) settle(ctx context.Context, row, read core.InboxRow) error {
	if row.Transaction != read.Transaction || row.Read == nil {
		if err := r.Inbox.Apply(ctx, core.Commit{InboxRetry: []core.InboxRow{read}}); err != nil {
			return err
		}
		failpoint.At("notification: named")
	}
	tx, err := r.Transactions.Transaction(ctx, read.Transaction)
	if err != nil {
		return err
	}
	if _, err := r.ask(ctx, tx, read.Attempt, ""); err != nil {
		return r.putOff(ctx, read, err.Error())
	}
	failpoint.At("notification: asked")
	if _, err := r.Inbox.Inbox(ctx, row.ID); errors.Is(err, core.ErrNotFound) {
		return nil
	}
	return r.putOff(ctx, read, "no answer since it came")
}

// strangerKept is how long a notification is kept that nobody signed and that is
// about nothing of ours, so that strangers cannot fill the inbox for long.
const strangerKept = 15 * time.Minute

// kept is how long the row is tried before it is given up.
func (r *Reconciler) kept(row core.InboxRow) time.Duration {
	if row.Transaction == "" && row.Read != nil && row.Read.Authenticity != sdk.Genuine {
		return min(strangerKept, r.InboxKept())
	}
	return r.InboxKept()
}

// putOff tries the row again later. A row that nobody could settle for as long
// as it is kept is given up: the transaction's own timers ask in any case.
func (r *Reconciler) putOff(ctx context.Context, row core.InboxRow, why string) error {
	if r.Now().Sub(row.ReceivedAt) > r.kept(row) {
		r.Logger.Error("notification given up", "account", row.Account, "id", row.ID, "why", why)
		return r.Inbox.Apply(ctx, core.Commit{InboxDone: []string{row.ID}})
	}
	row.DueAt = r.Now().Add(retryInbox[min(row.Tries, len(retryInbox)-1)])
	row.Tries++
	defer r.Wake() // It may be due before what Run sleeps for.
	failpoint.At("notification: before it is put off")
	err := r.Inbox.Apply(ctx, core.Commit{InboxRetry: []core.InboxRow{row}})
	failpoint.At("notification: put off")
	return err
}

// notices are the notifications about one attempt that are not used up.
type notices []core.InboxRow

// notices reads what came about an attempt so far.
func (r *Reconciler) notices(ctx context.Context, transaction string, attempt int) notices {
	rows, err := r.Inbox.InboxOf(ctx, transaction)
	if err != nil {
		r.Logger.Warn("inbox not read", "transaction", transaction, "error", err)
		return nil
	}
	return slices.DeleteFunc(rows, func(row core.InboxRow) bool { return row.Attempt != attempt || row.Read == nil })
}

// evidence is the latest verified notification, for the record; nil if there is none.
func (n notices) evidence() *sdk.Evidence {
	var latest *sdk.Evidence
	for _, row := range n {
		if row.Read.Authenticity == sdk.Genuine {
			said := row.Read.Result
			latest = &sdk.Evidence{Outcome: said.Outcome, ProviderRef: row.Read.ProviderRef, Told: said.Told}
		}
	}
	return latest
}

// usedUp are the rows that an answer settles, to be written with what it caused.
func (n notices) usedUp(outcome sdk.Outcome, live bool, now time.Time) core.Commit {
	var with core.Commit
	for _, row := range n {
		if settles(outcome, live, row) {
			with.InboxDone = append(with.InboxDone, row.ID)
			if applied(outcome, row) {
				with.Dedupe = append(with.Dedupe, core.Dedupe{Account: row.Account, Key: row.DedupeKey, At: now})
			}
		}
	}
	return with
}

// applied reports whether a notification is over with an answer: it is an end, or
// what was told. One that only told of a change may come in the same words again.
func applied(outcome sdk.Outcome, row core.InboxRow) bool {
	waits := outcome == sdk.OutcomePending || outcome == sdk.OutcomeRequiresAction
	return !waits || row.Read.Result.Outcome == outcome
}

// settles reports whether an answer settles a notification. A verified one may
// be the last word ever heard of an attempt that nobody watches any more, so it
// is not used up by an answer that knows nothing; nor, as long as the provider's
// own copies may lag behind, is one that tells of money, or of its return, by an
// answer that denies it, nor one about an attempt that is over by an answer that
// it is not. What is
// not verified is asked about a few times only, for anybody may send it.
func settles(outcome sdk.Outcome, live bool, row core.InboxRow) bool {
	genuine := row.Read.Authenticity == sdk.Genuine
	if row.Tries >= len(retryInbox) {
		return outcome != sdk.OutcomeUnknown || !genuine
	}
	switch outcome {
	case sdk.OutcomeUnknown:
		return false
	case sdk.OutcomeReversed:
		return true
	case sdk.OutcomeSucceeded:
		return !tells(row, sdk.OutcomeReversed)
	case sdk.OutcomePending, sdk.OutcomeRequiresAction:
		return live && !tells(row, sdk.OutcomeSucceeded, sdk.OutcomeReversed)
	default:
		return !tells(row, sdk.OutcomeSucceeded, sdk.OutcomeReversed)
	}
}

// tells reports whether a verified notification says one of the outcomes.
func tells(row core.InboxRow, outcomes ...sdk.Outcome) bool {
	return row.Read.Authenticity == sdk.Genuine && slices.Contains(outcomes, row.Read.Result.Outcome)
}
