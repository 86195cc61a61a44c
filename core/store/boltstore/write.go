package boltstore

import (
	"bytes"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
)

// write puts what check allowed.
func (p *commit) write(t *tables) error {
	return steps(
		func() error { return all(p.changes, func(c *change) error { return c.write(t) }) },
		func() error { return all(p.idempotency, func(w idempotencyWrite) error { return w.write(t) }) },
		func() error { return p.writeInbox(t) },
		func() error { return all(p.dedupe, func(d core.Dedupe) error { return writeDedupe(t, d) }) },
		func() error { return all(p.transfers, func(w *transferWrite) error { return w.write(t) }) },
		func() error { return all(p.claimsFreed, func(w claimWrite) error { return t.claims.Delete(w.key) }) },
		func() error { return all(p.claims, func(w claimWrite) error { return t.claims.Put(w.key, w.record) }) },
		func() error { return all(p.accounts, func(w *accountWrite) error { return w.write(t) }) },
		func() error { return p.writeOutbox(t) },
		func() error { return all(p.audit, func(w auditWrite) error { return t.audit.Put(w.key, w.record) }) },
	)
}

// all runs do for each until one fails.
func all[T any](list []T, do func(T) error) error {
	for _, item := range list {
		if err := do(item); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) write(t *tables) error {
	return steps(
		func() error { return t.transactions.Put(c.key, c.record) },
		func() error { return c.writeHistory(t) },
		func() error { return c.writeReference(t) },
		func() error { return c.writeOpen(t) },
		func() error { return c.countOpen(t) },
		func() error { return c.writeDue(t) },
		func() error { return c.writeProviderRefs(t) },
	)
}

func (c *change) writeHistory(t *tables) error {
	for i, data := range c.history {
		if err := t.history.Put(historyKey(c.key, c.old.Sequence+uint32(i)+1), data); err != nil {
			return err
		}
	}
	return nil
}

// writeReference touches the row only when somebody new comes or a hold changes.
func (c *change) writeReference(t *tables) error {
	if c.transaction.Reference == "" {
		return nil
	}
	holds := c.outline.State.HoldsReference()
	if c.was != 0 && holds == c.old.State.HoldsReference() {
		return nil
	}
	key := c.referenceKey()
	return t.references.Put(key, holdersWith(t.references.Get(key), holder{holds: holds, key: c.key}))
}

// writeOpen keeps what is not final, or has a live attempt all the same.
func (c *change) writeOpen(t *tables) error {
	value := openValue(c.outline)
	old := openValue(c.old)
	if bytes.Equal(value, old) {
		return nil
	}
	if value == nil {
		return t.open.Delete(c.key)
	}
	return t.open.Put(c.key, value)
}

// openValue returns the transaction's row in the open bucket, nil if it has none.
func openValue(o record.Outline) []byte {
	if o.Version == 0 || (o.State.Final() && o.Live == 0) {
		return nil
	}
	return append([]byte{record.StateByte(o.State), byte(o.Live)}, o.LiveAccount...)
}

func (c *change) writeDue(t *tables) error {
	return t.reschedule(core.DueTransaction, c.key, c.old.DueAt, c.outline.DueAt, []byte{letterOf(c.transaction.Kind)})
}

// reschedule moves a piece of work from one time to another; zero is none.
func (t *tables) reschedule(kind core.DueKind, id []byte, from, to time.Time, value []byte) error {
	if from.Equal(to) {
		return nil
	}
	if !from.IsZero() {
		key := dueKey(from, kind, id)
		t.holds.release(key)
		if err := t.due.Delete(key); err != nil {
			return err
		}
	}
	if to.IsZero() {
		return nil
	}
	return t.due.Put(dueKey(to, kind, id), value)
}

// writeProviderRefs leaves the first attempt of a provider's id in its place.
func (c *change) writeProviderRefs(t *tables) error {
	if !c.indexProviderRefs {
		return nil
	}
	for _, a := range c.transaction.Attempts {
		key, ok := providerRefKey(a.Account, a.ProviderRef)
		if !ok || t.providerRefs.Get(key) != nil {
			continue
		}
		value := append(bytes.Clone(c.key), byte(a.Number))
		if err := t.providerRefs.Put(key, value); err != nil {
			return err
		}
	}
	return nil
}

// providerRefKey returns false for what a provider never told, or told too long.
func providerRefKey(account, ref string) ([]byte, bool) {
	if ref == "" || len(ref) > record.NameMax {
		return nil, false
	}
	return pairKey(account, ref), true
}

func (p *commit) writeInbox(t *tables) error {
	for _, w := range p.inbox {
		if err := w.write(t); err != nil {
			return err
		}
	}
	for _, w := range p.inboxRetry {
		if t.inbox.Get(w.key) == nil {
			continue
		}
		if err := w.write(t); err != nil {
			return err
		}
	}
	return all(p.inboxDone, func(key []byte) error { return dropInbox(t, key) })
}

func (w inboxWrite) write(t *tables) error {
	if err := dropInbox(t, w.key); err != nil {
		return err
	}
	return steps(
		func() error { return t.inbox.Put(w.key, w.record) },
		func() error { return t.countInbox(w.row.Account, 1) },
		func() error { return putInboxOf(t, w.row.Transaction, w.key) },
		func() error { return t.reschedule(core.DueInbox, w.key, time.Time{}, w.row.DueAt, nil) },
	)
}

func putInboxOf(t *tables, transaction string, key []byte) error {
	if transaction == "" {
		return nil
	}
	owner, err := ulidKey(transaction)
	if err != nil {
		return err
	}
	return t.inboxOf.Put(append(bytes.Clone(owner), key...), nil)
}

// dropInbox removes a row and all that points to it; one that is gone is no fault.
func dropInbox(t *tables, key []byte) error {
	data := t.inbox.Get(key)
	if data == nil {
		return nil
	}
	row, err := record.DecodeInboxRow(data)
	if err != nil {
		return err
	}
	if row.Transaction != "" {
		owner, err := ulidKey(row.Transaction)
		if err != nil {
			return err
		}
		if err := t.inboxOf.Delete(append(bytes.Clone(owner), key...)); err != nil {
			return err
		}
	}
	return steps(
		func() error { return t.reschedule(core.DueInbox, key, row.DueAt, time.Time{}, nil) },
		func() error { return t.inbox.Delete(key) },
		func() error { return t.countInbox(row.Account, -1) },
	)
}

func writeDedupe(t *tables, d core.Dedupe) error {
	day, err := t.dedupe.CreateBucketIfNotExists([]byte(dayOf(d.At)))
	if err != nil {
		return err
	}
	return day.Put(hashOf(d.Account, d.Key), nil)
}

func (w *transferWrite) write(t *tables) error {
	x := w.transfer
	if x.Was == 0 {
		if err := t.transferRefs.Put(pairKey(x.Account, x.ProviderRef), w.key); err != nil {
			return err
		}
	}
	if err := t.transfers.Put(w.key, w.record); err != nil {
		return err
	}
	if x.Transaction == "" && x.TopUp == "" {
		return t.unmatched.Put(w.key, []byte(x.Account))
	}
	return t.unmatched.Delete(w.key)
}

func (w *accountWrite) write(t *tables) error {
	name := []byte(w.work.Account)
	if err := t.accounts.Put(name, w.record); err != nil {
		return err
	}
	return t.reschedule(core.DueAccount, name, w.old.DueAt, w.work.DueAt, nil)
}

func (p *commit) writeOutbox(t *tables) error {
	for _, w := range p.outbox {
		if err := w.write(t); err != nil {
			return err
		}
	}
	return all(p.outboxDone, func(key []byte) error { return dropOutbox(t, key) })
}

func (w outboxWrite) write(t *tables) error {
	if err := dropOutbox(t, w.key); err != nil {
		return err
	}
	return steps(
		func() error { return t.outbox.Put(w.key, w.record) },
		func() error { return count(t.outbox, 1) },
		func() error { return t.reschedule(core.DueOutbox, w.key, time.Time{}, w.row.DueAt, nil) },
	)
}

func dropOutbox(t *tables, key []byte) error {
	data := t.outbox.Get(key)
	if data == nil {
		return nil
	}
	row, err := record.DecodeOutboxRow(data)
	if err != nil {
		return err
	}
	return steps(
		func() error { return t.reschedule(core.DueOutbox, key, row.DueAt, time.Time{}, nil) },
		func() error { return t.outbox.Delete(key) },
		func() error { return count(t.outbox, -1) },
	)
}
