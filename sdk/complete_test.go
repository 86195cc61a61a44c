package sdk_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// silent is an account that can do nothing.
type silent struct{ capabilities sdk.Capabilities }

func (s silent) Capabilities() sdk.Capabilities { return s.capabilities }

// collector takes payments and is asked about them, and does nothing else.
type collector struct{ silent }

// asked is the error of a call that arrived at the provider.
type asked string

func (a asked) Error() string { return "the provider was asked for " + string(a) }

func (collector) CreatePayment(context.Context, sdk.PaymentRequest) (sdk.Result, error) {
	return sdk.Result{Outcome: sdk.OutcomePending}, nil
}

func (collector) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) {
	return sdk.Result{}, asked("query")
}

// everything does all there is, and says of each call that it arrived.
type everything struct{ silent }

func (everything) CreatePayment(context.Context, sdk.PaymentRequest) (sdk.Result, error) {
	return sdk.Result{}, asked("payment")
}

func (everything) CreatePayout(context.Context, sdk.PayoutRequest) (sdk.Result, error) {
	return sdk.Result{}, asked("payout")
}

func (everything) CreateRefund(context.Context, sdk.RefundRequest) (sdk.Result, error) {
	return sdk.Result{}, asked("refund")
}

func (everything) Cancel(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return sdk.VerdictResult{}, asked("cancel")
}

func (everything) ApprovePayout(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return sdk.VerdictResult{}, asked("approve")
}

func (everything) RejectPayout(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return sdk.VerdictResult{}, asked("reject")
}

func (everything) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) {
	return sdk.Result{}, asked("query")
}

func (everything) ListTransactions(context.Context, sdk.ListRequest) (sdk.ListPage, error) {
	return sdk.ListPage{}, asked("list")
}

func (everything) HandleNotification(context.Context, sdk.NotificationRequest) (sdk.Notification, error) {
	return sdk.Notification{}, asked("notification")
}

func (everything) LookupCustomer(context.Context, string) (sdk.Customer, error) {
	return sdk.Customer{}, asked("lookup")
}

func (everything) GetBalance(context.Context) ([]sdk.Balance, error) { return nil, asked("balance") }

var (
	_ sdk.PaymentCreator = collector{}
	_ sdk.StatusQuerier  = collector{}
	_ sdk.FullProvider   = everything{}
)

var allOperations = []sdk.Operation{
	sdk.OperationPayment, sdk.OperationPayout, sdk.OperationRefund, sdk.OperationCancel,
	sdk.OperationPayoutDecider, sdk.OperationQuery, sdk.OperationList, sdk.OperationNotification,
	sdk.OperationLookup, sdk.OperationBalance,
}

