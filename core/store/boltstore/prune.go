package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/record"
)

// Prune forgets idempotency rows and dedupe rows a day at a time: whole buckets
// are dropped, which costs no rebalancing. Rows that must stay longer are
// carried over first, some a commit, so that nobody waits long for the writer.
func (s *Store) Prune(ctx context.Context, policy store.PrunePolicy) (pruned store.Pruned, err error) {
	days, err := s.days(ctx, bucketIdempotency)
	if err != nil {
		return pruned, err
	}
	for _, day := range days {
		dropped, err := s.pruneIdempotency(ctx, day, policy)
		pruned.Idempotency += dropped
		if err != nil {
			return pruned, err
		}
	}
	days, err = s.days(ctx, bucketDedupe)
	if err != nil {
		return pruned, err
	}
	for _, day := range days {
		dropped, err := s.pruneDedupe(ctx, day, policy.Now.Add(-policy.DedupeKept))
		pruned.Dedupe += dropped
		if err != nil {
			return pruned, err
		}
	}
	return pruned, nil
}

// errNothingToDo keeps a step that changes nothing from being a commit.
var errNothingToDo = errors.New("nothing to do")

func (s *Store) days(ctx context.Context, bucket string) (days []string, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEachBucket(func(name []byte) error {
			days = append(days, string(name))
			return nil
		})
	})
	return days, err
}

// over reports whether the whole of a day is before cutoff.
func over(day string, cutoff time.Time) bool {
	start, err := time.Parse(dayLayout, day)
	return err == nil && !start.AddDate(0, 0, 1).After(cutoff)
}

func (s *Store) pruneIdempotency(ctx context.Context, day string, policy store.PrunePolicy) (int, error) {
	if day == dayCarried {
		return s.pruneCarried(ctx, policy)
	}
	if !over(day, policy.Now.Add(-policy.IdempotencyKept)) {
		return 0, nil
	}
	step := &dropDay{day: day, policy: policy}
	if err := s.survey(ctx, step); err != nil {
		return 0, err
	}
	switch err := s.dropSurveyed(ctx, step); {
	case errors.Is(err, errNothingToDo):
		return 0, nil
	case err != nil:
		return 0, err
	default:
		return step.rows - len(step.stay), nil
	}
}

// dropSurveyed carries over what must stay, some rows a commit, and drops the rest.
func (s *Store) dropSurveyed(ctx context.Context, d *dropDay) error {
	for some := range slices.Chunk(d.stay, carriedStep) {
		if err := s.submit(ctx, carry{day: d.day, hashes: some}); err != nil {
			return err
		}
	}
	return s.submit(ctx, d)
}

// dropDay drops one day of idempotency rows, after those that must stay were
// carried over. A whole bucket goes at once: that only notes which pages are free.
type dropDay struct {
	day    string
	policy store.PrunePolicy
	// stay are the hashes of rows that must stay, rows how many there are, and puts
	// the day's count of puts, as the survey saw them without keeping the writer waiting.
	stay [][]byte
	rows int
	puts uint64
}

// surveyStep is how many rows one read transaction looks at: a long one would
// keep pages from being used again.
const surveyStep = 2000

