package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

const (
	// linearClients use each order at the same time, each so many times.
	linearClients, linearSteps = 3, 8
	// linearOrders are in use at the same time.
	linearOrders = 4
)

// crowded is an engine that is killed while clients use few orders together.
type crowded struct {
	*chaos
	ledger bankLedger
	// blind clients do not look for an order by its reference, and stale ones are
	// often shown what was read at first.
	blind, stale bool
	// gate is closed while there is no engine.
	gate sync.RWMutex

	lock   sync.Mutex
	orders []*together
}

// together is one order and what its clients asked and heard.
type together struct {
	*crowded
	name, does string
	began      time.Time

	lock    sync.Mutex
	history []porcupine.Operation
	id, ref string
	// first is the first whole sight of it, which a cache goes on to show.
	first             *sight
	unknown, customer bool
}

// use has orders used one after the other until it is over.
func (c *crowded) use() {
	var streets sync.WaitGroup
	for street := range linearOrders {
		streets.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-c.over:
					return
				default:
				}
				c.together(fmt.Sprintf("order-%d-%d", street, n)).play()
			}
		})
	}
	streets.Wait()
}

func (c *crowded) together(name string) *together {
	does := []string{bankPays, bankPays, bankWaits, bankPays, bankTells, bankWaits, bankPays, bankWaits}[rand.IntN(8)]
	o := &together{crowded: c, name: name, does: does, began: time.Now()}
	if does == bankPays {
		o.note(0, errand{op: opPay}, 0, reply{})
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.orders = append(c.orders, o)
	return o
}

// play lets all clients of an order use it.
func (o *together) play() {
	var clients sync.WaitGroup
	for n := range linearClients {
		clients.Go(func() {
			for step := range linearSteps {
				select {
				case <-o.over:
					return
				default:
				}
				o.step(n, step == 0 && n == 0)
				pause(time.Duration(rand.IntN(30)) * time.Millisecond)
			}
		})
	}
	clients.Wait()
}

// step asks for something that makes sense as far as is known. The order must be
// created first by somebody; others may look for it before.
func (o *together) step(n int, first bool) {
	o.lock.Lock()
	id, ref, unknown, customer := o.id, o.ref, o.unknown, o.customer
	o.lock.Unlock()
	dice := rand.IntN(20)
	switch {
	case first, id == "" && dice < 10, dice < 3:
		o.create(n)
	case !o.blind && (id == "" || dice < 5):
		o.find(n)
	case id == "":
	case unknown && dice < 12:
		o.resolve(n, id)
	case !customer && o.does != bankPays && ref != "" && dice < 8:
		o.pay(n, ref)
	case dice < 10 && o.does != bankPays:
		o.cancel(n, id)
	case dice < 14:
		o.refund(n, id, rand.IntN(refundsMost))
	default:
		o.get(n, id)
	}
}

// note writes down what a client asked for and heard.
func (o *together) note(n int, asked errand, call int64, answer reply) {
	o.lock.Lock()
	defer o.lock.Unlock()
	o.history = append(o.history, porcupine.Operation{ClientId: n, Input: asked, Call: call, Output: answer, Return: o.now()})
	if s := answer.seen; s != nil {
		o.id, o.unknown = s.id, s.state == "unknown"
		if o.first == nil && s.wholly {
			o.first = s
		}
	}
}

func (o *together) now() int64 { return time.Since(o.began).Nanoseconds() }

// ask makes one request and notes what came of it. What is shown in an answer to
// more than a question is noted as a look of its own.
func (o *together) ask(n int, asked errand, call func(context.Context) (client.Answer, error)) {
	o.gate.RLock()   // The gate holds nobody who is through it: that is who a kill meets.
	o.gate.RUnlock() //nolint:staticcheck // Waiting for the gate is all.
	ctx, cancel := context.WithTimeout(o.t.Context(), waitMax)
	defer cancel()
	began := o.now()
	answer, err := call(ctx)
	refusal, refused := errors.AsType[*client.Problem](err)
	switch {
	case refused:
		o.note(n, asked, began, reply{refused: refusal.Code})
	case ctx.Err() != nil:
		o.t.Errorf("%s: %s was not answered within %v", o.name, asked, waitMax)
	case err != nil:
		o.note(n, asked, began, reply{lost: true})
	default:
		o.heard(n, asked, began, answer)
	}
}

// heard notes an answer, and what it shows of the payment beside what it did. What
// is repeated is old.
func (o *together) heard(n int, asked errand, began int64, answer client.Answer) {
	tx := answer.Transaction
	switch asked.op {
	case opFind, opGet:
		var seen *sight
		if tx.ID != "" {
			seen = sightOf(tx)
		}
		o.note(n, asked, began, reply{seen: seen})
	case opRefund:
		o.note(n, asked, began, reply{id: tx.ID})
		if tx.State == "succeeded" {
			o.note(n, errand{opTold, asked.refund}, began, reply{})
		}
	default:
		text, err := json.Marshal(tx)
		if err != nil {
			o.t.Error(err)
		}
		o.note(n, asked, began, reply{id: tx.ID, text: string(text)})
		if !answer.Replayed {
			o.note(n, errand{op: opTold}, began, reply{seen: sightOf(tx)})
		}
	}
	if tx.Kind == "payment" && len(tx.Attempts) > 0 {
		o.lock.Lock()
		defer o.lock.Unlock()
		o.id, o.ref = tx.ID, tx.Attempts[0].Ref
	}
}

func (o *together) create(n int) {
	o.ask(n, errand{op: opCreate}, func(ctx context.Context) (client.Answer, error) {
		payment := order(o.name)
		payment.Description = o.does
		return o.client.Pay(ctx, "key-"+o.name, payment)
	})
}

func (o *together) get(n int, id string) {
	o.lock.Lock()
	first := o.first
	o.lock.Unlock()
	if o.stale && first != nil && rand.IntN(2) == 0 {
		o.note(n, errand{op: opGet}, o.now(), reply{seen: first})
		return
	}
	o.ask(n, errand{op: opGet}, func(ctx context.Context) (client.Answer, error) {
		tx, err := o.client.Transaction(ctx, id)
		return client.Answer{Transaction: tx}, err
	})
}

func (o *together) find(n int) {
	o.ask(n, errand{op: opFind}, func(ctx context.Context) (client.Answer, error) {
		list, err := o.client.Transactions(ctx, client.Filter{Reference: o.name})
		if err != nil || len(list.Data) == 0 {
			return client.Answer{}, err
		}
		if len(list.Data) > 1 {
			o.t.Errorf("%s is there %d times", o.name, len(list.Data))
		}
		return client.Answer{Transaction: list.Data[0]}, nil
	})
}

// pay is what a customer does at the bank, which tells nobody.
func (o *together) pay(n int, ref string) {
	if !o.ledger.has(ref, "called") || o.ledger.has(ref, "canceled") {
		return
	}
	began := o.now()
	o.ledger.add(ref, "paid")
	o.lock.Lock()
	o.customer = true
	o.lock.Unlock()
	o.note(n, errand{op: opPay}, began, reply{})
}

func (o *together) cancel(n int, id string) {
	o.ask(n, errand{op: opCancel}, func(ctx context.Context) (client.Answer, error) {
		tx, err := o.client.Cancel(ctx, id, "")
		return client.Answer{Transaction: tx}, err
	})
}

func (o *together) resolve(n int, id string) {
	o.ask(n, errand{op: opResolve}, func(ctx context.Context) (client.Answer, error) {
		tx, err := o.client.Resolve(ctx, id, api.Resolve{State: "failed", Reason: "nobody knows of it"})
		return client.Answer{Transaction: tx}, err
	})
}

func (o *together) refund(n int, id string, which int) {
	o.ask(n, errand{opRefund, which}, func(ctx context.Context) (client.Answer, error) {
		return o.client.Refund(ctx, fmt.Sprintf("refund-%d", which), id, api.Refund{Amount: fmt.Sprint(refundAmount)})
	})
}
