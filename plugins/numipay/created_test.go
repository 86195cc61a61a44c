package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// seen is what matters of a result.
type seen struct {
	Outcome sdk.Outcome
	Reason  sdk.Reason
	URL     string
	Held    bool
	Alert   bool
}

func seenOf(result sdk.Result) seen {
	s := seen{Outcome: result.Outcome, Reason: result.Reason, Held: result.Held, Alert: result.Alert != ""}
	if result.NextAction != nil {
		s.URL = result.NextAction.URL
	}
	return s
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const page = `"url":"` + securePage + `"`

func TestAnswersToAPayment(t *testing.T) {
	action := seen{Outcome: sdk.OutcomeRequiresAction, URL: securePage}
	unknown, alarmed := seen{}, seen{Alert: true}
	pending := seen{Outcome: sdk.OutcomePending}
	for name, c := range map[string]struct {
		body string
		want seen
	}{
		"the documented answer":      {sample(t, "created.json"), action},
		"all fields":                 {`{` + page + `,"transaction_id":"t1","tracking_id":"` + testRef + `","transaction_status":"pending"}`, action},
		"only a url":                 {`{` + page + `}`, action},
		"the word in capitals":       {`{` + page + `,"transaction_status":"PENDING"}`, action},
		"the word as status":         {`{` + page + `,"status":"pending"}`, action},
		"both words, the first wins": {`{` + page + `,"transaction_status":"pending","status":"successful"}`, action},
		"no url":                     {`{"transaction_status":"pending"}`, pending},
		"an empty url":               {`{"url":"","transaction_status":"pending"}`, pending},
		"successful":                 {`{` + page + `,"transaction_status":"successful"}`, pending},
		"rejected":                   {`{"transaction_status":"rejected","error":"Insufficient funds"}`, pending},
		"expired":                    {`{"transaction_status":"expired"}`, pending},
		"an unknown word":            {`{` + page + `,"transaction_status":"processing"}`, alarmed},
		"an unknown word alone":      {`{"transaction_status":"processing"}`, alarmed},
		"http":                       {`{"url":"http://cashier.example.com/"}`, alarmed},
		"a relative url":             {`{"url":"/page/1"}`, alarmed},
		"a script":                   {`{"url":"javascript:alert(1)"}`, alarmed},
		"credentials in the url":     {`{"url":"https://a:b@cashier.example.com/"}`, alarmed},
		"another reference":          {`{` + page + `,"tracking_id":"another"}`, alarmed},
		"neither":                    {`{"message":"ok"}`, unknown},
		"an empty object":            {`{}`, unknown},
		"an array":                   {`[{` + page + `}]`, unknown},
		"null":                       {`null`, unknown},
		"a name twice":               {`{` + page + `,` + page + `}`, unknown},
		"no JSON":                    {`<html>`, unknown},
		"cut":                        {`{` + page, unknown},
		"nothing":                    {``, unknown},
		"a url of another type":      {`{"url":{"href":"https://cashier.example.com/"},"transaction_status":"pending"}`, alarmed},
		"a list of urls":             {`{"url":["https://cashier.example.com/"],"transaction_status":"pending"}`, alarmed},
		"a url that is null":         {`{"url":null,"transaction_status":"pending"}`, pending},
		"a url that is false":        {`{"url":false,"transaction_status":"pending"}`, pending},
		"types that are none":        {`{"url":[],"transaction_status":{}}`, alarmed},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, c.want, seenOf(live(t).created(answered(200, c.body), about(nil))))
		})
	}
}

