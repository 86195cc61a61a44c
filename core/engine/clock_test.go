package engine_test

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// wallClock is a clock that somebody sets while time goes on.
type wallClock struct {
	ahead atomic.Int64
	zone  atomic.Pointer[time.Location]
}

func (c *wallClock) now() time.Time {
	now := time.Now().Add(time.Duration(c.ahead.Load()))
	if zone := c.zone.Load(); zone != nil {
		now = now.In(zone)
	}
	return now
}

// set moves the clock.
func (c *wallClock) set(by time.Duration) { c.ahead.Add(int64(by)) }

// tower is an engine whose clock is set, with a provider whose clock is right.
type tower struct {
	office
	clock wallClock
	bank  *coretest.Provider
	ids   []string
}

// ring runs a test in a tower. What becomes of a payment its amount says.
func ring(t *testing.T, plans map[int64]coretest.Plan, test func(o *tower)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := &tower{office: office{T: t}, bank: coretest.NewProvider("bank")}
		o.bank.Script = func(c coretest.Creation) coretest.Plan { return plans[c.Amount.Minor()] }
		e, err := engine.New(t.Context(), engine.Options{
			Config: coretest.MustConfig(t, t.TempDir()), Rules: coretest.Rules("bank"), Clock: o.clock.now,
			Providers: map[string]engine.Provider{"bank": {Plugin: o.bank}},
		})
		if err != nil {
			t.Fatal(err)
		}
		o.engine, o.bank.Deliver = e, e.Notify
		defer func() {
			if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		}()
		test(o)
	})
}

func (o *tower) asks(amount int64, expires time.Duration) core.Transaction {
	o.Helper()
	answer, err := o.engine.Pay(o.Context(), core.PaymentRequest{
		IdempotencyKey: rand.Text(), Amount: money.Of(amount, money.XOF), ExpiresIn: expires,
	})
	if err != nil {
		o.Fatal(err)
	}
	o.ids = append(o.ids, answer.Transaction.ID)
	return answer.Transaction
}

// takes is the time until the payment is in the state.
func (o *tower) takes(id string, state core.State, most time.Duration) time.Duration {
	o.Helper()
	for began := time.Now(); ; time.Sleep(max(most/400, time.Second)) {
		tx, err := o.engine.Transaction(o.Context(), operator, id)
		switch {
		case err != nil:
			o.Fatal(err)
		case tx.State == state:
			return time.Since(began)
		case time.Since(began) > most:
			o.Errorf("after %v it is %s, want %s", most, tx.State, state)
			return most
		}
	}
}

// descending reports how many ids are not above the one before.
func (o *tower) descending() int {
	wrong := 0
	for i := 1; i < len(o.ids); i++ {
		if o.ids[i] <= o.ids[i-1] {
			wrong++
		}
	}
	return wrong
}

// What the payments come to, by their amounts.
const (
	nobodyPays, paysAloud, paysSilently, paysLate = 1000, 2000, 3000, 4000
)

func clockPlans() map[int64]coretest.Plan {
	paid := func(after time.Duration, notify ...time.Duration) coretest.Plan {
		return coretest.Plan{Then: []coretest.Turn{{After: after, Becomes: coretest.Paid, Notify: notify}}}
	}
	return map[int64]coretest.Plan{
		paysAloud: paid(10*time.Minute, 0), paysSilently: paid(10 * time.Minute), paysLate: paid(3 * time.Hour),
	}
}

