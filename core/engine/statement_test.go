package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// shelf is a desk that lists what it took, a page of 20 each.
func shelf() *desk {
	return &desk{name: "shelf", create: waiting, status: waiting, paged: 20, pagesMax: 50}
}

// takes lists an attempt as the desk took it.
func (d *desk) takes(a core.Attempt, amount string, at time.Time, outcome sdk.Outcome) {
	d.shows(sdk.ListItem{
		ID: "there-" + a.Ref, Ref: a.Ref, Kind: sdk.KindPayment, Outcome: outcome, Status: outcome.String(), CreatedAt: at,
		Told: sdk.Told{Amount: amount, Currency: "XOF"},
	})
}

// compares compares the hours around now with the account's list.
func (o *office) compares(account string, hours int) core.Comparison {
	o.Helper()
	span := time.Duration(hours) * time.Hour
	found, err := o.engine.Statement(o.Context(), operator, core.Statement{
		Account: account, From: time.Now().Add(-span), To: time.Now().Add(span),
	})
	if err != nil {
		o.Fatal(err)
	}
	return found
}

// wants compares the classes and states of what was found, in any order.
func (o *office) wants(found core.Comparison, want ...string) {
	o.Helper()
	var got []string
	for _, f := range found.Findings {
		word := string(f.Class)
		if f.Held != nil {
			word += " " + f.Held.State
		}
		got = append(got, word)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		o.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestAStatementOfAProvider(t *testing.T) {
	d := shelf()
	open(t, func(o *office) {
		now := time.Now()
		paid, waits := o.pay("paid", 5000), o.pay("waits", 6000)
		d.will(func(d *desk) { d.status = paidOf("5000") })
		o.sync(paid)
		d.will(func(d *desk) { d.status = waiting })
		d.takes(paid.Attempts[0], "5000", now, sdk.OutcomeSucceeded)
		d.takes(waits.Attempts[0], "6000", now, sdk.OutcomePending)
		o.wants(o.compares("shelf", 1), "equal succeeded", "equal pending")

		d.will(func(d *desk) { d.list[1].Claimed = sdk.OutcomeSucceeded })
		found := o.compares("shelf", 1)
		o.wants(found, "equal succeeded", "different_state pending")
		d.will(func(d *desk) { d.list = d.list[1:] })
		o.wants(o.compares("shelf", 1), "missing_there succeeded", "different_state pending")
	}, nil, d)
}

// What stands a day away is looked for before it is called missing.
func TestAnEdgeIsLookedAround(t *testing.T) {
	d := shelf()
	open(t, func(o *office) {
		tx := o.pay("k", 5000)
		d.takes(tx.Attempts[0], "5000", time.Now().Add(20*time.Hour), sdk.OutcomePending)
		before := d.wasRead()
		o.wants(o.compares("shelf", 1), "equal pending")
		if n := d.wasRead() - before; n != 2 {
			t.Errorf("the list was read %d times, want the time and then a day around", n)
		}
		d.will(func(d *desk) { d.list[0].CreatedAt = time.Now().Add(26 * time.Hour) })
		o.wants(o.compares("shelf", 1), "missing_there pending")
	}, nil, d)
}

func TestNothingIsMissingInAListThatWasCut(t *testing.T) {
	d := shelf()
	open(t, func(o *office) {
		paid := o.pay("k", 5000)
		d.will(func(d *desk) { d.pagesMax = 2 })
		for range 60 {
			d.takes(core.Attempt{Ref: time.Now().String()}, "1", time.Now(), sdk.OutcomeSucceeded)
			time.Sleep(time.Second)
		}
		found := o.compares("shelf", 1)
		if !strings.Contains(found.Unread, "cut") || slices.ContainsFunc(found.Findings, func(f core.Finding) bool { return f.Class == core.StatementMissingThere }) {
			o.Errorf("unread %q of %d findings", found.Unread, len(found.Findings))
		}
		d.will(func(d *desk) { d.pagesMax = 50 })
		if found = o.compares("shelf", 1); found.Unread != "" || !slices.ContainsFunc(found.Findings, func(f core.Finding) bool {
			return f.Class == core.StatementMissingThere && f.Held.Transaction == paid.ID
		}) {
			o.Errorf("the control: unread %q, and the payment is not missing", found.Unread)
		}
	}, nil, d)
}

func TestAStatementWaitsAsItIsAsked(t *testing.T) {
	d := shelf()
	open(t, func(o *office) {
		busy := sdk.Errorf(sdk.KindRateLimited, "too often")
		busy.RetryAfter = 5 * time.Second
		d.will(func(d *desk) { d.listFault = busy })
		time.AfterFunc(12*time.Second, func() { d.will(func(d *desk) { d.listFault = nil }) })
		began := time.Now()
		o.compares("shelf", 1)
		if took := time.Since(began); took != 15*time.Second {
			o.Errorf("it took %s, want three waits of 5 s", took)
		}
		busy.RetryAfter = time.Hour
		d.will(func(d *desk) { d.listFault = busy })
		_, err := o.engine.Statement(o.Context(), operator, core.Statement{Account: "shelf", From: began, To: time.Now()})
		var problem *core.Problem
		if !errors.As(err, &problem) || problem.Code != core.ErrProviderUnavailable.Code || problem.RetryAfter != time.Hour {
			o.Errorf("want to be told to come back in an hour, got %v", err)
		}
	}, nil, d)
}

func TestTheRowsOfAFileAreFoundByEitherReference(t *testing.T) {
	d := shelf()
	open(t, func(o *office) {
		d.will(func(d *desk) {
			d.create = sdk.Result{Outcome: sdk.OutcomePending, ProviderRef: "bank-7"}
			d.status = sdk.Result{Outcome: sdk.OutcomePending, ProviderRef: "bank-7"}
		})
		tx := o.pay("k", 5000)
		now := time.Now()
		about := core.Statement{Account: "shelf", From: now.Add(-time.Hour), To: now.Add(time.Hour), Rows: []core.StatementRow{
			{Line: 2, ProviderRef: "bank-7", Outcome: sdk.OutcomePending, Amount: "5000", At: now},
			{Line: 3, Ref: "somebody's", Outcome: sdk.OutcomeSucceeded, Amount: "1", At: now},
		}}
		found, err := o.engine.Statement(o.Context(), operator, about)
		if err != nil {
			o.Fatal(err)
		}
		o.wants(found, "equal pending", "missing_here")
		expected, err := o.engine.Expected(o.Context(), operator, about, "")
		if err != nil || len(expected.Items) != 1 || expected.Items[0].Transaction != tx.ID || expected.Next != "" {
			o.Errorf("expected %+v, %v", expected, err)
		}
	}, nil, d)
}

func TestAnAdoptionAsksTheProvider(t *testing.T) {
	d := shelf()
	open(t, func(o *office) {
		d.will(func(d *desk) { d.status = declined })
		tx := o.pay("k", 5000)
		o.sync(tx)
		o.is(tx.ID, core.StateFailed)
		d.will(func(d *desk) { d.status = paidOf("5000") })
		adopted, err := o.engine.Adopt(o.Context(), operator, "shelf", []core.Adoption{
			{Transaction: tx.ID, Attempt: 1}, {Transaction: tx.ID, Attempt: 2},
		})
		if err != nil {
			o.Fatal(err)
		}
		if got := adopted[0]; got.Before != "declined" || got.After != "succeeded" || got.Problem != "" {
			o.Errorf("adopted %+v", got)
		}
		if adopted[1].Problem == "" {
			o.Errorf("an attempt that is not there: %+v", adopted[1])
		}
		if tx = o.is(tx.ID, core.StateSucceeded); !tx.Late {
			o.Error("the success is not marked as late")
		}
	}, nil, d)
}

func TestATransferThatWasNotReadIsReceived(t *testing.T) {
	d := lists()
	open(t, func(o *office) {
		time.Sleep(time.Minute)
		d.sends("t", "5000", time.Now(), sdk.OutcomeSucceeded)
		d.will(func(d *desk) { d.paged, d.pagesMax = 20, 50 }) // Only what is of the time asked for.
		found := o.compares("till", 1)
		o.wants(found, "missing_here")
		if !found.Findings[0].Adoptable {
			o.Error("it cannot be adopted")
		}
		adopted, err := o.engine.Adopt(o.Context(), operator, "till", []core.Adoption{
			{ProviderRef: "t", At: time.Now().Add(-20 * time.Hour)}, {ProviderRef: "invented", At: time.Now().Add(-20 * time.Hour)}, // A file told the day only.
		})
		if err != nil || adopted[0].After != "SUCCEEDED" || adopted[0].Before != "" || !strings.Contains(adopted[1].Problem, "does not show it") {
			o.Errorf("adopted %+v, %v", adopted, err)
		}
		o.wants(o.compares("till", 1), "equal SUCCEEDED")
		d.sends("t", "5000", time.Now(), sdk.OutcomeReversed)
		o.wants(o.compares("till", 1), "different_state SUCCEEDED")
		d.will(func(d *desk) { d.list = nil })
		last := o.compares("till", 1)
		if o.wants(last, "missing_there SUCCEEDED"); last.Unread != "" {
			o.Errorf("unread: %s", last.Unread)
		}
	}, nil, d)
}

// Whatever a list goes through, nothing is found that is not so, and what was not
// read is told.
func TestAListInTroubleIsNoDifference(t *testing.T) {
	for name, test := range map[string]struct {
		trouble coretest.Trouble
		unread  bool
		fails   bool
	}{
		"none": {}, "a row twice on a page": {trouble: coretest.TroubleTwice},
		"cut": {trouble: coretest.TroubleCut, unread: true}, "no answer": {trouble: coretest.TroubleFault, fails: true},
		"a wait that is too long": {trouble: coretest.TroubleWait, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bank := coretest.NewBank("bank")
				var now atomic.Uint32
				bank.Trouble = func() coretest.Trouble { return coretest.Trouble(now.Load()) }
				e, err := engine.New(t.Context(), engine.Options{
					Config: coretest.MustConfig(t, t.TempDir()), Rules: coretest.Rules("bank"),
					Providers: map[string]engine.Provider{"bank": {Plugin: bank}},
				})
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
						t.Error(err)
					}
				}()
				for range 10 {
					bank.Send("c-7", money.Of(5000, money.XOF), coretest.Paid, 0)
					time.Sleep(time.Minute)
				}
				time.Sleep(time.Hour)
				now.Store(uint32(test.trouble))
				found, err := e.Statement(t.Context(), operator, core.Statement{Account: "bank", From: time.Now().Add(-2 * time.Hour), To: time.Now()})
				if (err != nil) != test.fails || (found.Unread != "") != test.unread {
					t.Errorf("unread %q, %v", found.Unread, err)
				}
				for _, f := range found.Findings {
					if f.Class.Differs() {
						t.Errorf("%s: %s", f.Class, f.Why)
					}
				}
				if want := 10; !test.fails && !test.unread && len(found.Findings) != want {
					t.Errorf("%d are equal, want %d", len(found.Findings), want)
				}
			})
		})
	}
}

