package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// retryInbox are the pauses between tries to settle a notification; the last
// one is repeated.
var retryInbox = []time.Duration{
	5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour,
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
	return r.settle(ctx, row, read)
}

// settle asks about what the notification is about. What could not be asked is
// put off; the row keeps what was read in it.
func (r *Reconciler) settle(ctx context.Context, row, read core.InboxRow) error {
	if row.Transaction != read.Transaction || row.Read == nil {
		if err := r.Inbox.Apply(ctx, core.Commit{InboxRetry: []core.InboxRow{read}}); err != nil {
			return err
		}
	}
	tx, err := r.Transactions.Transaction(ctx, read.Transaction)
	if err != nil {
		return err
	}
	if _, err := r.ask(ctx, tx, read.Attempt, ""); err != nil {
		return r.putOff(ctx, read, err.Error())
	}
	if _, err := r.Inbox.Inbox(ctx, row.ID); errors.Is(err, core.ErrNotFound) {
		return nil
	}
	return r.putOff(ctx, read, "no answer since it came")
}

// putOff tries the row again later. A row that nobody could settle for as long
// as the inbox is kept is given up: the transaction's own timers ask in any case.
func (r *Reconciler) putOff(ctx context.Context, row core.InboxRow, why string) error {
	if r.Now().Sub(row.ReceivedAt) > r.InboxKept {
		r.Logger.Error("notification given up", "account", row.Account, "id", row.ID, "why", why)
		return r.Inbox.Apply(ctx, core.Commit{InboxDone: []string{row.ID}})
	}
	row.DueAt = r.Now().Add(retryInbox[min(row.Tries, len(retryInbox)-1)])
	row.Tries++
	return r.Inbox.Apply(ctx, core.Commit{InboxRetry: []core.InboxRow{row}})
}

// evidence collects the notifications about an attempt: the latest verified one
// as evidence for the record, and their rows to be used up with the answer.
func (r *Reconciler) evidence(ctx context.Context, transaction string, attempt int) (*sdk.Evidence, core.Commit) {
	rows, err := r.Inbox.InboxOf(ctx, transaction)
	if err != nil {
		r.Logger.Warn("inbox not read", "transaction", transaction, "error", err)
		return nil, core.Commit{}
	}
	var latest *sdk.Evidence
	var with core.Commit
	for _, row := range rows {
		if row.Attempt != attempt || row.Read == nil {
			continue
		}
		with.InboxDone = append(with.InboxDone, row.ID)
		with.Dedupe = append(with.Dedupe, core.Dedupe{Account: row.Account, Key: row.DedupeKey, At: r.Now()})
		if row.Read.Authenticity == sdk.Genuine {
			said := row.Read.Result
			latest = &sdk.Evidence{Outcome: said.Outcome, ProviderRef: row.Read.ProviderRef, Told: said.Told}
		}
	}
	return latest, with
}