// survey finds what must stay.
func (s *Store) survey(ctx context.Context, d *dropDay) error {
	for after := []byte{}; after != nil; {
		err := s.view(ctx, func(tx *bolt.Tx) error {
			day := tx.Bucket([]byte(bucketIdempotency)).Bucket([]byte(d.day))
			if day == nil {
				after = nil
				return nil
			}
			if len(after) == 0 {
				d.puts = day.Sequence()
			}
			var err error
			after, err = d.look(day, tx.Bucket([]byte(bucketTransactions)), after)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// look surveys the rows after a hash and returns the last hash it saw, nil at the end.
func (d *dropDay) look(day, transactions *bolt.Bucket, after []byte) ([]byte, error) {
	rows := day.Bucket([]byte(bucketRows))
	cursor := day.Bucket([]byte(bucketKeys)).Cursor()
	hash, key := cursor.Seek(after)
	if bytes.Equal(hash, after) {
		hash, key = cursor.Next()
	}
	for range surveyStep {
		if hash == nil {
			return nil, nil
		}
		stays, err := mustStay(rows.Get(key), transactions, d.policy)
		if err != nil {
			return nil, err
		}
		d.rows++
		after = bytes.Clone(hash)
		if stays {
			d.stay = append(d.stay, after)
		}
		hash, key = cursor.Next()
	}
	return after, nil
}

// mustStay reports whether a row's time is not over or its transaction not final.
func mustStay(data []byte, transactions *bolt.Bucket, policy store.PrunePolicy) (bool, error) {
	row, err := record.DecodeIdempotencyRow(data)
	if err != nil {
		return true, err
	}
	done := row.DoneAt
	if done.IsZero() {
		done = row.Until
	}
	if done.IsZero() {
		done = row.CreatedAt
	}
	if done.Add(policy.IdempotencyKept).After(policy.Now) {
		return true, nil
	}
	key, err := ulidKey(row.Transaction)
	if err != nil {
		return false, nil
	}
	outline, err := record.DecodeOutline(transactions.Get(key))
	if err != nil {
		// A row without its transaction guards nothing.
		return false, nil
	}
	return !outline.State.Final(), nil
}

func (d *dropDay) check(t *tables) error {
	day := t.idempotency.Bucket([]byte(d.day))
	if day == nil || day.Sequence() != d.puts {
		// Somebody wrote to the day since the survey: the next Prune looks again.
		return errNothingToDo
	}
	return nil
}

func (d *dropDay) write(t *tables) error {
	t.days = nil
	return t.idempotency.DeleteBucket([]byte(d.day))
}

// carry moves rows that outlive their day to those of other days, as they are now.
type carry struct {
	day    string
	hashes [][]byte
}

func (c carry) check(*tables) error { return nil }

func (c carry) write(t *tables) error {
	for _, hash := range c.hashes {
		day := openDay(t.idempotency, []byte(c.day))
		rowKey := bytes.Clone(day.keys.Get(hash))
		if rowKey == nil {
			continue
		}
		data := bytes.Clone(day.rows.Get(rowKey))
		if err := errors.Join(day.keys.Delete(hash), day.rows.Delete(rowKey)); err != nil {
			return fmt.Errorf("row to carry: %w", err)
		}
		if err := t.putIdempotency(dayCarried, hash, rowKey, data); err != nil {
			return err
		}
	}
	return nil
}

// pruneCarried looks through what outlived its day, some rows a commit.
func (s *Store) pruneCarried(ctx context.Context, policy store.PrunePolicy) (int, error) {
	var free [][]byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		day := tx.Bucket([]byte(bucketIdempotency)).Bucket([]byte(dayCarried))
		rows, transactions := day.Bucket([]byte(bucketRows)), tx.Bucket([]byte(bucketTransactions))
		return day.Bucket([]byte(bucketKeys)).ForEach(func(hash, key []byte) error {
			stays, err := mustStay(rows.Get(key), transactions, policy)
			if !stays {
				free = append(free, bytes.Clone(hash))
			}
			return errors.Join(err, ctx.Err())
		})
	})
	if err != nil {
		return 0, err
	}
	dropped := 0
	for len(free) > 0 {
		some := free[:min(len(free), carriedStep)]
		if err := s.submit(ctx, dropCarried{hashes: some}); err != nil {
			return dropped, err
		}
		dropped += len(some)
		free = free[len(some):]
	}
	return dropped, nil
}

// carriedStep is how many rows one commit carries over or, of those that were, drops.
const carriedStep = 500

type dropCarried struct{ hashes [][]byte }

func (d dropCarried) check(*tables) error { return nil }

func (d dropCarried) write(t *tables) error {
	day := t.idempotency.Bucket([]byte(dayCarried))
	for _, hash := range d.hashes {
		keys, rows := day.Bucket([]byte(bucketKeys)), day.Bucket([]byte(bucketRows))
		rowKey := bytes.Clone(keys.Get(hash))
		if rowKey == nil {
			continue
		}
		if err := errors.Join(keys.Delete(hash), rows.Delete(rowKey)); err != nil {
			return fmt.Errorf("carried row: %w", err)
		}
	}
	return nil
}

// pruneDedupe counts the rows of a day, without keeping the writer waiting, and drops it.
func (s *Store) pruneDedupe(ctx context.Context, day string, cutoff time.Time) (int, error) {
	if !over(day, cutoff) {
		return 0, nil
	}
	rows := 0
	err := s.view(ctx, func(tx *bolt.Tx) error {
		if bucket := tx.Bucket([]byte(bucketDedupe)).Bucket([]byte(day)); bucket != nil {
			rows = bucket.Stats().KeyN
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	err = s.submit(ctx, dropDedupe{day: day})
	switch {
	case errors.Is(err, errNothingToDo):
		return 0, nil
	case err != nil:
		return 0, err
	default:
		return rows, nil
	}
}

// dropDedupe forgets one day of applied notifications.
type dropDedupe struct{ day string }

func (d dropDedupe) check(t *tables) error {
	if t.dedupe.Bucket([]byte(d.day)) == nil {
		return errNothingToDo
	}
	return nil
}

func (d dropDedupe) write(t *tables) error { return t.dedupe.DeleteBucket([]byte(d.day)) }

var (
	_ work = (*commit)(nil)
	_ work = (*dropDay)(nil)
	_ work = carry{}
	_ work = dropCarried{}
	_ work = dropDedupe{}
)
