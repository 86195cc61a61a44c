package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
)

// FuzzCheckAnswer looks for an answer that is called paid without saying so.
func FuzzCheckAnswer(f *testing.F) {
	for _, body := range []string{
		sample(f, "check-paid.json"), sample(f, "check-failed.json"), told("662", "WAITING_FOR_CUSTOMER"), told("00", "VALIDATED"),
		says("609"), `{"code":0,"data":{"status":"ACCEPTED","amount":1e2,"currency":"XOF"}}`, `{"data":[[]]}`, "[", "", "error code: 1010",
	} {
		f.Add(200, body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		got := p.checked(answered(status, body))
		if got.Outcome.CreateOnly() || got.Outcome.Known() != got.Outcome {
			t.Fatalf("a check answered %v", got.Outcome)
		}
		if got.Outcome != sdk.OutcomeSucceeded {
			return
		}
		if status < 200 || status > 299 || !json.Valid([]byte(body)) || got.Told.Amount == "" || got.Told.Currency == "" ||
			got.ProviderStatus != "ACCEPTED" || got.ProviderCode != "00" && got.ProviderCode != "0" {
			t.Fatalf("paid without evidence: %d %q gave %+v", status, body, got)
		}
	})
}

// FuzzInitAnswer looks for an answer of init that is called refused although it
// names a page, or that sends the customer to an unsafe one.
func FuzzInitAnswer(f *testing.F) {
	for _, body := range []string{
		sample(f, "init-created.json"), sample(f, "init-refused.json"), paysAt("201", "http://x.example/"), paysAt("608", securePage),
		says("620"), says("624"), "error code: 1010", "",
	} {
		f.Add(200, body)
		f.Add(400, body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		got := p.initiated(answered(status, body))
		switch got.Outcome {
		case sdk.OutcomeUnknown:
		case sdk.OutcomeRejected:
			if got.Reason == sdk.ReasonNone || status >= 500 || status >= 300 && status <= 399 {
				t.Fatalf("HTTP %d %q gave %+v", status, body, got)
			}
		case sdk.OutcomeRequiresAction:
			page, err := url.Parse(got.NextAction.URL)
			if err != nil || page.Scheme != "https" || page.Host == "" {
				t.Fatalf("the customer is sent to %q", got.NextAction.URL)
			}
		default:
			t.Fatalf("init answered %v", got.Outcome)
		}
	})
}

// FuzzNotification looks for a form that is called genuine without a token made
// with the secret.
func FuzzNotification(f *testing.F) {
	f.Add(string(formOf(vectorA).encode()), tokenA)
	f.Add(string(formOf(vectorB).encode()), tokenB)
	f.Add(string(formOf(vectorA).lastFirst().encode()), tokenC)
	f.Add("cpm_trans_id=%zz&&=&a", "")
	p := live(f)
	f.Fuzz(func(t *testing.T, body, token string) {
		got, err := p.HandleNotification(t.Context(), posted([]byte(body), token))
		if err != nil {
			t.Fatal(err)
		}
		if got.Authenticity == sdk.Forged {
			if got.Ref != "" || got.Status != http.StatusUnauthorized {
				t.Fatalf("forged, but %+v", got)
			}
			return
		}
		values, err := url.ParseQuery(strings.ReplaceAll(body, ";", "%3B"))
		if err != nil || !got.Confirm || got.Authenticity != sdk.Genuine || got.Ref != values.Get("cpm_trans_id") {
			t.Fatalf("%q gave %+v, %v", body, got, err)
		}
		if !madeWithTheSecret(body, values, strings.TrimSpace(token)) {
			t.Fatalf("%q with %q is genuine", body, token)
		}
	})
}

// madeWithTheSecret computes both formulas in another way than the plugin.
func madeWithTheSecret(body string, values url.Values, token string) bool {
	var formula, inOrder string
	for _, name := range signedFields() {
		formula += values.Get(name)
	}
	for _, part := range strings.Split(body, "&") {
		_, value, _ := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(value)
		if err != nil {
			return false
		}
		inOrder += plain
	}
	for _, message := range []string{formula, inOrder} {
		mac := hmac.New(sha256.New, []byte(testSecret))
		mac.Write([]byte(message))
		if strings.EqualFold(hex.EncodeToString(mac.Sum(nil)), token) {
			return true
		}
	}
	return false
}
