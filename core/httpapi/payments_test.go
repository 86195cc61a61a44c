package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
)

func TestAPaymentIsCreatedAndShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k1", payment)
	if tx.Amount != "5000" || tx.Currency != "XOF" || tx.State != "requires_action" || tx.NextAction == nil || tx.Method != "any" {
		t.Errorf("transaction = %+v", tx)
	}
	if tx.Customer.Phone != "+225•••••3456" {
		t.Errorf("phone = %q, want it masked", tx.Customer.Phone)
	}
	got := decode[api.Transaction](t, b.do(request{method: "GET", path: "/v1/transactions/" + tx.ID}))
	if diff := cmp.Diff(tx, got); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}

func TestTheSameKeyGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(
		key("shop", "shop", httpapi.ScopePayments, httpapi.ScopeRead), key("other", "other", httpapi.ScopePayments)))
	first := b.pay("shop", "k1", payment)
	again := b.do(request{
		method: "POST", path: "/v1/payments", as: "shop", header: map[string]string{"Idempotency-Key": "k1"},
		// The same in meaning: other order and white space, null and "" instead of absent.
		body: `{"metadata":{"plan":"pro","x":null},"return_url":"https://shop.example/return?a=b","customer":{"phone":"+2250707123456","id":"c-7","name":""},
			"country":"CI","currency":"XOF","amount":"5000","reference":"order-42","card":null}`,
	})
	if again.Code != http.StatusCreated || again.Header().Get("Idempotent-Replayed") != "true" {
		t.Fatalf("again: %d %v %s", again.Code, again.Header(), again.Body)
	}
	if diff := cmp.Diff(first, decode[api.Transaction](t, again)); diff != "" {
		t.Errorf("replay (-want +got):\n%s", diff)
	}
	reused := b.do(request{
		method: "POST", path: "/v1/payments", as: "shop", header: map[string]string{"Idempotency-Key": "k1"},
		body: strings.Replace(payment, `"5000"`, `"6000"`, 1),
	})
	wantProblem(t, reused, http.StatusUnprocessableEntity, "idempotency_key_reused")
	if other := b.pay("other", "k1", payment); other.ID == first.ID || other.Merchant != "other" {
		t.Errorf("the key of another merchant answered %s", other.ID)
	}
	if got := b.engine.Executed(); got != 2 {
		t.Errorf("executed %d payments, want 2", got)
	}
}

func TestFiftyAtOnceWithOneKeyAreOnePayment(t *testing.T) {
	t.Parallel()
	fiftyAtOnce(t, "/v1/payments", payment)
}

// fiftyAtOnce sends a request fifty times with one key, which must be executed once.
func fiftyAtOnce(t *testing.T, path, body string) {
	t.Helper()
	b := newBench(t)
	ids := make([]string, 50)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			w := b.do(request{method: "POST", path: path, body: body, header: map[string]string{"Idempotency-Key": "k"}})
			var tx api.Transaction
			if err := json.Unmarshal(w.Body.Bytes(), &tx); err == nil && w.Code == http.StatusCreated {
				ids[i] = tx.ID
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("answers name %q and %q, want one", id, ids[0])
		}
	}
	if got := b.engine.Executed(); got != 1 {
		t.Errorf("executed %d times, want once", got)
	}
}

func TestAPaymentIsCanceledOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k1", payment)
	canceled := b.do(request{method: "POST", path: "/v1/payments/" + tx.ID + "/cancel", body: `{"reason":"changed my mind"}`})
	got := decode[api.Transaction](t, canceled)
	if canceled.Code != http.StatusOK || got.State != "canceled" || got.Decision == nil || got.Decision.Reason != "changed my mind" || got.NextAction != nil {
		t.Errorf("%d %+v", canceled.Code, got)
	}
	wantProblem(t, b.do(request{method: "POST", path: "/v1/payments/" + tx.ID + "/cancel"}), http.StatusConflict, "already_final")
	b.pay("", "k2", payment) // The reference is free again.
}

func TestAReferenceInUseNamesItsPayment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.pay("", "k1", payment)
	w := b.do(request{method: "POST", path: "/v1/payments", body: payment, header: map[string]string{"Idempotency-Key": "k2"}})
	if problem := wantProblem(t, w, http.StatusConflict, "duplicate_reference"); problem.Transaction != tx.ID {
		t.Errorf("problem names %q, want %s", problem.Transaction, tx.ID)
	}
}

func FuzzPaymentOverHTTP(f *testing.F) {
	f.Add([]byte(payment))
	f.Add([]byte(`{"amount":"5000","currency":"XOF","amount":"6000"}`))
	f.Add([]byte(`{"amount":5e3}`))
	f.Add([]byte(""))
	b := newBench(f)
	var calls atomic.Int64
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/v1/payments", bytes.NewReader(body))
		r.Host = "localhost:8080"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", strconv.FormatInt(calls.Add(1), 10))
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusCreated:
			if sent, got := amountOf(t, body), decode[api.Transaction](t, w); !strings.HasPrefix(got.Amount, strings.TrimRight(sent, ".0")) {
				t.Errorf("amount %q was read as %q", sent, got.Amount)
			}
		case http.StatusConflict:
			wantProblem(t, w, http.StatusConflict, "duplicate_reference")
		case http.StatusRequestEntityTooLarge:
			wantProblem(t, w, http.StatusRequestEntityTooLarge, "too_large")
		default:
			wantProblem(t, w, http.StatusBadRequest, "invalid_request")
		}
	})
}

func amountOf(t *testing.T, body []byte) string {
	t.Helper()
	var sent struct{ Amount string }
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatal(err)
	}
	return sent.Amount
}

func TestRawCardDataNeedsItsScopeAndComesBackNowhere(t *testing.T) {
	t.Parallel()
	const body = `{"amount":"5000","currency":"XOF","card":{"number":"4111111111111111","holder":"A B","exp_month":1,"exp_year":2030,"cvv":"123"}}`
	b := newBench(t, withKeys(
		key("shop", "shop", httpapi.ScopePayments, httpapi.ScopeRead),
		key("pci", "shop", httpapi.ScopePayments, httpapi.ScopeRead, httpapi.ScopeCard),
	))
	send := func(as string) *httptest.ResponseRecorder {
		return b.do(request{method: "POST", path: "/v1/payments", as: as, body: body, header: map[string]string{"Idempotency-Key": as}})
	}
	if w := send("shop"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "payments:card") {
		t.Errorf("without the scope: %d %s", w.Code, w.Body)
	}
	w := send("pci")
	if w.Code != http.StatusCreated || strings.Contains(w.Body.String(), "4111111111111111") {
		t.Errorf("with the scope: %d", w.Code)
	}
}
