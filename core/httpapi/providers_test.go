package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
)

func TestAnAccountIsDrainedAndResumed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, step := range []struct {
		path, body string
		drained    bool
	}{
		{"/drain", `{"reason":"its portal is down"}`, true},
		{"/drain", "", true}, // Again, and without a reason.
		{"/resume", "", false},
		{"/resume", `{"reason":""}`, false},
	} {
		w := b.do(request{method: "POST", path: accountPath + step.path, body: step.body})
		if got := decode[api.Provider](t, w); w.Code != http.StatusOK || got.Drained != step.drained {
			t.Errorf("%s %s: %d %s", step.path, step.body, w.Code, w.Body)
		}
		if got := decode[api.Provider](t, b.do(request{method: "GET", path: accountPath})); got.Drained != step.drained {
			t.Errorf("after %s the account is drained: %t", step.path, got.Drained)
		}
	}
	wantProblem(t, b.do(request{method: "POST", path: "/v1/providers/nobody/drain"}), http.StatusNotFound, "not_found")
	wantProblem(t, b.do(request{method: "POST", path: accountPath + "/drain", body: `{"until":"noon"}`}), http.StatusBadRequest, "invalid_request")
}

func TestProvidersShowBreakerAndFees(t *testing.T) {
	t.Parallel()
	got := decode[api.Provider](t, newBench(t).do(request{method: "GET", path: accountPath}))
	since := time.Date(2026, 11, 20, 10, 0, 30, 0, time.UTC)
	want := api.Breaker{State: "half_open", Reason: "unanswered: 10 of 12 create calls in 1m0s failed", Since: &since}
	if diff := cmp.Diff(want, got.Breaker); diff != "" {
		t.Errorf("breaker (-want +got):\n%s", diff)
	}
	fees := []api.Fee{{Currency: "XOF", Percent: "1.9", Fixed: "50"}, {Percent: "2.5001", Fixed: "0"}}
	if diff := cmp.Diff(fees, got.Fees); diff != "" {
		t.Errorf("fees (-want +got):\n%s", diff)
	}
}
