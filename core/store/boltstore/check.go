package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
	"github.com/paymux/paymux/sdk"
)

// problemsMax is how many problems a report names.
const problemsMax = 100

// Report is what Check found.
type Report struct {
	// Records counts what is stored, by bucket.
	Records map[string]int
	// Problems are in words, at most problemsMax of them.
	Problems []string
}

// OK reports whether nothing was found wrong.
func (r Report) OK() bool { return len(r.Problems) == 0 }

// Check reads the whole file at path: every record against its invariants, every
// index against the records, and then the pages of the file itself. The error
// says why the file cannot be opened; what is wrong inside it is in the report.
func Check(ctx context.Context, path string) (Report, error) {
	db, err := openFile(path, true)
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = db.Close() }()
	c := &checker{report: Report{Records: make(map[string]int)}, inboxes: make(map[string]uint64)}
	err = guarded(func() error {
		if err := walkPages(path, db); err != nil {
			return err
		}
		return db.View(func(tx *bolt.Tx) error { return c.walk(ctx, tx) })
	})
	if errors.Is(err, ErrDamaged) {
		c.problem("%v", err)
		err = nil
	}
	// bbolt checks its pages in a goroutine of its own, where a damaged page would
	// end the process: only a file that could be read whole is given to it.
	if err == nil && c.report.OK() {
		err = db.View(func(tx *bolt.Tx) error { return c.pages(tx) })
	}
	if err != nil {
		return Report{}, fmt.Errorf("boltstore: check: %w", err)
	}
	return c.report, nil
}

type checker struct {
	report Report
	tx     *bolt.Tx
	// due and open count the rows that the records ask for, inboxes those of the
	// inbox by account.
	due, open int
	inboxes   map[string]uint64
}

func (c *checker) problem(format string, args ...any) {
	if len(c.report.Problems) < problemsMax {
		c.report.Problems = append(c.report.Problems, fmt.Sprintf(format, args...))
	}
}

func (c *checker) expect(ok bool, format string, args ...any) {
	if !ok {
		c.problem(format, args...)
	}
}

func (c *checker) bucket(name string) *bolt.Bucket { return c.tx.Bucket([]byte(name)) }

func (c *checker) has(bucket string, key []byte) bool { return c.bucket(bucket).Get(key) != nil }

// each walks a bucket and counts its records.
func (c *checker) each(ctx context.Context, name string, look func(key, value []byte) error) error {
	return c.bucket(name).ForEach(func(key, value []byte) error {
		c.report.Records[name]++
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := look(key, value); err != nil {
			c.problem("%s: %x: %v", name, key, err)
		}
		return nil
	})
}

func (c *checker) walk(ctx context.Context, tx *bolt.Tx) error {
	c.tx = tx
	looks := []struct {
		bucket string
		look   func(key, value []byte) error
	}{
		{bucketTransactions, c.transaction},
		{bucketHistory, c.history},
		{bucketReferences, c.reference},
		{bucketProviderRefs, c.providerRef},
		{bucketInbox, c.inbox},
		{bucketOutbox, c.outbox},
		{bucketAccounts, c.account},
		{bucketTransfers, c.transfer},
		{bucketClaims, c.claim},
		{bucketAudit, c.audit},
		{bucketIdempotency, c.idempotencyDay},
		{bucketDedupe, c.dedupeDay},
		{bucketOpen, nothing},
		{bucketDue, c.dueRow},
		{bucketInboxOf, c.inboxOf},
		{bucketTransferRefs, c.transferRef},
		{bucketUnmatched, c.unmatched},
	}
	for _, l := range looks {
		if err := c.each(ctx, l.bucket, l.look); err != nil {
			return err
		}
	}
	c.counts()
	return nil
}

func nothing(_, _ []byte) error { return nil }

// counts compares how many index rows there are with how many there should be:
// each that should be there was looked up, so that equal numbers mean equal sets.
func (c *checker) counts() {
	records := c.report.Records
	c.expect(records[bucketOpen] == c.open, "open: %d rows, %d transactions belong there", records[bucketOpen], c.open)
	c.expect(records[bucketDue] == c.due, "due: %d rows, %d records have a time", records[bucketDue], c.due)
	for _, name := range []string{bucketInbox, bucketOutbox} {
		counted := int(c.bucket(name).Sequence())
		c.expect(records[name] == counted, "%s: %d rows, counted as %d", name, records[name], counted)
	}
	for account, rows := range c.inboxes {
		counted := countOf(c.bucket(bucketMeta), account)
		c.expect(rows == counted, "inbox of %s: %d rows, counted as %d", account, rows, counted)
	}
	c.expect(records[bucketTransfers] == records[bucketTransferRefs], "transfer_refs: %d rows for %d transfers",
		records[bucketTransferRefs], records[bucketTransfers])
}

