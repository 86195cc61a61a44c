package boltstore

import (
	"context"

	bolt "go.etcd.io/bbolt"
)

// Stats are figures of a store and of what its writer did since it was opened.
type Stats struct {
	Path string
	// Bytes is the size of the file, FreeBytes how much of it is free for new records.
	Bytes, FreeBytes int64
	// Inbox and Outbox count the rows that are not used up.
	Inbox, Outbox int
	// Commits were applied in Batches syncs of the file; Refused were not applied.
	Commits, Batches, Refused uint64
	// ReadOnly says why nothing can be written now, empty while it can.
	ReadOnly string
}

// Stats returns the figures as they are now.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	stats := Stats{
		Path: s.path, Commits: s.counters.commits.Load(), Batches: s.counters.batches.Load(),
		Refused: s.counters.refused.Load(),
	}
	if why := s.readOnly.Load(); why != nil {
		stats.ReadOnly = (*why).Error()
	}
	err := s.view(ctx, func(tx *bolt.Tx) error {
		inner := tx.DB().Stats()
		stats.Bytes = tx.Size()
		stats.FreeBytes = int64(inner.FreePageN+inner.PendingPageN) * int64(tx.DB().Info().PageSize)
		stats.Inbox = int(tx.Bucket([]byte(bucketInbox)).Sequence())
		stats.Outbox = int(tx.Bucket([]byte(bucketOutbox)).Sequence())
		return nil
	})
	return stats, err
}
