package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
)

var errOtherKey = errors.New("it is under another key")

// dueRow is what a record says of its own row in the due bucket.
type dueRow struct {
	at time.Time
	id string
}

// scheduled expects the row of a record that has a time.
func (c *checker) scheduled(kind core.DueKind, id []byte, row dueRow) {
	if row.at.IsZero() {
		return
	}
	c.due++
	c.expect(c.has(bucketDue, dueKey(row.at, kind, id)), "%s: it is not in the due list", row.id)
}

func (c *checker) dueRow(key, value []byte) error {
	if len(key) < timeSize+2 || (core.DueKind(key[timeSize]) == core.DueTransaction && len(value) != 1) {
		return errors.New("it is no row of the due list")
	}
	return nil
}

func (c *checker) inbox(key, value []byte) error {
	row, err := record.DecodeInboxRow(value)
	if err != nil {
		return err
	}
	if own, err := ulidKey(row.ID); err != nil || !bytes.Equal(own, key) {
		return errOtherKey
	}
	c.inboxes[row.Account]++
	c.scheduled(core.DueInbox, key, dueRow{row.DueAt, row.ID})
	if row.Transaction == "" {
		return nil
	}
	owner, err := ulidKey(row.Transaction)
	if err != nil {
		return err
	}
	c.expect(c.has(bucketInboxOf, append(bytes.Clone(owner), key...)), "%s: its transaction does not lead to it", row.ID)
	return nil
}

func (c *checker) inboxOf(key, _ []byte) error {
	if len(key) != 2*ulidSize || !c.has(bucketInbox, key[ulidSize:]) {
		return errors.New("its row is missing")
	}
	return nil
}

func (c *checker) outbox(key, value []byte) error {
	row, err := record.DecodeOutboxRow(value)
	if err != nil {
		return err
	}
	if own, err := ulidKey(row.ID); err != nil || !bytes.Equal(own, key) {
		return errOtherKey
	}
	c.scheduled(core.DueOutbox, key, dueRow{row.DueAt, row.ID})
	return nil
}

func (c *checker) account(key, value []byte) error {
	w, err := record.DecodeAccountWork(value)
	if err != nil {
		return err
	}
	if w.Account != string(key) {
		return errOtherKey
	}
	c.scheduled(core.DueAccount, key, dueRow{w.DueAt, w.Account})
	return nil
}

func (c *checker) transfer(key, value []byte) error {
	t, err := record.DecodeTransfer(value)
	if err != nil {
		return err
	}
	if own, err := ulidKey(t.ID); err != nil || !bytes.Equal(own, key) {
		return errOtherKey
	}
	holder := c.bucket(bucketTransferRefs).Get(pairKey(t.Account, t.ProviderRef))
	c.expect(bytes.Equal(holder, key), "%s: its provider ref does not lead to it", t.ID)
	unmatched := t.Transaction == "" && t.TopUp == ""
	c.expect(c.has(bucketUnmatched, key) == unmatched, "%s: it is in the wrong list of matched and unmatched", t.ID)
	return nil
}

func (c *checker) transferRef(_, value []byte) error {
	if !c.has(bucketTransfers, value) {
		return errors.New("its transfer is missing")
	}
	return nil
}

func (c *checker) unmatched(key, _ []byte) error {
	if !c.has(bucketTransfers, key) {
		return errors.New("its transfer is missing")
	}
	return nil
}

func (c *checker) claim(key, value []byte) error {
	claim, err := record.DecodeClaim(value)
	if err != nil {
		return err
	}
	owner, err := ulidKey(claim.Transaction)
	if err != nil {
		return err
	}
	if !bytes.Equal(key, append(claimShape(claim), owner...)) {
		return errOtherKey
	}
	return nil
}

func (c *checker) audit(key, value []byte) error {
	e, err := record.DecodeAuditEntry(value)
	if err != nil {
		return err
	}
	if !bytes.Equal(key, auditKey(e)) {
		return errOtherKey
	}
	return nil
}

func (c *checker) idempotencyDay(name, _ []byte) error {
	day := c.bucket(bucketIdempotency).Bucket(name)
	if day == nil || day.Bucket([]byte(bucketKeys)) == nil || day.Bucket([]byte(bucketRows)) == nil {
		return errors.New("it is no day of rows")
	}
	keys, rows := day.Bucket([]byte(bucketKeys)), day.Bucket([]byte(bucketRows))
	n := 0
	err := keys.ForEach(func(hash, key []byte) error {
		n++
		row, err := record.DecodeIdempotencyRow(rows.Get(key))
		if err != nil {
			return err
		}
		if !bytes.Equal(hash, scopeHash(row.Scope)) {
			return fmt.Errorf("row of %s is under another key", row.Transaction)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if counted := rowsIn(rows); counted != n {
		return fmt.Errorf("%d keys for %d rows", n, counted)
	}
	return nil
}

func rowsIn(b *bolt.Bucket) int {
	n := 0
	cursor := b.Cursor()
	for key, _ := cursor.First(); key != nil; key, _ = cursor.Next() {
		n++
	}
	return n
}

func (c *checker) dedupeDay(name, _ []byte) error {
	if c.bucket(bucketDedupe).Bucket(name) == nil {
		return errors.New("it is no day of rows")
	}
	return nil
}
