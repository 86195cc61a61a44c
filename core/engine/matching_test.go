package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func (d *desk) shows(items ...sdk.ListItem) {
	d.will(func(d *desk) { d.list = append(d.list, items...) })
}

// arrived is a transfer of 5000 that has arrived, by the customer of all orders.
func arrived(id string, at time.Time) sdk.ListItem {
	return sdk.ListItem{
		ID: id, Customer: "c-7", Kind: sdk.KindPayment, Outcome: sdk.OutcomeSucceeded, Status: "completed", CreatedAt: at,
		Told: sdk.Told{Amount: "5000", Currency: "XOF"},
	}
}

// of returns the transfer that the provider calls ref.
func (o *office) of(ref string) core.Transfer {
	o.Helper()
	for _, transfer := range o.transfers(false) {
		if transfer.ProviderRef == ref {
			return transfer
		}
	}
	o.Fatalf("nothing is known of the transfer %s", ref)
	return core.Transfer{}
}

func TestWhatIsNoTransferOfTheCustomerPaysNoOrder(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		nobodys := arrived("of nobody", time.Now())
		nobodys.Customer = ""
		out := arrived("paid out", time.Now())
		out.Kind = sdk.KindPayout
		d.shows(nobodys, out)
		time.Sleep(time.Minute)
		o.is(tx.ID, core.StateRequiresAction)
		if n := len(o.transfers(true)); n != 1 {
			o.Errorf("%d unmatched transfers, want the one of nobody", n)
		}
	}, nil, d)
}

func TestATransferThatCannotBeKeptHindersNoOther(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		far := arrived("far", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
		d.shows(far, arrived("", time.Now()), arrived(strings.Repeat("long", 1000), time.Now()), arrived("ours", time.Now()))
		o.is(tx.ID, core.StateSucceeded)
		time.Sleep(time.Minute)
		second := o.pay("k2", 6000)
		time.Sleep(80 * time.Minute)
		o.is(second.ID, core.StateExpired)
	}, nil, d)
}

func TestATopUpIsMoneyThatArrivedAndPaysNoOrderBesides(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		o.pay("another", 700)
		d.sends("t", "5000", time.Now(), sdk.OutcomePending)
		time.Sleep(20 * time.Second)
		if _, err := o.engine.TopUp(o.Context(), operator, o.of("t").ID, "c-7", "a gift"); !errors.Is(err, core.ErrNotAllowed) {
			o.Errorf("a top-up of what has not arrived: %v", err)
		}
		d.sends("t", "5000", time.Now(), sdk.OutcomeSucceeded)
		time.Sleep(20 * time.Second)
		if _, err := o.engine.TopUp(o.Context(), operator, o.of("t").ID, "c-7", "a gift"); err != nil {
			o.Fatal(err)
		}
		tx := o.pay("k", 5000)
		d.sends("t", "5000", time.Now(), sdk.OutcomePending)
		time.Sleep(20 * time.Second)
		d.sends("t", "5000", time.Now(), sdk.OutcomeSucceeded)
		time.Sleep(20 * time.Second)
		o.is(tx.ID, core.StateRequiresAction)
		if got := o.of("t"); got.Outcome != sdk.OutcomeSucceeded || got.TopUp != "c-7" || got.Transaction != "" {
			o.Errorf("it is %+v", got)
		}
	}, nil, d)
}

func TestWhatHasArrivedIsOnlyEverTakenBack(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("t", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.is(tx.ID, core.StateSucceeded)
		for _, later := range []sdk.Outcome{sdk.OutcomePending, sdk.OutcomeDeclined, sdk.OutcomeUnknown} {
			d.sends("t", "5000", time.Now(), later)
			o.sync(tx)
			if got := o.of("t").Outcome; got != sdk.OutcomeSucceeded {
				o.Errorf("after %s it is %s", later, got)
			}
		}
		d.sends("t", "5000", time.Now(), sdk.OutcomeReversed)
		o.sync(tx)
		o.is(tx.ID, core.StateReversed)
	}, nil, d)
}

func (o *office) sync(tx core.Transaction) {
	o.Helper()
	time.Sleep(3 * time.Second)
	if _, err := o.engine.Sync(o.Context(), operator, tx.ID); err != nil {
		o.Error(err)
	}
}

