package engine_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

func TestRepeatsOfARefundAtTheSameTimeAreNeverToldThatNothingIsLeft(t *testing.T) {
	d := &desk{name: "one"}
	open(t, func(o *office) {
		payment := o.paid(d)
		var all sync.WaitGroup
		ids := make(chan string, 20)
		for range 20 {
			all.Go(func() {
				tx, err := o.refund("same", payment.ID, 0)
				switch {
				case err == nil:
					ids <- tx.ID
				case !errors.Is(err, core.ErrIdempotencyInFlight):
					o.Errorf("a repeat was refused: %v", err)
				}
			})
		}
		all.Wait()
		close(ids)
		seen := map[string]bool{}
		for id := range ids {
			seen[id] = true
		}
		if len(seen) != 1 {
			o.Errorf("%d refunds under one key, want 1", len(seen))
		}
		if diff := cmp.Diff([]string{"payment 5000", "refund 5000 of 5000"}, d.wasTold()); diff != "" {
			o.Error(diff)
		}
	}, nil, d)
}

func TestManyRefundsOfOnePaymentAtOnceAreAllTaken(t *testing.T) {
	d := &desk{name: "one"}
	open(t, func(o *office) {
		payment := o.paid(d)
		d.will(func(d *desk) { d.create = paidOf("100") })
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				tx, err := o.refund(fmt.Sprint("key-", i), payment.ID, 100)
				if err != nil || tx.State != core.StateSucceeded {
					o.Errorf("%s, %v", tx.State, err)
				}
			})
		}
		all.Wait()
		if payment = o.is(payment.ID, core.StateSucceeded); payment.Refunded != money.Of(5000, money.XOF) {
			o.Errorf("refunded %s", payment.Refunded)
		}
	}, nil, d)
}
