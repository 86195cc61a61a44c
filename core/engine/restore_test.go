package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
)

// archive is an office whose store outlives its engines.
type archive struct {
	office
	store  store.Store
	desk   *desk
	config *config.Config
}

// inArchive runs a test in virtual time, with an engine that holds payouts above 8000.
func inArchive(t *testing.T, d *desk, test func(*archive)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := coretest.MustConfig(t, t.TempDir())
		holdAbove("8000")(cfg)
		a := &archive{office: office{T: t}, store: coretest.MustOpenStore(t), desk: d, config: cfg}
		a.begin()
		test(a)
	})
}

func (a *archive) begin() {
	a.Helper()
	started, err := engine.New(a.Context(), engine.Options{
		Config: a.config, Store: a.store, Rules: coretest.Rules(a.desk.name),
		Providers: map[string]engine.Provider{a.desk.name: {Plugin: a.desk}},
	})
	if err != nil {
		a.Fatal(err)
	}
	a.engine = started
}

func (a *archive) end() {
	a.Helper()
	if err := a.engine.Close(context.WithoutCancel(a.Context())); err != nil {
		a.Error(err)
	}
}

// restore is done between two engines.
func (a *archive) restore() engine.Restored {
	a.Helper()
	done, err := engine.Restore(a.Context(), a.store, operator, "restored from monday.db")
	if err != nil {
		a.Fatal(err)
	}
	return done
}

func (a *archive) stored(id string) core.Transaction {
	a.Helper()
	tx, err := a.store.Transaction(a.Context(), id)
	if err != nil {
		a.Fatal(err)
	}
	return tx
}

func TestWhatMayHaveBeenSentGoesToReviewAndAllElseIsAskedFirst(t *testing.T) {
	inArchive(t, &desk{name: "one"}, func(a *archive) {
		paid := a.paid(a.desk)
		a.desk.will(func(d *desk) { d.create, d.status = waiting, waiting })
		refund, err := a.refund("refund", paid.ID, 2000)
		if err != nil {
			a.Fatal(err)
		}
		open, sent, held := a.pay("open", 5000), a.payout("sent", 5000), a.payout("held", 9000)
		time.Sleep(10 * time.Minute)
		a.end()

		if diff := cmp.Diff(engine.Restored{Review: 3, Asked: 1}, a.restore()); diff != "" {
			a.Errorf("counts (-want +got):\n%s", diff)
		}
		for _, one := range []core.Transaction{refund, sent, held} {
			after := a.stored(one.ID)
			if after.State != core.StateReview || after.Reason.Code != core.ReasonRestored || after.PolicyHeld {
				a.Errorf("%s is %s for %+v", one.ID, after.State, after.Reason)
			}
		}
		if after := a.stored(paid.ID); after.State != core.StateSucceeded || after.Attempts[0].Reserved.Minor() != 2000 {
			a.Errorf("the paid one is %s, reserved %s", after.State, after.Attempts[0].Reserved)
		}
		if after := a.stored(open.ID); after.State != core.StateProcessing {
			a.Errorf("the open one is %s", after.State)
		}
		for _, live := range []core.Transaction{refund, sent, open} {
			if due := a.stored(live.ID).DueAt(); due.IsZero() || due.After(time.Now()) {
				a.Errorf("%s is due at %s, it is %s", live.ID, due, time.Now())
			}
		}
		for _, one := range []core.Transaction{refund, sent, held, open} {
			a.wroteDown(one.ID)
		}
		a.audited("restored from monday.db: payouts and refunds put into review: 3, payments to ask about: 1")
	})
}

// wroteDown expects the restoration at the end of a history.
func (a *archive) wroteDown(id string) {
	a.Helper()
	history, err := a.store.History(a.Context(), id)
	if err != nil {
		a.Fatal(err)
	}
	last := history[len(history)-1]
	if last.Event != "restored" || last.Actor != operator.Actor || !strings.Contains(last.Cause, "restored from monday.db") {
		a.Errorf("%s: the last entry is %+v", id, last)
	}
}

func (a *archive) audited(detail string) {
	a.Helper()
	page, err := a.store.Audit(a.Context(), core.AuditFilter{})
	if err != nil {
		a.Fatal(err)
	}
	if first := page.Items[0]; first.Action != "restore" || first.Detail != detail || first.Actor != operator.Actor {
		a.Errorf("the last audit entry is %+v", first)
	}
}

func TestNothingIsSentTwiceAfterARestore(t *testing.T) {
	inArchive(t, &desk{name: "one"}, func(a *archive) {
		a.desk.will(func(d *desk) { d.create, d.status = waiting, waiting })
		sent, held := a.payout("sent", 5000), a.payout("held", 9000)
		a.end()
		a.desk.will(func(d *desk) { d.status = paidOf("5000") })
		a.restore()
		a.begin()
		defer a.end()
		time.Sleep(48 * time.Hour)
		if after := a.is(sent.ID, core.StateReview); after.Attempts[0].State != core.AttemptSucceeded {
			a.Errorf("what its provider says was not asked: the attempt is %s", after.Attempts[0].State)
		}
		if _, err := a.engine.Approve(a.Context(), operator, held.ID, "again"); !errors.Is(err, core.ErrNotSupported) {
			a.Errorf("approve: %v, want not_supported", err)
		}
		if again := a.payout("held", 9000); again.ID != held.ID || again.State != core.StateAwaitingApproval {
			a.Errorf("the same key gives %s, which is %s", again.ID, again.State)
		}
		if diff := cmp.Diff([]string{"payout 5000 to Awa"}, a.desk.wasTold()); diff != "" {
			a.Errorf("what was sent (-want +got):\n%s", diff)
		}
		seen := core.Resolution{Verb: "succeeded", Reason: "seen in the portal"}
		if tx, err := a.engine.Resolve(a.Context(), operator, held.ID, seen); err != nil || tx.State != core.StateSucceeded || !tx.Manual {
			a.Errorf("what was sent after the backup: %s, %v", tx.State, err)
		}
	})
}

// The control: the same file without the restoration sends what is approved again.
func TestWithoutTheRestorationAHeldPayoutIsSentAgain(t *testing.T) {
	inArchive(t, &desk{name: "one"}, func(a *archive) {
		a.desk.will(func(d *desk) { d.create, d.status = waiting, waiting })
		held := a.payout("held", 9000)
		a.end()
		a.desk.told("payout 9000 to Awa") // By the engine that ran on after the backup.
		a.begin()
		defer a.end()
		if _, err := a.engine.Approve(a.Context(), operator, held.ID, "again"); err != nil {
			a.Fatal(err)
		}
		if diff := cmp.Diff([]string{"payout 9000 to Awa", "payout 9000 to Awa"}, a.desk.wasTold()); diff != "" {
			a.Errorf("what was sent (-want +got):\n%s", diff)
		}
	})
}
