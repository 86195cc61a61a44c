package reconcile_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

func (b *books) Standings() map[string]core.Standing { return b.standings }

func (b *books) Continue(context.Context, string) error { return nil }

func (b *books) Again(_ context.Context, id string, _ int) (core.Transaction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.again = append(b.again, id)
	tx := b.transactions[id]
	tx.Timers = nil
	b.transactions[id] = tx
	return tx, nil
}

func (b *books) AccountWork(_ context.Context, account string) (core.AccountWork, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	work, ok := b.work[account]
	if !ok {
		return work, core.ErrNotFound
	}
	return work, nil
}

func (b *books) Claims(context.Context, string, string) ([]core.Claim, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.claims, nil
}

func (b *books) Received(_ context.Context, _ string, item sdk.ListItem) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if item.ID == b.refused {
		return errors.New("not this one")
	}
	b.received = append(b.received, item.ID)
	return nil
}

func (p plugin) ListTransactions(_ context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	p.books.reads = append(p.books.reads, req)
	return p.books.list(req)
}

// pulls makes the account one whose payments are found in its list only.
func (b *books) pulls(account string) {
	b.standings[account] = core.Standing{
		Account:      account,
		Capabilities: sdk.Capabilities{Operations: []sdk.Operation{sdk.OperationPayment, sdk.OperationList}},
		Facts: map[sdk.Kind]sdk.Facts{
			sdk.KindPayment: {QueryBy: sdk.QueryByList, Idempotency: sdk.IdempotencyHarmless},
		},
	}
}

func empty(sdk.ListRequest) (sdk.ListPage, error) { return sdk.ListPage{}, nil }

func TestReadingNeverStopsAndNeverSkips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		started := time.Now()
		down := errors.New("down")
		b.list = func(req sdk.ListRequest) (sdk.ListPage, error) {
			if since := time.Since(started); since > 30*time.Minute && since < 3*time.Hour {
				return sdk.ListPage{}, down
			}
			return empty(req)
		}
		b.run(6 * time.Hour)
		covered := started
		for _, read := range b.reads {
			if read.From.After(covered) {
				t.Fatalf("read from %v, but only read until %v before", read.From, covered)
			}
			if since := read.To.Sub(started); since <= 30*time.Minute || since >= 3*time.Hour {
				covered = read.To
			}
		}
		if behind := time.Since(covered); behind > 11*time.Minute {
			t.Errorf("read until %v ago only", behind)
		}
	})
}

func TestAnOrderThatWaitsIsReadForOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		b.list = empty
		b.claims = []core.Claim{{Account: "cenoa", From: time.Now().Add(-3 * time.Hour), Until: time.Now().Add(time.Hour)}}
		b.run(10 * time.Minute)
		if n := len(b.reads); n < 35 {
			t.Errorf("read %d times in 10 minutes, want every 15 s", n)
		}
		for _, read := range b.reads[1:] {
			if read.From.After(b.claims[0].From) {
				t.Fatalf("read from %v, the open order began at %v", read.From, b.claims[0].From)
			}
		}
	})
}

func TestACutReadIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		cut := true
		b.list = func(sdk.ListRequest) (sdk.ListPage, error) {
			page := sdk.ListPage{Items: []sdk.ListItem{{ID: "t-1"}}, Cut: cut}
			cut = false
			return page, nil
		}
		begun := time.Now()
		b.run(2 * time.Minute)
		if len(b.reads) < 2 || b.reads[1].From.After(begun) {
			t.Fatalf("reads %+v, want the cut one again", b.reads)
		}
	})
}

func TestReadingGoesOnAfterOurClockWasADayAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		b.list = empty
		now, ahead := time.Now(), time.Now().Add(24*time.Hour)
		b.work["cenoa"] = core.AccountWork{Account: "cenoa", Cursor: ahead, DueAt: ahead, DailyReadAt: ahead.Add(time.Hour), Version: 1}
		b.run(time.Minute)
		if len(b.reads) == 0 || b.reads[0].From.After(now) {
			t.Errorf("reads %+v, want one from before now", b.reads)
		}
	})
}

func TestEveryPageIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		next := map[string]string{"": "2", "2": "3", "3": ""}
		b.list = func(req sdk.ListRequest) (sdk.ListPage, error) {
			return sdk.ListPage{Items: []sdk.ListItem{{ID: "on " + req.Cursor}}, Next: next[req.Cursor]}, nil
		}
		b.run(time.Minute)
		if diff := cmp.Diff([]string{"on ", "on 2", "on 3"}, b.received); diff != "" {
			t.Errorf("received (-want +got):\n%s", diff)
		}
	})
}

func TestAnEndlessListIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		pages := 0
		b.list = func(sdk.ListRequest) (sdk.ListPage, error) {
			pages++
			return sdk.ListPage{Next: strconv.Itoa(pages)}, nil
		}
		begun := time.Now()
		b.run(time.Second)
		if work := b.work["cenoa"]; pages > 1000 || work.Cursor.After(begun) {
			t.Errorf("%d pages were read, and the cursor is at %v", pages, work.Cursor)
		}
	})
}

func TestATransferThatIsRefusedHindersNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		b.refused = "b"
		b.list = func(sdk.ListRequest) (sdk.ListPage, error) {
			return sdk.ListPage{Items: []sdk.ListItem{{ID: "a"}, {ID: "b"}, {ID: "c"}}}, nil
		}
		begun := time.Now()
		b.run(time.Second)
		if diff := cmp.Diff([]string{"a", "c"}, b.received); diff != "" {
			t.Errorf("received (-want +got):\n%s", diff)
		}
		if b.work["cenoa"].Cursor.After(begun) {
			t.Error("the cursor moved past what was refused")
		}
	})
}

func TestOnceADayThirtyDaysAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		b.list = empty
		b.run(49 * time.Hour)
		long := 0
		for _, read := range b.reads {
			if read.To.Sub(read.From) > 29*24*time.Hour {
				long++
			}
		}
		if long != 2 {
			t.Errorf("30 days were read %d times in two days, want 2", long)
		}
	})
}

func TestALostAnswerOfAHarmlessCallIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		b.list = empty
		b.owes("pay_1", "cenoa", core.TimerPoll)
		tx := b.transactions["pay_1"]
		tx.Attempts[0].State = core.AttemptUnknown
		b.run(10 * time.Second)
		if len(b.again) != 1 || len(b.events) != 0 {
			t.Errorf("asked again %v, told %v", b.again, b.events)
		}
	})
}

// The same account may pay out in another way than it is paid.
func TestALostPayoutIsAskedAboutWhereOnlyPaymentsAreHarmless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		b.list = empty
		b.owes("out_1", "cenoa", core.TimerPoll)
		tx := b.transactions["out_1"]
		tx.Kind, tx.Attempts[0].State = sdk.KindPayout, core.AttemptUnknown
		b.transactions["out_1"] = tx
		b.run(10 * time.Second)
		if len(b.again) != 0 || len(b.events) != 1 {
			t.Errorf("asked again %v, told %v, want one answer to a question", b.again, b.events)
		}
	})
}

func TestCallsThatAreMadeAgainKeepToTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		b.list = empty
		b.rate["cenoa"] = 1
		for i := range 10 {
			id := "pay_" + strconv.Itoa(i)
			b.owes(id, "cenoa", core.TimerPoll)
			b.transactions[id].Attempts[0].State = core.AttemptUnknown
		}
		b.run(4 * time.Second)
		if n := len(b.again); n == 0 || n > 5 {
			t.Errorf("%d calls in 4 s at one in a second", n)
		}
		b.run(90 * time.Second)
		if n := len(b.again); n != 10 {
			t.Errorf("%d of 10 calls were made in the end", n)
		}
	})
}

func TestAnOrderEndsOnlyWhenTheListWasReadBeyondItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBooks()
		b.pulls("cenoa")
		b.list = empty
		b.owes("pay_1", "cenoa", core.TimerExpire)
		tx := b.transactions["pay_1"]
		tx.ExpiresAt = time.Now().Add(-time.Minute)
		b.transactions["pay_1"] = tx
		b.run(5 * time.Second)
		if len(b.events) != 1 || b.events[0].Result.Outcome != sdk.OutcomeUnknown {
			t.Fatalf("told %+v, want nothing known yet", b.events)
		}
		b.run(25 * time.Minute)
		b.owes("pay_1", "cenoa", core.TimerExpire)
		tx = b.transactions["pay_1"]
		tx.ExpiresAt = time.Now().Add(-20 * time.Minute)
		b.transactions["pay_1"] = tx
		b.run(5 * time.Second)
		if last := b.events[len(b.events)-1]; last.Result.Outcome != sdk.OutcomePending {
			t.Errorf("told %s, want PENDING: the whole time was read", last.Result.Outcome)
		}
	})
}
