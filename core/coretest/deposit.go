package coretest

import (
	"strconv"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// deposit is an order that is paid by a transfer, and what its customer sends.
// There are few customers and few amounts, so that orders get in each other's way.
type deposit struct {
	order *order
	sends []send
}

// send is one transfer of a customer, some time after the order was answered.
type send struct {
	at time.Duration
	// amount is nothing for the amount of the order.
	amount money.Amount
	first  Status
	shown  time.Duration
	turns  []Turn
}

const (
	depositCustomers = 2
	depositAmounts   = 3
)

func newDeposit(w *world, draw *fate, number int) *deposit {
	d := &deposit{order: &order{world: w, starts: draw.between(0, 3*time.Hour), atOnce: 1, pauses: drawPauses(draw)}}
	d.order.request = core.PaymentRequest{
		Caller: core.Caller{Actor: "key_1", Merchant: "shop"}, IdempotencyKey: "deposit-" + strconv.Itoa(number),
		Amount: money.Of(1000*(1+draw.Int64N(depositAmounts)), money.XOF), Method: "bank_transfer",
		Description: "deposit " + strconv.Itoa(number), Customer: sdk.Customer{ID: "sender-" + strconv.Itoa(draw.IntN(depositCustomers))},
	}
	d.order.request.ExpiresIn = []time.Duration{0, 10 * time.Minute, 3 * time.Hour}[draw.IntN(3)]
	d.order.cancel = maybe(draw, 5, time.Hour)
	d.order.sync = maybe(draw, 3, 2*time.Hour)
	for range []int{0, 1, 1, 1, 1, 1, 2, 2}[draw.IntN(8)] {
		d.sends = append(d.sends, newSend(draw))
	}
	return d
}

func newSend(draw *fate) send {
	s := send{at: draw.between(0, 70*time.Minute), first: Paid, shown: draw.between(0, 5*time.Minute)}
	switch draw.IntN(8) {
	case 0:
		s.at = draw.between(time.Hour, 5*time.Hour)
	case 1:
		s.amount = money.Of(1000*(1+draw.Int64N(depositAmounts+1)), money.XOF)
	case 2:
		s.shown = draw.between(time.Hour, 20*time.Hour)
	}
	end := draw.between(time.Minute, 30*time.Hour)
	switch draw.IntN(5) {
	case 0:
		s.first, s.turns = Waiting, []Turn{{After: end, Becomes: Paid}}
	case 1:
		s.first, s.turns = Waiting, []Turn{{After: end, Becomes: Declined}}
	case 2:
		s.turns = []Turn{{After: end, Becomes: Reversed}}
	}
	return s
}

func (d *deposit) run(bank *Bank) {
	time.Sleep(d.order.starts)
	tx, ok := d.order.pay(0)
	if !ok {
		return
	}
	var done sync.WaitGroup
	for _, s := range d.sends {
		done.Go(func() { s.run(bank, d.order.request) })
	}
	done.Go(func() { d.order.after(d.order.cancel, func() { d.order.cancelIt(tx) }) })
	done.Go(func() { d.order.after(d.order.sync, func() { d.order.askNow(tx) }) })
	done.Wait()
}

func (s send) run(bank *Bank, order core.PaymentRequest) {
	time.Sleep(s.at)
	amount := s.amount
	if amount.IsZero() {
		amount = order.Amount
	}
	sent := bank.Send(order.Customer.ID, amount, s.first, s.shown)
	for _, turn := range s.turns {
		time.Sleep(turn.After)
		bank.Become(sent.ID, turn.Becomes)
	}
}

// troubles draws how the calls to a bank go.
func troubles(draw *fate) func() Trouble {
	var mu sync.Mutex
	likely := []Trouble{TroubleFault, TroubleFault, TroubleWait, TroubleCut, TroubleCut, TroubleTwice}
	return func() Trouble {
		mu.Lock()
		defer mu.Unlock()
		if !draw.oneIn(4) {
			return TroubleNone
		}
		return likely[draw.IntN(len(likely))]
	}
}