// The customer sends again because the first transfer failed; both are money in the end.
func TestATransferThatArrivesAfterItFailedIsNotSwallowed(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("first", "5000", time.Now(), sdk.OutcomePending)
		time.Sleep(20 * time.Second)
		d.sends("first", "5000", time.Now(), sdk.OutcomeDeclined)
		time.Sleep(20 * time.Second)
		d.sends("second", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.is(tx.ID, core.StateSucceeded)
		d.sends("first", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.sync(tx)
		if got := o.of("first"); got.Transaction != "" || got.Outcome != sdk.OutcomeSucceeded {
			o.Errorf("the money that nobody asked for is %+v, want it unmatched", got)
		}
	}, nil, d)
}

// The second transfer is read while the first is under way, which fails later.
func TestATransferWaitsForTheOneBeforeItToFail(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("first", "5000", time.Now(), sdk.OutcomePending)
		time.Sleep(20 * time.Second)
		d.sends("second", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.sync(tx)
		if _, err := o.engine.Cancel(o.Context(), operator, tx.ID, "no stock"); !errors.Is(err, core.ErrNotSupported) {
			o.Errorf("canceled while a transfer is under way: %v", err)
		}
		o.is(tx.ID, core.StateRequiresAction)
		d.sends("first", "5000", time.Now(), sdk.OutcomeDeclined)
		o.sync(tx)
		o.is(tx.ID, core.StateSucceeded)
		if got := o.of("second").Transaction; got != tx.ID {
			o.Errorf("the second belongs to %q", got)
		}
	}, nil, d)
}

func TestAnAssignedTransferTakesThePlaceOfTheOneUnderWay(t *testing.T) {
	for name, end := range map[string]sdk.Outcome{"that arrives": sdk.OutcomeSucceeded, "that goes back": sdk.OutcomeReversed} {
		t.Run(name, func(t *testing.T) {
			d := till()
			open(t, func(o *office) {
				tx := o.pay("k", 5000)
				d.sends("first", "5000", time.Now(), sdk.OutcomePending)
				d.sends("short", "4000", time.Now(), sdk.OutcomeSucceeded)
				time.Sleep(20 * time.Second)
				if _, err := o.engine.Assign(o.Context(), operator, o.of("short").ID, tx.ID, true, "agreed"); err != nil {
					o.Fatal(err)
				}
				d.sends("first", "5000", time.Now(), end)
				o.sync(tx)
				o.is(tx.ID, core.StateSucceeded)
				if got := o.of("first"); got.Transaction != "" || got.Outcome != end {
					o.Errorf("the other one is %+v, want it unmatched", got)
				}
			}, nil, d)
		})
	}
}

// What arrived is less than what was on its way: an operator resolves that.
func TestWhatIsInReviewKeepsTheMoneyItHas(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("ours", "5000", time.Now(), sdk.OutcomePending)
		d.sends("rest", "1000", time.Now(), sdk.OutcomeSucceeded)
		o.sync(tx)
		d.will(func(d *desk) { d.list[0].Told.Amount, d.list[0].Outcome = "4000", sdk.OutcomeSucceeded })
		o.sync(tx)
		o.is(tx.ID, core.StateReview)
		if _, err := o.engine.Assign(o.Context(), operator, o.of("rest").ID, tx.ID, true, "the rest"); !errors.Is(err, core.ErrNotAllowed) {
			o.Errorf("a second transfer for what has one: %v", err)
		}
		if tx = o.is(tx.ID, core.StateReview); tx.Received != money.Of(4000, money.XOF) {
			o.Errorf("received %s", tx.Received)
		}
	}, nil, d)
}

func TestWhatIsPaidIsGivenNoOtherTransfer(t *testing.T) {
	d := till()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("ours", "5000", time.Now(), sdk.OutcomeSucceeded)
		d.sends("once more", "5000", time.Now(), sdk.OutcomeSucceeded)
		o.is(tx.ID, core.StateSucceeded)
		time.Sleep(20 * time.Second)
		if _, err := o.engine.Assign(o.Context(), operator, o.of("once more").ID, tx.ID, false, "his"); !errors.Is(err, core.ErrNotAllowed) {
			o.Errorf("a second transfer for what is paid: %v", err)
		}
		payout := o.payout("p", 5000)
		if _, err := o.engine.Assign(o.Context(), operator, o.of("once more").ID, payout.ID, false, "his"); !errors.Is(err, core.ErrNotAllowed) {
			o.Errorf("a transfer for a payout: %v", err)
		}
		if n := len(o.transfers(true)); n != 1 {
			o.Errorf("%d are unmatched, want the second", n)
		}
	}, nil, d)
}
