package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
)

func TestEveryRefusalIsAProblem(t *testing.T) {
	t.Parallel()
	keyed := map[string]string{"Idempotency-Key": "k"}
	with := func(name, value string) map[string]string {
		return map[string]string{"Idempotency-Key": "k", name: value}
	}
	const id, out = "pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG", "out_01JD4K8Z5Q3V7W9X2Y6ABCDEFG"
	const assign = "/v1/transfers/trf_01JD4K8Z5Q3V7W9X2Y6ABCDEFG/assign"
	for name, test := range map[string]struct {
		req    request
		status int
		code   string
	}{
		"unknown path":              {request{method: "GET", path: "/v2/payments"}, 404, "not_found"},
		"path with two slashes":     {request{method: "POST", path: "//v1/payments", body: payment, header: keyed}, 404, "not_found"},
		"path with dots":            {request{method: "GET", path: "/v1/../v1/transactions"}, 404, "not_found"},
		"path with a slash behind":  {request{method: "GET", path: "/v1/transactions/"}, 404, "not_found"},
		"wrong method":              {request{method: "DELETE", path: "/v1/payments"}, 405, "method_not_allowed"},
		"method of no standard":     {request{method: "BREW", path: "/v1/payments"}, 405, "method_not_allowed"},
		"preflight of a browser":    {request{method: "OPTIONS", path: "/v1/payments"}, 405, "method_not_allowed"},
		"no idempotency key":        {request{method: "POST", path: "/v1/payments", body: payment}, 400, "idempotency_key_missing"},
		"idempotency key too long":  {request{method: "POST", path: "/v1/payments", body: payment, header: with("Idempotency-Key", strings.Repeat("k", 256))}, 400, "invalid_request"},
		"idempotency key not ASCII": {request{method: "POST", path: "/v1/payments", body: payment, header: with("Idempotency-Key", "é")}, 400, "invalid_request"},
		"idempotency key a card":    {request{method: "POST", path: "/v1/payments", body: payment, header: with("Idempotency-Key", "4111111111111111")}, 400, "invalid_request"},
		"no body":                   {request{method: "POST", path: "/v1/payments", header: keyed}, 400, "invalid_request"},
		"body not JSON":             {request{method: "POST", path: "/v1/payments", body: "{", header: keyed}, 400, "invalid_request"},
		"body with a name twice":    {request{method: "POST", path: "/v1/payments", body: `{"amount":"5","amount":"5"}`, header: keyed}, 400, "invalid_request"},
		"body with bad UTF-8":       {request{method: "POST", path: "/v1/payments", body: "{\"a\":\"\xff\"}", header: keyed}, 400, "invalid_request"},
		"body with wrong fields":    {request{method: "POST", path: "/v1/payments", body: `{"amount":"x","currency":"y"}`, header: keyed}, 400, "invalid_request"},
		"body with a new field":     {request{method: "POST", path: "/v1/payments", body: `{"amount":"5","currency":"XOF","a":1}`, header: keyed}, 400, "invalid_request"},
		"body too large":            {request{method: "POST", path: "/v1/payments", body: strings.Repeat(" ", httpapi.BodyMax+1), header: keyed}, 413, "too_large"},
		"body for a sync":           {request{method: "POST", path: "/v1/transactions/" + id + "/sync", body: `{"a":"b"}`}, 400, "invalid_request"},
		"no content type":           {request{method: "POST", path: "/v1/payments", body: payment, header: with("Content-Type", "")}, 415, "unsupported_media_type"},
		"content type of a form":    {request{method: "POST", path: "/v1/payments", body: payment, header: with("Content-Type", "text/plain")}, 415, "unsupported_media_type"},
		"another charset":           {request{method: "POST", path: "/v1/payments", body: payment, header: with("Content-Type", "application/json; charset=latin1")}, 415, "unsupported_media_type"},
		"a compressed body":         {request{method: "POST", path: "/v1/payments", body: payment, header: with("Content-Encoding", "gzip")}, 415, "unsupported_media_type"},
		"a query on a POST":         {request{method: "POST", path: "/v1/payments?key=x", body: payment, header: keyed}, 400, "invalid_request"},
		"unknown parameter":         {request{method: "GET", path: "/v1/transactions?sate=unknown"}, 400, "invalid_request"},
		"parameter twice":           {request{method: "GET", path: "/v1/transactions?limit=1&limit=2"}, 400, "invalid_request"},
		"parameter wrong":           {request{method: "GET", path: "/v1/transactions?limit=1000"}, 400, "invalid_request"},
		"query broken":              {request{method: "GET", path: "/v1/transactions?a=%zz"}, 400, "invalid_request"},
		"expand with an unknown":    {request{method: "GET", path: "/v1/transactions/" + id + "?expand=history,all"}, 400, "invalid_request"},
		"expand unknown":            {request{method: "GET", path: "/v1/transactions/" + id + "?expand=all"}, 400, "invalid_request"},
		"unknown transaction":       {request{method: "GET", path: "/v1/transactions/" + id}, 404, "not_found"},
		"malformed id":              {request{method: "GET", path: "/v1/transactions/42"}, 404, "not_found"},
		"id with a slash":           {request{method: "GET", path: "/v1/transactions/a%2fb"}, 404, "not_found"},
		"history of nothing":        {request{method: "GET", path: "/v1/transactions/" + id + "/history"}, 404, "not_found"},
		"cancel of nothing":         {request{method: "POST", path: "/v1/payments/" + id + "/cancel"}, 404, "not_found"},
		"cancel of a payout":        {request{method: "POST", path: "/v1/payments/out_01JD4K8Z5Q3V7W9X2Y6ABCDEFG/cancel"}, 404, "not_found"},
		"payout without a key":      {request{method: "POST", path: "/v1/payouts", body: payout}, 400, "idempotency_key_missing"},
		"payout without a body":     {request{method: "POST", path: "/v1/payouts", header: keyed}, 400, "invalid_request"},
		"payout to nobody":          {request{method: "POST", path: "/v1/payouts", body: `{"amount":"5","currency":"XOF"}`, header: keyed}, 400, "invalid_request"},
		"payout of a payment":       {request{method: "POST", path: "/v1/payouts", body: payment, header: keyed}, 400, "invalid_request"},
		"cancel of no payout":       {request{method: "POST", path: "/v1/payouts/" + out + "/cancel"}, 404, "not_found"},
		"cancel as a payout":        {request{method: "POST", path: "/v1/payouts/" + id + "/cancel"}, 404, "not_found"},
		"approve of nothing":        {request{method: "POST", path: "/v1/payouts/" + out + "/approve"}, 404, "not_found"},
		"approve of a payment":      {request{method: "POST", path: "/v1/payouts/" + id + "/approve"}, 404, "not_found"},
		"reject of nothing":         {request{method: "POST", path: "/v1/payouts/" + out + "/reject", body: `{"reason":"x"}`}, 404, "not_found"},
		"reject with a field":       {request{method: "POST", path: "/v1/payouts/" + out + "/reject", body: `{"state":"x"}`}, 400, "invalid_request"},
		"refund without a key":      {request{method: "POST", path: "/v1/payments/" + id + "/refunds"}, 400, "idempotency_key_missing"},
		"refund of nothing":         {request{method: "POST", path: "/v1/payments/" + id + "/refunds", header: keyed}, 404, "not_found"},
		"refund of a payout":        {request{method: "POST", path: "/v1/payments/" + out + "/refunds", header: keyed}, 404, "not_found"},
		"refund with a currency":    {request{method: "POST", path: "/v1/payments/" + id + "/refunds", body: `{"currency":"XOF"}`, header: keyed}, 400, "invalid_request"},
		"lookup at nobody":          {request{method: "POST", path: "/v1/providers/nobody/accounts/lookup", body: `{"phone":"+905321234567"}`}, 404, "not_found"},
		"lookup without a phone":    {request{method: "POST", path: "/v1/providers/cinetpay-ci/accounts/lookup", body: `{"phone":""}`}, 400, "invalid_request"},
		"lookup of half a phone":    {request{method: "POST", path: "/v1/providers/cinetpay-ci/accounts/lookup", body: `{"phone":"05321234567"}`}, 400, "invalid_request"},
		"balance of nobody":         {request{method: "GET", path: "/v1/providers/nobody/balance"}, 404, "not_found"},
		"transfers matched maybe":   {request{method: "GET", path: "/v1/transfers?matched=maybe"}, 400, "invalid_request"},
		"transfers of a merchant":   {request{method: "GET", path: "/v1/transfers?merchant=a"}, 400, "invalid_request"},
		"transfers, too many":       {request{method: "GET", path: "/v1/transfers?limit=101"}, 400, "invalid_request"},
		"assign without a body":     {request{method: "POST", path: assign}, 400, "invalid_request"},
		"assign without a reason":   {request{method: "POST", path: assign, body: `{"top_up":"c-7"}`}, 400, "invalid_request"},
		"assign to nobody":          {request{method: "POST", path: assign, body: `{"reason":"x"}`}, 400, "invalid_request"},
		"assign to two":             {request{method: "POST", path: assign, body: `{"transaction":"` + id + `","top_up":"c-7","reason":"x"}`}, 400, "invalid_request"},
		"assign to a payout":        {request{method: "POST", path: assign, body: `{"transaction":"` + out + `","reason":"x"}`}, 400, "invalid_request"},
		"assign to no payment":      {request{method: "POST", path: assign, body: `{"transaction":"` + id + `","reason":"x"}`}, 400, "invalid_request"},
		"top-up of another amount":  {request{method: "POST", path: assign, body: `{"top_up":"c-7","accept_amount":true,"reason":"x"}`}, 400, "invalid_request"},
		"assign of no transfer":     {request{method: "POST", path: assign, body: `{"top_up":"c-7","reason":"x"}`}, 404, "not_found"},
		"assign of a payment":       {request{method: "POST", path: "/v1/transfers/" + id + "/assign", body: `{"top_up":"c-7","reason":"x"}`}, 404, "not_found"},
		"sync of nothing":           {request{method: "POST", path: "/v1/transactions/" + id + "/sync"}, 404, "not_found"},
		"resolve of nothing":        {request{method: "POST", path: "/v1/transactions/" + id + "/resolve", body: `{"state":"failed","reason":"x"}`}, 404, "not_found"},
		"resolve without a body":    {request{method: "POST", path: "/v1/transactions/" + id + "/resolve"}, 400, "invalid_request"},
		"unknown account":           {request{method: "GET", path: "/v1/providers/nobody"}, 404, "not_found"},
		"webhook of nobody":         {request{method: "POST", path: "/v1/webhooks/nobody", body: "x"}, 404, "not_found"},
		"webhook too large":         {request{method: "POST", path: "/v1/webhooks/cinetpay-ci", body: strings.Repeat("x", httpapi.NotificationMax+1)}, 413, "too_large"},
		"a page of another origin":  {request{method: "POST", path: "/v1/transactions/" + id + "/sync", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, 403, "forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			wantProblem(t, b.do(test.req), test.status, test.code)
			if b.engine.Executed() != 0 {
				t.Error("a payment was made")
			}
		})
	}
}

func TestARefusalSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	const id = "pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG"
	keyed := map[string]string{"Idempotency-Key": "k"}
	badCursor := &core.Problem{
		Code: "invalid_request", Fields: []core.FieldError{{Location: "cursor", Message: "is none"}},
	}
	for name, test := range map[string]struct {
		req      request
		err      error
		location string
		says     string
	}{
		"no body":             {request{method: "POST", path: "/v1/payments", header: keyed}, nil, "body", "send a JSON object"},
		"unknown parameter":   {request{method: "GET", path: "/v1/transactions?sate=x"}, nil, "query.sate", "is not a parameter"},
		"parameter of digits": {request{method: "GET", path: "/v1/transactions?2250707123456=x"}, nil, "query.?", "is not a parameter"},
		"cursor of nobody":    {request{method: "GET", path: "/v1/transactions?cursor=x"}, badCursor, "query.cursor", "query.cursor is none"},
		"body too large":      {request{method: "POST", path: "/v1/payments", body: strings.Repeat(" ", httpapi.BodyMax+1), header: keyed}, nil, "", "64 KiB"},
		"unknown transaction": {request{method: "GET", path: "/v1/transactions/" + id}, core.ErrNotFound, "", "no transaction"},
		"sync of nothing":     {request{method: "POST", path: "/v1/transactions/" + id + "/sync"}, core.ErrNotFound, "", "no transaction"},
		"webhook of nobody":   {request{method: "POST", path: "/v1/webhooks/nobody", body: "x"}, nil, "", "no provider account"},
		"lookup at nobody":    {request{method: "POST", path: "/v1/providers/nobody/accounts/lookup", body: `{"phone":"+905321234567"}`}, nil, "", "no provider account"},
		"balance of nobody":   {request{method: "GET", path: "/v1/providers/nobody/balance"}, nil, "", "no provider account"},
		"transfers' cursor":   {request{method: "GET", path: "/v1/transfers?cursor=x"}, badCursor, "query.cursor", "query.cursor is none"},
		"assign of nothing":   {request{method: "POST", path: "/v1/transfers/trf_01JD4K8Z5Q3V7W9X2Y6ABCDEFG/assign", body: `{"top_up":"c-7","reason":"x"}`}, nil, "", "no transfer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if test.err != nil {
				b.engine.Before = func(context.Context) error { return test.err }
			}
			w := b.do(test.req)
			problem := decode[api.Problem](t, w)
			if !strings.Contains(problem.Detail, test.says) {
				t.Errorf("detail = %q, want something with %q", problem.Detail, test.says)
			}
			if test.location != "" && (len(problem.Errors) != 1 || problem.Errors[0].Location != test.location) {
				t.Errorf("errors = %+v, want one at %s", problem.Errors, test.location)
			}
		})
	}
}

func TestEveryProblemOfTheEngineHasItsStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err        error
		status     int
		code       string
		retryAfter string
	}{
		"denied":                 {core.ErrDenied, 422, "denied", ""},
		"no route":               {&core.Problem{Code: "no_route", Removed: []core.Removed{{Account: "a", Reason: "too small"}}}, 422, "no_route", ""},
		"unavailable":            {core.ErrProviderUnavailable, 503, "provider_unavailable", "5"},
		"unavailable for a time": {&core.Problem{Code: "provider_unavailable", RetryAfter: 1500 * time.Millisecond}, 503, "provider_unavailable", "2"},
		"store":                  {core.ErrStoreUnavailable, 503, "store_unavailable", "5"},
		"in flight":              {core.ErrIdempotencyInFlight, 409, "idempotency_in_flight", "1"},
		"decision made":          {core.ErrDecisionMade, 409, "decision_made", ""},
		"already final":          {core.ErrAlreadyFinal, 409, "already_final", ""},
		"not supported":          {core.ErrNotSupported, 409, "not_supported", ""},
		"not allowed":            {core.ErrNotAllowed, 409, "not_allowed", ""},
		"wrapped":                {errors.Join(errors.New("context"), core.ErrDenied), 422, "denied", ""},
		"not found":              {core.ErrNotFound, 404, "not_found", ""},
		"a code nobody knows":    {&core.Problem{Code: "invented", Detail: "inside"}, 500, "internal", ""},
		"any other error":        {errors.New("inside: disk on fire"), 500, "internal", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.engine.Before = func(context.Context) error { return test.err }
			w := b.do(request{method: "POST", path: "/v1/payments", body: payment, header: map[string]string{"Idempotency-Key": "k"}})
			problem := wantProblem(t, w, test.status, test.code)
			if got := w.Header().Get("Retry-After"); got != test.retryAfter {
				t.Errorf("Retry-After = %q, want %q", got, test.retryAfter)
			}
			if test.status != 500 {
				return
			}
			if strings.Contains(w.Body.String(), "inside:") || !strings.Contains(problem.Detail, "req_") {
				t.Errorf("detail = %q, want only an id", problem.Detail)
			}
			if id := w.Header().Get("X-Request-Id"); !strings.Contains(b.log.String(), id) {
				t.Errorf("the log lacks %s", id)
			}
		})
	}
}

