package coretest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// order is one purchase: what the merchant asks for, and what it and its
// customer do about it. Everything is drawn before anything runs.
type order struct {
	world   *world
	request core.PaymentRequest
	// starts is when it is placed, after the beginning.
	starts time.Duration
	// at once is how many requests are sent at the same time.
	atOnce int
	// patience is how long the merchant waits for an answer; zero means to the end.
	patience time.Duration
	// again are the times after its answer at which the request is repeated.
	again []time.Duration
	// other says that the key is used for another request in the end.
	other bool
	// cancel, sync, back and forge are when the merchant cancels, asks, the
	// customer comes back and somebody forges a notification; zero means never.
	cancel, sync, back, forge time.Duration
	pauses                    []time.Duration
	// refunds are what the merchant gives back.
	refunds []refund
}

func newOrder(w *world, number int) *order {
	draw := fate{Rand: w.rand}
	o := &order{world: w, starts: draw.between(0, 20*time.Minute), atOnce: 1}
	o.request = request(&draw, number)
	if draw.oneIn(4) {
		o.starts = time.Minute // Together with others.
	}
	if draw.oneIn(3) {
		o.atOnce = 2 + draw.IntN(3)
	}
	if draw.oneIn(4) {
		o.patience = draw.between(100*time.Millisecond, 20*time.Second)
	}
	for range draw.IntN(4) {
		o.again = append(o.again, []time.Duration{0, time.Second, 31 * time.Second, time.Hour, 30 * time.Hour}[draw.IntN(5)])
	}
	o.other = draw.oneIn(4)
	o.cancel = maybe(&draw, 6, time.Hour)
	o.sync = maybe(&draw, 3, 2*time.Hour)
	o.back = maybe(&draw, 3, time.Hour)
	o.forge = maybe(&draw, 4, 2*time.Hour)
	o.pauses = drawPauses(&draw)
	return o
}

// maybe draws a time once in n draws, else zero.
func maybe(draw *fate, n int, most time.Duration) time.Duration {
	at := draw.between(time.Second, most)
	if !draw.oneIn(n) {
		return 0
	}
	return at
}

func request(draw *fate, number int) core.PaymentRequest {
	req := core.PaymentRequest{
		Caller: core.Caller{Actor: "key_1", Merchant: "shop"}, IdempotencyKey: "key-" + strconv.Itoa(number),
		Amount: money.Of(100+draw.Int64N(100_000), money.XOF), Country: "CI", Description: "order " + strconv.Itoa(number),
		Customer: sdk.Customer{ID: fmt.Sprintf("customer-%d", draw.IntN(3))}, ReturnURL: "https://shop.example/thanks",
		Metadata: map[string]string{"cart": strconv.Itoa(number)},
	}
	if draw.oneIn(2) {
		req.Reference = "order-" + strconv.Itoa(number)
	}
	req.ExpiresIn = []time.Duration{0, time.Hour, 3 * time.Hour}[draw.IntN(3)]
	return req
}

// trade places every order and returns when merchants and customers are done.
func (w *world) trade() {
	var placed sync.WaitGroup
	for _, o := range w.orders {
		placed.Go(o.run)
	}
	for _, p := range w.payouts {
		placed.Go(p.run)
	}
	for _, d := range w.deposits {
		placed.Go(func() { d.run(w.bank) })
	}
	placed.Wait()
}

func (o *order) run() {
	time.Sleep(o.starts)
	var answered sync.WaitGroup
	for range o.atOnce {
		answered.Go(func() { o.pay(o.patience) })
	}
	answered.Wait()
	tx, ok := o.pay(0)
	if !ok {
		return
	}
	var done sync.WaitGroup
	for _, later := range o.again {
		done.Go(func() { o.after(later, func() { o.pay(0) }) })
	}
	done.Go(func() { o.after(o.cancel, func() { o.cancelIt(tx) }) })
	done.Go(func() { o.after(o.sync, func() { o.askNow(tx) }) })
	done.Go(func() { o.after(o.back, func() { o.comeBack(tx) }) })
	done.Go(func() { o.after(o.forge, func() { o.forgery(tx) }) })
	for _, r := range o.refunds {
		done.Go(func() { r.give(o, tx) })
	}
	done.Wait()
	if o.other {
		o.reuse()
	}
}

// after does something later, unless it is never to be done.
func (o *order) after(wait time.Duration, do func()) {
	if wait > 0 {
		time.Sleep(wait)
		do()
	}
}

// pay sends the request until it is answered. It reports false where the
// merchant gave up, or was told that it cannot be.
func (o *order) pay(patience time.Duration) (core.Transaction, bool) {
	tx, err := errand{o.world, o.request, o.pauses}.run(patience)
	if err != nil && !transient(err) {
		o.world.report(SameAnswer, o.request.IdempotencyKey, "refused: "+err.Error())
	}
	return tx, err == nil
}

// reuse sends another request with the key, which must be refused.
func (o *order) reuse() {
	other := o.request
	other.Amount = money.Of(1, other.Amount.Currency())
	err := errDown
	for try := 0; try < triesMax && (errors.Is(err, errDown) || errors.Is(err, ErrDied)); try++ {
		time.Sleep(o.pauses[try])
		_, err = errand{world: o.world, request: other}.once(0)
	}
	if !errors.Is(err, core.ErrIdempotencyKeyReused) {
		o.world.report(SameAnswer, o.request.IdempotencyKey, fmt.Sprintf("another request with it is answered with %v", err))
	}
}

// cancelIt is the merchant who changed its mind. Whatever is answered is right,
// as long as the books agree in the end.
func (o *order) cancelIt(tx core.Transaction) {
	_ = o.world.with(func(e *engine.Engine) error {
		_, err := e.Cancel(context.Background(), o.request.Caller, tx.ID, "changed my mind")
		return err
	})
}

// askNow is the merchant who wants to know now.
func (o *order) askNow(tx core.Transaction) {
	_ = o.world.with(func(e *engine.Engine) error {
		_, err := e.Sync(context.Background(), o.request.Caller, tx.ID)
		return err
	})
}

// comeBack is the customer who returns from the provider's page.
func (o *order) comeBack(tx core.Transaction) {
	if live, ok := tx.Live(); ok {
		_ = o.world.with(func(e *engine.Engine) error {
			_, err := e.Return(context.Background(), live.Ref)
			return err
		})
	}
}

// forgery is somebody who claims that it is paid.
func (o *order) forgery(tx core.Transaction) {
	for _, p := range o.world.providers {
		for _, a := range tx.Attempts {
			if a.Account != p.Name {
				continue
			}
			reply, err := o.world.notify(context.Background(), p.Name, p.Forgery(a.Ref))
			if err == nil && reply.Status != 401 {
				o.world.report(Heard, tx.ID, "a forged notification is answered with "+strconv.Itoa(reply.Status))
			}
		}
	}
}
