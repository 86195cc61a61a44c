package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

func TestAnAccountShowsWhatLastWentWrongUntilItIsRestarted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	b.engine.Fail(core.Incident{
		At: at, Generation: 3, Reason: "the process ended: exit status 3", Exit: "exit status 3", Cause: "panic: no phone +2250707123456",
		Lines: []string{"2026-11-20 asked for 4111 1111 1111 1111", "goroutine 1 [running]:", "mail awa@example.com"},
	})
	want := &api.Incident{
		At: at, Generation: 3, Reason: "the process ended: exit status 3", Exit: "exit status 3", Cause: "panic: no phone •••••3456",
		Lines: []string{"2026-11-20 asked for •••••", "goroutine 1 [running]:", "mail (e-mail)"},
	}
	got := decode[api.Provider](t, b.do(request{method: "GET", path: accountPath}))
	if diff := cmp.Diff(want, got.Incident); diff != "" {
		t.Errorf("incident (-want +got):\n%s", diff)
	}
	if list := decode[api.List[api.Provider]](t, b.do(request{method: "GET", path: "/v1/providers"})); list.Data[0].Incident != nil {
		t.Error("a list has incidents")
	}
	w := b.do(request{method: "POST", path: accountPath + "/restart", body: `{"reason":"it leaks"}`})
	if got := decode[api.Provider](t, w); w.Code != http.StatusOK || got.Counters.Restarts != 1 || got.Incident != nil {
		t.Errorf("restart: %d %s", w.Code, w.Body)
	}
	if w := b.do(request{method: "POST", path: accountPath + "/restart"}); w.Code != http.StatusOK {
		t.Errorf("without a reason: %d %s", w.Code, w.Body)
	}
	wantProblem(t, b.do(request{method: "POST", path: "/v1/providers/nobody/restart"}), http.StatusNotFound, "not_found")
}

func TestRequestsAreLoggedForATime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	post := func(body string) *api.Provider {
		t.Helper()
		w := b.do(request{method: "POST", path: accountPath + "/log", body: body})
		got := decode[api.Provider](t, w)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
		return &got
	}
	if got := post(`{"for":"10m","reason":"they say we sent another amount"}`); got.LoggedUntil == nil {
		t.Error("it is not on")
	}
	if got := decode[api.Provider](t, b.do(request{method: "GET", path: accountPath})); got.LoggedUntil == nil {
		t.Error("it does not show")
	}
	if got := post(`{"for":"0s"}`); got.LoggedUntil != nil {
		t.Error("it is not off")
	}
	for words, body := range map[string]string{
		"no time": `{}`, "too long": `{"for":"61m"}`, "below zero": `{"for":"-1s"}`, "no unit": `{"for":"20"}`, "a number": `{"for":20}`,
		"unknown field": `{"for":"1m","until":"noon"}`,
	} {
		w := b.do(request{method: "POST", path: accountPath + "/log", body: body})
		if wantProblem(t, w, http.StatusBadRequest, "invalid_request"); !strings.Contains(w.Body.String(), "body.") {
			t.Errorf("%s: %s", words, w.Body)
		}
	}
	wantProblem(t, b.do(request{method: "POST", path: "/v1/providers/nobody/log", body: `{"for":"1m"}`}), http.StatusNotFound, "not_found")
}
