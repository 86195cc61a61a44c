package boltstore

import (
	"context"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
)

// Stats returns the figures as they are now. Of a store that was opened for
// reading only it reads all pages, to count those that are free.
func (s *Store) Stats(ctx context.Context) (core.StoreStats, error) {
	stats := core.StoreStats{
		Commits: s.counters.commits.Load(), Batches: s.counters.batches.Load(), Refused: s.counters.refused.Load(),
	}
	if why := s.readOnly.Load(); why != nil {
		stats.ReadOnly = (*why).Error()
	}
	err := s.view(ctx, func(tx *bolt.Tx) error {
		free, err := s.freePages(tx.DB())
		if err != nil {
			return err
		}
		stats.Bytes = tx.Size()
		stats.FreeBytes = int64(free) * int64(tx.DB().Info().PageSize)
		stats.Inbox = int(tx.Bucket([]byte(bucketInbox)).Sequence())
		stats.Outbox = int(tx.Bucket([]byte(bucketOutbox)).Sequence())
		return nil
	})
	return stats, err
}

// freePages counts the pages that are free. bbolt knows them where it may write.
func (s *Store) freePages(db *bolt.DB) (int, error) {
	if s.offline {
		return countFree(s.path, db)
	}
	inner := db.Stats()
	return inner.FreePageN + inner.PendingPageN, nil
}
