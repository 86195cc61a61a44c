package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// mustStart starts an engine with one desk over s. Whoever starts it closes it.
func mustStart(t *testing.T, s store.Store, d *desk) *engine.Engine {
	t.Helper()
	e, err := engine.New(t.Context(), engine.Options{
		Config: coretest.MustConfig(t, t.TempDir()), Store: s, Rules: coretest.Rules(d.name),
		Providers: map[string]engine.Provider{d.name: {Plugin: d}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func mustClose(t *testing.T, e *engine.Engine) {
	t.Helper()
	if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

func payKey(t *testing.T, e *engine.Engine, key string) (core.Transaction, error) {
	t.Helper()
	answer, err := e.Pay(t.Context(), core.PaymentRequest{
		IdempotencyKey: key, Amount: money.Of(5000, money.XOF), Country: "CI", Method: "mobile_money", Network: "ORANGE",
	})
	return answer.Transaction, err
}

func standingOf(e *engine.Engine) core.Standing { return e.Providers(context.Background(), operator)[0] }

func TestADrainHoldsOverARestartUntilItIsTakenBack(t *testing.T) {
	s := coretest.MustOpenStore(t)
	d := &desk{name: "one", create: sdk.Result{Outcome: sdk.OutcomePending}}
	e := mustStart(t, s, d)
	live, err := payKey(t, e, "before")
	if err != nil {
		t.Fatal(err)
	}
	standing, err := e.DrainAccount(t.Context(), operator, "one", "card scheme is down")
	if err != nil || !standing.Drained {
		t.Fatalf("drained is %t, %v", standing.Drained, err)
	}
	mustClose(t, e)

	e = mustStart(t, s, d)
	defer func() { mustClose(t, e) }()
	if !standingOf(e).Drained {
		t.Error("the drain is forgotten after a restart")
	}
	if _, err := payKey(t, e, "while drained"); !errors.Is(err, core.ErrProviderUnavailable) {
		t.Errorf("a new attempt: %v, want provider_unavailable", err)
	}
	d.mu.Lock()
	d.status = sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "5000", Currency: "XOF"}}
	d.mu.Unlock()
	if tx, err := e.Sync(t.Context(), operator, live.ID); err != nil || tx.State != core.StateSucceeded {
		t.Errorf("what was under way is %s, %v: a question must go on", tx.State, err)
	}
	if standing, err = e.ResumeAccount(t.Context(), operator, "one", ""); err != nil || standing.Drained {
		t.Errorf("drained is %t, %v", standing.Drained, err)
	}
	if _, err := payKey(t, e, "after"); err != nil {
		t.Errorf("after the resume: %v", err)
	}
	page, err := s.Audit(t.Context(), core.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	want := []core.AuditEntry{
		{Actor: operator.Actor, Action: "resume", Detail: "one"},
		{Actor: operator.Actor, Action: "drain", Detail: "one: card scheme is down"},
	}
	if diff := cmp.Diff(want, page.Items, cmpopts.IgnoreFields(core.AuditEntry{}, "ID", "At")); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestADrainIsForOperatorsAndForAccountsThatAreThere(t *testing.T) {
	e := withStore(t, coretest.MustOpenStore(t))
	shop := core.Caller{Actor: "shop", Merchant: "default"}
	if _, err := e.DrainAccount(t.Context(), shop, "one", ""); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("a merchant: %v, want forbidden", err)
	}
	if _, err := e.ResumeAccount(t.Context(), operator, "nobody", ""); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("nobody: %v, want not found", err)
	}
	if standingOf(e).Drained {
		t.Error("the account is drained all the same")
	}
}

// rowless is a store that refuses what would drain an account.
type rowless struct{ store.Store }

func (u rowless) Apply(ctx context.Context, c core.Commit) error {
	if len(c.Accounts) > 0 {
		return core.ErrReadOnly
	}
	return u.Store.Apply(ctx, c)
}

func TestADrainThatCannotBeRecordedIsRefused(t *testing.T) {
	e := withStore(t, rowless{coretest.MustOpenStore(t)})
	if _, err := e.DrainAccount(t.Context(), operator, "one", ""); !errors.Is(err, core.ErrStoreUnavailable) {
		t.Errorf("%v, want store_unavailable", err)
	}
	if standingOf(e).Drained {
		t.Error("the account is drained, and nobody would know who did it")
	}
}

func TestTheListOfAnAccountThatWasOnlyDrainedIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := coretest.MustOpenStore(t)
		if err := s.Apply(t.Context(), core.Commit{Accounts: []core.AccountWork{{Account: "one", Drained: true}}}); err != nil {
			t.Fatal(err)
		}
		e := mustStart(t, s, &desk{name: "one", facts: sdk.Facts{QueryBy: sdk.QueryByList}})
		time.Sleep(time.Minute)
		work, err := s.AccountWork(t.Context(), "one")
		if err != nil || work.Cursor.IsZero() || work.DueAt.IsZero() || !work.Drained {
			t.Errorf("%+v, %v: want it read, and drained as before", work, err)
		}
		if !standingOf(e).Drained {
			t.Error("the account is not drained")
		}
		mustClose(t, e)
	})
}
