package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/examples/demo/local"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func TestAPaymentIsPaidOnTheProvidersPage(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	tx := s.pay("order-1")
	if tx.State != "requires_action" || tx.NextAction == nil || !strings.HasPrefix(tx.NextAction.URL, s.first.URL()) {
		t.Fatalf("want a link to the first account's page, got %s with %v", tx.State, tx.NextAction)
	}
	browser := local.Sandbox{URL: s.first.URL()}
	if err := browser.Open(t.Context(), tx.NextAction.URL); err != nil {
		t.Fatal(err)
	}
	if err := browser.Press(t.Context(), tx.NextAction.URL, sandbox.Pay); err != nil {
		t.Fatal(err)
	}
	paid := s.await(tx.ID, "succeeded")
	if paid.AmountReceived != "5000" || paid.Late || len(paid.Attempts) != 1 || paid.Attempts[0].Provider != "first" {
		t.Errorf("want 5000 received by one attempt at first, got %+v", paid)
	}
	row, _ := s.first.Payment(tx.Attempts[0].Ref)
	if !row.Paid || row.Created != 1 || row.CreateCalls != 1 {
		t.Errorf("want one paid payment in the ledger, got %+v", row)
	}
	if others := s.second.State().Payments; len(others) != 0 {
		t.Errorf("the second account was asked too: %+v", others)
	}
}

func TestARefusalOfTheCustomerEndsThePayment(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	tx := s.pay("order-1")
	decide(t, s.first, tx, sandbox.Cancel)
	failed := s.await(tx.ID, "failed")
	if failed.Reason == nil || failed.Reason.Code != "canceled_by_customer" || len(failed.Attempts) != 1 {
		t.Errorf("want canceled_by_customer after one attempt, got %+v after %d", failed.Reason, len(failed.Attempts))
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	const good = `{"amount":"5000","currency":"XOF","country":"CI"}`
	bearer := "Bearer " + s.setup.Key.Secret
	tests := map[string]struct {
		key, idempotency, body string
		status                 int
		code                   string
	}{
		"no API key":             {"", "k", good, 401, "unauthorized"},
		"a wrong API key":        {"Bearer pmx_wrong", "k", good, 401, "unauthorized"},
		"no idempotency key":     {bearer, "", good, 400, "idempotency_key_missing"},
		"half of a JSON object":  {bearer, "k", good[:20], 400, "invalid_request"},
		"an unknown field":       {bearer, "k", `{"amount":"5000","currency":"XOF","colour":"red"}`, 400, "invalid_request"},
		"a float for an amount":  {bearer, "k", `{"amount":5000.5,"currency":"XOF","country":"CI"}`, 400, "invalid_request"},
		"decimals of XOF":        {bearer, "k", `{"amount":"5000.5","currency":"XOF","country":"CI"}`, 400, "invalid_request"},
		"an exponent":            {bearer, "k", `{"amount":"5e3","currency":"XOF","country":"CI"}`, 400, "invalid_request"},
		"nothing":                {bearer, "k", `{"amount":"0","currency":"XOF","country":"CI"}`, 400, "invalid_request"},
		"an unknown currency":    {bearer, "k", `{"amount":"5000","currency":"XFO","country":"CI"}`, 400, "invalid_request"},
		"a country nobody takes": {bearer, "k", `{"amount":"5000","currency":"XOF","country":"FR"}`, 422, "denied"},
		"more than anybody takes": {
			bearer, "k", `{"amount":"99000000","currency":"XOF","country":"CI"}`, 422, "no_route",
		},
		"an unknown account": {bearer, "k", `{"amount":"5000","currency":"XOF","country":"CI","provider":"third"}`, 422, "no_route"},
		"65 KiB":             {bearer, "k", `{"description":"` + strings.Repeat("x", 65<<10) + `"}`, 413, "too_large"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, problem := s.post(t, test.key, test.idempotency, test.body)
			want, got := fmt.Sprint(test.status, " ", test.code), fmt.Sprint(status, " ", problem.Code)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s%s", diff, problem.Detail)
			}
		})
	}
	list, err := s.client.Transactions(t.Context(), client.Filter{})
	if err != nil || len(list.Data) != 0 {
		t.Errorf("something was stored: %v, %v", list.Data, err)
	}
	if asked := len(s.first.State().Payments) + len(s.second.State().Payments); asked != 0 {
		t.Errorf("a provider was asked %d times", asked)
	}
}

// problem is what a refusal says.
type problem struct{ Code, Detail string }

// post sends a payment as it is written.
func (s *shop) post(t *testing.T, key, idempotency, body string) (int, problem) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.engine.URL+"/v1/payments", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", key)
	}
	if idempotency != "" {
		req.Header.Set("Idempotency-Key", idempotency)
	}
	status, text := send(t, req)
	var told problem
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		t.Fatalf("no problem: %v in %s", err, text)
	}
	return status, told
}

// send sends a request over a connection of its own and returns the answer.
func send(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}
