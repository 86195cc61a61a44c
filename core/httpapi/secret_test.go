package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

// TestNoSecretLeavesInAnAnswerOrALog puts a canary, a card number and a phone into
// every place of a request, and looks for them in everything that comes out.
func TestNoSecretLeavesInAnAnswerOrALog(t *testing.T) {
	t.Parallel()
	const (
		canary = "Canary-4f1c-secret value"
		card   = "4111111111111111"
		phone  = "2250707123456"
	)
	b := newBench(t, withKeys(key("shop", "shop", httpapi.ScopePayments, httpapi.ScopeRead, httpapi.ScopePayouts, httpapi.ScopeRefunds)))
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(payment), &members); err != nil {
		t.Fatal(err)
	}
	sinks, answers := 0, strings.Builder{}
	send := func(req request) {
		sinks++
		w := b.do(req)
		answers.WriteString(w.Body.String())
		for name, values := range w.Header() {
			answers.WriteString(name + strings.Join(values, " "))
		}
	}
	for _, secret := range []string{canary, card, phone} {
		text, _ := json.Marshal(secret)
		for name := range map[string]int{
			"reference": 1, "amount": 1, "currency": 1, "country": 1, "method": 1, "network": 1, "provider": 1, "description": 1,
			"customer": 1, "return_url": 1, "expires_in": 1, "language": 1, "card": 1, "browser": 1, secret: 1,
		} {
			if name == "reference" && secret != card {
				continue // A reference is shown to whoever gave it.
			}
			if name == "amount" && secret == phone {
				continue // Thirteen digits are an amount.
			}
			body := map[string]json.RawMessage{"amount": members["amount"], "currency": members["currency"], name: text}
			raw, _ := json.Marshal(body)
			send(request{method: "POST", path: "/v1/payments", as: "shop", body: string(raw), header: map[string]string{"Idempotency-Key": name}})
		}
		for _, path := range []string{"/v1/payouts", "/v1/payments/pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG/refunds", accountPath + "/accounts/lookup"} {
			for _, name := range []string{"amount", "currency", "country", "provider", "recipient", "attempt", "manual", "phone", secret} {
				raw, _ := json.Marshal(map[string]string{name: secret})
				send(request{method: "POST", path: path, as: "shop", body: string(raw), header: map[string]string{"Idempotency-Key": "k"}})
			}
			for _, field := range []string{"email", "phone", "country", "iban", "account_number", "bank_code", secret} {
				raw, _ := json.Marshal(map[string]any{"recipient": map[string]any{field: secret, "bank_account": map[string]string{field: secret}}})
				send(request{method: "POST", path: path, as: "shop", body: string(raw), header: map[string]string{"Idempotency-Key": "k"}})
			}
		}
		for _, field := range []string{"email", "phone", "country", "zip_code", "name", secret} {
			raw, _ := json.Marshal(map[string]any{"amount": "5", "currency": "XOF", "customer": map[string]string{field: secret}})
			send(request{method: "POST", path: "/v1/payments", as: "shop", body: string(raw), header: map[string]string{"Idempotency-Key": field}})
		}
		escaped := strings.ReplaceAll(secret, " ", "%20")
		for _, path := range []string{
			"/" + escaped, "/v1/transactions/" + escaped, "/v1/webhooks/" + escaped, "/v1/return/" + escaped, "/v1/webhooks/cinetpay-ci?" + escaped,
			"/v1/transactions?" + escaped + "=1", "/v1/transactions?q=" + escaped, "/v1/transactions?limit=" + escaped, "/v1/transactions?state=" + escaped,
			"/v1/transactions?expand=" + escaped, "/v1/transactions?cursor=" + escaped,
		} {
			send(request{method: "GET", path: path, as: "shop"})
		}
		send(request{method: "GET", path: "/v1/transactions", header: map[string]string{"Authorization": "Bearer " + secret}})
		send(request{method: "POST", path: "/v1/webhooks/cinetpay-ci", body: secret, header: map[string]string{"X-Token": secret}})
		send(request{method: "POST", path: "/v1/payments", as: "shop", body: secret, header: map[string]string{"Idempotency-Key": secret, "Accept": secret}})
		send(request{method: strings.ToUpper(strings.ReplaceAll(secret, " ", "-")), path: "/v1/payments", as: "shop"})
	}
	out := answers.String() + b.log.String()
	for _, secret := range []string{canary, strings.ToUpper(canary), card, phone, "shop-secret"} {
		if at := strings.Index(out, secret); at >= 0 {
			t.Errorf("%q comes out: ...%s", secret, out[max(0, at-200):at])
		}
	}
	if !strings.Contains(b.log.String(), "route=") || sinks < 100 {
		t.Errorf("%d sinks and this log are too little to look at:\n%.300s", sinks, b.log.String())
	}
	t.Logf("%d requests searched", sinks)
}

