package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/core/store/storetest"
)

const (
	// liveMany is how many transactions a full store has that are not over, liveFew
	// where there is little time. liveAtOnce are written in one commit.
	liveMany, liveFew, liveAtOnce = 100_000, 2_000, 500
	// readyMost is how long an engine may take from a kill -9 until it is ready.
	readyMost = 2 * time.Second
)

// What is not over costs nothing at the start: it is due when it is due.
func TestAFullStoreIsReadySoonAfterAKill(t *testing.T) {
	many, kills := liveFew, 2
	if atLength() {
		many, kills = liveMany, 10
	}
	c := newChaos(t, "")
	empty := c.killIdle(kills)
	if err := c.engine.Kill(); err != nil {
		t.Fatal(err)
	}
	took := stock(t, c.setup.Store(), many)
	c.start(c.engine.Address)
	c.pay("order-before")
	full := c.killIdle(kills)
	size, err := os.Stat(c.setup.Store())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("chaos 2: ready after kill -9 with %d live transactions (%d MiB, written in %s): p50 %s, worst %s of %d; with none: p50 %s",
		many, size.Size()>>20, took.Round(time.Second), middle(full), slices.Max(full).Round(time.Millisecond), kills, middle(empty))
	if worst := slices.Max(full); worst > readyMost {
		t.Errorf("it was ready after %v, which may take %v", worst, readyMost)
	}
	if tx := c.pay("order-after"); tx.State != "requires_action" {
		t.Errorf("it takes payments no more: %s", tx.State)
	}
}

// killIdle kills the engine so often, and returns how long it took until it was
// ready and answered a question about a payment.
func (c *chaos) killIdle(times int) []time.Duration {
	c.t.Helper()
	c.ready = nil
	for range times {
		c.kill()
		c.until("a payment can be asked for", func(ctx context.Context) (bool, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.engine.URL+"/v1/transactions?limit=1", nil)
			if err != nil {
				return false, err
			}
			req.Header.Set("Authorization", "Bearer "+c.setup.Key.Secret)
			status, _ := send(c.t, req)
			return status == http.StatusOK, nil
		})
	}
	return c.ready
}

func middle(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2].Round(time.Millisecond)
}

// stock writes transactions that wait for their customers, or for their provider,
// and returns how long that took. Some were being sent when their process ended.
func stock(t *testing.T, path string, many int) time.Duration {
	t.Helper()
	began := time.Now()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	opened, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < many; at += liveAtOnce {
		var c core.Commit
		for i := range min(liveAtOnce, many-at) {
			tx := liveTransaction(at+i, began)
			c.Transactions = append(c.Transactions, storetest.Create(tx))
			c.Idempotency = append(c.Idempotency, core.IdempotencyWrite{Row: storetest.Row(tx, fmt.Sprintf("key-%d", at+i)), New: true})
		}
		if err := opened.Apply(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	return time.Since(began)
}

// liveTransaction is one of the last two days. One in a thousand is being sent.
func liveTransaction(n int, now time.Time) core.Transaction {
	age := time.Duration(n%2880+1) * time.Minute
	sending := n%1000 == 0
	if sending {
		age = time.Minute
	}
	tx := storetest.Payment(now.Add(-age).Truncate(time.Millisecond), n)
	tx.Merchant, tx.Reference, tx.Attempts[0].Account = "default", fmt.Sprintf("order-%08d", n), "first"
	if sending {
		return tx
	}
	tx = storetest.Waiting(tx, now.Add(-age+time.Second))
	tx.Timers[0].At = now.Add(time.Minute + time.Duration(n%7200)*10*time.Second)
	return tx
}
