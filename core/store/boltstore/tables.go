package boltstore

import (
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// tables are the buckets of one bolt transaction. They die with it.
type tables struct {
	transactions, history, references, providerRefs, open, due *bolt.Bucket
	idempotency, dedupe, inbox, inboxOf                        *bolt.Bucket
	transfers, transferRefs, unmatched, claims                 *bolt.Bucket
	accounts, outbox, audit, meta                              *bolt.Bucket
	holds                                                      *holds
	opened                                                     *openCounts
	// days are the opened parts of idempotency, nil until they are needed.
	days []day
}

func openTables(tx *bolt.Tx, s *Store) *tables {
	bucket := func(name string, fill float64) *bolt.Bucket {
		b := tx.Bucket([]byte(name))
		b.FillPercent = fill
		return b
	}
	const anywhere = bolt.DefaultFillPercent
	return &tables{
		transactions: bucket(bucketTransactions, appendFill),
		history:      bucket(bucketHistory, appendFill),
		references:   bucket(bucketReferences, anywhere),
		providerRefs: bucket(bucketProviderRefs, anywhere),
		open:         bucket(bucketOpen, anywhere),
		due:          bucket(bucketDue, anywhere),
		idempotency:  bucket(bucketIdempotency, anywhere),
		dedupe:       bucket(bucketDedupe, anywhere),
		inbox:        bucket(bucketInbox, appendFill),
		inboxOf:      bucket(bucketInboxOf, anywhere),
		transfers:    bucket(bucketTransfers, appendFill),
		transferRefs: bucket(bucketTransferRefs, anywhere),
		unmatched:    bucket(bucketUnmatched, anywhere),
		claims:       bucket(bucketClaims, anywhere),
		accounts:     bucket(bucketAccounts, anywhere),
		outbox:       bucket(bucketOutbox, appendFill),
		audit:        bucket(bucketAudit, appendFill),
		meta:         bucket(bucketMeta, anywhere),
		holds:        &s.holds,
		opened:       &s.open,
	}
}

// count adds to the number of rows that a bucket keeps in its sequence.
func count(b *bolt.Bucket, by int64) error {
	if err := b.SetSequence(uint64(int64(b.Sequence()) + by)); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return nil
}

// countOf is how many rows of the inbox an account has.
func countOf(meta *bolt.Bucket, account string) uint64 {
	if value := meta.Get(inboxCountKey(account)); len(value) == countSize {
		return binary.BigEndian.Uint64(value)
	}
	return 0
}

// countInbox adds to the number of rows that the inbox has, and an account in it.
func (t *tables) countInbox(account string, by int64) error {
	if err := count(t.inbox, by); err != nil {
		return err
	}
	key, now := inboxCountKey(account), max(int64(countOf(t.meta, account))+by, 0)
	if now == 0 {
		return t.meta.Delete(key)
	}
	return t.meta.Put(key, binary.BigEndian.AppendUint64(nil, uint64(now)))
}

// steps runs one after the other until one fails.
func steps(all ...func() error) error {
	for _, step := range all {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
