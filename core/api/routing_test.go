package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk"
)

func TestARoutingDecisionLooksLikeItsSample(t *testing.T) {
	t.Parallel()
	tx := sample()
	tx.Provider = "cinetpay-ci"
	tx.Route = core.Route{
		Rule: "ivory-coast", Generation: 3, At: tx.CreatedAt.Add(time.Hour), AskedBy: "shop",
		Candidates: []string{"cinetpay-ci", "enovepay"}, Reasons: []string{"asked for by the request"},
		Removed: []core.Removed{
			{Account: "cenoa", Reason: "country CI is not offered"},
			{Account: "enovepay", Reason: "all 64 slots are in use", Passing: true, Attempt: 2},
		},
		MaxAttempts: 2, Deadline: 20 * time.Second, Late: true, Cascade: []sdk.Reason{sdk.ReasonDeclined},
	}
	golden(t, "routing.json", api.RoutingOf(tx))
}

func TestADecisionThatWasNotMadeHasNoNullListsAndNoTime(t *testing.T) {
	t.Parallel()
	golden(t, "unrouted.json", api.RoutingOf(core.Transaction{CreatedAt: sample().CreatedAt, PolicyHeld: true}))
}

// A rule that names no reason differs from one that says nothing.
func TestTheReasonsThatGoOnAreTold(t *testing.T) {
	t.Parallel()
	tx := sample()
	if got := api.RoutingOf(tx).Failover.Reasons; got != nil {
		t.Errorf("reasons are %v, want null", got)
	}
	tx.Route.Cascade = []sdk.Reason{}
	if got := api.RoutingOf(tx).Failover.Reasons; got == nil || len(got) != 0 {
		t.Errorf("reasons are %v, want none", got)
	}
}

func TestRoutingRepeatsNoPhoneAndNoCard(t *testing.T) {
	t.Parallel()
	tx := sample()
	tx.Route.Removed = []core.Removed{{Account: "one", Reason: "no wallet at 2250707123456, card 4111 1111 1111 1111"}}
	got := api.RoutingOf(tx).Removed[0].Reason
	if strings.Contains(got, "07123456") || strings.Contains(got, "4111") {
		t.Errorf("shown: %s", got)
	}
}
