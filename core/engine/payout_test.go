package engine_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
)

func TestAPayoutIsPaidOut(t *testing.T) {
	d := &desk{name: "one", create: waiting, status: paidOf("5000")}
	open(t, func(o *office) {
		tx := o.payout("k", 5000)
		if tx.State != core.StateProcessing {
			o.Fatalf("it is %s", tx.State)
		}
		o.is(tx.ID, core.StateSucceeded)
		if diff := cmp.Diff([]string{"payout 5000 to Awa"}, d.wasTold()); diff != "" {
			o.Error(diff)
		}
	}, nil, d)
}

func TestAPayoutThatTheProviderHoldsIsApproved(t *testing.T) {
	d := &desk{name: "one", create: heldOne, status: heldOne, verdict: accepted}
	open(t, func(o *office) {
		tx := o.payout("k", 5000)
		if tx.State != core.StateAwaitingApproval {
			o.Fatalf("it is %s", tx.State)
		}
		tx, err := o.engine.Approve(o.Context(), operator, tx.ID, "checked")
		if err != nil || tx.State != core.StateProcessing {
			o.Fatalf("approved: %s, %v", tx.State, err)
		}
		if _, err := o.engine.Reject(o.Context(), operator, tx.ID, "no"); !errors.Is(err, core.ErrDecisionMade) {
			o.Errorf("the opposite: %v, want decision_made", err)
		}
		if _, err := o.engine.Approve(o.Context(), operator, tx.ID, "again"); err != nil {
			o.Errorf("the same again: %v", err)
		}
		d.will(func(d *desk) { d.status = paidOf("5000") })
		o.is(tx.ID, core.StateSucceeded)
		if diff := cmp.Diff([]string{"payout 5000 to Awa", "approve"}, d.wasTold()); diff != "" {
			o.Error(diff)
		}
	}, nil, d)
}

func TestARejectedPayoutEndsCanceledOnlyWhenAQuestionSaysSo(t *testing.T) {
	d := &desk{name: "one", create: heldOne, status: heldOne, verdict: accepted}
	open(t, func(o *office) {
		tx := o.payout("k", 5000)
		if _, err := o.engine.Reject(o.Context(), operator, tx.ID, "fraud"); err != nil {
			o.Fatal(err)
		}
		time.Sleep(time.Minute)
		o.is(tx.ID, core.StateProcessing)
		d.will(func(d *desk) { d.status = declined })
		if tx = o.is(tx.ID, core.StateCanceled); tx.Reason.Code != core.ReasonRejectedByOperator {
			o.Errorf("reason %s", tx.Reason.Code)
		}
	}, nil, d)
}

