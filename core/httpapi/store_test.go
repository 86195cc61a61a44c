package httpapi_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestTheStoreIsForOperators(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(
		key("desk", "default", httpapi.ScopeOperator),
		key("shop", "default", httpapi.ScopePayments, httpapi.ScopePayouts, httpapi.ScopeRefunds, httpapi.ScopeRead),
	))
	for _, path := range []string{"/v1/store/stats", "/v1/store/backup"} {
		if w := b.do(request{method: "GET", path: path, as: "desk"}); w.Code != http.StatusOK {
			t.Errorf("%s as an operator: %d %s", path, w.Code, w.Body)
		}
		wantProblem(t, b.do(request{method: "GET", path: path, as: "shop"}), http.StatusForbidden, "forbidden")
		wantProblem(t, b.do(request{method: "GET", path: path}), http.StatusUnauthorized, "unauthorized")
		wantProblem(t, b.do(request{method: "GET", path: path + "?path=/etc/passwd", as: "desk"}), http.StatusBadRequest, "invalid_request")
	}
	if n := b.engine.BackupsClosed.Load(); n != 1 {
		t.Errorf("%d backups were closed, want the one that was made", n)
	}
}

func TestABackupIsAFile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.do(request{method: "GET", path: "/v1/store/backup"})
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "Content-Length": "23", "Cache-Control": "no-store",
		"Content-Disposition": `attachment; filename="paymux-backup.db"`, "X-Content-Type-Options": "nosniff",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if w.Body.String() != httpapitest.Backup {
		t.Errorf("body is %q", w.Body)
	}
}

func TestABackupThatEndsEarlyCutsTheConnection(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.engine.BackupCut = true
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Error("the handler ended as if all were well")
		}
		if n := b.engine.BackupsClosed.Load(); n != 1 {
			t.Errorf("%d backups were closed, want 1", n)
		}
	}()
	b.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost/v1/store/backup", nil))
}

func TestAStoreThatCannotAnswerSaysSo(t *testing.T) {
	t.Parallel()
	for code, test := range map[string]struct {
		cause  error
		status int
	}{
		"store_unavailable": {core.ErrStoreUnavailable, http.StatusServiceUnavailable},
		"not_supported":     {core.ErrNotSupported, http.StatusConflict},
		"not_allowed":       {core.ErrNotAllowed, http.StatusConflict},
	} {
		b := newBench(t)
		b.engine.Before = fails(test.cause)
		for _, path := range []string{"/v1/store/stats", "/v1/store/backup"} {
			w := b.do(request{method: "GET", path: path})
			wantProblem(t, w, test.status, code)
			if retry := w.Header().Get("Retry-After"); (retry != "") != (test.status == http.StatusServiceUnavailable) {
				t.Errorf("%s %s: Retry-After is %q", path, code, retry)
			}
		}
	}
	stats := decode[api.StoreStats](t, newBench(t).do(request{method: "GET", path: "/v1/store/stats"}))
	if stats.Bytes != 40960 || stats.EventsWaiting != 1 {
		t.Errorf("stats = %+v", stats)
	}
}
