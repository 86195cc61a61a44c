package orchestrator_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/sdk"
)

// final is a provider whose late no is documented as final: its payouts are pending, then declined.
func final(name string, announced bool) *coretest.Provider {
	turn := coretest.Turn{After: 90 * time.Minute, Becomes: coretest.Declined}
	if announced {
		turn.Notify = []time.Duration{0, 0, time.Second}
	}
	p := bank(name, coretest.Plan{Answer: coretest.AnswerPending, Then: []coretest.Turn{turn}})
	p.Facts.DeclinedIsFinal = true
	return p
}

// pays is a provider that pays out at once.
func pays(name string) *coretest.Provider {
	return bank(name, coretest.Plan{Answer: coretest.AnswerPaid})
}

// A payout that one provider declines for good, hours later, is paid out by the
// next one. The start of that attempt is in the commit of the no, however the no was heard.
func TestALateNoOfAPayoutGoesOnInTheSameCommit(t *testing.T) {
	for name, announced := range map[string]bool{"asked for": false, "announced three times": true} {
		t.Run(name, func(t *testing.T) {
			one, two := final("one", announced), pays("two")
			inTheWorks(t, ruled(core.Choice{Late: true}, "one", "two"), nil, func(t *testing.T, w *works) {
				tx := w.mustPayOut(t, payoutOrder("7"))
				if tx.State != core.StateProcessing || len(tx.Attempts) != 1 {
					t.Fatalf("it is %s with %d attempts", tx.State, len(tx.Attempts))
				}
				time.Sleep(3 * time.Hour)
				tx = w.now(t, tx.ID)
				if tx.State != core.StateSucceeded || len(tx.Attempts) != 2 || received(two) != 1 {
					t.Fatalf("it is %s with %d attempts, two received %d calls", tx.State, len(tx.Attempts), received(two))
				}
				first, second := tx.Attempts[0], tx.Attempts[1]
				if first.State != core.AttemptDeclined || !first.EndedAt.Equal(second.StartedAt) {
					t.Errorf("the first is %s, ended %s; the second began %s", first.State, first.EndedAt, second.StartedAt)
				}
				time.Sleep(4 * 24 * time.Hour)
				w.audited(t, one, two)
			}, one, two)
		})
	}
}

// The control of the test before: without the rule, or without the provider's
// word, the same no ends the payout.
func TestALateNoEndsWhatMayNotGoOn(t *testing.T) {
	held := func(o *coretest.Provider) {
		o.Script = func(coretest.Creation) coretest.Plan { return coretest.Plan{Held: true} }
	}
	tests := map[string]struct {
		choice  core.Choice
		change  func(*coretest.Provider)
		decided core.Call
		want    core.State
	}{
		"without a rule that says so":           {core.Choice{}, nil, core.CallNone, core.StateFailed},
		"where the provider does not say so":    {core.Choice{Late: true}, func(p *coretest.Provider) { p.Facts.DeclinedIsFinal = false }, core.CallNone, core.StateFailed},
		"for a reason that the rule leaves out": {core.Choice{Late: true, Cascade: []sdk.Reason{sdk.ReasonRateLimited}}, nil, core.CallNone, core.StateFailed},
		"after the most attempts":               {core.Choice{Late: true, MaxAttempts: 1}, nil, core.CallNone, core.StateFailed},
		"after we rejected it":                  {core.Choice{Late: true}, held, core.CallReject, core.StateCanceled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			one, two := final("one", true), pays("two")
			if test.change != nil {
				test.change(one)
			}
			inTheWorks(t, ruled(test.choice, "one", "two"), nil, func(t *testing.T, w *works) {
				tx := w.mustPayOut(t, payoutOrder("7"))
				if test.decided == core.CallReject {
					if _, err := w.Reject(context.Background(), core.Caller{Actor: "ops", Operator: true}, tx.ID, "not ours"); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(4 * 24 * time.Hour)
				if tx = w.now(t, tx.ID); tx.State != test.want || received(two) != 0 {
					t.Errorf("it is %s, two received %d calls", tx.State, received(two))
				}
				w.audited(t, one, two)
			}, one, two)
		})
	}
}

func TestALatePaymentNeverGoesOn(t *testing.T) {
	one, two := final("one", true), pays("two")
	inTheWorks(t, ruled(core.Choice{Late: true}, "one", "two"), nil, func(t *testing.T, w *works) {
		tx := w.mustPay(t, order("7"))
		time.Sleep(4 * 24 * time.Hour)
		if tx = w.now(t, tx.ID); tx.State != core.StateFailed || received(two) != 0 {
			t.Errorf("it is %s, two received %d calls", tx.State, received(two))
		}
	}, one, two)
}

// A late failover is a chain as any other: it passes over who has no room, goes on
// after a definite no, and stops where the answer is lost.
func TestALateFailoverGoesOnAsAnyOther(t *testing.T) {
	one, drained, two := final("one", true), pays("drained"), bank("two", coretest.Plan{Answer: coretest.AnswerRejected, Reason: sdk.ReasonLimitExceeded})
	three := bank("three", coretest.Plan{Answer: coretest.AnswerLostRequest})
	four := pays("four")
	inTheWorks(t, ruled(core.Choice{Late: true, MaxAttempts: 5}, "one", "drained", "two", "three", "four"), nil, func(t *testing.T, w *works) {
		tx := w.mustPayOut(t, payoutOrder("7"))
		if err := w.accounts.Drain("drained"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		tx = w.now(t, tx.ID)
		var asked []string
		for _, a := range tx.Attempts {
			asked = append(asked, a.Account+" "+a.State.String())
		}
		if diff := cmp.Diff([]string{"one declined", "two rejected", "three unknown"}, asked); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		want := []core.Removed{{Account: "drained", Reason: "drained by an operator", Passing: true, Attempt: 2}}
		if diff := cmp.Diff(want, tx.Route.Removed); diff != "" {
			t.Errorf("removed (-want +got):\n%s", diff)
		}
		if tx.State != core.StateUnknown || received(four) != 0 {
			t.Errorf("it is %s, four received %d calls", tx.State, received(four))
		}
	}, one, drained, two, three, four)
}
