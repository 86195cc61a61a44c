package main

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

func TestTheClockIsRepaired(t *testing.T) {
	for name, c := range map[string]struct {
		skew  time.Duration
		calls int
		alert bool
	}{
		"a second behind, within the guard":  {-time.Second, 1, false},
		"two seconds behind, just":           {-2 * time.Second, 1, false},
		"a millisecond more":                 {-2001 * time.Millisecond, 2, false},
		"five seconds behind":                {-5 * time.Second, 2, false},
		"five seconds and a bit behind":      {-5300 * time.Millisecond, 2, false},
		"ahead within five minutes":          {297 * time.Second, 1, false},
		"ahead by five minutes, less 2 s":    {298 * time.Second, 1, false},
		"ahead by five minutes and a second": {301 * time.Second, 2, true},
		"a year ahead":                       {365 * 24 * time.Hour, 2, true},
		"an hour behind":                     {-time.Hour, 2, true},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{})
				shop.Skew(c.skew)
				got := shop.order(testPhone)
				if got.Outcome != sdk.OutcomeRequiresAction || (got.Alert != "") != c.alert || len(got.Exchanges) != c.calls {
					t.Fatalf("want REQUIRES_ACTION after %d calls, alert %t; got %v %q after %d",
						c.calls, c.alert, got.Outcome, got.Alert, len(got.Exchanges))
				}
				if from := got.Match.From; shop.Now().Add(c.skew).Sub(from).Abs() >= time.Second {
					t.Errorf("from is %s, the provider's clock %s", from, shop.Now().Add(c.skew))
				}
				if _, alert, _ := shop.read(); alert != "" || shop.State().Calls[sandbox.OpTransactions] != 1 {
					t.Errorf("the clock was not kept: alert %q, %d calls", alert, shop.State().Calls[sandbox.OpTransactions])
				}
			})
		}
	}
}

func TestAWrongKeyOrSecretIsRejectedAfterOneRepair(t *testing.T) {
	for name, changes := range map[string]map[string]any{"key": {"api_key": "other"}, "secret": {"api_secret": "other"}} {
		t.Run(name, func(t *testing.T) {
			shop := newShopWith(t, wire, sandbox.Options{}, changes)
			got := shop.order(testPhone)
			if got.Outcome != sdk.OutcomeRejected || got.Reason != sdk.ReasonAuthentication || got.Alert == "" || len(got.Exchanges) != 2 {
				t.Errorf("got %+v", got)
			}
			if _, err := shop.account.ListTransactions(t.Context(), sdk.ListRequest{}); !errors.Is(err, sdk.ErrAuthentication) {
				t.Errorf("list: got %v", err)
			}
		})
	}
}

func TestFaultsOfTheSandbox(t *testing.T) {
	kinds := []sandboxkit.FaultKind{
		sandboxkit.FaultDrop, sandboxkit.FaultDropBefore, sandboxkit.FaultGarbage, sandboxkit.FaultStatus, sandboxkit.FaultHuge, sandboxkit.FaultTruncate,
		sandboxkit.FaultRedirect,
	}
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			shop := newShop(t, wire, sandbox.Options{})
			fault := sandbox.Fault{Op: sandbox.OpAny, Kind: kind, Times: 100}
			if kind == sandboxkit.FaultStatus {
				fault.Status = http.StatusBadGateway
			}
			if err := shop.Inject(fault); err != nil {
				t.Fatal(err)
			}
			if got := shop.order(testPhone); got.Outcome != sdk.OutcomeNotSent || got.Match != nil || len(got.Exchanges) != 2 {
				t.Errorf("create: want NOT_SENT after 2 calls, got %v after %d", got.Outcome, len(got.Exchanges))
			}
			page, err := shop.account.ListTransactions(t.Context(), sdk.ListRequest{})
			if err == nil || sdk.CreateOutcome(err) != sdk.OutcomeUnknown || len(page.Items) != 0 {
				t.Errorf("list: want a fault that is not NOT_SENT, got %+v, %v", page, err)
			}
			if followed := shop.State().RedirectsFollowed; followed != 0 {
				t.Errorf("%d redirects were followed", followed)
			}
			shop.ClearFaults()
			if got := shop.order(testPhone); got.Outcome != sdk.OutcomeRequiresAction {
				t.Errorf("the control: want REQUIRES_ACTION, got %v", got.Outcome)
			}
		})
	}
}

