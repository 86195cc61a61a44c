package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
)

// successNow is what is measured for payments like those of payKey.
func successNow(e *engine.Engine) core.Tally {
	sample := core.Sample{Kind: sdk.KindPayment, Country: "CI", Method: "mobile_money", Network: "ORANGE", At: time.Now()}
	return e.Success("one", sample, account.WindowMax)
}

func TestEveryEndIsMeasuredOnceAndAgainAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := coretest.MustOpenStore(t)
		d := &desk{name: "one"}
		e := mustStart(t, s, d)
		ends := []sdk.Result{
			{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "5000", Currency: "XOF"}},
			{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonDeclined},
			{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonAuthentication},
			{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonInsufficientFunds},
			{Outcome: sdk.OutcomePending},
		}
		for i, end := range ends {
			d.mu.Lock()
			d.create = end
			d.mu.Unlock()
			if _, err := payKey(t, e, string(rune('a'+i))); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if got, want := successNow(e), (core.Tally{Succeeded: 1, Failed: 2}); got != want {
			t.Errorf("measured %+v, want %+v", got, want)
		}
		crashed := e // It is not closed before the next one runs: nothing is written at the end.
		e = mustStart(t, s, d)
		time.Sleep(time.Second)
		if got, want := successNow(e), (core.Tally{Succeeded: 1, Failed: 2}); got != want {
			t.Errorf("measured after a crash %+v, want %+v", got, want)
		}
		d.mu.Lock()
		d.create = ends[0]
		d.mu.Unlock()
		if _, err := payKey(t, e, "z"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		mustClose(t, crashed)
		mustClose(t, e)
		e = mustStart(t, s, d)
		time.Sleep(time.Second)
		if got, want := successNow(e), (core.Tally{Succeeded: 2, Failed: 2}); got != want {
			t.Errorf("measured after a stop %+v, want %+v", got, want)
		}
		time.Sleep(account.WindowMax + time.Hour)
		if got := successNow(e); got != (core.Tally{}) {
			t.Errorf("measured a day later %+v, want nothing", got)
		}
		mustClose(t, e)
	})
}
