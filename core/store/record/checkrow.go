package record

import (
	"errors"
	"fmt"

	"github.com/paymux/paymux/core"
)

// invalid names the record in an error, nil for nil.
func invalid(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("record: %s: %w: %w", what, core.ErrInvalidRecord, err)
}

// prefixed refuses an id that is not prefix and a ULID.
func prefixed(id, prefix string) error {
	if _, err := core.ULIDOf(id); err != nil {
		return err
	}
	if id[:len(prefix)] != prefix {
		return fmt.Errorf("id begins with %q, not %q", id[:len(prefix)], prefix)
	}
	return nil
}

// orEmpty checks the id of a transaction that need not be known.
func orEmpty(transaction string) error {
	if transaction == "" {
		return nil
	}
	return transactionID(transaction)
}

func transactionID(id string) error {
	if _, err := core.KindOf(id); err != nil {
		return err
	}
	_, err := core.ULIDOf(id)
	return err
}

func present(word, text string) error {
	if text == "" {
		return fmt.Errorf("no %s", word)
	}
	return names(word, text)
}

func checkHistoryEntry(e core.HistoryEntry) error {
	var state error
	if _, err := core.ParseState(e.To.String()); err != nil {
		state = err
	}
	var number error
	if e.Sequence == 0 {
		number = errors.New("no sequence")
	}
	return invalid(fmt.Sprintf("history entry %d", e.Sequence), errors.Join(number, state, times(e.At)))
}

func checkIdempotencyRow(r core.IdempotencyRow) error {
	err := errors.Join(present("merchant", r.Scope.Merchant), present("route", r.Scope.Route), present("key", r.Scope.Key),
		orEmpty(r.Transaction), times(r.CreatedAt, r.Until, r.DoneAt))
	if r.CreatedAt.IsZero() {
		err = errors.Join(err, errors.New("no time of creation"))
	}
	if r.Answered != nil {
		err = errors.Join(err, Check(*r.Answered))
	}
	return invalid("idempotency row of "+r.Transaction, err)
}

func checkInboxRow(r core.InboxRow) error {
	err := errors.Join(prefixed(r.ID, core.PrefixInbox), present("account", r.Account),
		orEmpty(r.Transaction), times(r.ReceivedAt, r.DueAt))
	if r.Request != nil {
		err = errors.Join(err, times(r.Request.ReceivedAt))
	}
	return invalid("inbox row "+r.ID, err)
}

func checkTransfer(t core.Transfer) error {
	err := errors.Join(prefixed(t.ID, core.PrefixTransfer), present("account", t.Account),
		present("provider_ref", t.ProviderRef), names("customer", t.ProviderCustomer),
		orEmpty(t.Transaction), times(t.CreatedAt, t.SeenAt))
	if !t.Amount.Currency().Valid() || t.Amount.Minor() < 0 {
		err = errors.Join(err, fmt.Errorf("amount is %s", t.Amount))
	}
	if t.Transaction != "" && t.TopUp != "" {
		err = errors.Join(err, errors.New("given to a transaction and marked a top-up"))
	}
	return invalid("transfer "+t.ID, err)
}

func checkClaim(c core.Claim) error {
	err := errors.Join(present("account", c.Account), present("customer", c.Customer),
		transactionID(c.Transaction), times(c.From, c.Until))
	if !c.Amount.Currency().Valid() || c.Amount.Minor() < 0 {
		err = errors.Join(err, fmt.Errorf("amount is %s", c.Amount))
	}
	if c.From.IsZero() || c.Until.Before(c.From) {
		err = errors.Join(err, errors.New("its window is empty"))
	}
	return invalid("claim of "+c.Transaction, err)
}

func checkAccountWork(w core.AccountWork) error {
	return invalid("account work", errors.Join(present("account", w.Account),
		times(w.Cursor, w.ReadFrom, w.DailyReadAt, w.DueAt, w.PendingFrom)))
}

func checkOutboxRow(r core.OutboxRow) error {
	return invalid("outbox row "+r.ID, errors.Join(prefixed(r.ID, core.PrefixEvent), present("name", r.Name),
		orEmpty(r.Transaction), times(r.At, r.DueAt)))
}

func checkAuditEntry(e core.AuditEntry) error {
	err := errors.Join(present("id", e.ID), times(e.At))
	if e.At.IsZero() {
		err = errors.Join(err, errors.New("no time"))
	}
	return invalid("audit entry "+e.ID, err)
}

// CheckDedupe returns core.ErrInvalidRecord for a row that names no notification.
func CheckDedupe(d core.Dedupe) error {
	err := errors.Join(present("account", d.Account), times(d.At))
	if d.Key == "" || d.At.IsZero() {
		err = errors.Join(err, errors.New("no key or no time"))
	}
	return invalid("dedupe row", err)
}