func TestOperationsAreReadOffTheInterfaces(t *testing.T) {
	tests := map[string]struct {
		provider sdk.Provider
		want     []sdk.Operation
	}{
		"none":       {silent{}, nil},
		"two":        {collector{}, []sdk.Operation{sdk.OperationPayment, sdk.OperationQuery}},
		"all":        {everything{}, allOperations},
		"completed":  {sdk.Complete(silent{}), allOperations},
		"by pointer": {&collector{}, []sdk.Operation{sdk.OperationPayment, sdk.OperationQuery}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, sdk.OperationsOf(test.provider)); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAccountCanDoWhatItSaysAndItsTypeImplements(t *testing.T) {
	says := func(ops ...sdk.Operation) silent { return silent{sdk.Capabilities{Operations: ops}} }
	tests := map[string]struct {
		provider sdk.Provider
		want     []sdk.Operation
	}{
		"it says nothing":              {collector{}, []sdk.Operation{sdk.OperationPayment, sdk.OperationQuery}},
		"it says less":                 {collector{says(sdk.OperationQuery)}, []sdk.Operation{sdk.OperationQuery}},
		"it says more":                 {collector{says(sdk.OperationPayout, sdk.OperationPayment)}, []sdk.Operation{sdk.OperationPayment}},
		"it says that it can nothing":  {collector{silent{sdk.Capabilities{Operations: []sdk.Operation{}}}}, []sdk.Operation{}},
		"it says what does not exist":  {collector{says("teleport")}, []sdk.Operation{}},
		"it does all and says nothing": {everything{}, allOperations},
		"it does all and says less":    {everything{says(sdk.OperationPayment)}, []sdk.Operation{sdk.OperationPayment}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, sdk.CapabilitiesOf(test.provider).Operations); diff != "" {
				t.Errorf("CapabilitiesOf (-want +got):\n%s", diff)
			}
			completed := sdk.Complete(test.provider)
			if diff := cmp.Diff(test.want, completed.Capabilities().Operations); diff != "" {
				t.Errorf("of the completed provider (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, sdk.Complete(completed).Capabilities().Operations); diff != "" {
				t.Errorf("completed twice (-want +got):\n%s", diff)
			}
			for _, op := range allOperations {
				if got, want := completed.Capabilities().Can(op), slices.Contains(test.want, op); got != want {
					t.Errorf("Can(%s) = %v", op, got)
				}
			}
		})
	}
}

func TestCapabilitiesKeepWhatTheAccountSaid(t *testing.T) {
	said := sdk.Capabilities{
		Corridors: []sdk.Corridor{{Kind: sdk.KindPayment, Countries: []string{"CI"}}},
		Needs:     map[sdk.Operation][]string{sdk.OperationPayment: {"customer.phone"}},
		Identity:  "site 7", CardS2S: true,
	}
	want := said
	want.Operations = []sdk.Operation{sdk.OperationPayment, sdk.OperationQuery}
	if diff := cmp.Diff(want, sdk.CapabilitiesOf(collector{silent{said}})); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
}

// calls makes every call of a provider once and returns its error, by operation.
func calls(ctx context.Context, p sdk.FullProvider) map[string]error {
	got := map[string]error{}
	_, got["payment"] = p.CreatePayment(ctx, sdk.PaymentRequest{})
	_, got["payout"] = p.CreatePayout(ctx, sdk.PayoutRequest{})
	_, got["refund"] = p.CreateRefund(ctx, sdk.RefundRequest{})
	_, got["cancel"] = p.Cancel(ctx, sdk.Attempt{})
	_, got["approve"] = p.ApprovePayout(ctx, sdk.Attempt{})
	_, got["reject"] = p.RejectPayout(ctx, sdk.Attempt{})
	_, got["query"] = p.QueryStatus(ctx, sdk.Attempt{})
	_, got["list"] = p.ListTransactions(ctx, sdk.ListRequest{})
	_, got["notification"] = p.HandleNotification(ctx, sdk.NotificationRequest{})
	_, got["lookup"] = p.LookupCustomer(ctx, "+2250700000000")
	_, got["balance"] = p.GetBalance(ctx)
	return got
}

func TestWhatAProviderLacksIsNotSupportedAndNotSent(t *testing.T) {
	for name, err := range calls(t.Context(), sdk.Complete(silent{})) {
		if !errors.Is(err, sdk.ErrNotSupported) {
			t.Errorf("%s: %v, want ErrNotSupported", name, err)
		}
		if got := sdk.CreateOutcome(err); got != sdk.OutcomeNotSent {
			t.Errorf("%s: %v counts as %s, want NOT_SENT", name, err, got)
		}
	}
}

func TestWhatAProviderHasIsAsked(t *testing.T) {
	for name, err := range calls(t.Context(), sdk.Complete(everything{})) {
		if !errors.Is(err, asked(name)) {
			t.Errorf("%s: %v, want the provider's own answer to it", name, err)
		}
	}
	full := sdk.Complete(collector{})
	result, err := full.CreatePayment(t.Context(), sdk.PaymentRequest{})
	if err != nil || result.Outcome != sdk.OutcomePending {
		t.Errorf("CreatePayment = %v, %v", result, err)
	}
	if _, err := full.CreatePayout(t.Context(), sdk.PayoutRequest{}); !errors.Is(err, sdk.ErrNotSupported) {
		t.Errorf("CreatePayout: %v, want ErrNotSupported", err)
	}
}
