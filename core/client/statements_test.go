package client_test

import (
	"errors"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestAStatementIsComparedAndAdopted(t *testing.T) {
	t.Parallel()
	engine := &httpapitest.Engine{Held: []core.Held{{ID: "att_1", Ref: "r1"}, {ID: "att_2", Ref: "r2"}}}
	c, ctx := newClient(t, engine), t.Context()
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	rows := []api.StatementRow{{Line: 2, Reference: "r1", State: "succeeded"}, {Line: 3, Reference: "r9", State: "failed"}}
	found, err := c.Statement(ctx, httpapitest.Account, api.CompareStatement{From: from, To: from.Add(time.Hour), Rows: rows})
	if err != nil || len(found.Data) != 2 || found.Data[0].Class != "equal" || found.Data[1].Class != "missing_here" {
		t.Errorf("rows: %+v, %v", found, err)
	}
	first, err := c.Expected(ctx, httpapitest.Account, from, from.Add(time.Hour), "")
	if err != nil || len(first.Data) != 1 || first.NextCursor == nil {
		t.Fatalf("expected: %+v, %v", first, err)
	}
	second, err := c.Expected(ctx, httpapitest.Account, from, from.Add(time.Hour), *first.NextCursor)
	if err != nil || len(second.Data) != 1 || second.Data[0].ID != "att_2" || second.NextCursor != nil {
		t.Errorf("expected: %+v, %v", second, err)
	}
	adopted, err := c.Adopt(ctx, httpapitest.Account, api.Adopt{
		Attempts:  []api.AdoptAttempt{{Transaction: "pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG", Attempt: 1}},
		Transfers: []api.AdoptTransfer{{ProviderReference: "t", CreatedAt: from}},
	})
	if err != nil || len(adopted.Data) != 2 || adopted.Data[0].After != "succeeded" || adopted.Data[1].ProviderReference != "t" {
		t.Errorf("adopted: %+v, %v", adopted, err)
	}
	if _, err := c.Statement(ctx, "nobody", api.CompareStatement{From: from, To: from.Add(time.Hour)}); !errors.Is(err, core.ErrUnknownTransaction) {
		t.Errorf("nobody: %v", err)
	}
}
