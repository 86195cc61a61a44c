package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/paymux/paymux/sdk"
)

// FuzzLookUpAnswer looks for an answer that is taken for a customer without
// naming one, and for one that leaves a payment uncertain.
func FuzzLookUpAnswer(f *testing.F) {
	for _, body := range []string{
		sample(f, "account-found.json"), sample(f, "account-nobody.json"), `{"userId":1e9}`, `{"userId":[]}`, `[]`, `{"message":"no"}`, "",
	} {
		f.Add(200, body)
		f.Add(404, body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		got := p.answered(request(nil), p.findingOf(answered(status, body), nil, testPhone))
		switch got.Outcome {
		case sdk.OutcomeRequiresAction:
			if status < 200 || status > 299 || !json.Valid([]byte(body)) || got.Match == nil || strings.TrimSpace(got.Match.Customer) == "" {
				t.Fatalf("HTTP %d %q gave %+v", status, body, got)
			}
			if !utf8.ValidString(got.Match.Customer) || !utf8.ValidString(got.NextAction.Instructions) {
				t.Fatalf("%q gave a text that no wire takes", body)
			}
		case sdk.OutcomeRejected:
			if got.Reason == sdk.ReasonNone || status >= 500 || status >= 300 && status <= 399 {
				t.Fatalf("HTTP %d %q gave %+v", status, body, got)
			}
		case sdk.OutcomeNotSent:
		default:
			t.Fatalf("a look-up made the payment %v", got.Outcome)
		}
	})
}

// FuzzList looks for a transfer that is called paid without saying so.
func FuzzList(f *testing.F) {
	for _, body := range []string{
		sample(f, "transactions.json"), "[" + row(nil) + "]", `{"items":[{}]}`, `[[]]`, `{"data":[null]}`, "null", "",
		`[{"id":1,"userId":2,"amount":1e400,"status":"completed","createdAt":99999999999999}]`,
	} {
		f.Add(body)
	}
	p := live(f)
	f.Fuzz(func(t *testing.T, body string) {
		rows, size, ok := readPage([]byte(body))
		if !ok {
			return
		}
		page := p.page(answered(http.StatusOK, body), reading{rows: rows, size: size, number: 1, from: dawn()})
		for _, item := range page.Items {
			checkItem(t, body, item)
		}
		if page.Next != "" && len(rows) < size {
			t.Fatalf("a short page goes on: %q", body)
		}
	})
}

func checkItem(t *testing.T, body string, item sdk.ListItem) {
	t.Helper()
	if item.ID == "" || item.Customer == "" || item.Told.Amount == "" || item.CreatedAt.Before(time.Unix(0, 0)) {
		t.Fatalf("%q gave %+v", body, item)
	}
	for _, text := range []string{item.ID, item.Customer, item.Status, item.Told.Amount, item.Told.Currency} {
		if !utf8.ValidString(text) {
			t.Fatalf("%q gave a text that no wire takes: %q", body, text)
		}
	}
	if item.Outcome.CreateOnly() {
		t.Fatalf("a list told %v", item.Outcome)
	}
	if item.Outcome != sdk.OutcomeSucceeded {
		return
	}
	word := strings.ToLower(item.Status)
	paid := word == "completed" || word == "success" || word == "successful" || word == "settled"
	if !paid || !isDecimal(item.Told.Amount) || item.Told.Currency == "" {
		t.Fatalf("paid without evidence: %q gave %+v", body, item)
	}
}
