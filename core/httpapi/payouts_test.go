package httpapi_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
)

func TestAPayoutIsCreatedAndShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.create(request{path: "/v1/payouts", body: payout}, "k1")
	if tx.Kind != "payout" || tx.State != "awaiting_approval" || tx.Amount != "5000" || !strings.HasPrefix(tx.ID, "out_") {
		t.Errorf("transaction = %+v", tx)
	}
	want := &api.BankAccount{BankCode: "CI042", AccountNumber: "•••••4455"}
	if diff := cmp.Diff(want, tx.BankAccount); diff != "" || tx.Customer.Phone != "+225•••••3456" {
		t.Errorf("phone %q, bank account (-want +got):\n%s", tx.Customer.Phone, diff)
	}
	got := decode[api.Transaction](t, b.do(request{method: "GET", path: "/v1/transactions/" + tx.ID}))
	if diff := cmp.Diff(tx, got); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}

func TestAPayoutIsDecidedOnce(t *testing.T) {
	t.Parallel()
	const because = `{"reason":"checked"}`
	for name, test := range map[string]struct{ verb, state, opposite string }{
		"approved": {"approve", "processing", "reject"},
		"rejected": {"reject", "canceled", "approve"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			path := "/v1/payouts/" + b.create(request{path: "/v1/payouts", body: payout}, "k").ID + "/"
			for range 2 { // The same again is no fault.
				w := b.do(request{method: "POST", path: path + test.verb, body: because})
				got := decode[api.Transaction](t, w)
				if w.Code != http.StatusOK || got.State != test.state || got.Decision == nil || got.Decision.Kind != test.verb ||
					got.Decision.Actor != "local" || got.Decision.Reason != "checked" || got.Decision.At.IsZero() {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			}
			wantProblem(t, b.do(request{method: "POST", path: path + test.opposite}), http.StatusConflict, "decision_made")
		})
	}
}

func TestAPayoutIsCanceledOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := "/v1/payouts/" + b.create(request{path: "/v1/payouts", body: payout}, "k1").ID + "/cancel"
	w := b.do(request{method: "POST", path: path, body: `{"reason":"wrong account"}`})
	if got := decode[api.Transaction](t, w); w.Code != http.StatusOK || got.State != "canceled" || got.Decision.Kind != "cancel" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, b.do(request{method: "POST", path: path}), http.StatusConflict, "already_final")
	b.create(request{path: "/v1/payouts", body: payout}, "k2") // The reference is free again.
}

func TestWhatIsOfAnotherKindIsNotThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	paid, held := b.settle(b.pay("", "k", payment).ID, ""), b.create(request{path: "/v1/payouts", body: payout}, "k")
	for _, path := range []string{
		"/v1/payouts/" + paid.ID + "/cancel", "/v1/payouts/" + paid.ID + "/approve", "/v1/payouts/" + paid.ID + "/reject",
		"/v1/payments/" + held.ID + "/cancel", "/v1/payments/" + held.ID + "/refunds",
	} {
		w := b.do(request{method: "POST", path: path, header: map[string]string{"Idempotency-Key": "k2"}})
		wantProblem(t, w, http.StatusNotFound, "not_found")
	}
}

func TestPartOfAPaymentIsGivenBackAndThenTheRest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tx := b.settle(b.pay("", "k", payment).ID, "")
	refunds := "/v1/payments/" + tx.ID + "/refunds"
	body := `{"amount":"2000","attempt":"` + tx.Attempts[0].ID + `","reason":"one came back","reference":"back-1","metadata":{"a":"b"}}`
	part := b.create(request{path: refunds, body: body}, "r1")
	if part.Kind != "refund" || part.Amount != "2000" || part.Currency != "XOF" || part.Payment != tx.ID ||
		part.PaymentAttempt != tx.Attempts[0].ID || part.Reference != "back-1" || part.State != "processing" {
		t.Errorf("part = %+v", part)
	}
	tooMuch := request{method: "POST", path: refunds, body: `{"amount":"3001"}`, header: map[string]string{"Idempotency-Key": "r2"}}
	wantProblem(t, b.do(tooMuch), http.StatusBadRequest, "invalid_request")
	if rest := b.create(request{path: refunds}, "r2"); rest.Amount != "3000" {
		t.Errorf("rest = %+v", rest)
	}
	nothing := request{method: "POST", path: refunds, header: map[string]string{"Idempotency-Key": "r3"}}
	wantProblem(t, b.do(nothing), http.StatusConflict, "not_allowed")
}

func TestWhatIsNotPaidIsNotGivenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := "/v1/payments/" + b.pay("", "k", payment).ID + "/refunds"
	w := b.do(request{method: "POST", path: path, header: map[string]string{"Idempotency-Key": "r"}})
	wantProblem(t, w, http.StatusConflict, "not_allowed")
}

// TestPayoutsAndRefundsKeepTheirKeys holds what payments hold: the same key and the
// same request get the same answer, another request is refused, another merchant's
// key is another key.
func TestPayoutsAndRefundsKeepTheirKeys(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ same, other string }{
		"/v1/payouts": {
			`{"recipient":{"bank_account":{"holder":"Awa Koné","bank_code":"CI042","account_number":"0011122233344455","iban":null},
				"phone":"+2250707123456","surname":"Koné","name":"Awa","id":"e-7","email":""},
				"country":"CI","currency":"XOF","amount":"5000","reference":"salary-42","metadata":{}}`,
			strings.Replace(payout, "4455", "4456", 1),
		},
		"/v1/payments/{id}/refunds": {`{"amount":null,"reason":""}`, `{"amount":"5000"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			path := strings.Replace(name, "{id}", b.settle(b.pay("", "k", payment).ID, "").ID, 1)
			first := b.create(request{path: path, body: map[bool]string{true: payout}[name == "/v1/payouts"]}, "k")
			before := b.engine.Executed()
			again := b.do(request{method: "POST", path: path, body: test.same, header: map[string]string{"Idempotency-Key": "k"}})
			if again.Code != http.StatusCreated || again.Header().Get("Idempotent-Replayed") != "true" {
				t.Fatalf("again: %d %v %s", again.Code, again.Header(), again.Body)
			}
			if diff := cmp.Diff(first, decode[api.Transaction](t, again)); diff != "" {
				t.Errorf("replay (-want +got):\n%s", diff)
			}
			other := b.do(request{method: "POST", path: path, body: test.other, header: map[string]string{"Idempotency-Key": "k"}})
			wantProblem(t, other, http.StatusUnprocessableEntity, "idempotency_key_reused")
			wantProblem(t, b.do(request{method: "POST", path: path, body: test.same}), http.StatusBadRequest, "idempotency_key_missing")
			if got := b.engine.Executed(); got != before {
				t.Errorf("executed %d more", got-before)
			}
		})
	}
}

func TestOneKeyOfTwoMerchantsIsTwoPayouts(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(key("a", "a", httpapi.ScopePayouts), key("b", "b", httpapi.ScopePayouts)))
	one := b.create(request{path: "/v1/payouts", body: payout, as: "a"}, "k")
	two := b.create(request{path: "/v1/payouts", body: payout, as: "b"}, "k")
	if one.ID == two.ID || two.Merchant != "b" {
		t.Errorf("%s of %s answered %s", two.ID, two.Merchant, one.ID)
	}
}

func TestOneKeyAtTwoPaymentsIsTwoRefunds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.pay("", "k1", payment), b.pay("", "k2", strings.Replace(payment, "order-42", "order-43", 1))
	for _, tx := range []api.Transaction{b.settle(one.ID, ""), b.settle(two.ID, "")} {
		if got := b.create(request{path: "/v1/payments/" + tx.ID + "/refunds"}, "k"); got.Payment != tx.ID {
			t.Errorf("the refund of %s is of %s", tx.ID, got.Payment)
		}
	}
}

func TestFiftyAtOnceWithOneKeyAreOnePayout(t *testing.T) {
	t.Parallel()
	fiftyAtOnce(t, "/v1/payouts", payout)
}

func FuzzPayoutOverHTTP(f *testing.F) {
	f.Add([]byte(payout))
	f.Add([]byte(`{"amount":"5","currency":"XOF","recipient":{"bank_account":{"iban":"GB29 NWBK 6016 1331 9268 19"}}}`))
	f.Add([]byte(`{"amount":5e3,"recipient":[]}`))
	f.Add([]byte(""))
	b := newBench(f)
	var calls atomic.Int64
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/v1/payouts", bytes.NewReader(body))
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
