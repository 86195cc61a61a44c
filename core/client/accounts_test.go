package client_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestACustomerIsLookedUp(t *testing.T) {
	t.Parallel()
	c, ctx := newClient(t, &httpapitest.Engine{}), t.Context()
	found, err := c.Lookup(ctx, httpapitest.Account, httpapitest.PhoneKnown)
	if diff := cmp.Diff(api.Found{CustomerID: "cus_7", Email: "j***@example.com"}, found); diff != "" || err != nil {
		t.Errorf("lookup: %v (-want +got):\n%s", err, diff)
	}
	_, err = c.Lookup(ctx, httpapitest.Account, httpapitest.PhoneSignup)
	problem, ok := errors.AsType[*client.Problem](err)
	if !ok || !errors.Is(err, core.ErrCustomerUnknown) || problem.NextAction == nil || problem.NextAction.Type != "signup" {
		t.Errorf("lookup: %v, want customer_unknown with where to sign up", err)
	}
}

func TestABalanceIsRead(t *testing.T) {
	t.Parallel()
	got, err := newClient(t, &httpapitest.Engine{}).Balance(t.Context(), httpapitest.Account)
	want := api.Balances{Data: []api.Balance{
		{Currency: "XOF", Available: "150000", Pending: "0"}, {Currency: "EUR", Available: "20.50"},
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("balance: %v (-want +got):\n%s", err, diff)
	}
}
