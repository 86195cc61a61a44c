package record

import (
	"github.com/paymux/paymux/core"
)

// EncodeHistoryEntry returns the record of e, or core.ErrInvalidRecord.
func EncodeHistoryEntry(e core.HistoryEntry) ([]byte, error) {
	if err := checkHistoryEntry(e); err != nil {
		return nil, err
	}
	return seal(&HistoryEntry{
		Sequence: e.Sequence, At: nanos(e.At), Event: e.Event, EventId: e.EventID,
		From: stateNumber(e.From), To: stateNumber(e.To), Cause: e.Cause, Actor: e.Actor, Attempt: int64(e.Attempt),
	})
}

// DecodeHistoryEntry reads what EncodeHistoryEntry wrote, or returns core.ErrInvalidRecord.
func DecodeHistoryEntry(data []byte) (core.HistoryEntry, error) {
	var m HistoryEntry
	if err := open(data, &m); err != nil {
		return core.HistoryEntry{}, err
	}
	e := core.HistoryEntry{
		Sequence: m.GetSequence(), At: instant(m.GetAt()), Event: m.GetEvent(), EventID: m.GetEventId(),
		From: stateWord(m.GetFrom()), To: stateWord(m.GetTo()),
		Cause: m.GetCause(), Actor: m.GetActor(), Attempt: int(m.GetAttempt()),
	}
	return e, checkHistoryEntry(e)
}

// EncodeIdempotencyRow returns the record of r, or core.ErrInvalidRecord.
func EncodeIdempotencyRow(r core.IdempotencyRow) ([]byte, error) {
	if err := checkIdempotencyRow(r); err != nil {
		return nil, err
	}
	m := &IdempotencyRow{
		Merchant: r.Scope.Merchant, Route: r.Scope.Route, Key: r.Scope.Key, Fingerprint: r.Fingerprint,
		Transaction: r.Transaction, CreatedAt: nanos(r.CreatedAt), Until: nanos(r.Until), DoneAt: nanos(r.DoneAt),
	}
	if r.Answered != nil {
		m.Answered = transactionOut(*r.Answered)
	}
	return seal(m)
}

// DecodeIdempotencyRow reads what EncodeIdempotencyRow wrote, or returns core.ErrInvalidRecord.
func DecodeIdempotencyRow(data []byte) (core.IdempotencyRow, error) {
	var m IdempotencyRow
	if err := open(data, &m); err != nil {
		return core.IdempotencyRow{}, err
	}
	r := core.IdempotencyRow{
		Scope:       core.IdempotencyScope{Merchant: m.GetMerchant(), Route: m.GetRoute(), Key: m.GetKey()},
		Fingerprint: copied(m.GetFingerprint()), Transaction: m.GetTransaction(),
		CreatedAt: instant(m.GetCreatedAt()), Until: instant(m.GetUntil()), DoneAt: instant(m.GetDoneAt()),
	}
	if m.GetAnswered() != nil {
		answered := transactionIn(m.GetAnswered())
		r.Answered = &answered
	}
	return r, checkIdempotencyRow(r)
}

// EncodeTransfer returns the record of t, or core.ErrInvalidRecord. Was is not part of it.
func EncodeTransfer(t core.Transfer) ([]byte, error) {
	if err := checkTransfer(t); err != nil {
		return nil, err
	}
	return seal(&Transfer{
		Id: t.ID, Account: t.Account, ProviderRef: t.ProviderRef, ProviderCustomer: t.ProviderCustomer,
		Amount: amountOut(t.Amount), Outcome: outcomeNumber(t.Outcome), Status: t.Status,
		CreatedAt: nanos(t.CreatedAt), SeenAt: nanos(t.SeenAt),
		Transaction: t.Transaction, TopUp: t.TopUp, Version: t.Version,
	})
}

// DecodeTransfer reads what EncodeTransfer wrote, or returns core.ErrInvalidRecord.
func DecodeTransfer(data []byte) (core.Transfer, error) {
	var m Transfer
	if err := open(data, &m); err != nil {
		return core.Transfer{}, err
	}
	t := core.Transfer{
		ID: m.GetId(), Account: m.GetAccount(), ProviderRef: m.GetProviderRef(), ProviderCustomer: m.GetProviderCustomer(),
		Amount: amountIn(m.GetAmount()), Outcome: outcomeWord(m.GetOutcome()), Status: m.GetStatus(),
		CreatedAt: instant(m.GetCreatedAt()), SeenAt: instant(m.GetSeenAt()),
		Transaction: m.GetTransaction(), TopUp: m.GetTopUp(), Version: m.GetVersion(),
	}
	return t, checkTransfer(t)
}

