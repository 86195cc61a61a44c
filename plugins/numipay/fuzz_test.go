package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
)

// FuzzNotification looks for a webhook that is genuine without a signature made
// with the password, and for one that is believed without a question.
func FuzzNotification(f *testing.F) {
	for body, signature := range map[string]string{
		documented: documentedSignature, withdrawal: withdrawalSignature, special: specialSignature, "": "", "[]": "x",
		`{"a":1,"a":2}`: signatureFor(`{"a":1,"a":2}`), `{"status":{"a":[1]}}`: signatureFor(`{"status":{"a":[1]}}`),
	} {
		f.Add(body, signature, false)
		f.Add(body, signature, true)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, body, signature string, seal bool) {
		if seal {
			signature = signatureFor(body)
		}
		got := notify(t, p, posted(body, signature))
		if got.Authenticity == sdk.Forged {
			if got.Ref != "" || got.Result.Outcome != sdk.OutcomeUnknown || got.Status != http.StatusUnauthorized {
				t.Fatalf("forged, but %+v", got)
			}
			return
		}
		if got.Authenticity != sdk.Genuine || !got.Confirm || !json.Valid([]byte(body)) {
			t.Fatalf("%q gave %+v", body, got)
		}
		given := strings.ToUpper(strings.TrimSpace(signature))
		if given != signatureFor(body) && given != signatureFor(compacted(t, body)) {
			t.Fatalf("%q with %q is genuine", body, signature)
		}
		if got.Result.Outcome == sdk.OutcomeSucceeded && normal(got.Result.ProviderStatus) != wordSuccessful {
			t.Fatalf("%q says paid", body)
		}
	})
}

// compacted takes the white space out in another way than the plugin: between
// the texts of a JSON document it means nothing.
func compacted(t *testing.T, body string) string {
	t.Helper()
	var out strings.Builder
	inText, escaped := false, false
	for i := range len(body) {
		b := body[i]
		if !inText && strings.IndexByte(" \t\r\n", b) >= 0 {
			continue
		}
		out.WriteByte(b)
		switch {
		case escaped:
			escaped = false
		case inText && b == '\\':
			escaped = true
		case b == '"':
			inText = !inText
		}
	}
	return out.String()
}

// FuzzCreatedAnswer looks for a create answer that is called refused although it
// names a transaction, called an end, or sends somebody to an unsafe page.
func FuzzCreatedAnswer(f *testing.F) {
	for _, body := range []string{
		sample(f, "created.json"), sample(f, "status-rejected.json"), says("successful"), `{"url":"http://x.example/"}`, `{"url":`, "[]", "",
		`{"message":"no","errors":[{"field":1}]}`, `{"transaction_id":"t1"}`,
	} {
		f.Add(200, body, false)
		f.Add(400, body, true)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string, card bool) {
		got := p.created(answered(status, body), about(nil))
		if card {
			got = p.chargedWith(answered(status, body), about(nil))
		}
		if got.Outcome == sdk.OutcomeRejected && (got.Reason == sdk.ReasonNone || status < 400 || status > 499) {
			t.Fatalf("HTTP %d %q gave %+v", status, body, got)
		}
		declined := got.Outcome == sdk.OutcomeDeclined || got.Outcome == sdk.OutcomeDeclinedFinal
		if got.Outcome == sdk.OutcomeSucceeded || declined && (!card || status < 200 || status > 299) {
			t.Fatalf("HTTP %d %q gave %+v", status, body, got)
		}
		if got.NextAction == nil {
			return
		}
		to, err := url.Parse(got.NextAction.URL)
		if err != nil || to.Scheme != "https" || to.Host == "" {
			t.Fatalf("somebody is sent to %q", got.NextAction.URL)
		}
	})
}

// FuzzStatusAnswer looks for an answer of status that is an end without saying so.
func FuzzStatusAnswer(f *testing.F) {
	for _, body := range []string{
		sample(f, "status-rejected.json"), says("successful"), says("expired"), says("pending"), `{"status":"Successful "}`, "{", "[]", "",
		`{"transaction_status":"successful","transaction_status":"pending"}`,
	} {
		f.Add(body)
	}
	p := live(f)
	told := sdk.Told{Amount: "1.00", Currency: "EUR"}
	attempt := about(func(a *sdk.Attempt) { a.Evidence = evidence(sdk.OutcomeSucceeded, told) })
	f.Fuzz(func(t *testing.T, body string) {
		a := answered(200, body)
		got := p.standing(t.Context(), attempt, a, p.result(a, attempt))
		if got.Outcome.CreateOnly() || got.Outcome.Known() != got.Outcome {
			t.Fatalf("status answered %v", got.Outcome)
		}
		if got.Outcome == sdk.OutcomeSucceeded && (!json.Valid([]byte(body)) || !strings.Contains(strings.ToLower(a.word()), wordSuccessful)) {
			t.Fatalf("paid without a word: %q gave %+v", body, got)
		}
	})
}

// FuzzList looks for a list that panics, or that makes an end of an item.
func FuzzList(f *testing.F) {
	for _, body := range []string{lists("successful", listedMoney), `[]`, `[1,{}]`, `{"a":1}`, `[{"created_at":"2026-01-01T00:00:00Z"}]`, ""} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		entries, readable, _ := entriesOf([]byte(body))
		if readable && !json.Valid([]byte(body)) {
			t.Fatalf("%q is readable", body)
		}
		for _, one := range entries {
			if item := one.item(); item.Outcome != sdk.OutcomeUnknown && item.Outcome != sdk.OutcomePending {
				t.Fatalf("%q gave %+v", body, item)
			}
		}
	})
}

// FuzzDecisionAnswer looks for an answer to approve or reject that counts as
// Numipay's although it is none.
func FuzzDecisionAnswer(f *testing.F) {
	for _, body := range []string{sample(f, "approve.json"), sample(f, "reject.json"), "", " \n", "null", "[]", "<html>", `{"a":1,"a":2}`, `{"errors":[{}]}`} {
		f.Add(200, body)
		f.Add(404, body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		got := p.verdict(answered(status, body))
		object := strings.HasPrefix(strings.TrimSpace(body), "{") && json.Valid([]byte(body))
		accepted := got.Verdict == sdk.VerdictAccepted
		if accepted && (status < 200 || status > 299 || !object && strings.TrimSpace(body) != "") || accepted != (got.ProviderData != nil) {
			t.Fatalf("HTTP %d %q gave %+v", status, body, got)
		}
		if got.Verdict == sdk.VerdictRefused && (status < 400 || status > 422) {
			t.Fatalf("HTTP %d %q gave %+v", status, body, got)
		}
	})
}
