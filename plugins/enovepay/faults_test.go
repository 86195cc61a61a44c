package main

import (
	"testing"

	"github.com/paymux/paymux/plugins/enovepay/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

func TestFaultsOfTheSandbox(t *testing.T) {
	for _, kind := range []sandboxkit.FaultKind{
		sandboxkit.FaultDrop, sandboxkit.FaultDropBefore, sandboxkit.FaultGarbage, sandboxkit.FaultHuge, sandboxkit.FaultTruncate, sandboxkit.FaultRedirect,
	} {
		for op, sdkKind := range map[sandbox.Operation]sdk.Kind{sandbox.OpCollect: sdk.KindPayment, sandbox.OpPayout: sdk.KindPayout} {
			t.Run(string(op)+" "+string(kind), func(t *testing.T) {
				shop := newShop(t, "over the wire", sandbox.Options{}, nil)
				if err := shop.Inject(sandbox.Fault{Op: op, Kind: kind}); err != nil {
					t.Fatal(err)
				}
				attempt, got := shop.order(t, sdkKind, "000")
				if got.Outcome != unknown {
					t.Errorf("want UNKNOWN, got %v", got.Outcome)
				}
				if row, ok := shop.Transaction(attempt.Ref); ok && row.CreateCalls != 1 {
					t.Errorf("it was created by %d calls", row.CreateCalls)
				}
				if followed := shop.State().RedirectsFollowed; followed != 0 {
					t.Errorf("%d redirects were followed", followed)
				}
			})
		}
		t.Run("status "+string(kind), func(t *testing.T) {
			shop := newShop(t, "over the wire", sandbox.Options{}, nil)
			attempt, _ := shop.order(t, sdk.KindPayment, "000")
			if err := shop.Inject(sandbox.Fault{Op: sandbox.OpStatus, Kind: kind, Times: 8}); err != nil {
				t.Fatal(err)
			}
			got, err := shop.account.QueryStatus(t.Context(), attempt)
			if got.Outcome != unknown || sdk.CreateOutcome(err) != unknown {
				t.Errorf("want UNKNOWN, got %v, %v", got.Outcome, err)
			}
		})
	}
	t.Run("control", func(t *testing.T) {
		shop := newShop(t, "over the wire", sandbox.Options{}, nil)
		if attempt, got := shop.order(t, sdk.KindPayment, "000"); got.Outcome != action || shop.ask(t, attempt).Outcome != pending {
			t.Errorf("without a fault: got %v", got.Outcome)
		}
	})
}

func TestAReadSurvivesOneLostConnection(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{}, nil)
	attempt, _ := shop.order(t, sdk.KindPayment, "000")
	if err := shop.Inject(sandbox.Fault{Op: sandbox.OpStatus, Kind: sandboxkit.FaultDropBefore}); err != nil {
		t.Fatal(err)
	}
	if got := shop.ask(t, attempt); got.Outcome != pending || len(shop.State().Faults) != 0 {
		t.Errorf("want PENDING and the fault used up, got %v, %v", got.Outcome, shop.State().Faults)
	}
}

func TestAQuestionThatFindsNothingIsUnknown(t *testing.T) {
	for _, always := range []bool{false, true} {
		shop := newShop(t, "in process", sandbox.Options{Always200: always}, nil)
		for _, attempt := range []sdk.Attempt{asked(), collection(nil).Attempt} {
			if got := shop.ask(t, attempt); got.Outcome != unknown {
				t.Errorf("want UNKNOWN, got %v", got.Outcome)
			}
		}
	}
}
