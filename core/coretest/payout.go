package coretest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// payout is money that a merchant sends, and what operators do about it.
type payout struct {
	world   *world
	request core.PayoutRequest
	starts  time.Duration
	// again is when the request is repeated, zero for never.
	again  time.Duration
	acts   []act
	pauses []time.Duration
}

// act is what an operator does, some time after the payout was answered.
type act struct {
	at   time.Duration
	verb core.Call
}

func newPayout(w *world, draw *fate, number int) *payout {
	p := &payout{world: w, starts: draw.between(0, 20*time.Minute), pauses: drawPauses(draw), again: maybe(draw, 3, time.Hour)}
	p.request = core.PayoutRequest{
		Caller: core.Caller{Actor: "key_1", Merchant: "shop"}, IdempotencyKey: "payout-" + strconv.Itoa(number),
		Amount: money.Of(100+draw.Int64N(100_000), money.XOF), Country: "CI", Description: "payout " + strconv.Itoa(number),
		Recipient: sdk.Customer{Name: "Awa", Phone: "+2250700000000"}, Metadata: map[string]string{"run": strconv.Itoa(number)},
	}
	together := draw.between(time.Second, 90*time.Minute)
	for range draw.IntN(4) {
		one := act{at: together, verb: []core.Call{core.CallApprove, core.CallApprove, core.CallReject, core.CallCancel}[draw.IntN(4)]}
		if draw.oneIn(2) {
			one.at = draw.between(time.Second, 5*time.Hour)
		}
		p.acts = append(p.acts, one)
	}
	return p
}

func (p *payout) run() {
	time.Sleep(p.starts)
	tx, ok := p.ask()
	if !ok {
		return
	}
	var done sync.WaitGroup
	for _, one := range p.acts {
		done.Go(func() { p.decide(tx, one) })
	}
	if p.again > 0 {
		time.Sleep(p.again)
		p.ask()
	}
	done.Wait()
}

func (p *payout) ask() (core.Transaction, bool) {
	tx, err := errand{p.world, p.request, p.pauses}.run(0)
	if err != nil && !transient(err) {
		p.world.report(SameAnswer, p.request.IdempotencyKey, "refused: "+err.Error())
	}
	return tx, err == nil
}

// decide is an operator who presses a button, and again while no engine answers.
func (p *payout) decide(tx core.Transaction, one act) {
	time.Sleep(one.at)
	operator := core.Caller{Actor: "op_1", Operator: true}
	for _, pause := range p.pauses {
		err := p.world.with(func(e *engine.Engine) error {
			var err error
			switch one.verb {
			case core.CallApprove:
				_, err = e.Approve(context.Background(), operator, tx.ID, "looked at")
			case core.CallReject:
				_, err = e.Reject(context.Background(), operator, tx.ID, "not ours")
			default:
				_, err = e.Cancel(context.Background(), operator, tx.ID, "not needed")
			}
			return err
		})
		var problem *core.Problem
		if err == nil {
			p.world.accepted(tx.ID, one.verb)
			return
		}
		if errors.As(err, &problem) {
			return
		}
		time.Sleep(pause)
	}
}
