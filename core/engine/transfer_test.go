package engine_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// till is a desk that customers pay by transfers of their own.
func till() *desk {
	return &desk{
		name: "till", match: &sdk.Match{Customer: "c-7"},
		facts: sdk.Facts{QueryBy: sdk.QueryByList, Idempotency: sdk.IdempotencyHarmless, LateSuccess: 48 * time.Hour},
	}
}

// sends adds a transfer to what the till's list shows, or changes its status.
func (d *desk) sends(id, amount string, at time.Time, outcome sdk.Outcome) {
	d.will(func(d *desk) {
		for i := range d.list {
			if d.list[i].ID == id {
				d.list[i].Outcome, d.list[i].Status = outcome, outcome.String()
				return
			}
		}
		d.list = append(d.list, sdk.ListItem{
			ID: id, Customer: "c-7", Kind: sdk.KindPayment, Outcome: outcome, Status: outcome.String(), CreatedAt: at,
			Told: sdk.Told{Amount: amount, Currency: "XOF"},
		})
	})
}

// lists is a till whose list shows only the time that is asked for.
func lists() *desk {
	d := till()
	d.paged, d.pagesMax = 50, 50
	return d
}

func (o *office) transfers(unmatched bool) []core.Transfer {
	o.Helper()
	page, err := o.engine.Transfers(o.Context(), operator, core.TransferFilter{Unmatched: unmatched})
	if err != nil {
		o.Fatal(err)
	}
	return page.Items
}

func TestATransferPaysTheOrderThatWaitsForIt(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		if tx.State != core.StateRequiresAction || tx.NextAction() == nil {
			o.Fatalf("it is %s", tx.State)
		}
		time.Sleep(time.Minute)
		d.sends("other amount", "4999", time.Now(), sdk.OutcomeSucceeded)
		d.sends("too early", "5000", time.Now().Add(-time.Hour), sdk.OutcomeSucceeded)
		d.sends("ours", "5000", time.Now(), sdk.OutcomeSucceeded)
		d.sends("once more", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.is(tx.ID, core.StateSucceeded)
		time.Sleep(time.Minute)
		if n := len(o.transfers(true)); n != 3 {
			o.Errorf("%d unmatched transfers, want 3", n)
		}
		if n := len(o.transfers(false)); n != 4 {
			o.Errorf("%d transfers, want 4", n)
		}
	}, nil, d)
}

func TestTwoOrdersNeverWaitForTheSameTransfer(t *testing.T) {
	d, other := till(), &desk{name: "other", create: waiting, status: waiting}
	open(t, func(o *office) {
		first := o.pay("1", 5000)
		second := o.pay("2", 5000)
		third := o.pay("3", 6000)
		if first.State != core.StateRequiresAction || third.State != core.StateRequiresAction {
			o.Fatalf("first is %s, third %s", first.State, third.State)
		}
		if second.State != core.StateProcessing || second.Attempts[0].Reason != core.ReasonDuplicateOpenOrder || second.NextAction() != nil {
			o.Fatalf("second is %s: %+v", second.State, second.Attempts[0])
		}
		d.sends("t", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.is(first.ID, core.StateSucceeded)
		if fourth := o.pay("4", 5000); fourth.State != core.StateRequiresAction {
			o.Errorf("a new order after the first was paid is %s", fourth.State)
		}
	}, nil, d, other)
}

func TestAnOrderThatNobodyPaidExpiresAndIsPaidLate(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		time.Sleep(65 * time.Minute)
		o.is(tx.ID, core.StateRequiresAction)
		during := time.Now().Add(-10 * time.Minute)
		time.Sleep(10 * time.Minute)
		o.is(tx.ID, core.StateExpired)
		d.sends("late", "5000", during, sdk.OutcomeSucceeded)
		tx = o.is(tx.ID, core.StateSucceeded)
		if !tx.Late {
			o.Error("not marked late")
		}
	}, nil, d)
}

func TestAPendingTransferStopsTheExpiry(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("t", "5000", time.Now(), sdk.OutcomePending)
		time.Sleep(5 * time.Hour)
		o.is(tx.ID, core.StateRequiresAction)
		d.sends("t", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.is(tx.ID, core.StateSucceeded)
	}, nil, d)
}

func TestAFailedTransferLeavesTheOrderWaiting(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("t1", "5000", time.Now(), sdk.OutcomePending)
		time.Sleep(time.Minute)
		d.sends("t1", "5000", time.Now(), sdk.OutcomeDeclined)
		time.Sleep(time.Minute)
		o.is(tx.ID, core.StateRequiresAction)
		d.sends("t2", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.is(tx.ID, core.StateSucceeded)
	}, nil, d)
}