// pages is bbolt's own check of the file.
func (c *checker) pages(tx *bolt.Tx) error {
	for err := range tx.Check() {
		c.problem("pages: %v", err)
	}
	return nil
}

func (c *checker) transaction(key, value []byte) error {
	t, err := record.DecodeTransaction(value)
	if err != nil {
		return err
	}
	own, err := ulidKey(t.ID)
	if err != nil || !bytes.Equal(own, key) {
		return fmt.Errorf("%s is under another key", t.ID)
	}
	outline := record.OutlineOf(t)
	c.scheduled(core.DueTransaction, key, dueRow{outline.DueAt, t.ID})
	if row := openValue(outline); row != nil {
		c.open++
		c.expect(bytes.Equal(c.bucket(bucketOpen).Get(key), row), "%s: its row in open is another", t.ID)
	}
	if t.Reference != "" {
		c.expect(c.isHolder(t, key), "%s: its reference does not lead to it", t.ID)
	}
	c.expect(c.entries(key) == int(t.Sequence), "%s: %d history entries, its sequence is %d", t.ID, c.entries(key), t.Sequence)
	c.bound(t)
	return nil
}

// bound expects that no attempt of a payment gives back more than it took.
func (c *checker) bound(t core.Transaction) {
	if t.Kind != sdk.KindPayment {
		return
	}
	for _, a := range t.Attempts {
		c.expect(a.Reserved.Minor() <= a.Confirmed.Minor(), "%s: refunds of %s are %s, its provider confirmed %s", t.ID, a.ID, a.Reserved, a.Confirmed)
	}
}

func (c *checker) isHolder(t core.Transaction, key []byte) bool {
	for _, h := range holders(c.bucket(bucketReferences).Get(referenceKey(t.Merchant, t.Kind, t.Reference))) {
		if bytes.Equal(h.key, key) {
			return h.holds == t.State.HoldsReference()
		}
	}
	return false
}

// entries counts the history of a transaction, as far as it has no gap.
func (c *checker) entries(key []byte) int {
	n := 0
	cursor := c.bucket(bucketHistory).Cursor()
	for k, _ := cursor.Seek(key); bytes.HasPrefix(k, key); k, _ = cursor.Next() {
		if !bytes.Equal(k, historyKey(key, uint32(n+1))) {
			return -1
		}
		n++
	}
	return n
}

func (c *checker) history(key, value []byte) error {
	e, err := record.DecodeHistoryEntry(value)
	if err != nil {
		return err
	}
	if len(key) != ulidSize+4 || !bytes.Equal(key, historyKey(key[:ulidSize], e.Sequence)) {
		return fmt.Errorf("entry %d is under another key", e.Sequence)
	}
	if !c.has(bucketTransactions, key[:ulidSize]) {
		return errors.New("its transaction is missing")
	}
	return nil
}

func (c *checker) reference(key, value []byte) error {
	if len(value) == 0 || len(value)%holderSize != 0 {
		return fmt.Errorf("%d bytes are no list of holders", len(value))
	}
	for _, h := range holders(value) {
		t, err := one(c.tx, bucketTransactions, h.key, record.DecodeTransaction)
		if err != nil {
			return err
		}
		if !bytes.Equal(key, referenceKey(t.Merchant, t.Kind, t.Reference)) {
			return fmt.Errorf("%s has another reference", t.ID)
		}
	}
	return nil
}

func (c *checker) providerRef(key, value []byte) error {
	if len(value) != ulidSize+1 {
		return fmt.Errorf("%d bytes name no attempt", len(value))
	}
	t, err := one(c.tx, bucketTransactions, value[:ulidSize], record.DecodeTransaction)
	if err != nil {
		return err
	}
	a, ok := t.Attempt(int(value[ulidSize]))
	if !ok || !bytes.HasPrefix(key, pairKey(a.Account, "")) {
		return fmt.Errorf("%s has no such attempt at the account", t.ID)
	}
	return nil
}
