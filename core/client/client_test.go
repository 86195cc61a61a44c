package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func order() api.Payment {
	return api.Payment{
		Reference: "order-42", Amount: "5000", Currency: "XOF", Country: "CI",
		Customer: api.PaymentCustomer{ID: "c-7", Phone: "+2250707123456"}, Metadata: map[string]string{"plan": "pro"},
	}
}

// newClient returns a client of a real API over an engine in memory.
func newClient(t *testing.T, engine *httpapitest.Engine) *client.Client {
	t.Helper()
	sum := sha256.Sum256([]byte("secret"))
	handler, err := httpapi.New(httpapi.Options{
		Payments: engine, Payouts: engine, Refunds: engine, Accounts: engine, Transactions: engine, Transfers: engine, Operator: engine, Providers: engine, Processes: engine, Statements: engine, Routing: engine, Inbound: engine, Store: engine, Reload: engine, Readiness: engine,
		FingerprintKey: bytes.Repeat([]byte{7}, httpapi.FingerprintKeyMin),
		Keys:           []httpapi.Key{{ID: "op", SHA256: hex.EncodeToString(sum[:]), Merchant: "default", Scopes: httpapi.Scopes()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return clientOf(t, handler)
}

func clientOf(t *testing.T, handler http.Handler) *client.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	c, err := client.New(server.URL+"/", "secret")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		server.Close()
	})
	return c
}

func TestAPaymentsWholeLife(t *testing.T) {
	t.Parallel()
	c, ctx := newClient(t, &httpapitest.Engine{}), t.Context()
	paid, err := c.Pay(ctx, "k1", order())
	if err != nil || paid.Replayed || paid.Transaction.State != "requires_action" {
		t.Fatalf("pay: %+v, %v", paid, err)
	}
	again, err := c.Pay(ctx, "k1", order())
	if diff := cmp.Diff(paid.Transaction, again.Transaction); diff != "" || err != nil || !again.Replayed {
		t.Errorf("again: replayed %t, %v (-want +got):\n%s", again.Replayed, err, diff)
	}
	id := paid.Transaction.ID
	if tx, err := c.Sync(ctx, id); err != nil || tx.ID != id {
		t.Errorf("sync: %+v, %v", tx, err)
	}
	if tx, err := c.Resolve(ctx, id, api.Resolve{State: "succeeded", Reason: "seen"}); err != nil || tx.State != "succeeded" {
		t.Errorf("resolve: %+v, %v", tx, err)
	}
	tx, err := c.Transaction(ctx, id)
	if err != nil || tx.State != "succeeded" || len(tx.History) != 4 {
		t.Errorf("transaction: %+v, %v", tx, err)
	}
	if history, err := c.History(ctx, id); err != nil || len(history.Data) != 4 {
		t.Errorf("history: %+v, %v", history, err)
	}
	_, err = c.Cancel(ctx, id, "too late")
	if !errors.Is(err, core.ErrAlreadyFinal) {
		t.Errorf("cancel: %v, want already_final", err)
	}
}

func salary() api.Payout {
	return api.Payout{
		Reference: "salary-42", Amount: "5000", Currency: "XOF", Country: "CI",
		Recipient: api.Recipient{Name: "Awa", BankAccount: api.RecipientBankAccount{IBAN: "DE89370400440532013000", Holder: "Awa Koné"}},
	}
}

func TestAPayoutsWholeLife(t *testing.T) {
	t.Parallel()
	c, ctx := newClient(t, &httpapitest.Engine{}), t.Context()
	held, err := c.Payout(ctx, "k1", salary())
	if err != nil || held.Replayed || held.Transaction.State != "awaiting_approval" || held.Transaction.BankAccount.IBAN != "•••••3000" {
		t.Fatalf("payout: %+v, %v", held, err)
	}
	again, err := c.Payout(ctx, "k1", salary())
	if diff := cmp.Diff(held.Transaction, again.Transaction); diff != "" || err != nil || !again.Replayed {
		t.Errorf("again: replayed %t, %v (-want +got):\n%s", again.Replayed, err, diff)
	}
	id := held.Transaction.ID
	if tx, err := c.Approve(ctx, id, "checked"); err != nil || tx.State != "processing" || tx.Decision == nil || tx.Decision.Reason != "checked" {
		t.Errorf("approve: %+v, %v", tx, err)
	}
	if _, err := c.Reject(ctx, id, "too late"); !errors.Is(err, core.ErrDecisionMade) {
		t.Errorf("reject: %v, want decision_made", err)
	}
	if tx, err := c.Cancel(ctx, id, "changed"); err != nil || tx.State != "canceled" {
		t.Errorf("cancel: %+v, %v", tx, err)
	}
}

func TestAPaymentIsGivenBack(t *testing.T) {
	t.Parallel()
	c, ctx := newClient(t, &httpapitest.Engine{}), t.Context()
	paid, err := c.Pay(ctx, "k1", order())
	if err != nil {
		t.Fatal(err)
	}
	id := paid.Transaction.ID
	if _, err := c.Resolve(ctx, id, api.Resolve{State: "succeeded", Reason: "seen"}); err != nil {
		t.Fatal(err)
	}
	part, err := c.Refund(ctx, "r1", id, api.Refund{Amount: "2000", Reason: "one came back"})
	if err != nil || part.Transaction.Amount != "2000" || part.Transaction.Payment != id || part.Transaction.Kind != "refund" {
		t.Errorf("part: %+v, %v", part, err)
	}
	rest, err := c.Refund(ctx, "r2", id, api.Refund{Manual: true})
	if err != nil || rest.Transaction.Amount != "3000" || !rest.Transaction.Manual || rest.Transaction.State != "succeeded" {
		t.Errorf("rest: %+v, %v", rest, err)
	}
	if _, err := c.Refund(ctx, "r3", id, api.Refund{}); !errors.Is(err, core.ErrNotAllowed) {
		t.Errorf("nothing left: %v, want not_allowed", err)
	}
}

func TestListsAreFiltered(t *testing.T) {
	t.Parallel()
	c, ctx := newClient(t, &httpapitest.Engine{}), t.Context()
	paid, err := c.Pay(ctx, "k1", order())
	if err != nil {
		t.Fatal(err)
	}
	all := client.Filter{
		Kind: "payment", State: "requires_action", Provider: httpapitest.Account, Reference: "order-42", Merchant: "default", Customer: "c-7",
		CreatedAfter: time.Now().Add(-time.Hour), CreatedBefore: time.Now().Add(time.Hour), Query: paid.Transaction.ID, Limit: 1,
	}
	if list, err := c.Transactions(ctx, all); err != nil || len(list.Data) != 1 || list.NextCursor != nil {
		t.Errorf("all filters: %+v, %v", list, err)
	}
	for name, none := range map[string]client.Filter{
		"older": {OlderThan: time.Hour}, "cursor": {Cursor: paid.Transaction.ID}, "state": {State: "failed"}, "later": {CreatedAfter: time.Now().Add(time.Hour)},
	} {
		if list, err := c.Transactions(ctx, none); err != nil || len(list.Data) != 0 {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
	}
}

func TestProvidersAreRead(t *testing.T) {
	t.Parallel()
	c := newClient(t, &httpapitest.Engine{})
	list, err := c.Providers(t.Context())
	if err != nil || len(list.Data) != 1 {
		t.Fatalf("providers: %+v, %v", list, err)
	}
	one, err := c.Provider(t.Context(), httpapitest.Account)
	if diff := cmp.Diff(list.Data[0], one); diff != "" || err != nil {
		t.Errorf("provider: %v (-want +got):\n%s", err, diff)
	}
}

func TestARefusalIsATypedProblem(t *testing.T) {
	t.Parallel()
	engine := &httpapitest.Engine{}
	engine.Before = func(context.Context) error {
		return &core.Problem{
			Code: "provider_unavailable", Detail: "nobody is ready", RetryAfter: 7 * time.Second,
			Removed: []core.Removed{{Account: "cinetpay-ci", Reason: "plugin is starting", Passing: true}},
		}
	}
	_, err := newClient(t, engine).Pay(t.Context(), "k1", order())
	problem, ok := errors.AsType[*client.Problem](err)
	if !ok || !errors.Is(err, core.ErrProviderUnavailable) || errors.Is(err, core.ErrNoRoute) {
		t.Fatalf("error = %#v, want provider_unavailable", err)
	}
	if problem.Status != 503 || problem.RetryAfter != 7*time.Second || !strings.HasPrefix(problem.RequestID, "req_") {
		t.Errorf("problem = %+v", problem)
	}
	const want = "client: POST /v1/payments: 503 provider_unavailable: nobody is ready: providers.cinetpay-ci plugin is starting"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoEngineIsSaid(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"a web page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"half a problem": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			_, _ = w.Write([]byte("{"))
		},
		"half an answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte("{"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				handler(w, r)
			}))
			_, err := c.Pay(t.Context(), "k1", order())
			if err == nil || calls.Load() != 1 {
				t.Errorf("error = %v after %d calls", err, calls.Load())
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("error = %v holds the key", err)
			}
		})
	}
}