func TestAnswersToAPayout(t *testing.T) {
	body := `{` + page + `,"transaction_status":"pending","transaction_id":"t1"}`
	out := about(func(a *sdk.Attempt) { a.Kind = sdk.KindPayout })
	held := live(t).created(answered(200, body), out)
	same(t, seen{Outcome: sdk.OutcomePending, URL: securePage, Held: true}, seenOf(held))
	if held.ProviderRef != "t1" || held.NextAction.Type != sdk.ActionRedirect {
		t.Errorf("got %+v", held)
	}
	free := open(t, with("http://127.0.0.1:1", map[string]any{"payout_approval": false}))
	same(t, seen{Outcome: sdk.OutcomeRequiresAction, URL: securePage}, seenOf(free.created(answered(200, body), out)))
	same(t, seen{Outcome: sdk.OutcomePending}, seenOf(free.created(answered(200, `{"transaction_status":"pending"}`), out)))
	out.Decision = "approve" // by policy, before there was anything to approve
	same(t, true, live(t).created(answered(200, body), out).Held)
}

// createdAnswers is what every HTTP status means to a create call.
func createdAnswers(status int) seen {
	switch {
	case status == 400 || status == 422:
		return seen{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonInvalidRequest}
	case status == 401 || status == 403:
		return seen{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonAuthentication, Alert: true}
	case status == 404 || status == 405:
		return seen{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonProviderUnavailable, Alert: true}
	case status == 408 || status == 409:
		return seen{}
	case status == 429:
		return seen{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonRateLimited}
	case status >= 400 && status <= 499:
		return seen{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonNotSupported}
	default:
		return seen{}
	}
}

func TestEveryHTTPAnswerToACreateCall(t *testing.T) {
	p := live(t)
	for status := 300; status <= 599; status++ {
		for _, body := range []string{`{"message":"no","errors":[{"field":"amount","message":"bad"}]}`, "<html>", ""} {
			same(t, createdAnswers(status), seenOf(p.created(answered(status, body), about(nil))))
			same(t, createdAnswers(status), seenOf(p.chargedWith(answered(status, body), about(nil))))
		}
	}
}

func TestARefusalThatTellsOfATransactionIsUnknown(t *testing.T) {
	for _, body := range []string{`{` + page + `}`, `{"transaction_id":"t1"}`, `{"transaction_status":"pending"}`, `{"status":"rejected"}`} {
		for _, status := range []int{400, 401, 404, 422, 429, 451} {
			t.Run(fmt.Sprint(status, body), func(t *testing.T) {
				same(t, seen{Alert: true}, seenOf(live(t).created(answered(status, body), about(nil))))
			})
		}
	}
}

func TestRetryAfterIsHandedOn(t *testing.T) {
	a := read(httpx.Response{Status: 429, Header: http.Header{"Retry-After": {"2"}}})
	if got := live(t).created(a, about(nil)); got.RetryAfter != 2*time.Second {
		t.Errorf("got %v", got.RetryAfter)
	}
}

func TestAnErrorIsToldWithItsFields(t *testing.T) {
	body := `{"message":"not valid","errors":[{"field":"phone","message":"+33612345678 is none"},{"field":"email","message":"aya@example.com is taken"}]}`
	got := live(t).created(answered(400, body), about(nil))
	same(t, "not valid; phone +[number] is none; email [address] is taken", got.Message)
}

// An id that we took for theirs is the one that a payout is rejected by.
func TestOnlyTheirOwnIDOfOursIsTheirs(t *testing.T) {
	for name, body := range map[string]string{
		"another's":        `{"transaction_id":"t1","tracking_id":"another"}`,
		"our own":          `{"transaction_id":"` + testRef + `","tracking_id":"` + testRef + `"}`,
		"our own, alone":   `{"transaction_id":"` + testRef + `"}`,
		"our own, pending": `{` + page + `,"transaction_id":"` + testRef + `","transaction_status":"pending"}`,
	} {
		for _, status := range []int{200, 302, 404, 409, 500} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				if got := live(t).created(answered(status, body), about(nil)); got.ProviderRef != "" {
					t.Errorf("create: got %q", got.ProviderRef)
				}
				g := &gateway{statusCode: status, status: body, list: `[]`}
				if got := g.ask(t, about(nil)); got.ProviderRef != "" {
					t.Errorf("status: got %q", got.ProviderRef)
				}
			})
		}
	}
}