func TestAPanicIsAProblemAndLogged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.engine.Before = func(context.Context) error { panic("canary-in-a-panic") }
	for _, req := range []request{
		{method: "GET", path: "/v1/transactions"},
		{method: "POST", path: "/v1/webhooks/cinetpay-ci", body: "x"},
	} {
		wantProblem(t, b.do(req), http.StatusInternalServerError, "internal")
	}
	if log := b.log.String(); strings.Count(log, "panic in a handler") != 2 || strings.Contains(log, "canary-in-a-panic") {
		t.Errorf("log:\n%s", log)
	}
}

func TestMethodsOfAPathAreNamed(t *testing.T) {
	t.Parallel()
	w := newBench(t).do(request{method: "PUT", path: "/v1/transactions"})
	if got := w.Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow = %q, want GET, HEAD", got)
	}
}

func TestEveryAnswerIsClosedToBrowsers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{"/v1/transactions", "/nowhere", "/healthz", "/docs", "/openapi.json", "/v1/return/x"} {
		w := b.do(request{method: "GET", path: path})
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s = %q, want %q", path, name, got, want)
			}
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
			t.Errorf("%s: policy = %q", path, policy)
		}
		if !strings.HasPrefix(w.Header().Get("X-Request-Id"), "req_") {
			t.Errorf("%s: no request id", path)
		}
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, change := range map[string]func(*httpapi.Options){
		"no engine":              func(o *httpapi.Options) { o.Payments = nil },
		"no payouts":             func(o *httpapi.Options) { o.Payouts = nil },
		"no refunds":             func(o *httpapi.Options) { o.Refunds = nil },
		"no accounts":            func(o *httpapi.Options) { o.Accounts = nil },
		"no fingerprint key":     func(o *httpapi.Options) { o.FingerprintKey = []byte("short") },
		"proxies below zero":     func(o *httpapi.Options) { o.TrustedProxies = -1 },
		"key without a merchant": withKeys(key("a", "")),
		"key with a short sum":   withKeys(httpapi.Key{ID: "a", Merchant: "m", SHA256: "ab12"}),
		"key with another scope": withKeys(key("a", "m", "root")),
		"two keys of one id":     withKeys(key("a", "m"), key("a", "n")),
	} {
		options := optionsFor(b.engine)
		change(&options)
		if _, err := httpapi.New(options); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestTheWholeBodyFits sends a body of exactly the most bytes.
func TestTheWholeBodyFits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	full := payment + strings.Repeat(" ", httpapi.BodyMax-len(payment))
	b.pay("", "k", full)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/v1/webhooks/cinetpay-ci", strings.NewReader(strings.Repeat("x", httpapi.NotificationMax)))
	b.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK || len(b.engine.Notifications()) != 1 {
		t.Errorf("notification: %d %s", w.Code, w.Body)
	}
}

