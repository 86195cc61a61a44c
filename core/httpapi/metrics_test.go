package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/paymux/paymux/core/httpapi"
)

func withMetrics(o *httpapi.Options) {
	o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "measured 1\n") })
}

func TestMetricsAreForThisMachineAndForOperators(t *testing.T) {
	t.Parallel()
	keys := withKeys(key("shop", "shop", httpapi.ScopePayments, httpapi.ScopeRead), key("op", "office", httpapi.ScopeOperator))
	const near, far = "127.0.0.1:40000", "203.0.113.7:40000"
	tests := map[string]struct {
		peer, host, as, header string
		status                 int
	}{
		"this machine":                         {near, "127.0.0.1:8080", "", "", 200},
		"this machine, by IPv6":                {"[::1]:40000", "[::1]:8080", "", "", 200},
		"another machine":                      {far, "pay.example.com", "", "", 401},
		"another machine that says it is this": {far, "localhost:8080", "", "", 401},
		"through a proxy on this machine":      {near, "127.0.0.1:8080", "", "X-Forwarded-For", 401},
		"by the public name":                   {near, "pay.example.com", "", "", 401},
		"a merchant":                           {far, "pay.example.com", "shop", "", 403},
		"an operator":                          {far, "pay.example.com", "op", "", 200},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, keys, withMetrics)
			r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			r.RemoteAddr, r.Host = test.peer, test.host
			if test.as != "" {
				r.Header.Set("Authorization", "Bearer "+test.as+"-secret")
			}
			if test.header != "" {
				r.Header.Set(test.header, "203.0.113.7")
			}
			w := httptest.NewRecorder()
			b.handler.ServeHTTP(w, r)
			if shown := w.Body.String() == "measured 1\n"; w.Code != test.status || shown != (test.status == 200) {
				t.Errorf("%d %s, want %d", w.Code, w.Body, test.status)
			}
		})
	}
}

func TestMetricsWithoutKeysAreForThisMachine(t *testing.T) {
	t.Parallel()
	b := newBench(t, withMetrics)
	if w := b.do(request{method: "GET", path: "/metrics"}); w.Code != http.StatusOK {
		t.Errorf("%d %s, want 200", w.Code, w.Body)
	}
	wantProblem(t, newBench(t).do(request{method: "GET", path: "/metrics"}), http.StatusNotFound, "not_found")
}
