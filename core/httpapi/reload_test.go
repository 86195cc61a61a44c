package httpapi_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestAReloadTellsTheGeneration(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(key("desk", "default", httpapi.ScopeOperator)))
	w := b.do(request{method: "POST", path: "/v1/reload", as: "desk", body: `{"reason":"more accounts"}`})
	got := decode[api.Reloaded](t, w)
	if w.Code != http.StatusOK || !got.Changed || got.Generation.Number != 2 || got.Generation.By != "desk" || got.Generation.Why != "more accounts" {
		t.Errorf("%d %+v", w.Code, got)
	}
	if w := b.do(request{method: "POST", path: "/v1/reload", as: "desk"}); w.Code != http.StatusOK {
		t.Errorf("without a body: %d %s", w.Code, w.Body)
	}
	wantProblem(t, b.do(request{method: "POST", path: "/v1/reload", as: "desk", body: `{"file":"/etc/passwd"}`}), 400, "invalid_request")
}

func TestARefusedReloadNamesEveryFault(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.do(request{method: "POST", path: "/v1/reload", body: `{"reason":"` + httpapitest.RefusedReason + `"}`})
	problem := wantProblem(t, w, http.StatusUnprocessableEntity, "configuration_refused")
	want := []api.FieldError{{Location: "routes.yaml:14: rules[2].match.currency", Message: `"XFO" is not a currency`}}
	if diff := cmp.Diff(want, problem.Errors); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARollbackNamesAGeneration(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for body, status := range map[string]int{
		``: 200, `{}`: 200, `{"to":1,"reason":"a mistake"}`: 200, `{"to":null}`: 200, `{"to":7}`: 404,
		`{"to":"1"}`: 400, `{"to":0}`: 400, `{"to":-1}`: 400, `{"to":1.5}`: 400, `{"to":99999999999999999999}`: 400,
	} {
		if w := b.do(request{method: "POST", path: "/v1/routing/rollback", body: body}); w.Code != status {
			t.Errorf("%s: %d %s, want %d", body, w.Code, w.Body, status)
		}
	}
}

func TestGenerationsTellWhatIsLiveAndWhatWasRefused(t *testing.T) {
	t.Parallel()
	got := decode[api.Generations](t, newBench(t).do(request{method: "GET", path: "/v1/routing/generations"}))
	if len(got.Data) != 2 || !got.Data[0].Live || got.Data[1].Live || got.Data[0].Number != 2 || got.NextCursor != nil {
		t.Errorf("the list is %+v", got)
	}
	if got.Failed == nil || got.Failed.By != "file" || len(got.Failed.Errors) != 1 || got.SucceededAt.IsZero() {
		t.Errorf("the last error is %+v", got.Failed)
	}
}

// Who may call is asked anew for each request, and is one for all of it.
func TestAccessMayChangeBetweenRequests(t *testing.T) {
	t.Parallel()
	access := func(keys ...httpapi.Key) *httpapi.Access {
		made, err := httpapi.NewAccess(keys, 0)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	var live atomic.Pointer[httpapi.Access]
	live.Store(access(key("old", "default", httpapi.ScopeOperator)))
	b := newBench(t, func(o *httpapi.Options) { o.Access = func(context.Context) *httpapi.Access { return live.Load() } })
	ask := func(as string) int { return b.do(request{method: "GET", path: "/v1/providers", as: as}).Code }
	if old, fresh := ask("old"), ask("new"); old != 200 || fresh != 401 {
		t.Errorf("before it is %d and %d", old, fresh)
	}
	live.Store(access(key("new", "default", httpapi.ScopeOperator)))
	if old, fresh := ask("old"), ask("new"); old != 401 || fresh != 200 {
		t.Errorf("afterwards it is %d and %d", old, fresh)
	}
	if _, err := httpapi.NewAccess([]httpapi.Key{{ID: "x"}}, -1); err == nil {
		t.Error("a key without a checksum and proxies below zero are taken")
	}
}

func TestAReloadGivesNoKeyItsRateAnew(t *testing.T) {
	t.Parallel()
	limited := key("shop", "default", httpapi.ScopeOperator)
	limited.Rate = httpapi.Rate{Calls: 2, Per: time.Hour}
	first, err := httpapi.NewAccess([]httpapi.Key{limited}, 0)
	if err != nil {
		t.Fatal(err)
	}
	second, err := first.Next([]httpapi.Key{limited, key("new", "default", httpapi.ScopeOperator)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var live atomic.Pointer[httpapi.Access]
	live.Store(first)
	b := newBench(t, func(o *httpapi.Options) { o.Access = func(context.Context) *httpapi.Access { return live.Load() } })
	var got []int
	for i := range 4 {
		if i == 1 {
			live.Store(second)
		}
		got = append(got, b.do(request{method: "GET", path: "/v1/providers", as: "shop"}).Code)
	}
	if diff := cmp.Diff([]int{200, 200, 429, 429}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
