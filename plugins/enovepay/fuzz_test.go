package main

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
)

func answers(f *testing.F) []string {
	return []string{
		sample(f, "answer-accepted.json"), sample(f, "status-success.json"), sample(f, "webhook-failed.json"), sample(f, "webhook-success.js"),
		tells("114", "Credit In Progress"), tells("112", "Failed"), tells("100", "Refunded"), says("104"), says(`"100"`),
		`{"status_code":1e2,"transaction_status":"Success","transaction_amount":-0}`, "[", "", "null", "<html>",
	}
}

// FuzzStatusAnswer looks for an answer that is called paid without saying so.
func FuzzStatusAnswer(f *testing.F) {
	for _, body := range answers(f) {
		f.Add(200, body)
		f.Add(500, body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		byReference := p.told(answered(status, body), collection(nil).Attempt).Outcome
		named := answered(status, body).fields.reference()
		if ended := byReference != unknown && byReference != pending; ended && named == "" || ended && named != testRef && byReference != succeeded {
			t.Fatalf("%d %q ended an attempt that it does not name: %v", status, body, byReference)
		}
		got := p.told(answered(status, body), asked())
		if got.Outcome.CreateOnly() || got.Outcome.Known() != got.Outcome {
			t.Fatalf("a question was answered %v", got.Outcome)
		}
		if got.Outcome != sdk.OutcomeSucceeded {
			return
		}
		if !json.Valid([]byte(body)) || got.Told.Amount == "" || !strings.EqualFold(got.ProviderStatus, "Success") {
			t.Fatalf("paid without evidence: %d %q gave %+v", status, body, got)
		}
		if got.ProviderRef != "" && got.ProviderRef != testID && got.Told.Reference == "" {
			t.Fatalf("paid by another transaction: %d %q gave %+v", status, body, got)
		}
	})
}

// FuzzCreateAnswer looks for an answer that opens the door to another provider
// although it may belong to a transaction that exists, and for money believed.
func FuzzCreateAnswer(f *testing.F) {
	for _, body := range answers(f) {
		f.Add(200, body, true)
		f.Add(400, body, false)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string, payout bool) {
		name := opCollect
		if payout {
			name = opPayout
		}
		got := p.created(answered(status, body), name, testRef)
		switch got.Outcome {
		case sdk.OutcomeUnknown, sdk.OutcomePending:
		case sdk.OutcomeRequiresAction:
			if payout {
				t.Fatalf("a payout asks the customer: %q", body)
			}
		case sdk.OutcomeRejected, sdk.OutcomeDeclined, sdk.OutcomeDeclinedFinal:
			if got.Reason == sdk.ReasonNone || status >= 300 && status <= 399 || got.ProviderCode == "104" || got.ProviderCode == "110" {
				t.Fatalf("HTTP %d %q gave %+v", status, body, got)
			}
		default:
			t.Fatalf("HTTP %d %q gave %v", status, body, got.Outcome)
		}
	})
}

// FuzzLoginAnswer looks for a login in what grants none, and for a token that is
// used too long.
func FuzzLoginAnswer(f *testing.F) {
	for _, body := range append(answers(f), granting, `{"access_token":"t","expires_in":1e9}`, `{"status_code":111,"access_token":"t"}`) {
		f.Add(200, body)
		f.Add(401, body)
		f.Add(302, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		a := answered(status, body)
		if life := a.lifetime(); life <= 0 || life > tokenLifeMax {
			t.Fatalf("%q lives %s", body, life)
		}
		granted := a.grants()
		if granted && (status < 200 || status >= 300 && status <= 399 || !json.Valid([]byte(body)) || a.code() == "111") {
			t.Fatalf("HTTP %d %q is a login", status, body)
		}
	})
}

// FuzzBalanceAnswer looks for a balance in what tells none.
func FuzzBalanceAnswer(f *testing.F) {
	for _, rows := range []string{`[{"currency":"XOF","available":5}]`, `[{"currency":"XOF","available":1e3}]`, `null`, `{}`, `[null,{"currency":"xof"}]`} {
		f.Add(200, `{"status_code":100,"balances":`+rows+`}`)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		got, err := p.balances(answered(status, body))
		if err != nil && (got != nil || sdk.CreateOutcome(err) != unknown) || len(got) > 0 && !json.Valid([]byte(body)) {
			t.Fatalf("HTTP %d %q gave %v, %v", status, body, got, err)
		}
	})
}

// FuzzNotification looks for a body that is trusted without a token made with
// the secret, and for success in what cannot be read.
func FuzzNotification(f *testing.F) {
	f.Add(sample(f, "webhook-success.json"), tokenOK)
	f.Add(sample(f, "webhook-failed.json"), tokenFailed)
	f.Add(sample(f, "webhook-success.js"), tokenOK)
	f.Add("transaction_id="+testID+"&transaction_status=Success&transaction_amount=10", tokenOK)
	f.Add(names(testID, ""), tokenSwapped)
	f.Add("%zz;&&=", "")
	p := live(f)
	f.Fuzz(func(t *testing.T, body, token string) {
		got, err := p.HandleNotification(t.Context(), posted(body, token))
		if err != nil {
			t.Fatal(err)
		}
		if got.Authenticity == sdk.Forged {
			if got.Ref != "" || got.ProviderRef != "" || got.Result.Outcome != unknown || got.Status < http.StatusBadRequest {
				t.Fatalf("forged, but %+v", got)
			}
			return
		}
		sum := md5.Sum([]byte(got.ProviderRef + testSecret))
		if !got.Confirm || !strings.EqualFold(hex.EncodeToString(sum[:]), strings.TrimSpace(token)) {
			t.Fatalf("%q with %q gave %+v", body, token, got)
		}
		if got.Result.Outcome == sdk.OutcomeSucceeded && !readable(body) {
			t.Fatalf("success in what cannot be read: %q", body)
		}
	})
}

func readable(body string) bool {
	if json.Valid([]byte(body)) {
		return true
	}
	values, err := url.ParseQuery(body)
	return err == nil && strings.EqualFold(strings.TrimSpace(values.Get("transaction_status")), "Success")
}