func TestACancelClosesTheTimeOfAnOrder(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		time.Sleep(time.Minute)
		before := time.Now()
		time.Sleep(time.Minute)
		if tx, err := o.engine.Cancel(o.Context(), operator, tx.ID, "changed my mind"); err != nil || tx.State != core.StateCanceled {
			o.Fatalf("canceled: %s, %v", tx.State, err)
		}
		time.Sleep(time.Minute)
		d.sends("after", "5000", time.Now(), sdk.OutcomeSucceeded)
		time.Sleep(15 * time.Minute)
		o.is(tx.ID, core.StateCanceled)
		d.sends("before", "5000", before, sdk.OutcomeSucceeded)
		tx = o.is(tx.ID, core.StateSucceeded)
		if !tx.Late || len(o.transfers(true)) != 1 {
			o.Errorf("late %v, %d unmatched", tx.Late, len(o.transfers(true)))
		}
	}, nil, d)
}

func TestAReversalIsFoundByTheDailyRead(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("t", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.is(tx.ID, core.StateSucceeded)
		time.Sleep(3 * 24 * time.Hour)
		d.sends("t", "5000", time.Now(), sdk.OutcomeReversed)
		time.Sleep(25 * time.Hour)
		o.is(tx.ID, core.StateReversed)
	}, nil, d)
}

func TestAnUnmatchedTransferIsAssigned(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("short", "4000", time.Now(), sdk.OutcomeSucceeded)
		d.sends("wallet", "700", time.Now(), sdk.OutcomeSucceeded)
		time.Sleep(time.Minute)
		found := map[string]core.Transfer{}
		for _, transfer := range o.transfers(true) {
			found[transfer.ProviderRef] = transfer
		}
		if _, err := o.engine.Assign(o.Context(), operator, found["short"].ID, tx.ID, false, "agreed"); !errors.Is(err, core.ErrInvalidRequest) {
			o.Errorf("another amount without accept_amount: %v", err)
		}
		given, err := o.engine.Assign(o.Context(), operator, found["short"].ID, tx.ID, true, "agreed")
		if err != nil || given.Transaction != tx.ID {
			o.Fatalf("assigned: %+v, %v", given, err)
		}
		if tx = o.is(tx.ID, core.StateSucceeded); tx.Received != money.Of(4000, money.XOF) {
			o.Errorf("received %s", tx.Received)
		}
		if _, err := o.engine.Assign(o.Context(), operator, found["short"].ID, tx.ID, true, "twice"); !errors.Is(err, core.ErrNotAllowed) {
			o.Errorf("given twice: %v", err)
		}
		if topped, err := o.engine.TopUp(o.Context(), operator, found["wallet"].ID, "c-7", "a gift"); err != nil || topped.TopUp != "c-7" {
			o.Errorf("topped up: %+v, %v", topped, err)
		}
		if n := len(o.transfers(true)); n != 0 {
			o.Errorf("%d are unmatched", n)
		}
	}, nil, d)
}

func TestATransferIsAssignedToOneOfTwo(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		orders := []core.Transaction{o.pay("1", 5000), o.pay("2", 6000)}
		d.sends("short", "4000", time.Now(), sdk.OutcomeSucceeded)
		time.Sleep(time.Minute)
		transfer, errs := o.transfers(true)[0], make([]error, len(orders))
		var both sync.WaitGroup
		for i, order := range orders {
			both.Go(func() {
				_, errs[i] = o.engine.Assign(o.Context(), operator, transfer.ID, order.ID, true, "agreed")
			})
		}
		both.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), core.ErrNotAllowed) {
			o.Errorf("given to the first: %v, to the second: %v; want one of them, and the other not allowed", errs[0], errs[1])
		}
	}, nil, d)
}

func TestManyOrdersOfOneCustomerAreToldApartByAmount(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		var orders []core.Transaction
		for i := range 20 {
			orders = append(orders, o.pay(strconv.Itoa(i), int64(1000+i)))
		}
		for i := range orders {
			d.sends("t"+strconv.Itoa(i), strconv.Itoa(1000+i), time.Now(), sdk.OutcomeSucceeded)
		}
		for i, order := range orders {
			if tx := o.is(order.ID, core.StateSucceeded); tx.Received != money.Of(int64(1000+i), money.XOF) {
				o.Errorf("order %d received %s", i, tx.Received)
			}
		}
	}, nil, d)
}

func TestATransferThatCannotBeReadHindersNoOther(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("with a comma", "12,50", time.Now(), sdk.OutcomeSucceeded)
		d.sends("too fine", "1.005", time.Now(), sdk.OutcomeSucceeded)
		d.sends("ours", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.is(tx.ID, core.StateSucceeded)
	}, nil, d)
}
