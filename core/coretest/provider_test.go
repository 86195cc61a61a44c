package coretest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const ref = "1u280z2ke0ugl2114b2ruc5h1"

var request = sdk.PaymentRequest{Attempt: sdk.Attempt{
	TransactionID: "pay_1", Kind: sdk.KindPayment, Ref: ref, Amount: money.Of(5000, money.XOF),
}}

// planned returns a provider that treats every create call alike, and its account.
func planned(t *testing.T, plan coretest.Plan) (*coretest.Provider, sdk.FullProvider) {
	t.Helper()
	p := coretest.NewProvider("bank")
	p.Script = func(coretest.Creation) coretest.Plan { return plan }
	opened, err := p.Open(sdk.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return p, sdk.Complete(opened)
}

// within asks for the payment and waits no longer than an engine does.
func within(t *testing.T, account sdk.FullProvider) (sdk.Result, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return account.CreatePayment(ctx, request)
}

func TestACreateCallGoesAsItIsPlanned(t *testing.T) {
	type came struct {
		Outcome sdk.Outcome
		Fault   bool
		Created int
		Status  coretest.Status
	}
	tests := map[string]struct {
		plan coretest.Plan
		want came
	}{
		"a link":                   {coretest.Plan{}, came{sdk.OutcomeRequiresAction, false, 1, coretest.Waiting}},
		"pending":                  {coretest.Plan{Answer: coretest.AnswerPending}, came{sdk.OutcomePending, false, 1, coretest.Waiting}},
		"paid at once":             {coretest.Plan{Answer: coretest.AnswerPaid}, came{sdk.OutcomeSucceeded, false, 1, coretest.Paid}},
		"a lost request":           {coretest.Plan{Answer: coretest.AnswerLostRequest}, came{Fault: true}},
		"a lost response":          {coretest.Plan{Answer: coretest.AnswerLostResponse}, came{sdk.OutcomeUnknown, true, 1, coretest.Waiting}},
		"not sent":                 {coretest.Plan{Answer: coretest.AnswerNotSent}, came{Fault: true}},
		"rejected":                 {coretest.Plan{Answer: coretest.AnswerRejected}, came{Outcome: sdk.OutcomeRejected}},
		"declined":                 {coretest.Plan{Answer: coretest.AnswerDeclined}, came{sdk.OutcomeDeclined, false, 1, coretest.Declined}},
		"declined for good":        {coretest.Plan{Answer: coretest.AnswerDeclinedFinal}, came{sdk.OutcomeDeclinedFinal, false, 1, coretest.Declined}},
		"a word nobody knows":      {coretest.Plan{Answer: coretest.AnswerGarbage}, came{sdk.Outcome(77), false, 1, coretest.Waiting}},
		"slower than anyone waits": {coretest.Plan{Takes: time.Minute}, came{sdk.OutcomeUnknown, true, 1, coretest.Waiting}},
		"arrives when given up":    {coretest.Plan{Arrives: time.Minute}, came{sdk.OutcomeUnknown, true, 1, coretest.Waiting}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, account := planned(t, test.plan)
				result, err := within(t, account)
				time.Sleep(2 * time.Minute)
				entry, _ := p.Entry(ref)
				if diff := cmp.Diff(test.want, came{result.Outcome, err != nil, entry.Created, entry.Status}); diff != "" {
					t.Errorf("came (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestOnlyARefusedConnectionProvesThatNothingWasSent(t *testing.T) {
	for answer, want := range map[coretest.Answer]sdk.Outcome{
		coretest.AnswerNotSent: sdk.OutcomeNotSent, coretest.AnswerLostRequest: sdk.OutcomeUnknown,
		coretest.AnswerLostResponse: sdk.OutcomeUnknown,
	} {
		_, account := planned(t, coretest.Plan{Answer: answer})
		if _, err := within(t, account); sdk.CreateOutcome(err) != want {
			t.Errorf("%s means %s, want %s", answer, sdk.CreateOutcome(err), want)
		}
	}
}

func TestAKnownReferenceIsRefused(t *testing.T) {
	for twice, want := range map[bool][2]int{false: {1, 1}, true: {2, 0}} {
		p, account := planned(t, coretest.Plan{})
		p.CreatesTwice = twice
		for range 2 {
			if _, err := within(t, account); err != nil {
				t.Fatal(err)
			}
		}
		entry, _ := p.Entry(ref)
		if diff := cmp.Diff(want, [2]int{entry.Created, entry.Refused}); diff != "" || entry.Received != 2 {
			t.Errorf("twice %v: created and refused (-want +got):\n%s", twice, diff)
		}
	}
}

func TestTurnsAreTakenAndAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, account := planned(t, coretest.Plan{Then: []coretest.Turn{
			{After: time.Minute, Becomes: coretest.Declined, Notify: []time.Duration{time.Hour}},
			{After: 2 * time.Minute, Becomes: coretest.Paid, Notify: []time.Duration{0, 0}},
		}})
		var mu sync.Mutex
		var heard []sdk.Outcome
		p.Deliver = func(_ context.Context, _ string, req sdk.NotificationRequest) (core.Reply, error) {
			said, err := account.HandleNotification(t.Context(), req)
			if err != nil || said.Authenticity != sdk.Genuine || said.Ref != ref {
				t.Errorf("read %+v, %v", said, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if heard = append(heard, said.Result.Outcome); len(heard) == 1 {
				return core.Reply{}, errors.New("not now")
			}
			return core.Reply{}, nil
		}
		if _, err := within(t, account); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		mu.Lock()
		defer mu.Unlock()
		want := []sdk.Outcome{sdk.OutcomeSucceeded, sdk.OutcomeSucceeded, sdk.OutcomeSucceeded, sdk.OutcomeDeclined}
		if diff := cmp.Diff(want, heard); diff != "" {
			t.Errorf("notifications (-want +got):\n%s", diff)
		}
		if entry, _ := p.Entry(ref); entry.Status != coretest.Paid || entry.Charges != 1 {
			t.Errorf("it is %s, charged %d times", entry.Status, entry.Charges)
		}
	})
}

func TestAQuestionGoesAsItIsPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, account := planned(t, coretest.Plan{Hidden: time.Minute, Silent: 3})
		if _, err := within(t, account); err != nil {
			t.Fatal(err)
		}
		var got []sdk.Outcome
		ask := func() {
			result, _ := account.QueryStatus(t.Context(), request.Attempt)
			got = append(got, result.Outcome)
		}
		ask()
		time.Sleep(time.Minute)
		for range 3 {
			ask()
		}
		want := []sdk.Outcome{sdk.OutcomeUnknown, sdk.Outcome(77), sdk.OutcomeRejected, sdk.OutcomePending}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
	})
}

func TestAQuestionMayLagBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, account := planned(t, coretest.Plan{
			Lag: time.Minute, Then: []coretest.Turn{{After: time.Hour, Becomes: coretest.Paid}},
		})
		if _, err := within(t, account); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour + time.Second)
		for _, want := range []sdk.Outcome{sdk.OutcomePending, sdk.OutcomeSucceeded} {
			if result, err := account.QueryStatus(t.Context(), request.Attempt); err != nil || result.Outcome != want {
				t.Errorf("answered %s, %v, want %s", result.Outcome, err, want)
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestAForgeryIsKnownAsOne(t *testing.T) {
	p, account := planned(t, coretest.Plan{})
	for name, req := range map[string]sdk.NotificationRequest{"forged": p.Forgery(ref), "genuine": p.Notification(ref)} {
		said, err := account.HandleNotification(t.Context(), req)
		if err != nil || said.Authenticity.String() != name {
			t.Errorf("a %s notification is read as %s, %v", name, said.Authenticity, err)
		}
	}
}

func TestWhatWaitsCanBeCanceled(t *testing.T) {
	p, account := planned(t, coretest.Plan{})
	if _, err := within(t, account); err != nil {
		t.Fatal(err)
	}
	for _, want := range []sdk.Verdict{sdk.VerdictAccepted, sdk.VerdictRefused} {
		if got, err := account.Cancel(t.Context(), request.Attempt); err != nil || got.Verdict != want {
			t.Errorf("Cancel = %s, %v, want %s", got.Verdict, err, want)
		}
	}
	if entry, _ := p.Entry(ref); entry.Status != coretest.Canceled {
		t.Errorf("it is %s", entry.Status)
	}
}