// A clock that was set may make the engine ask late, never lose or invent an end.
func TestAClockThatIsSetChangesNoOutcome(t *testing.T) {
	var late, early, forward, corrected time.Duration
	wrong, control, cases := 0, 0, 0
	t.Run("back an hour", func(t *testing.T) {
		ring(t, clockPlans(), func(o *tower) {
			o.clock.set(time.Hour) // The plugins' clock is right once it is set back.
			unpaid := o.asks(nobodyPays, 30*time.Minute)
			aloud, silent := o.asks(paysAloud, 30*time.Minute), o.asks(paysSilently, 0)
			time.Sleep(time.Minute)
			before := ulid.MustNew(ulid.Timestamp(o.clock.now()), rand.Reader)
			o.clock.set(-time.Hour)
			set := time.Now()
			if after := ulid.MustNew(ulid.Timestamp(o.clock.now()), rand.Reader); after.Compare(before) < 0 {
				control++
			}
			fresh := o.asks(paysSilently, 0)
			time.Sleep(9*time.Minute + time.Second)
			if took := o.takes(aloud.ID, core.StateSucceeded, 5*time.Second); took > 5*time.Second {
				o.Errorf("a notification waits for %v", took)
			}
			o.takes(fresh.ID, core.StateSucceeded, 40*time.Minute)
			late = o.takes(silent.ID, core.StateSucceeded, 2*time.Hour)
			o.takes(unpaid.ID, core.StateExpired, 3*time.Hour)
			early = time.Since(set)
			if early < 29*time.Minute {
				o.Errorf("it expired %v too early", 29*time.Minute-early)
			}
			wrong += o.descending()
			cases += 4
		})
	})
	t.Run("forward a day", func(t *testing.T) {
		ring(t, clockPlans(), func(o *tower) {
			tx := o.asks(paysLate, 2*time.Hour)
			unpaid := o.asks(nobodyPays, 2*time.Hour)
			time.Sleep(time.Minute)
			o.clock.set(24 * time.Hour)
			o.asks(nobodyPays, 0)
			forward = o.takes(tx.ID, core.StateExpired, 2*time.Minute)
			if entry, _ := o.bank.Entry(tx.Attempts[0].Ref); entry.Asked == 0 {
				o.Error("it expired and nobody was asked")
			}
			o.takes(unpaid.ID, core.StateExpired, 2*time.Minute)
			o.takes(tx.ID, core.StateSucceeded, 8*time.Hour) // The customer paid in the time that there was.
			wrong += o.descending()
			cases += 2
		})
	})
	t.Run("forward a day and back", func(t *testing.T) {
		ring(t, clockPlans(), func(o *tower) {
			tx := o.asks(paysSilently, 0)
			o.clock.set(24 * time.Hour)
			time.Sleep(5 * time.Minute)
			o.clock.set(-24 * time.Hour)
			o.asks(nobodyPays, 0)
			corrected = o.takes(tx.ID, core.StateSucceeded, 26*time.Hour)
			wrong += o.descending()
			cases++
		})
	})
	t.Run("summer time begins", func(t *testing.T) {
		ring(t, clockPlans(), func(o *tower) {
			o.clock.zone.Store(time.FixedZone("winter", 3600))
			unpaid, silent := o.asks(nobodyPays, 30*time.Minute), o.asks(paysSilently, 0)
			o.clock.zone.Store(time.FixedZone("summer", 7200))
			o.asks(nobodyPays, 0)
			o.takes(silent.ID, core.StateSucceeded, 40*time.Minute)
			o.takes(unpaid.ID, core.StateExpired, 40*time.Minute)
			if lived := time.Since(unpaid.CreatedAt); lived < 30*time.Minute {
				o.Errorf("it expired after %v, which had 30 min", lived)
			}
			wrong += o.descending()
			cases += 2
		})
	})
	if wrong > 0 || control == 0 {
		t.Errorf("%d ids descend; in the control %d", wrong, control)
	}
	skewed := skewedTransfers(t)
	t.Logf("chaos 30: %d payments under clocks that are set, and %d transfers that are dated wrong: 0 ended otherwise than at the provider, %d ids descend (control, from the clock alone: %d); "+
		"set back an hour, nothing expires early, notifications count at once, a silent success is found after %v and an expiry comes after %v; set forward a day, the time to pay ends too early, after %v, with a question, and what comes later is applied; "+
		"set right again, a silent success is found after %v", cases, skewed, wrong, control, late, early, forward, corrected)
}

// skewedTransfers are transfers of a provider whose clock is not ours. It returns how many.
func skewedTransfers(t *testing.T) int {
	t.Helper()
	cases := map[string]struct {
		by    time.Duration
		state core.State
	}{
		"9 minutes ahead":       {9 * time.Minute, core.StateSucceeded},
		"50 seconds behind":     {-50 * time.Second, core.StateSucceeded},
		"so old that it is not": {-2 * time.Minute, core.StateRequiresAction},
	}
	for words, one := range cases {
		t.Run(words, func(t *testing.T) {
			d := till()
			open(t, func(o *office) {
				tx := o.pay("k", 5000)
				d.sends("ours", "5000", time.Now().Add(one.by), sdk.OutcomeSucceeded)
				time.Sleep(20 * time.Minute)
				o.is(tx.ID, one.state)
			}, nil, d)
		})
	}
	return len(cases)
}
