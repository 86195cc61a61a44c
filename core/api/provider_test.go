package api_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk/money"
)

func TestAnOpenBreakerIsShownAndSaysWhyNothingGoes(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	until := since.Add(30 * time.Second)
	got := api.ProviderOf(core.Standing{
		Enabled: true, Health: core.HealthReady,
		Breaker: core.Breaker{State: core.BreakerOpen, Reason: "unreachable: 10 of 10", Since: since, Until: until},
	})
	want := api.Breaker{State: "open", Reason: "unreachable: 10 of 10", Since: &since, Until: &until}
	if diff := cmp.Diff(want, got.Breaker); diff != "" {
		t.Errorf("breaker (-want +got):\n%s", diff)
	}
	if want := "breaker open until 10:00:30 UTC: unreachable: 10 of 10"; got.Ready || got.Detail != want {
		t.Errorf("ready is %t, detail %q, want %q", got.Ready, got.Detail, want)
	}
	if closed := api.ProviderOf(core.Standing{}).Breaker; closed != (api.Breaker{State: "closed"}) {
		t.Errorf("a breaker that was never open is %+v", closed)
	}
}

func TestFeesAreShownExactly(t *testing.T) {
	t.Parallel()
	fees := []core.Fee{
		{Currency: money.EUR, Millionths: 12_500, Fixed: money.Of(30, money.EUR)},
		{Currency: money.XOF},
		{Millionths: 1},
		{Millionths: 1_000_000},
	}
	want := []api.Fee{
		{Currency: "EUR", Percent: "1.25", Fixed: "0.30"},
		{Currency: "XOF", Percent: "0", Fixed: "0"},
		{Percent: "0.0001", Fixed: "0"},
		{Percent: "100", Fixed: "0"},
	}
	if diff := cmp.Diff(want, api.ProviderOf(core.Standing{Fees: fees}).Fees); diff != "" {
		t.Errorf("fees (-want +got):\n%s", diff)
	}
}
