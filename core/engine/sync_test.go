package engine_test

import (
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Whoever asks about an order that is paid by a transfer does not wait for the
// next read of the list, also when the order has ended.
func TestASyncReadsTheListThatOrdersArePaidBy(t *testing.T) {
	tests := map[string]struct {
		before func(*office, core.Transaction)
		late   bool
	}{
		"of an order that waits": {before: func(*office, core.Transaction) {}},
		"of one that was canceled": {late: true, before: func(o *office, tx core.Transaction) {
			if _, err := o.engine.Cancel(o.Context(), operator, tx.ID, "changed my mind"); err != nil {
				o.Fatal(err)
			}
			time.Sleep(2 * time.Second) // The list was read before the cancel.
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := till()
			open(t, func(o *office) {
				tx := o.pay("k", 5000)
				time.Sleep(67 * time.Second) // Not at the instant of a read that goes by itself.
				at := time.Now()
				test.before(o, tx)
				d.sends("ours", "5000", at, sdk.OutcomeSucceeded)
				began := time.Now()
				tx, err := o.engine.Sync(o.Context(), operator, tx.ID)
				if err != nil || tx.State != core.StateSucceeded || tx.Late != test.late {
					o.Errorf("it is %s, late %t: %v", tx.State, tx.Late, err)
				}
				if waited := time.Since(began); waited > 2*time.Second {
					o.Errorf("it took %v", waited)
				}
			}, nil, d)
		})
	}
}

// Nothing in it tells one notice of a change from the next.
func TestANoticeOfAChangeMayComeAgainInTheSameWords(t *testing.T) {
	d := &desk{name: "desk", status: waiting, facts: sdk.Facts{Poll: []time.Duration{time.Hour}}}
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		notify := func(status sdk.Result, want core.State) {
			d.will(func(d *desk) { d.status = status })
			if _, err := o.engine.Notify(o.Context(), "desk", sdk.NotificationRequest{Body: []byte(tx.Attempts[0].Ref)}); err != nil {
				o.Fatal(err)
			}
			time.Sleep(3 * time.Second)
			o.is(tx.ID, want)
		}
		notify(waiting, core.StateProcessing)
		began := time.Now()
		notify(paidOf("5000"), core.StateSucceeded)
		if took := time.Since(began); took > 5*time.Second {
			o.Errorf("heard after %v", took)
		}
	}, nil, d)
}

// Whoever has a link can open it for ever.
func TestAReturnAsksNothingOnceNothingIsAskedAnyMore(t *testing.T) {
	d := &desk{name: "desk", create: waiting, status: paidOf("5000")}
	open(t, func(o *office) {
		tx := o.is(o.pay("k", 5000).ID, core.StateSucceeded)
		for range 100 {
			if _, err := o.engine.Return(o.Context(), tx.Attempts[0].Ref); err != nil {
				o.Fatal(err)
			}
			time.Sleep(3 * time.Second)
		}
		if after := o.is(tx.ID, core.StateSucceeded); after.Sequence != tx.Sequence {
			o.Errorf("its history grew from %d to %d entries", tx.Sequence, after.Sequence)
		}
	}, nil, d)
}