// An order that an operator settled without a transfer is money that the bank's
// list does not show.
func TestWhatWasSettledWithoutATransferIsMissingThere(t *testing.T) {
	d := lists()
	open(t, func(o *office) {
		paid := o.pay("paid", 6000)
		d.sends("t", "6000", time.Now(), sdk.OutcomeSucceeded)
		o.is(paid.ID, core.StateSucceeded)
		tx := o.pay("k", 5000)
		d.will(func(d *desk) { d.listFault = errors.New("down") })
		time.Sleep(60 * time.Hour)
		o.is(tx.ID, core.StateReview)
		d.will(func(d *desk) { d.listFault = nil })
		o.wants(o.compares("till", 70), "equal SUCCEEDED")
		if _, err := o.engine.Resolve(o.Context(), operator, tx.ID, core.Resolution{Verb: "succeeded", Reason: "paid in cash"}); err != nil {
			o.Fatal(err)
		}
		o.wants(o.compares("till", 70), "equal SUCCEEDED", "missing_there succeeded")
	}, nil, d)
}

// teller is a provider that only answers questions.
type teller struct{}

func (teller) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}}
}

func (teller) CreatePayment(context.Context, sdk.PaymentRequest) (sdk.Result, error) {
	return waiting, nil
}

func (teller) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) { return waiting, nil }