// EncodeClaim returns the record of c, or core.ErrInvalidRecord.
func EncodeClaim(c core.Claim) ([]byte, error) {
	if err := checkClaim(c); err != nil {
		return nil, err
	}
	return seal(&Claim{
		Account: c.Account, Customer: c.Customer, Amount: amountOut(c.Amount),
		From: nanos(c.From), Until: nanos(c.Until), Transaction: c.Transaction,
	})
}

// DecodeClaim reads what EncodeClaim wrote, or returns core.ErrInvalidRecord.
func DecodeClaim(data []byte) (core.Claim, error) {
	var m Claim
	if err := open(data, &m); err != nil {
		return core.Claim{}, err
	}
	c := core.Claim{
		Account: m.GetAccount(), Customer: m.GetCustomer(), Amount: amountIn(m.GetAmount()),
		From: instant(m.GetFrom()), Until: instant(m.GetUntil()), Transaction: m.GetTransaction(),
	}
	return c, checkClaim(c)
}

// EncodeAccountWork returns the record of w, or core.ErrInvalidRecord. Was is not part of it.
func EncodeAccountWork(w core.AccountWork) ([]byte, error) {
	if err := checkAccountWork(w); err != nil {
		return nil, err
	}
	return seal(&AccountWork{
		Account: w.Account, Cursor: nanos(w.Cursor), ReadFrom: nanos(w.ReadFrom),
		DailyReadAt: nanos(w.DailyReadAt), DueAt: nanos(w.DueAt), Drained: w.Drained, Version: w.Version,
		PendingFrom: nanos(w.PendingFrom),
	})
}

// DecodeAccountWork reads what EncodeAccountWork wrote, or returns core.ErrInvalidRecord.
func DecodeAccountWork(data []byte) (core.AccountWork, error) {
	var m AccountWork
	if err := open(data, &m); err != nil {
		return core.AccountWork{}, err
	}
	w := core.AccountWork{
		Account: m.GetAccount(), Cursor: instant(m.GetCursor()), ReadFrom: instant(m.GetReadFrom()),
		DailyReadAt: instant(m.GetDailyReadAt()), DueAt: instant(m.GetDueAt()),
		Drained: m.GetDrained(), Version: m.GetVersion(), PendingFrom: instant(m.GetPendingFrom()),
	}
	return w, checkAccountWork(w)
}

// EncodeOutboxRow returns the record of r, or core.ErrInvalidRecord.
func EncodeOutboxRow(r core.OutboxRow) ([]byte, error) {
	if err := checkOutboxRow(r); err != nil {
		return nil, err
	}
	return seal(&OutboxRow{
		Id: r.ID, Name: r.Name, Merchant: r.Merchant, Transaction: r.Transaction, Sequence: r.Sequence,
		At: nanos(r.At), DueAt: nanos(r.DueAt), Tries: int64(r.Tries), Body: r.Body,
	})
}

// DecodeOutboxRow reads what EncodeOutboxRow wrote, or returns core.ErrInvalidRecord.
func DecodeOutboxRow(data []byte) (core.OutboxRow, error) {
	var m OutboxRow
	if err := open(data, &m); err != nil {
		return core.OutboxRow{}, err
	}
	r := core.OutboxRow{
		ID: m.GetId(), Name: m.GetName(), Merchant: m.GetMerchant(), Transaction: m.GetTransaction(), Sequence: m.GetSequence(),
		At: instant(m.GetAt()), DueAt: instant(m.GetDueAt()), Tries: int(m.GetTries()), Body: copied(m.GetBody()),
	}
	return r, checkOutboxRow(r)
}

// EncodeAuditEntry returns the record of e, or core.ErrInvalidRecord.
func EncodeAuditEntry(e core.AuditEntry) ([]byte, error) {
	if err := checkAuditEntry(e); err != nil {
		return nil, err
	}
	return seal(&AuditEntry{
		Id: e.ID, At: nanos(e.At), Actor: e.Actor, Action: e.Action, Transaction: e.Transaction, Detail: e.Detail,
	})
}

// DecodeAuditEntry reads what EncodeAuditEntry wrote, or returns core.ErrInvalidRecord.
func DecodeAuditEntry(data []byte) (core.AuditEntry, error) {
	var m AuditEntry
	if err := open(data, &m); err != nil {
		return core.AuditEntry{}, err
	}
	e := core.AuditEntry{
		ID: m.GetId(), At: instant(m.GetAt()), Actor: m.GetActor(), Action: m.GetAction(),
		Transaction: m.GetTransaction(), Detail: m.GetDetail(),
	}
	return e, checkAuditEntry(e)
}
