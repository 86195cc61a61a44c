package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/paymux/paymux/core/httpapi"
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
	b := newBench(t, withKeys(key("shop", "shop", httpapi.ScopePayments, httpapi.ScopeRead)))
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
