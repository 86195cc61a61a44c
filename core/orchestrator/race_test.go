package orchestrator_test

import (
	"context"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
)

// A merchant cancels while the customer pays. Whoever is first at the provider
// wins, and the engine says what the provider says.
func TestACancelAgainstASuccess(t *testing.T) {
	for name, paid := range map[string]time.Duration{
		"paid before": 59 * time.Second, "at the same time": time.Minute, "paid after": 61 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			p := bank("bank", coretest.Plan{Then: []coretest.Turn{{
				After: paid, Becomes: coretest.Paid, Notify: []time.Duration{0, 0, time.Second},
			}}})
			inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
				tx := mustPay(t, e, order("7")).Transaction
				time.Sleep(time.Minute)
				_, refused := e.Cancel(context.Background(), order("7").Caller, tx.ID, "changed my mind")
				time.Sleep(4 * 24 * time.Hour)
				tx, err := e.Transaction(t.Context(), order("7").Caller, tx.ID)
				if err != nil {
					t.Fatal(err)
				}
				entry, _ := p.Entry(tx.Attempts[0].Ref)
				want := map[coretest.Status]core.State{coretest.Paid: core.StateSucceeded, coretest.Canceled: core.StateCanceled}[entry.Status]
				if tx.State != want {
					t.Errorf("it is %s, the provider has it %s, the cancel was answered with %v", tx.State, entry.Status, refused)
				}
			}, p)
		})
	}
}

// An operator settles an unknown while a notification tells how it ended.
func TestASettlementAgainstANotification(t *testing.T) {
	for verb, want := range map[string]core.State{"succeeded": core.StateSucceeded, "failed": core.StateSucceeded} {
		t.Run(verb, func(t *testing.T) {
			p := bank("bank", coretest.Plan{
				Answer: coretest.AnswerLostResponse, Hidden: time.Minute,
				Then: []coretest.Turn{{After: time.Minute, Becomes: coretest.Paid, Notify: []time.Duration{0}}},
			})
			inVirtualTime(t, func(t *testing.T, e *engine.Engine) {
				tx := mustPay(t, e, order("7")).Transaction
				time.Sleep(time.Minute)
				// The notification is sent at this instant. Where it is first, it is too late to settle.
				operator := core.Caller{Actor: "awa", Operator: true}
				_, _ = e.Resolve(context.Background(), operator, tx.ID, core.Resolution{Verb: verb, Reason: "seen in the portal"})
				time.Sleep(4 * 24 * time.Hour)
				tx, err := e.Transaction(t.Context(), order("7").Caller, tx.ID)
				if err != nil || tx.State != want || tx.Received != tx.Amount {
					t.Errorf("it is %s with %s received, %v, want %s", tx.State, tx.Received, err, want)
				}
			}, p)
		})
	}
}
