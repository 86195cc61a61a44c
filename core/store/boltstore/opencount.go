package boltstore

import (
	"context"
	"fmt"
	"sync"

	bolt "go.etcd.io/bbolt"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/record"
)

// openCounts are how many transactions have not ended, by merchant. They are in
// memory: one process has the file, and counts them when it opens it.
type openCounts struct {
	mu sync.Mutex
	by map[string]int
	// batch is what the bolt transaction under way adds; only the writer touches it.
	batch map[string]int
}

// of returns how many of a merchant are open in what is committed.
func (c *openCounts) of(merchant string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[merchant]
}

// begin forgets what a bolt transaction added that did not come about.
func (c *openCounts) begin() { clear(c.batch) }

// add counts in the bolt transaction under way.
func (c *openCounts) add(merchant string, n int) {
	if c.batch == nil {
		c.batch = map[string]int{}
	}
	c.batch[merchant] += n
}

// soon returns how many of a merchant are open with the bolt transaction under way.
func (c *openCounts) soon(merchant string) int { return c.of(merchant) + c.batch[merchant] }

// keep counts for good what the bolt transaction added: it is in the file.
func (c *openCounts) keep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for merchant, n := range c.batch {
		if c.by[merchant] += n; c.by[merchant] == 0 {
			delete(c.by, merchant)
		}
	}
	clear(c.batch)
}

// countOpen counts what is in the file. A record that cannot be read counts for
// nobody: nothing else can be done with it either.
func (s *Store) countOpen() error {
	by := map[string]int{}
	err := s.view(context.Background(), func(tx *bolt.Tx) error {
		records := tx.Bucket([]byte(bucketTransactions))
		return tx.Bucket([]byte(bucketOpen)).ForEach(func(key, value []byte) error {
			if len(value) == 0 || ended(value[0]) {
				return nil // Only its attempt is live.
			}
			if merchant, err := record.DecodeMerchant(records.Get(key)); err == nil {
				by[merchant]++
			}
			return nil
		})
	})
	s.open.by = by
	return err
}

// ended reports whether a state in the open bucket is final.
func ended(state byte) bool {
	for _, s := range core.States() {
		if record.StateByte(s) == state {
			return s.Final()
		}
	}
	return false
}

// Open returns how many transactions of a merchant have not ended.
func (s *Store) Open(ctx context.Context, merchant string) (n int, err error) {
	err = s.view(ctx, func(*bolt.Tx) error {
		n = s.open.of(merchant)
		return nil
	})
	return n, err
}

// checkOpen refuses a new transaction that would be one too many of its merchant.
func (c *change) checkOpen(t *tables) error {
	if c.was != 0 || c.openMax == 0 || !isOpen(c.outline) || t.opened.soon(c.transaction.Merchant) < c.openMax {
		return nil
	}
	return fmt.Errorf("%d transactions of %s are open: %w", c.openMax, c.transaction.Merchant, core.ErrOpenMax)
}

// countOpen counts a transaction that begins, ends or goes on after its end.
func (c *change) countOpen(t *tables) error {
	switch was, is := isOpen(c.old), isOpen(c.outline); {
	case is && !was:
		t.opened.add(c.transaction.Merchant, 1)
	case was && !is:
		t.opened.add(c.transaction.Merchant, -1)
	}
	return nil
}

func isOpen(o record.Outline) bool { return o.Version != 0 && !o.State.Final() }
