package main

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestTheBalance(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want sdk.Balance
	}{
		"numbers": {`{"amount":900,"inUsing":400,"available":500}`, sdk.Balance{Available: money.Of(500, money.XOF), Pending: money.Of(400, money.XOF)}},
		"texts":   {`{"amount":"900","inUsing":"400.00","available":" 500 "}`, sdk.Balance{Available: money.Of(500, money.XOF), Pending: money.Of(400, money.XOF)}},
		"a list":  {`[[{"available":0}]]`, sdk.Balance{Available: money.Of(0, money.XOF)}},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			g.tell(balancePath, page{200, says0(c.data)})
			got, err := g.account.GetBalance(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]sdk.Balance{c.want}, got, cmpAmounts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestABalanceThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		answer page
		want   error
	}{
		"no amount":     {page{200, says0(`{}`)}, nil},
		"a fraction":    {page{200, says0(`{"available":1.5}`)}, nil},
		"below zero":    {page{200, says0(`{"available":-5}`)}, nil},
		"half of it":    {page{200, says0(`{"available":5,"inUsing":"x"}`)}, nil},
		"two of them":   {page{200, says0(`[{"available":5},{"available":6}]`)}, nil},
		"no JSON":       {page{200, "<html>"}, nil},
		"an odd code":   {page{200, refuses("709")}, nil},
		"no contract":   {page{400, refuses("708")}, sdk.ErrAuthentication},
		"403":           {page{403, "<html>"}, sdk.ErrAuthentication},
		"429":           {page{429, "slow down"}, sdk.ErrRateLimited},
		"500":           {page{500, "oops"}, sdk.ErrUnavailable},
		"a lost answer": {page{}, sdk.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			g.tell(balancePath, c.answer)
			_, err := g.account.GetBalance(t.Context())
			if err == nil || c.want != nil && !errors.Is(err, c.want) || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
				t.Errorf("want %v, got %v", c.want, err)
			}
		})
	}
}

func TestABalanceNeedsOneCurrency(t *testing.T) {
	if _, err := paying(t, "", nil).GetBalance(t.Context()); !errors.Is(err, sdk.ErrNotSupported) {
		t.Errorf("got %v", err)
	}
}