func TestOneFaultOfALookUpIsSurvived(t *testing.T) {
	for _, fault := range []sandbox.Fault{
		{Kind: sandboxkit.FaultDrop},
		{Kind: sandboxkit.FaultGarbage},
		{Kind: sandboxkit.FaultHuge},
		{Kind: sandboxkit.FaultTruncate, AfterBytes: 5},
		{Kind: sandboxkit.FaultRedirect},
		{Kind: sandboxkit.FaultStatus, Status: 503},
		{Kind: sandboxkit.FaultStatus, Status: 429},
	} {
		t.Run(fmt.Sprint(fault.Kind, fault.Status), func(t *testing.T) {
			shop := newShop(t, process, sandbox.Options{})
			fault.Op = sandbox.OpUserAccount
			if err := shop.Inject(fault); err != nil {
				t.Fatal(err)
			}
			if got := shop.order(testPhone); got.Outcome != sdk.OutcomeRequiresAction || len(got.Exchanges) != 2 {
				t.Errorf("want REQUIRES_ACTION after 2 calls, got %v %q after %d", got.Outcome, got.Message, len(got.Exchanges))
			}
		})
	}
}

func TestASlowAnswerIsNotSentWhenTheTimeIsOver(t *testing.T) {
	shop := newShopWith(t, wire, sandbox.Options{}, map[string]any{"timeout": "50ms"})
	if err := shop.Inject(sandbox.Fault{Op: sandbox.OpUserAccount, Kind: sandboxkit.FaultSlow, DelayMS: 1000, Times: 9}); err != nil {
		t.Fatal(err)
	}
	if got := shop.order(testPhone); got.Outcome != sdk.OutcomeNotSent {
		t.Errorf("want NOT_SENT, got %v", got.Outcome)
	}
}

func TestCorrectedPathsReachTheSandbox(t *testing.T) {
	paths := map[string]string{
		"user_account": "POST /v9/users/{phone}/account",
		"transactions": "/v9/transfers?p={page}&size={limit}&since={from}&till={to}&userId=",
	}
	changed := map[string]any{}
	for name, path := range paths {
		changed[name] = path
	}
	shop := newShopWith(t, wire, sandbox.Options{Paths: paths, PageMax: 1}, map[string]any{"paths": changed})
	if got := shop.order(testPhone); got.Outcome != sdk.OutcomeRequiresAction {
		t.Fatalf("got %v %q", got.Outcome, got.Message)
	}
	shop.sendSome("1.00", "2.00")
	if items, _, _ := shop.read(); len(items) != 2 {
		t.Errorf("got %d items", len(items))
	}
}

func TestAHundredCallsAtOnceAgreeOnTheClock(t *testing.T) {
	shop := newShop(t, wire, sandbox.Options{})
	shop.Skew(-time.Minute)
	var calls sync.WaitGroup
	for range 50 {
		calls.Go(func() {
			if got, err := shop.account.CreatePayment(t.Context(), request(nil)); err != nil || got.Outcome != sdk.OutcomeRequiresAction {
				t.Errorf("create: got %v %q, %v", got.Outcome, got.Message, err)
			}
		})
		calls.Go(func() {
			if _, err := shop.account.ListTransactions(t.Context(), sdk.ListRequest{}); err != nil {
				t.Errorf("list: %v", err)
			}
		})
	}
	calls.Wait()
}
