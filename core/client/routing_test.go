package client_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
	"github.com/paymux/paymux/sdk"
)

func TestTheRulesAreAsked(t *testing.T) {
	t.Parallel()
	engine := &httpapitest.Engine{}
	c := newClient(t, engine)
	found, err := c.Evaluate(t.Context(), api.Evaluate{
		Kind: "payout", Amount: "5000", Currency: "XOF", Country: "CI", Customer: api.PaymentCustomer{ID: "c-7"},
		Metadata: map[string]string{"tier": "vip"}, At: "2026-11-20T10:00:00Z",
	})
	if err != nil || found.Rule != "ivory-coast" || len(found.Candidates) != 1 || len(found.Rules) != 3 {
		t.Errorf("%+v, %v", found, err)
	}
	sample := engine.Sample()
	if sample.Kind != sdk.KindPayout || sample.Customer != "c-7" || sample.At.IsZero() || sample.Metadata["tier"] != "vip" {
		t.Errorf("sample = %+v", sample)
	}
	if _, err := c.Evaluate(t.Context(), api.Evaluate{Amount: "5000"}); !errors.Is(err, core.ErrInvalidRequest) {
		t.Errorf("without a currency: %v", err)
	}
}

func TestOtherRulesAreTriedOnWhatWasStored(t *testing.T) {
	t.Parallel()
	c := newClient(t, &httpapitest.Engine{})
	got, err := c.Backtest(t.Context(), api.Backtest{Rules: "default: { order: [" + httpapitest.Account + "] }", Since: "1h"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(api.BacktestedOf(httpapitest.Backtested()), got); diff != "" || got.To.Sub(got.From) != time.Hour {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := c.Backtest(t.Context(), api.Backtest{Rules: "x"}); !errors.Is(err, core.ErrInvalidRequest) {
		t.Errorf("bad rules: %v", err)
	}
}