func TestAnEngineThatIsNotThereIsNamedWithoutTheQuery(t *testing.T) {
	t.Parallel()
	c, err := client.New("http://127.0.0.1:1", "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = c.Transactions(t.Context(), client.Filter{Query: "canary"})
	if !errors.Is(err, syscall.ECONNREFUSED) || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("error = %v, want a refused connection and the address", err)
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("error = %v, which repeats the query", err)
	}
}

// TestAPostWithoutAKeyIsSentOnce closes the second connection use after the
// request was executed, where net/http repeats what it takes for repeatable.
// The payment, which has a key, is the control: it arrives again.
func TestAPostWithoutAKeyIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		call func(context.Context, *client.Client) error
		want int32
	}{
		"cancel": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Cancel(ctx, "pay_1", "x")
			return err
		}, 1},
		"sync": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Sync(ctx, "pay_1")
			return err
		}, 1},
		"approve": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Approve(ctx, "out_1", "x")
			return err
		}, 1},
		"lookup": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Lookup(ctx, "a", httpapitest.PhoneKnown)
			return err
		}, 1},
		"assign": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Assign(ctx, "trf_1", api.Assign{TopUp: "c-7", Reason: "x"})
			return err
		}, 1},
		"resolve": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Resolve(ctx, "pay_1", api.Resolve{State: "failed", Reason: "x"})
			return err
		}, 1},
		"refund": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Refund(ctx, "k", "pay_1", api.Refund{})
			return err
		}, 2},
		"payment": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Pay(ctx, "k", order())
			return err
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var executed atomic.Int32
			c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					executed.Add(1)
					cut(w)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"data":[]}`))
			}))
			if _, err := c.Providers(t.Context()); err != nil { // The connection is now in use again.
				t.Fatal(err)
			}
			if err := test.call(t.Context(), c); err == nil {
				t.Error("no error although nothing was answered")
			}
			if got := executed.Load(); got != test.want {
				t.Errorf("executed %d times, want %d", got, test.want)
			}
		})
	}
}

// cut closes the connection without an answer.
func cut(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	var conn net.Conn
	if conn, _, _ = hijacker.Hijack(); conn != nil {
		_ = conn.Close()
	}
}

func TestBadInputIsRefusedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "127.0.0.1:8080", "ftp://x", "http://", "http://a:b@x", "http://x?y=z"} {
		if _, err := client.New(base, ""); err == nil {
			t.Errorf("%q is accepted as a URL", base)
		}
	}
	if _, err := client.New("http://127.0.0.1", "a\r\nb"); err == nil {
		t.Error("a key with a line break is accepted")
	}
	c, err := client.New("http://127.0.0.1:1", "")
	if err != nil {
		t.Fatal(err)
	}
	_, pay := c.Pay(t.Context(), "", order())
	_, payout := c.Payout(t.Context(), "", salary())
	_, refund := c.Refund(t.Context(), "", "pay_1", api.Refund{})
	for _, err := range []error{pay, payout, refund} {
		if err == nil || !strings.Contains(err.Error(), "idempotency key") {
			t.Errorf("error = %v, want one about the idempotency key", err)
		}
	}
}

func Example() {
	ctx := context.Background()
	c, err := client.New("http://127.0.0.1:8080", "the-key")
	if err != nil {
		return
	}
	defer c.Close()
	answer, err := c.Pay(ctx, "order-42-first-try", api.Payment{Reference: "order-42", Amount: "5000", Currency: "XOF", Country: "CI"})
	switch {
	case errors.Is(err, core.ErrNoRoute):
		return // Nothing was stored: no provider account fits.
	case err != nil:
		return // Not known what happened: send it again with the same key.
	}
	_ = answer.Transaction.NextAction // Where the customer pays.
}
