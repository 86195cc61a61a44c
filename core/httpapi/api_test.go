package httpapi_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const payment = `{"reference":"order-42","amount":"5000","currency":"XOF","country":"CI",
	"customer":{"id":"c-7","phone":"+2250707123456"},"return_url":"https://shop.example/return?a=b","metadata":{"plan":"pro"}}`

const payout = `{"reference":"salary-42","amount":"5000","currency":"XOF","country":"CI",
	"recipient":{"id":"e-7","name":"Awa","surname":"Koné","phone":"+2250707123456","bank_account":{"account_number":"0011122233344455","bank_code":"CI042","holder":"Awa Koné"}}}`

// bench is an API over an engine in memory.
type bench struct {
	t       testing.TB
	handler http.Handler
	engine  *httpapitest.Engine
	log     *lockedBuffer
}

// newBench returns an API with the given keys, none for an open one.
func newBench(t testing.TB, change ...func(*httpapi.Options)) *bench {
	t.Helper()
	b := &bench{t: t, engine: &httpapitest.Engine{}, log: &lockedBuffer{}}
	options := optionsFor(b.engine)
	options.Logger = hclog.New(&hclog.LoggerOptions{Output: b.log, Level: hclog.Trace})
	for _, c := range change {
		c(&options)
	}
	handler, err := httpapi.New(options)
	if err != nil {
		t.Fatal(err)
	}
	b.handler = handler
	return b
}

func optionsFor(e *httpapitest.Engine) httpapi.Options {
	return httpapi.Options{
		Payments: e, Payouts: e, Refunds: e, Accounts: e, Transactions: e, Transfers: e, Operator: e, Providers: e, Processes: e, Statements: e, Routing: e, Inbound: e, Store: e, Reload: e, Readiness: e,
		FingerprintKey: bytes.Repeat([]byte{7}, httpapi.FingerprintKeyMin), Version: "1.2.3",
	}
}

func withKeys(keys ...httpapi.Key) func(*httpapi.Options) {
	return func(o *httpapi.Options) { o.Keys = keys }
}

// key returns the configuration of the API key "<id>-secret".
func key(id, merchant string, scopes ...httpapi.Scope) httpapi.Key {
	sum := sha256.Sum256([]byte(id + "-secret"))
	return httpapi.Key{ID: id, SHA256: hex.EncodeToString(sum[:]), Merchant: merchant, Scopes: scopes}
}

// request is one request in the words of a test.
type request struct {
	method, path, body string
	// as is the id of the key to use, empty for none.
	as     string
	header map[string]string
}

func (b *bench) do(req request) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(req.method, req.path, strings.NewReader(req.body))
	r.Host = "localhost:8080"
	if req.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if req.as != "" {
		r.Header.Set("Authorization", "Bearer "+req.as+"-secret")
	}
	for name, value := range req.header {
		if value == "" {
			r.Header.Del(name)
			continue
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

// pay creates a payment as the key's merchant and returns it.
func (b *bench) pay(as, idempotencyKey, body string) api.Transaction {
	b.t.Helper()
	return b.create(request{path: "/v1/payments", body: body, as: as}, idempotencyKey)
}

// create posts what creates a transaction and returns it.
func (b *bench) create(req request, idempotencyKey string) api.Transaction {
	b.t.Helper()
	req.method, req.header = "POST", map[string]string{"Idempotency-Key": idempotencyKey}
	w := b.do(req)
	if w.Code != http.StatusCreated {
		b.t.Fatalf("%s: %d %s", req.path, w.Code, w.Body)
	}
	return decode[api.Transaction](b.t, w)
}

// settle says as an operator that the payment was paid.
func (b *bench) settle(id, as string) api.Transaction {
	b.t.Helper()
	w := b.do(request{method: "POST", path: "/v1/transactions/" + id + "/resolve", as: as, body: `{"state":"succeeded","reason":"seen"}`})
	if w.Code != http.StatusOK {
		b.t.Fatalf("resolve: %d %s", w.Code, w.Body)
	}
	return decode[api.Transaction](b.t, w)
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var value T
	decoder := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return value
}

// wantProblem checks that w is a whole problem with status and code.
func wantProblem(t testing.TB, w *httptest.ResponseRecorder, status int, code string) api.Problem {
	t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %s %s, want a problem with %d", w.Code, w.Header().Get("Content-Type"), w.Body, status)
	}
	problem := decode[api.Problem](t, w)
	if problem.Status != status || problem.Code != code || problem.Type == "" || problem.Title == "" || problem.Detail == "" {
		t.Fatalf("problem = %+v, want %d %s with type, title and detail", problem, status, code)
	}
	return problem
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(data)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

var _ io.Writer = (*lockedBuffer)(nil)
