package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/httpapi"
)

func TestANotificationArrivesAsItWasSent(t *testing.T) {
	t.Parallel()
	var squeezed bytes.Buffer
	zip := gzip.NewWriter(&squeezed)
	_, _ = zip.Write(bytes.Repeat([]byte("0"), 10<<20))
	_ = zip.Close()
	for name, test := range map[string]struct{ method, query, contentType, encoding, body string }{
		"form":           {"POST", "", "application/x-www-form-urlencoded", "", "cpm_trans_id=1&cpm_site_id=2"},
		"query":          {"GET", "token=%20a&b", "", "", ""},
		"no bytes":       {"POST", "", "application/json", "", ""},
		"another method": {"PUT", "", "text/plain", "", "x"},
		"bytes":          {"POST", "", "", "", "\xff\x00\xfe"},
		"a gzip bomb":    {"POST", "", "application/json", "gzip", squeezed.String()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.engine.Reply = core.Reply{Status: 202, ContentType: "text/plain", Body: []byte("OK")}
			w := b.do(request{method: test.method, path: "/v1/webhooks/cinetpay-ci?" + test.query, body: test.body, header: map[string]string{
				"Content-Type": test.contentType, "Content-Encoding": test.encoding, "X-Token": "signature",
			}})
			if w.Code != 202 || w.Body.String() != "OK" || w.Header().Get("Content-Type") != "text/plain" {
				t.Errorf("%d %s, want the plugin's answer", w.Code, w.Body)
			}
			got := b.engine.Notifications()[0]
			if got.Method != test.method || got.Query != test.query || string(got.Body) != test.body || got.Header.Get("X-Token") != "signature" {
				t.Errorf("arrived as %s %s %q", got.Method, got.Query, got.Body)
			}
			if got.PeerIP != "192.0.2.1" || got.ReceivedAt.IsZero() {
				t.Errorf("peer %q at %v", got.PeerIP, got.ReceivedAt)
			}
		})
	}
}

func TestAPluginsOddAnswerHarmsNobody(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{0: 200, 99: 200, 1000: 200, -1: 200, 401: 401} {
		b := newBench(t)
		b.engine.Reply = core.Reply{Status: status}
		if w := b.do(request{method: "POST", path: "/v1/webhooks/cinetpay-ci", body: "x"}); w.Code != want {
			t.Errorf("status %d is answered as %d, want %d", status, w.Code, want)
		}
	}
}

func TestThePeerIsCountedFromTheRight(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		proxies   int
		forwarded []string
		want      string
	}{
		"no proxy trusted":        {0, []string{"203.0.113.9"}, "192.0.2.1"},
		"one proxy":               {1, []string{"203.0.113.9"}, "203.0.113.9"},
		"one proxy, forged left":  {1, []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9"},
		"two proxies":             {2, []string{"198.51.100.1, 203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		"two headers":             {2, []string{"198.51.100.1, 203.0.113.9", "10.0.0.2"}, "203.0.113.9"},
		"fewer hops than trusted": {3, []string{"203.0.113.9"}, "192.0.2.1"},
		"no header":               {1, nil, "192.0.2.1"},
		"not an address":          {1, []string{"unknown"}, "192.0.2.1"},
		"with a port":             {1, []string{"203.0.113.9:4711"}, "203.0.113.9"},
		"version 6":               {1, []string{"[2001:db8::1]:80"}, "2001:db8::1"},
		"4 in 6":                  {1, []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(o *httpapi.Options) { o.TrustedProxies = test.proxies })
			r := httptest.NewRequest("POST", "/v1/webhooks/cinetpay-ci", strings.NewReader("x"))
			r.Header["X-Forwarded-For"] = test.forwarded
			b.handler.ServeHTTP(httptest.NewRecorder(), r)
			if got := b.engine.Notifications()[0].PeerIP; got != test.want {
				t.Errorf("peer = %q, want %q", got, test.want)
			}
		})
	}
}

func TestACustomerComesBackToTheShop(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ url, want string }{
		"with a query":     {"https://shop.example/return?a=b&z=%20", "https://shop.example/return?a=b&z=%20&transaction="},
		"without a query":  {"https://shop.example/return", "https://shop.example/return?transaction="},
		"with a fragment":  {"https://shop.example/#/done", "https://shop.example/?transaction="},
		"with a name used": {"https://shop.example/?transaction=x", "https://shop.example/?transaction=x&transaction="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			tx := b.pay("", "k", `{"amount":"5000","currency":"XOF","return_url":"`+test.url+`"}`)
			for _, method := range []string{"GET", "POST"} {
				w := b.do(request{
					method: method, path: "/v1/return/" + tx.Attempts[0].Ref, body: "transaction_id=1",
					header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
				})
				location, _, _ := strings.Cut(w.Header().Get("Location"), "#")
				if w.Code != http.StatusSeeOther || location != test.want+tx.ID {
					t.Errorf("%s: %d to %q, want 303 to %s%s", method, w.Code, location, test.want, tx.ID)
				}
			}
		})
	}
}

func TestACustomerWithoutAShopSeesAPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k", `{"amount":"5000","currency":"XOF"}`)
	got := map[string]int{}
	for _, ref := range []string{tx.Attempts[0].Ref, "0000000000000000000000001", "x"} {
		w := b.do(request{method: "POST", path: "/v1/return/" + ref})
		got[ref] = w.Code
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || strings.Contains(w.Body.String(), tx.ID) {
			t.Errorf("%s: %v %s", ref, w.Header(), w.Body)
		}
	}
	want := map[string]int{tx.Attempts[0].Ref: 200, "0000000000000000000000001": 404, "x": 404}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(key("a", "a", httpapi.ScopeRead)))
	b.engine.NotReady = []string{"cinetpay-ci: plugin is starting"}
	if w := b.do(request{method: "GET", path: "/healthz"}); w.Code != 200 {
		t.Errorf("healthz = %d", w.Code)
	}
	w := b.do(request{method: "GET", path: "/readyz"})
	if diff := cmp.Diff(`{"ready":false,"reasons":["cinetpay-ci: plugin is starting"]}`+"\n", w.Body.String()); diff != "" || w.Code != 503 {
		t.Errorf("readyz = %d (-want +got):\n%s", w.Code, diff)
	}
	b.engine.NotReady = nil
	w = b.do(request{method: "GET", path: "/readyz"})
	if diff := cmp.Diff(`{"ready":true,"reasons":[]}`+"\n", w.Body.String()); diff != "" || w.Code != 200 {
		t.Errorf("readyz = %d (-want +got):\n%s", w.Code, diff)
	}
}