// A page of evil.example whose name was made to lead to this machine calls in the
// browser's eyes its own server. Only the Host tells.
func TestWithoutKeysOnlyThisMachinesOwnNamesAreServed(t *testing.T) {
	t.Parallel()
	served := []string{"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:8080", "127.0.0.2:8080", "[::1]", "[::1]:8080", "[::ffff:127.0.0.1]:8080"}
	refused := []string{
		"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example:8080", "localhost.:8080",
		"192.0.2.1:8080", "[2001:db8::1]:8080", "0.0.0.0:8080", "localhost:8080:8080", "2130706433", "", ":8080",
	}
	open, keyed := newBench(t), newBench(t, withKeys(key("shop", "shop", httpapi.ScopeRead)))
	ask := func(b *bench, host, as string) int {
		r := httptest.NewRequest(http.MethodGet, "/v1/transactions", nil)
		r.Host = host
		// What the browser says of such a page.
		r.Header.Set("Origin", "http://"+host)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Authorization", "Bearer "+as)
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		if w.Code == http.StatusForbidden && !strings.Contains(w.Body.String(), "auth.keys") {
			t.Errorf("%q: the refusal does not say what to do: %s", host, w.Body)
		}
		return w.Code
	}
	for _, host := range served {
		if got := ask(open, host, ""); got != http.StatusOK {
			t.Errorf("%q is answered with %d, want 200", host, got)
		}
	}
	for _, host := range refused {
		if got := ask(open, host, ""); got != http.StatusForbidden {
			t.Errorf("%q is answered with %d, want 403", host, got)
		}
		if got := ask(keyed, host, "shop-secret"); got != http.StatusOK {
			t.Errorf("with keys %q is answered with %d, want 200", host, got)
		}
	}
}
