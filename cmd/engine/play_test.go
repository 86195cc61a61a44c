package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
)

const (
	// ordersAtOnce bounds how many orders are placed at the same time.
	ordersAtOnce = 8
	// settledWithin bounds how long a play may take to stand where it should.
	settledWithin = 45 * time.Second
	// lookAgain is the time between two looks at a play.
	lookAgain = 50 * time.Millisecond
)

// play is one row of a sandbox's trigger table, as the engine must see it.
type play struct {
	// order is an api.Payment or an api.Payout. Its reference is the play's name.
	order any
	// held says that a decision is awaited before then.
	held bool
	// then is what somebody does once the order is placed and held; nil for nothing.
	then func(ctx context.Context, tx api.Transaction) error
	// soon is how it stands after the provider acted, and later after the
	// provider's clock went on; an empty later is the same as soon. Both read as
	// told writes them.
	soon, later string
}

// told reads as "failed late declined: first rejected, second declined".
func told(tx api.Transaction) string {
	text := tx.State
	if tx.Late {
		text += " late"
	}
	if tx.Reason != nil {
		text += " " + tx.Reason.Code
	}
	return text + ": " + attempts(tx)
}

// perform plays everything at the same time, lets the provider's clock go on by
// later, and returns how all transactions stand at the end. Each ends with a
// question to the provider, so that nothing which has not changed was only not
// looked at.
func (s *shop) perform(plays map[string]play, later func()) []api.Transaction {
	s.t.Helper()
	wanted, wantedLater := map[string]string{}, map[string]string{}
	for name, one := range plays {
		wanted[name], wantedLater[name] = one.soon, one.soon
		if one.later != "" {
			wantedLater[name] = one.later
		}
	}
	c := &company{shop: s, ids: map[string]string{}, room: make(chan struct{}, ordersAtOnce)}
	found := c.each(plays, func(ctx context.Context, name string) (api.Transaction, error) {
		return c.begin(ctx, name, plays[name])
	})
	s.compare("soon", wanted, found)
	later()
	found = c.each(plays, func(ctx context.Context, name string) (api.Transaction, error) {
		if tx, err := c.settled(ctx, c.id(name), wantedLater[name]); err != nil {
			return tx, err
		}
		return s.client.Sync(ctx, c.id(name))
	})
	s.compare("later", wantedLater, found)
	all := make([]api.Transaction, 0, len(found))
	for _, one := range found {
		all = append(all, one.tx)
	}
	return all
}

// scene is how a play came out.
type scene struct {
	tx  api.Transaction
	err error
}

func (s *shop) compare(when string, want map[string]string, found map[string]scene) {
	s.t.Helper()
	got := map[string]string{}
	for name, one := range found {
		got[name] = told(one.tx)
		if one.err != nil {
			got[name] += ": " + one.err.Error()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

// company plays. Its methods are called by many goroutines.
type company struct {
	*shop
	room chan struct{}

	mu  sync.Mutex
	ids map[string]string
}

// each does the same for every play at the same time.
func (c *company) each(plays map[string]play, do func(ctx context.Context, name string) (api.Transaction, error)) map[string]scene {
	ctx, cancel := context.WithTimeout(c.t.Context(), settledWithin)
	defer cancel()
	found := map[string]scene{}
	var players sync.WaitGroup
	for name := range plays {
		players.Go(func() {
			tx, err := do(ctx, name)
			c.mu.Lock()
			defer c.mu.Unlock()
			found[name] = scene{tx, err}
		})
	}
	players.Wait()
	return found
}

func (c *company) id(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ids[name]
}

// begin places the order, and does what is done then.
func (c *company) begin(ctx context.Context, name string, one play) (api.Transaction, error) {
	tx, err := c.place(ctx, name, one.order)
	if err != nil {
		return tx, err
	}
	if one.held {
		if tx, err = c.settledAs(ctx, tx.ID, func(tx api.Transaction) bool { return tx.State == "awaiting_approval" }); err != nil {
			return tx, err
		}
	}
	if one.then != nil {
		if err := one.then(ctx, tx); err != nil {
			return tx, err
		}
	}
	return c.settled(ctx, tx.ID, one.soon)
}

func (c *company) place(ctx context.Context, name string, order any) (api.Transaction, error) {
	c.room <- struct{}{}
	defer func() { <-c.room }()
	var tx api.Transaction
	switch order := order.(type) {
	case api.Payment:
		order.Reference = name
		answer, err := c.client.Pay(ctx, "key "+name, order)
		if err != nil {
			return tx, err
		}
		tx = answer.Transaction
	case api.Payout:
		order.Reference = name
		answer, err := c.client.Payout(ctx, "key "+name, order)
		if err != nil {
			return tx, err
		}
		tx = answer.Transaction
	default:
		return tx, errors.New("an order is an api.Payment or an api.Payout")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids[name] = tx.ID
	return tx, nil
}

// settled waits until the transaction is told so. What it returns in the end is
// for the caller to compare.
func (c *company) settled(ctx context.Context, id, want string) (api.Transaction, error) {
	return c.settledAs(ctx, id, func(tx api.Transaction) bool { return told(tx) == want })
}

func (c *company) settledAs(ctx context.Context, id string, done func(api.Transaction) bool) (api.Transaction, error) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		// Without ctx, so that there is always a transaction to tell of.
		tx, err := c.client.Transaction(c.t.Context(), id)
		if err != nil || done(tx) {
			return tx, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return tx, ctx.Err()
		}
	}
}
