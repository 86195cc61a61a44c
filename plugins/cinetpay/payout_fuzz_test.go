package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// FuzzSendAnswer looks for an answer of send that is called refused although it
// may belong to a transfer, or paid without saying so.
func FuzzSendAnswer(f *testing.F) {
	for _, body := range []string{
		sample(f, "send-created.json"), sample(f, "send-refused.json"), sample(f, "money-paid.json"), refuses("602"), refuses("-1"),
		oneItem("805"), oneItem(`"721"`), `{"code":"602","data":[[{"transaction_id":"EA1"}]]}`, says0(`[[[[{}]]]]`), "error code: 1010", "",
	} {
		f.Add(200, body)
		f.Add(400, body)
		f.Add(429, body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		r := readReply(answered(status, body), sdk.NewSecret("token-1"))
		got := p.sent(r, testRef)
		checkTransfer(t, status, body, got)
		if got.Outcome != sdk.OutcomeRejected {
			return
		}
		if got.Reason == sdk.ReasonNone || status >= 500 || status >= 300 && status <= 399 || status < 200 || r.mentionsTransfer() {
			t.Fatalf("HTTP %d %q gave %+v", status, body, got)
		}
	})
}

// FuzzCheckMoneyAnswer looks for an answer that decides a transfer without saying so.
func FuzzCheckMoneyAnswer(f *testing.F) {
	for _, body := range []string{
		sample(f, "money-paid.json"), refuses("723"), says0(`[` + item("REJ", "") + `]`), says0(`[` + item("VAL", `,"sending_status":"PENDING"`) + `]`),
		says0(`[` + item("VAL", "") + `,` + item("REJ", "") + `]`), `{"code":"0","data":{"treatment_status":"VAL","amount":1e2}}`, "[", "",
	} {
		f.Add(200, body)
		f.Add(500, body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		got := p.traced(readReply(answered(status, body), sdk.NewSecret("token-1")), testRef)
		checkTransfer(t, status, body, got)
		if got.Outcome.CreateOnly() {
			t.Fatalf("a check answered %v", got.Outcome)
		}
	})
}

// checkTransfer holds for every answer about a transfer.
func checkTransfer(t *testing.T, status int, body string, got sdk.Result) {
	t.Helper()
	for _, text := range []string{got.Message, got.ProviderCode, got.ProviderStatus, got.ProviderRef, got.PaidWith} {
		if strings.Contains(text, "token-1") || strings.Contains(text, testKey) {
			t.Fatalf("%q shows a secret: %+v", body, got)
		}
	}
	if got.Held {
		t.Fatalf("%q is held", body)
	}
	decided := false
	switch got.Outcome {
	case sdk.OutcomeUnknown, sdk.OutcomeRejected:
	case sdk.OutcomePending:
	case sdk.OutcomeSucceeded:
		decided = true
		if got.Told.Amount == "" || got.Told.Currency != "" || got.ProviderStatus != "VAL" {
			t.Fatalf("paid without evidence: %d %q gave %+v", status, body, got)
		}
	case sdk.OutcomeDeclined:
		decided = true
		if got.ProviderStatus != "REJ" || got.Reason != sdk.ReasonDeclined {
			t.Fatalf("declined without evidence: %d %q gave %+v", status, body, got)
		}
	default:
		t.Fatalf("%q gave %v", body, got.Outcome)
	}
	if decided && (status < 200 || status > 299 || !json.Valid([]byte(body))) {
		t.Fatalf("HTTP %d %q decided: %+v", status, body, got)
	}
}

// FuzzEntryAnswer looks for an answer of a login or a contact that lets a
// transfer through without saying so, or that leaves one in doubt.
func FuzzEntryAnswer(f *testing.F) {
	for _, body := range []string{
		says0(`{"token":"t"}`), refuses("701"), refuses("726"), refuses("-1"), oneItem("726"), oneItem("717"), says0(`[]`), "[", "error code: 1010", "",
	} {
		f.Add(200, body)
		f.Add(400, body)
		f.Add(503, body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		r := readReply(answered(status, body), sdk.NewSecret("token-1"))
		if r.knowsContact() && (status < 200 || status >= 300 && status <= 399 || status >= 500 || !json.Valid([]byte(body))) {
			t.Fatalf("HTTP %d %q is a contact", status, body)
		}
		result, err := unsent(p.turnedAway("contact", r))
		if err == nil && (result.Outcome != sdk.OutcomeRejected || result.Reason == sdk.ReasonNone || r.unclear()) {
			t.Fatalf("HTTP %d %q gave %+v", status, body, result)
		}
		if err != nil && sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
			t.Fatalf("HTTP %d %q gave %v", status, body, err)
		}
	})
}

// FuzzBalanceAnswer looks for a balance in what tells none.
func FuzzBalanceAnswer(f *testing.F) {
	for _, body := range []string{
		says0(`{"amount":100,"inUsing":5,"available":95}`), says0(`[{"available":"95"}]`), says0(`{"available":1e2}`), says0(`{"available":-5}`),
		says0(`{"available":95,"inUsing":{}}`), refuses("701"), "[", "",
	} {
		f.Add(200, body)
		f.Add(500, body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		got, err := p.balances(readReply(answered(status, body), sdk.Secret{}), money.XOF)
		if err == nil && (len(got) != 1 || status < 200 || status > 299 || !json.Valid([]byte(body))) {
			t.Fatalf("HTTP %d %q gave %v", status, body, got)
		}
		if err != nil && (got != nil || sdk.CreateOutcome(err) != sdk.OutcomeUnknown) {
			t.Fatalf("HTTP %d %q gave %v, %v", status, body, got, err)
		}
	})
}

// FuzzTransferNotification looks for an unsigned form that is more than a hint.
func FuzzTransferNotification(f *testing.F) {
	f.Add("client_transaction_id="+testRef+"&treatment_status=VAL&transaction_id=EA1", "")
	f.Add("client_transaction_id=a&cpm_trans_id=b", "00")
	f.Add("client%5Ftransaction_id=a&client_transaction_id=b&=&%zz", "")
	f.Add(string(formOf(vectorA).encode()), tokenA)
	p := paying(f, "", nil)
	f.Fuzz(func(t *testing.T, body, token string) {
		got, err := p.HandleNotification(t.Context(), posted([]byte(body), token))
		if err != nil {
			t.Fatal(err)
		}
		if got.Result.Outcome != sdk.OutcomeUnknown || got.Authenticity == sdk.Unverified || got.Authenticity == sdk.Ping {
			t.Fatalf("%q gave %+v", body, got)
		}
		if got.Authenticity != sdk.Hint {
			return
		}
		values, _ := url.ParseQuery(strings.ReplaceAll(body, ";", "%3B"))
		if !got.Confirm || got.Status != http.StatusOK || got.Ref == "" || got.Ref != values.Get("client_transaction_id") ||
			values.Has("cpm_trans_id") {
			t.Fatalf("%q gave %+v", body, got)
		}
	})
}
