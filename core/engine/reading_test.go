package engine_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// few is a till whose list is cut after 50 transfers, a page of 5 a second.
func few() *desk {
	d := till()
	d.paged, d.pagesMax, d.paging = 5, 10, time.Second
	return d
}

// wasRead counts the reads of the list.
func (d *desk) wasRead() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.reads)
}

// many are transfers of amounts that nobody waits for, from begin on.
func many(n int, begin time.Time, gap time.Duration) []sdk.ListItem {
	var items []sdk.ListItem
	for i := range n {
		item := arrived("deposit "+strconv.Itoa(i), begin.Add(time.Duration(i)*gap))
		item.Told.Amount = "700"
		items = append(items, item)
	}
	return items
}

// known counts the transfers that the engine knows.
func (o *office) known() int {
	o.Helper()
	n, filter := 0, core.TransferFilter{}
	for {
		page, err := o.engine.Transfers(o.Context(), operator, filter)
		if err != nil {
			o.Fatal(err)
		}
		n += len(page.Items)
		if filter.Cursor = page.Next; page.Next == "" {
			return n
		}
	}
}

func TestOfSeveralTransfersTheEarliestPays(t *testing.T) {
	for name, d := range map[string]*desk{"on one page": lists(), "on two": lists()} {
		t.Run(name, func(t *testing.T) {
			if name == "on two" {
				d.paged = 1
			}
			open(t, func(o *office) {
				tx := o.pay("k", 5000)
				time.Sleep(30 * time.Second)
				at := time.Now().Add(-20 * time.Second)
				d.shows(arrived("third", at.Add(time.Second)), arrived("second", at), arrived("first", at))
				o.is(tx.ID, core.StateSucceeded)
				if got := o.of("first").Transaction; got != tx.ID {
					o.Errorf("the earliest belongs to %q, of those the smaller id", got)
				}
				if n := len(o.transfers(true)); n != 2 {
					o.Errorf("%d are unmatched, want 2", n)
				}
			}, nil, d)
		})
	}
}

func TestWhatCameDuringALongPauseIsReadAPartAtATime(t *testing.T) {
	d := few()
	open(t, func(o *office) {
		time.Sleep(time.Minute)
		d.will(func(d *desk) { d.listFault = errors.New("down") })
		begin := time.Now()
		d.shows(many(300, begin, 15*time.Minute)...)
		time.Sleep(76 * time.Hour)
		d.will(func(d *desk) { d.listFault = nil })
		time.Sleep(2 * time.Hour)
		if n := o.known(); n != 300 {
			o.Errorf("%d transfers are known, want all 300", n)
		}
	}, nil, d)
}

// More is listed in 30 days than one read takes: statuses that changed are found
// all the same, and orders end that nobody paid.
func TestALongListKeepsNoOrderFromItsEnd(t *testing.T) {
	d := few()
	open(t, func(o *office) {
		d.shows(many(60, time.Now().Add(time.Hour), 4*time.Hour)...)
		time.Sleep(20 * 24 * time.Hour)
		tx := o.pay("k", 5000)
		time.Sleep(90 * time.Minute)
		o.is(tx.ID, core.StateExpired)
		d.sends("deposit 1", "700", time.Now(), sdk.OutcomeReversed)
		time.Sleep(26 * time.Hour)
		if got := o.of("deposit 1").Outcome; got != sdk.OutcomeReversed {
			o.Errorf("what was taken back is %s", got)
		}
	}, nil, d)
}

// Some providers list nothing so old.
func TestADailyReadThatIsRefusedIsNotRepeatedAtOnce(t *testing.T) {
	d := lists()
	d.keeps = 7 * 24 * time.Hour
	open(t, func(o *office) {
		time.Sleep(23 * time.Hour)
		before := d.wasRead()
		time.Sleep(3 * time.Hour)
		if n := d.wasRead() - before; n > 40 {
			o.Errorf("%d reads in 3 hours", n)
		}
	}, nil, d)
}

func TestAnEndedOrdersTimeIsReadAgain(t *testing.T) {
	d := lists()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		at := time.Now().Add(30 * time.Minute)
		time.Sleep(75 * time.Minute)
		o.is(tx.ID, core.StateExpired)
		time.Sleep(40 * time.Minute)
		d.shows(arrived("listed late", at))
		time.Sleep(45 * time.Minute)
		o.is(tx.ID, core.StateSucceeded)
	}, nil, d)
}

func TestATransferUnderWayIsReadOn(t *testing.T) {
	d := lists()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("t", "5000", time.Now(), sdk.OutcomePending)
		time.Sleep(30 * time.Minute)
		d.sends("t", "5000", time.Now(), sdk.OutcomeSucceeded)
		time.Sleep(time.Minute)
		if tx, err := o.engine.Transaction(o.Context(), operator, tx.ID); err != nil || tx.State != core.StateSucceeded {
			o.Errorf("a minute after it arrived the order is %s, %v", tx.State, err)
		}
	}, nil, d)
}

func TestAProvidersClockMayBeAhead(t *testing.T) {
	d := lists()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		time.Sleep(time.Minute)
		d.shows(arrived("ours", time.Now().Add(5*time.Minute)))
		time.Sleep(20 * time.Second)
		if tx, err := o.engine.Transaction(o.Context(), operator, tx.ID); err != nil || tx.State != core.StateSucceeded {
			o.Errorf("it is %s, %v", tx.State, err)
		}
	}, nil, d)
}

func TestManySyncsReadTheListOnceInTwoSeconds(t *testing.T) {
	d := lists()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		time.Sleep(20 * time.Second)
		before := d.wasRead()
		for range 90 { // 9 seconds, before the next read by itself
			if _, err := o.engine.Sync(o.Context(), operator, tx.ID); err != nil {
				o.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := d.wasRead() - before; n != 5 {
			o.Errorf("the list was read %d times in 9 s, want 5", n)
		}
	}, nil, d)
}

func TestReadingGoesOnHoweverLongAPluginAsksToWait(t *testing.T) {
	d := lists()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		year := sdk.Errorf(sdk.KindRateLimited, "too often")
		year.RetryAfter = 365 * 24 * time.Hour
		d.will(func(d *desk) { d.listFault = year })
		time.Sleep(time.Minute)
		d.will(func(d *desk) { d.listFault = nil })
		d.shows(arrived("ours", time.Now()))
		time.Sleep(time.Hour)
		o.is(tx.ID, core.StateSucceeded)
	}, nil, d)
}

// Nobody's time to pay is open any more, and no day passes until it is seen.
func TestATransferThatIsLongOnItsWayIsNotForgotten(t *testing.T) {
	d := lists()
	d.facts.Window = 10 * time.Minute
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.sends("slow", "5000", time.Now(), sdk.OutcomePending)
		time.Sleep(5 * time.Hour)
		d.sends("slow", "5000", time.Now(), sdk.OutcomeSucceeded)
		time.Sleep(2 * time.Minute)
		o.is(tx.ID, core.StateSucceeded)
	}, nil, d)
}
