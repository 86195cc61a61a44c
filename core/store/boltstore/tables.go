package boltstore

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// tables are the buckets of one bolt transaction. They die with it.
type tables struct {
	transactions, history, references, providerRefs, open, due *bolt.Bucket
	idempotency, dedupe, inbox, inboxOf                        *bolt.Bucket
	transfers, transferRefs, unmatched, claims                 *bolt.Bucket
	accounts, outbox, audit                                    *bolt.Bucket
	holds                                                      *holds
	// days are the opened parts of idempotency, nil until they are needed.
	days []day
}

func openTables(tx *bolt.Tx, h *holds) *tables {
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
		holds:        h,
	}
}

// count adds to the number of rows that a bucket keeps in its sequence.
func count(b *bolt.Bucket, by int64) error {
	if err := b.SetSequence(uint64(int64(b.Sequence()) + by)); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return nil
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
