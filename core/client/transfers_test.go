package client_test

import (
	"errors"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
	"github.com/paymux/paymux/sdk/money"
)

func TestATransferIsFoundAndAssigned(t *testing.T) {
	t.Parallel()
	engine := &httpapitest.Engine{}
	c, ctx := newClient(t, engine), t.Context()
	paid, err := c.Pay(ctx, "k1", order())
	if err != nil {
		t.Fatal(err)
	}
	received := engine.Receive(money.Of(4900, money.XOF))
	open := client.TransferFilter{Matched: "false", Provider: httpapitest.Account, Customer: "cus_7", Limit: 1}
	if list, err := c.Transfers(ctx, open); err != nil || len(list.Data) != 1 || list.Data[0].ID != received.ID || list.NextCursor != nil {
		t.Errorf("unmatched: %+v, %v", list, err)
	}
	assign := api.Assign{Transaction: paid.Transaction.ID, AcceptAmount: true, Reason: "fees were taken"}
	got, err := c.Assign(ctx, received.ID, assign)
	if err != nil || !got.Matched || got.Transaction == nil || *got.Transaction != paid.Transaction.ID {
		t.Errorf("assign: %+v, %v", got, err)
	}
	if _, err := c.Assign(ctx, received.ID, api.Assign{TopUp: "c-7", Reason: "again"}); !errors.Is(err, core.ErrNotAllowed) {
		t.Errorf("again: %v, want not_allowed", err)
	}
	for name, none := range map[string]client.TransferFilter{
		"unmatched": open, "cursor": {Cursor: received.ID}, "provider": {Provider: "nobody"}, "customer": {Customer: "cus_8"},
	} {
		if list, err := c.Transfers(ctx, none); err != nil || len(list.Data) != 0 {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
	}
}