// TestNobodyIsNamedInAnAnswerOrALog pays somebody out, gives money back and looks
// somebody up, and searches all that comes out for names, addresses and numbers.
// Its control is the engine, which has them.
func TestNobodyIsNamedInAnAnswerOrALog(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out := strings.Builder{}
	send := func(req request) api.Transaction {
		w := b.do(req)
		out.WriteString(w.Body.String())
		if w.Code >= http.StatusBadRequest {
			t.Fatalf("%s: %d %s", req.path, w.Code, w.Body)
		}
		var tx api.Transaction
		_ = json.Unmarshal(w.Body.Bytes(), &tx)
		return tx
	}
	keyed := map[string]string{"Idempotency-Key": "k"}
	held := send(request{method: "POST", path: "/v1/payouts", header: keyed, body: `{"amount":"5000","currency":"XOF","country":"CI","description":"Canary-text",
		"recipient":{"name":"Canary-name","surname":"Canary-surname","email":"canary@example.com","phone":"+2250707123456",
		"bank_account":{"iban":"DE89370400440532013000","account_number":"0011122233344455","holder":"Canary-holder"}}}`})
	send(request{method: "POST", path: "/v1/payouts/" + held.ID + "/approve", body: `{"reason":"to DE89370400440532013000, 0011122233344455"}`})
	send(request{method: "GET", path: "/v1/transactions/" + held.ID + "?expand=history"})
	send(request{method: "GET", path: "/v1/transactions"})
	paid := b.settle(b.pay("", "k", strings.Replace(payment, `"id"`, `"name":"Canary-payer","id"`, 1)).ID, "")
	send(request{method: "POST", path: "/v1/payments/" + paid.ID + "/refunds", header: keyed, body: `{"reason":"Canary-reason"}`})
	send(lookup(httpapitest.PhoneKnown))
	all := out.String() + b.log.String()
	for _, secret := range []string{
		"Canary", "canary", "2250707123456", "DE8937", "40532013000", "0011122", "33344455", "jane@", "Jane", httpapitest.PhoneKnown[1:],
	} {
		if at := strings.Index(all, secret); at >= 0 {
			t.Errorf("%q comes out: ...%s", secret, all[max(0, at-200):at])
		}
	}
	kept, err := b.engine.Transaction(t.Context(), core.Caller{Operator: true}, held.ID)
	if err != nil || kept.Customer.Name != "Canary-name" || kept.BankAccount.Holder != "Canary-holder" {
		t.Errorf("the engine has %+v, %v", kept.Customer, err)
	}
}

func TestTheLogNamesTheRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(key("shop", "shop", httpapi.ScopePayments, httpapi.ScopeRead)))
	tx := b.pay("shop", "k", payment)
	w := b.do(request{method: http.MethodGet, path: "/v1/transactions/" + tx.ID + "?expand=history", as: "shop"})
	lines := strings.Split(strings.TrimSpace(b.log.String()), "\n")
	line := lines[len(lines)-1]
	for _, want := range []string{
		w.Header().Get("X-Request-Id"), "method=GET", `route="GET /v1/transactions/{id}"`, "status=200", "key=shop", "peer=192.0.2.1", "transaction=" + tx.ID,
	} {
		if !strings.Contains(line, want) {
			t.Errorf("%q lacks %q", line, want)
		}
	}
	if strings.Contains(line, "expand") {
		t.Errorf("%q holds the query", line)
	}
}
