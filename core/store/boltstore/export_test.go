package boltstore

import (
	"context"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core/store"
)

// RetryGap is how long a store that cannot be written waits before it tries again.
const RetryGap = retryGap

// InterceptCommits puts intercept around every commit of the file. It is called before the first Apply.
func (s *Store) InterceptCommits(intercept func(commit func() error) error) {
	s.commit = func(tx *bolt.Tx) error { return intercept(tx.Commit) }
}

// CarriedStep is how many rows one commit of a pruning writes.
const CarriedStep = carriedStep

// Edit changes the file of a closed store behind its back.
func Edit(path string, change func(*bolt.Tx) error) error {
	db, err := bolt.Open(path, fileMode, nil)
	if err != nil {
		return err
	}
	if err := db.Update(change); err != nil {
		return err
	}
	return db.Close()
}

// Abandon ends the store without writing, as a crash does.
func (s *Store) Abandon() {
	s.setReadOnly(errOffline)
	_ = s.Close()
}

// SyncNothing leaves it to the system when what is written gets to the disk.
func (s *Store) SyncNothing() { s.db.NoSync = true }

// PruneDay prunes one day of idempotency rows and runs between after it looked
// what must stay.
func (s *Store) PruneDay(ctx context.Context, day string, policy store.PrunePolicy, between func()) error {
	step := &dropDay{day: day, policy: policy}
	if err := s.survey(ctx, step); err != nil {
		return err
	}
	between()
	return s.dropSurveyed(ctx, step)
}
