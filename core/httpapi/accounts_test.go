package httpapi_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
	"github.com/paymux/paymux/sdk"
)

const accountPath = "/v1/providers/" + httpapitest.Account

func lookup(phone string) request {
	return request{method: "POST", path: accountPath + "/accounts/lookup", body: `{"phone":"` + phone + `"}`}
}

func TestACustomerIsLookedUpByPhone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.do(lookup(httpapitest.PhoneKnown))
	if diff := cmp.Diff(api.Found{CustomerID: "cus_7", Email: "j***@example.com"}, decode[api.Found](t, w)); diff != "" || w.Code != http.StatusOK {
		t.Errorf("%d (-want +got):\n%s", w.Code, diff)
	}
	problem := wantProblem(t, b.do(lookup(httpapitest.PhoneSignup)), http.StatusNotFound, "customer_unknown")
	if diff := cmp.Diff(&api.NextAction{Type: "signup", URL: "https://provider.example/signup"}, problem.NextAction); diff != "" {
		t.Errorf("next_action (-want +got):\n%s", diff)
	}
	if problem := wantProblem(t, b.do(lookup(httpapitest.PhoneUnknown)), http.StatusNotFound, "customer_unknown"); problem.NextAction != nil {
		t.Errorf("next_action = %+v, want none", problem.NextAction)
	}
}

// failing is an account that refuses every question and repeats what it was asked.
type failing struct{ httpapi.Accounts }

func (failing) Lookup(_ context.Context, _, phone string) (sdk.Customer, error) {
	return sdk.Customer{}, &core.Problem{Code: "invalid_request", Detail: "the provider does not take " + phone}
}

func TestALookupThatFailsDoesNotRepeatThePhone(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *httpapi.Options) { o.Accounts = failing{} })
	problem := wantProblem(t, b.do(lookup("+905321234567")), http.StatusBadRequest, "invalid_request")
	if strings.Contains(problem.Detail, "321234567") || strings.Contains(b.log.String(), "321234567") {
		t.Errorf("detail = %q, log:\n%s", problem.Detail, b.log)
	}
}

func TestTheBalanceIsShown(t *testing.T) {
	t.Parallel()
	w := newBench(t).do(request{method: "GET", path: accountPath + "/balance"})
	want := api.Balances{Data: []api.Balance{
		{Currency: "XOF", Available: "150000", Pending: "0"}, {Currency: "EUR", Available: "20.50"},
	}}
	if diff := cmp.Diff(want, decode[api.Balances](t, w)); diff != "" {
		t.Errorf("balance (-want +got):\n%s", diff)
	}
}

func TestProvidersShowWhatTheyCanDo(t *testing.T) {
	t.Parallel()
	got := decode[api.Provider](t, newBench(t).do(request{method: "GET", path: accountPath})).Capabilities
	want := api.Corridor{
		Kind: "payout", Countries: []string{"CI"}, Currencies: []string{"XOF"}, Methods: []string{"mobile_money"}, Networks: []string{},
		Min: "500 XOF", Max: "500000 XOF",
	}
	if diff := cmp.Diff(want, got.Corridors[1]); diff != "" {
		t.Errorf("payouts (-want +got):\n%s", diff)
	}
	for _, operation := range []string{"payment", "payout", "refund", "lookup", "balance"} {
		if !slices.Contains(got.Operations, operation) {
			t.Errorf("operations = %v, want %s among them", got.Operations, operation)
		}
	}
}
