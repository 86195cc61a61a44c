package orchestrator_test

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/orchestrator"
	"github.com/paymux/paymux/core/store"
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

// atOnce is a store at which the first two writers of a transaction wait for each
// other: both have read it before either writes.
type atOnce struct {
	store.Store
	mu      sync.Mutex
	writers int
	both    chan struct{}
	// unfenced makes it forget what was read: a write is of whatever stands there now.
	unfenced bool
}

func (a *atOnce) Apply(ctx context.Context, c core.Commit) error {
	if len(c.Transactions) > 0 {
		a.mu.Lock()
		a.writers++
		if a.writers == 2 {
			close(a.both)
		}
		a.mu.Unlock()
		<-a.both
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.unfenced && len(c.Transactions) == 1 {
		change := &c.Transactions[0]
		now, err := a.Transaction(ctx, change.Transaction.ID)
		if err != nil {
			return err
		}
		change.Was, change.Transaction.Sequence = now.Version, now.Sequence
		for i := range change.History {
			change.Transaction.Sequence++
			change.History[i].Sequence = change.Transaction.Sequence
		}
	}
	return a.Store.Apply(ctx, c)
}

// race lets two things be done to the same unknown, both of which saw it before the
// other one wrote. It returns how many were done, and who stands in the audit.
func race(t *testing.T, unfenced bool, one, two func(*orchestrator.Orchestrator, core.Transaction) error) (done int, tx core.Transaction, actors []string) {
	t.Helper()
	ledger := coretest.MustOpenStore(t)
	m := market{"one": &account{}}
	tx = pay(t, newOrchestratorOn(t, m, ledger))
	shared := &atOnce{Store: ledger, both: make(chan struct{}), unfenced: unfenced}
	var mu sync.Mutex
	var racing sync.WaitGroup
	for _, do := range []func(*orchestrator.Orchestrator, core.Transaction) error{one, two} {
		o := newOrchestratorOn(t, m, shared) // As two engines: one alone lets one after the other.
		racing.Go(func() {
			err := do(o, tx)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			}
		})
	}
	racing.Wait()
	tx, err := ledger.Transaction(t.Context(), tx.ID)
	if err != nil {
		t.Fatal(err)
	}
	audit, err := ledger.Audit(t.Context(), core.AuditFilter{Transaction: tx.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range audit.Items {
		actors = append(actors, entry.Actor)
	}
	slices.Sort(actors)
	return done, tx, slices.Compact(actors)
}

// settles is an operator who settles by hand.
func settles(actor, verb string) func(*orchestrator.Orchestrator, core.Transaction) error {
	return func(o *orchestrator.Orchestrator, tx core.Transaction) error {
		_, err := o.Resolve(context.Background(), core.Caller{Actor: actor, Operator: true}, tx.ID, core.Resolution{Verb: verb, Reason: "seen in the portal"})
		return err
	}
}

// hears is a notification that says that it is paid.
func hears(o *orchestrator.Orchestrator, tx core.Transaction) error {
	event := core.Event{Type: core.EventOutcome, Source: core.SourceNotification, Attempt: 1, Result: paid}
	_, err := o.Handle(context.Background(), tx.ID, event, core.Commit{})
	return err
}

// Two operators settle the same unknown, or one does while a notification tells how
// it ended. One of two operators wins and the audit shows both; money that is heard
// of is never lost. The control is a store that does not look at versions.
func TestWhoeverSettlesTheSameOneWinsAndTheAuditShowsAll(t *testing.T) {
	rounds := 25
	if os.Getenv("PAYMUX_CHAOS") != "" {
		rounds = 500
	}
	conflicts := 0
	for range rounds {
		done, _, actors := race(t, false, settles("awa", "succeeded"), settles("binta", "failed"))
		if diff := cmp.Diff([]string{"awa", "binta"}, actors); diff != "" || done != 1 {
			t.Fatalf("%d of two settlements were taken, actors in the audit (-want +got):\n%s", done, diff)
		}
		conflicts++
		for _, verb := range []string{"succeeded", "failed"} {
			_, tx, actors := race(t, false, settles("awa", verb), hears)
			if diff := cmp.Diff([]string{"awa"}, actors); diff != "" || tx.State != core.StateSucceeded || tx.Received != tx.Amount {
				t.Fatalf("%s against a notification: it is %s with %s received, actors (-want +got):\n%s", verb, tx.State, tx.Received, diff)
			}
			conflicts++
		}
	}
	both, _, _ := race(t, true, settles("awa", "succeeded"), settles("binta", "failed"))
	if both != 2 {
		t.Errorf("%d of two settlements were taken by a store that does not look at versions: they did not race", both)
	}
	t.Logf("chaos 36: %d races of two settlements, or of one and a notification: one of two operators won each, no money lost, the audit shows everybody; control without versions: %d of 2 settlements taken", conflicts, both)
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
