package account_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/sdk"
)

// everything names each operation that it is asked, and fails it.
type everything struct{ asked *[]string }

func (e everything) note(operation string) error {
	*e.asked = append(*e.asked, operation)
	return errors.New(operation)
}

func (everything) Capabilities() sdk.Capabilities { return sdk.Capabilities{Identity: "paper"} }

func (e everything) CreatePayment(context.Context, sdk.PaymentRequest) (sdk.Result, error) {
	return sdk.Result{}, e.note("CreatePayment")
}

func (e everything) CreatePayout(context.Context, sdk.PayoutRequest) (sdk.Result, error) {
	return sdk.Result{}, e.note("CreatePayout")
}

func (e everything) CreateRefund(context.Context, sdk.RefundRequest) (sdk.Result, error) {
	return sdk.Result{}, e.note("CreateRefund")
}

func (e everything) Cancel(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return sdk.VerdictResult{}, e.note("Cancel")
}

func (e everything) ApprovePayout(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return sdk.VerdictResult{}, e.note("ApprovePayout")
}

func (e everything) RejectPayout(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return sdk.VerdictResult{}, e.note("RejectPayout")
}

func (e everything) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) {
	return sdk.Result{}, e.note("QueryStatus")
}

func (e everything) ListTransactions(context.Context, sdk.ListRequest) (sdk.ListPage, error) {
	return sdk.ListPage{}, e.note("ListTransactions")
}

func (e everything) HandleNotification(context.Context, sdk.NotificationRequest) (sdk.Notification, error) {
	return sdk.Notification{}, e.note("HandleNotification")
}

func (e everything) LookupCustomer(context.Context, string) (sdk.Customer, error) {
	return sdk.Customer{}, e.note("LookupCustomer")
}

func (e everything) GetBalance(context.Context) ([]sdk.Balance, error) {
	return nil, e.note("GetBalance")
}

// askAll asks provider for each operation once and returns the errors.
func askAll(ctx context.Context, provider sdk.FullProvider) []error {
	var faults []error
	note := func(_ any, err error) { faults = append(faults, err) }
	note(provider.CreatePayment(ctx, sdk.PaymentRequest{}))
	note(provider.CreatePayout(ctx, sdk.PayoutRequest{}))
	note(provider.CreateRefund(ctx, sdk.RefundRequest{}))
	note(provider.Cancel(ctx, sdk.Attempt{}))
	note(provider.ApprovePayout(ctx, sdk.Attempt{}))
	note(provider.RejectPayout(ctx, sdk.Attempt{}))
	note(provider.QueryStatus(ctx, sdk.Attempt{}))
	note(provider.ListTransactions(ctx, sdk.ListRequest{}))
	note(provider.HandleNotification(ctx, sdk.NotificationRequest{}))
	note(provider.LookupCustomer(ctx, ""))
	note(provider.GetBalance(ctx))
	return faults
}

func TestEachOperationReachesItsOwn(t *testing.T) {
	t.Parallel()
	want := []string{
		"CreatePayment", "CreatePayout", "CreateRefund", "Cancel", "ApprovePayout", "RejectPayout",
		"QueryStatus", "ListTransactions", "HandleNotification", "LookupCustomer", "GetBalance",
	}
	for _, words := range []string{"inside this process", "in a plugin process"} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			var asked []string
			e := everything{asked: &asked}
			one := account.Account{Inside: plugin{provider: e}, Enabled: true}
			if words == "in a plugin process" {
				one.Inside = nil
			}
			all, err := account.New(account.Options{
				Accounts:  map[string]account.Account{name: one},
				Processes: processes{standing: core.Standing{Health: core.HealthReady}, provider: e},
			})
			if err != nil {
				t.Fatal(err)
			}
			provider := mustProvide(t, all)
			var heard []string
			for _, fault := range askAll(t.Context(), provider) {
				heard = append(heard, fault.Error())
			}
			if diff := cmp.Diff(want, asked); diff != "" {
				t.Errorf("operations asked (-want +got):\n%s", diff)
			}
			named := slices.Clone(want)
			for i := range named {
				named[i] = name + ": " + named[i]
			}
			if diff := cmp.Diff(named, heard); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if got := provider.Capabilities().Identity; got != "paper" {
				t.Errorf("identity is %q, want paper", got)
			}
		})
	}
}