type tellerPlugin struct{}

func (tellerPlugin) Describe() sdk.Manifest { return sdk.Manifest{Name: "teller", Version: "1.0.0"} }

func (tellerPlugin) Open(sdk.Settings) (sdk.Provider, error) { return teller{}, nil }

func TestAnAdoptionIsAudited(t *testing.T) {
	books := coretest.MustOpenStore(t)
	e, err := engine.New(t.Context(), engine.Options{
		Config: coretest.MustConfig(t, t.TempDir()), Rules: coretest.Rules("teller"), Store: books,
		Providers: map[string]engine.Provider{"teller": {Plugin: tellerPlugin{}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	paid, err := e.Pay(t.Context(), core.PaymentRequest{IdempotencyKey: "k", Amount: money.Of(5000, money.XOF)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Adopt(t.Context(), operator, "teller", []core.Adoption{{Transaction: paid.Transaction.ID, Attempt: 1}}); err != nil {
		t.Fatal(err)
	}
	page, err := books.Audit(t.Context(), core.AuditFilter{Transaction: paid.Transaction.ID})
	if err != nil || len(page.Items) != 1 || page.Items[0].Action != "adopt" || page.Items[0].Actor != operator.Actor || page.Items[0].Detail != "attempt 1 at teller" {
		t.Errorf("audit %+v, %v", page.Items, err)
	}
}

func TestAStatementThatCannotBeCompared(t *testing.T) {
	e, err := engine.New(t.Context(), engine.Options{
		Config: coretest.MustConfig(t, t.TempDir()), Rules: coretest.Rules("teller"),
		Providers: map[string]engine.Provider{"teller": {Plugin: tellerPlugin{}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	about := core.Statement{Account: "teller", From: time.Now(), To: time.Now().Add(time.Hour)}
	if _, err := e.Statement(t.Context(), operator, about); !errors.Is(err, core.ErrNotSupported) || !strings.Contains(err.Error(), "--csv") {
		t.Errorf("no list: %v", err)
	}
	if _, err := e.Statement(t.Context(), core.Caller{}, about); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("not an operator: %v", err)
	}
	if _, err := e.Expected(t.Context(), core.Caller{}, about, ""); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("not an operator: %v", err)
	}
	if _, err := e.Adopt(t.Context(), core.Caller{}, "teller", nil); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("not an operator: %v", err)
	}
	about.Account = "nobody"
	if _, err := e.Statement(t.Context(), operator, about); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("no account: %v", err)
	}
	if _, err := e.Adopt(t.Context(), operator, "nobody", []core.Adoption{{Transaction: "x"}}); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("no account: %v", err)
	}
}

// Under one id a list may show a payment and what became of it.
func TestRowsOfOneIDThatTellOfOtherMoneyAreAllCompared(t *testing.T) {
	d := shelf()
	open(t, func(o *office) {
		now := time.Now()
		tx := o.pay("k", 5000)
		d.will(func(d *desk) { d.status = paidOf("5000") })
		o.sync(tx)
		d.takes(tx.Attempts[0], "5000", now, sdk.OutcomeSucceeded)
		o.wants(o.compares("shelf", 1), "equal succeeded")
		d.takes(tx.Attempts[0], "5000", now, sdk.OutcomeSucceeded) // Pages overlap.
		o.wants(o.compares("shelf", 1), "equal succeeded")
		d.takes(tx.Attempts[0], "5000", now, sdk.OutcomePending) // And were read at another time.
		o.wants(o.compares("shelf", 1), "equal succeeded")
		d.takes(tx.Attempts[0], "5000", now, sdk.OutcomeReversed)
		o.wants(o.compares("shelf", 1), "equal succeeded", "duplicate succeeded")
		d.will(func(d *desk) { d.list[3].Kind = sdk.KindRefund })
		o.wants(o.compares("shelf", 1), "equal succeeded", "missing_here")
		d.will(func(d *desk) {
			d.list[3].Kind, d.list[3].Outcome, d.list[3].Told.Amount = sdk.KindPayment, sdk.OutcomeSucceeded, "7000"
		})
		o.wants(o.compares("shelf", 1), "equal succeeded", "duplicate succeeded")
	}, nil, d)
}