func TestAnApprovalWithoutAnAnswerIsRepeated(t *testing.T) {
	d := &desk{name: "one", create: heldOne, status: heldOne, verdictErr: errors.New("connection lost")}
	open(t, func(o *office) {
		tx := o.payout("k", 5000)
		if _, err := o.engine.Approve(o.Context(), operator, tx.ID, ""); err != nil {
			o.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if n := count(d, "approve"); n != 2 {
			o.Errorf("approved %d times in 2 minutes, want once and again after 1", n)
		}
		time.Sleep(time.Hour)
		if n := count(d, "approve"); n != 4 {
			o.Errorf("approved %d times in an hour, want 4", n)
		}
		time.Sleep(time.Hour)
		if tx = o.is(tx.ID, core.StateReview); tx.Reason.Code != core.ReasonOutcomeUnknown {
			o.Errorf("reason %s", tx.Reason.Code)
		}
	}, nil, d)
}

func TestARefusedApprovalWaitsForAnotherDecision(t *testing.T) {
	d := &desk{name: "one", create: heldOne, status: heldOne, verdict: refused}
	open(t, func(o *office) {
		tx := o.payout("k", 5000)
		if _, err := o.engine.Approve(o.Context(), operator, tx.ID, ""); err != nil {
			o.Fatal(err)
		}
		tx = o.is(tx.ID, core.StateAwaitingApproval)
		if tx.Reason == nil || tx.Decision != nil {
			o.Errorf("reason %+v, decision %+v", tx.Reason, tx.Decision)
		}
	}, nil, d)
}

func holdAbove(amount string) func(*config.Config) {
	return func(c *config.Config) {
		c.Payouts.Approval = config.Approval{Default: config.ApprovalNever, Above: map[string]string{"XOF": amount}}
	}
}

func TestOurPolicyHoldsAPayoutBeforeAnybodyIsAsked(t *testing.T) {
	d := &desk{name: "one", create: waiting, status: paidOf("5000")}
	open(t, func(o *office) {
		small := o.payout("small", 4000)
		tx := o.payout("k", 5000)
		if small.State != core.StateProcessing || tx.State != core.StateAwaitingApproval || len(tx.Attempts) != 0 {
			o.Fatalf("small is %s, large %s with %d attempts", small.State, tx.State, len(tx.Attempts))
		}
		again := o.payout("k", 5000)
		if again.ID != tx.ID {
			o.Error("the same key makes another payout")
		}
		if tx, err := o.engine.Approve(o.Context(), operator, tx.ID, "checked"); err != nil || len(tx.Attempts) != 1 {
			o.Fatalf("approved: %d attempts, %v", len(tx.Attempts), err)
		}
		o.is(tx.ID, core.StateSucceeded)
		rejected := o.payout("r", 5000)
		if rejected, err := o.engine.Reject(o.Context(), operator, rejected.ID, "no"); err != nil || rejected.State != core.StateCanceled {
			o.Errorf("rejected: %s, %v", rejected.State, err)
		}
		forgotten := o.payout("f", 5000)
		time.Sleep(73 * time.Hour)
		if tx := o.is(forgotten.ID, core.StateCanceled); tx.Reason.Code != core.ReasonApprovalExpired {
			o.Errorf("reason %s", tx.Reason.Code)
		}
	}, holdAbove("4999"), d)
}

func TestAnApprovedPayoutIsToldToAProviderThatHoldsIt(t *testing.T) {
	d := &desk{name: "one", create: heldOne, status: heldOne, verdict: accepted}
	open(t, func(o *office) {
		tx := o.payout("k", 5000)
		if _, err := o.engine.Approve(o.Context(), operator, tx.ID, ""); err != nil {
			o.Fatal(err)
		}
		time.Sleep(time.Second)
		o.is(tx.ID, core.StateProcessing)
		if !slices.Contains(d.wasTold(), "approve") {
			o.Errorf("told %v", d.wasTold())
		}
		d.will(func(d *desk) { d.status = paidOf("5000") })
		o.is(tx.ID, core.StateSucceeded)
	}, holdAbove("1"), d)
}

func TestARefusedPayoutGoesOnAndALateNoDoesNot(t *testing.T) {
	one := &desk{name: "one", create: sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonInsufficientFloat}}
	two := &desk{name: "two", create: waiting, status: declined}
	three := &desk{name: "three", create: waiting}
	open(t, func(o *office) {
		tx := o.is(o.payout("k", 5000).ID, core.StateFailed)
		if len(tx.Attempts) != 2 || len(three.wasTold()) != 0 {
			o.Errorf("%d attempts, the third was told %v", len(tx.Attempts), three.wasTold())
		}
	}, nil, one, two, three)
}

func count(d *desk, call string) int {
	n := 0
	for _, told := range d.wasTold() {
		if told == call {
			n++
		}
	}
	return n
}

// hung never answers an approval, until it is let go.
type hung struct {
	*desk
	let chan struct{}
}

func (h hung) Open(sdk.Settings) (sdk.Provider, error) { return h, nil }

func (h hung) ApprovePayout(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	<-h.let
	return sdk.VerdictResult{}, errors.New("the process is gone")
}

func TestADecisionOfAnEngineThatDiedIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := coretest.MustOpenStore(t)
		begin := func(p sdk.Plugin) *engine.Engine {
			e, err := engine.New(t.Context(), engine.Options{
				Config: coretest.MustConfig(t, t.TempDir()), Store: store, Rules: coretest.Rules("one"),
				Providers: map[string]engine.Provider{"one": {Plugin: p}},
			})
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		dying := hung{&desk{name: "one", create: heldOne, status: heldOne}, make(chan struct{})}
		first := begin(dying)
		tx := (&office{T: t, engine: first}).payout("k", 5000)
		if _, err := first.Approve(t.Context(), operator, tx.ID, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		if err := first.Close(gone); err == nil {
			t.Fatal("the engine ended although a call was under way")
		}
		d := &desk{name: "one", status: heldOne, verdict: accepted}
		second := begin(d)
		defer func() {
			close(dying.let)
			if err := second.Close(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(2 * time.Minute)
		if n := count(d, "approve"); n != 1 {
			t.Errorf("approved %d times after the start, want once", n)
		}
		d.will(func(d *desk) { d.status = paidOf("5000") })
		(&office{T: t, engine: second}).is(tx.ID, core.StateSucceeded)
	})
}

// slow answers a payout after half a minute.
type slow struct{ *desk }

func (s slow) Open(sdk.Settings) (sdk.Provider, error) { return s, nil }

func (s slow) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	time.Sleep(28 * time.Second)
	return s.desk.CreatePayout(ctx, req)
}

func TestAnApprovalIsAnsweredAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := coretest.MustConfig(t, t.TempDir())
		holdAbove("1")(cfg)
		d := &desk{name: "one", create: waiting, status: paidOf("5000")}
		e, err := engine.New(t.Context(), engine.Options{
			Config: cfg, Rules: coretest.Rules("one"), Providers: map[string]engine.Provider{"one": {Plugin: slow{d}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		}()
		o := &office{T: t, engine: e}
		tx, asked := o.payout("k", 5000), time.Now()
		tx, err = e.Approve(t.Context(), operator, tx.ID, "")
		if took := time.Since(asked); err != nil || tx.State != core.StateProcessing || took > cfg.Payments.Deadline {
			t.Errorf("it is %s after %v, %v, want processing within %v", tx.State, took, err, cfg.Payments.Deadline)
		}
		o.is(tx.ID, core.StateSucceeded)
	})
}

// Somebody paid it in the provider's portal, a moment before.
func TestTheProviderIsAskedBeforeADecision(t *testing.T) {
	decisions := map[string]func(*engine.Engine, context.Context, core.Caller, string, string) (core.Transaction, error){
		"approve": (*engine.Engine).Approve, "reject": (*engine.Engine).Reject,
	}
	for name, decide := range decisions {
		t.Run(name, func(t *testing.T) {
			d := &desk{name: "one", create: heldOne, status: heldOne, verdict: accepted}
			open(t, func(o *office) {
				tx := o.is(o.payout("k", 5000).ID, core.StateAwaitingApproval)
				time.Sleep(time.Minute)
				d.will(func(d *desk) { d.status = paidOf("5000") })
				if _, err := decide(o.engine, o.Context(), operator, tx.ID, "looked at"); !errors.Is(err, core.ErrAlreadyFinal) {
					o.Errorf("got %v, want already_final", err)
				}
				if told := d.wasTold(); len(told) != 1 {
					o.Errorf("the provider was told %v", told)
				}
			}, nil, d)
		})
	}
}

// mute does not answer a question before half a minute is over.
type mute struct{ *desk }

func (m mute) Open(sdk.Settings) (sdk.Provider, error) { return m, nil }

func (m mute) QueryStatus(ctx context.Context, a sdk.Attempt) (sdk.Result, error) {
	time.Sleep(28 * time.Second)
	return m.desk.QueryStatus(ctx, a)
}

// A provider that answers nothing keeps nobody from deciding, nor an engine from closing.
func TestAQuestionThatIsAskedFirstHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{name: "one", create: heldOne, status: heldOne, verdict: accepted}
		e, err := engine.New(t.Context(), engine.Options{
			Config: coretest.MustConfig(t, t.TempDir()), Rules: coretest.Rules("one"),
			Providers: map[string]engine.Provider{"one": {Plugin: mute{d}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		o := &office{T: t, engine: e}
		tx, began := o.payout("k", 5000), time.Now()
		if _, err := e.Approve(t.Context(), operator, tx.ID, "looked at"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 11*time.Second {
			t.Errorf("approved after %v", took)
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Second)
		defer cancel()
		began = time.Now()
		if err := e.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Second {
			t.Errorf("closed after %v with %v, want the end of its second", time.Since(began), err)
		}
		time.Sleep(time.Minute) // The provider's answer comes to nobody any more.
	})
}
