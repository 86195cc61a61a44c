package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// seen is what a test compares of a result.
type seen struct {
	Outcome sdk.Outcome
	Reason  sdk.Reason
	Alert   bool
}

func seenIn(r sdk.Result) seen { return seen{r.Outcome, r.Reason, r.Alert != ""} }

const (
	unknown, refused     = sdk.OutcomeUnknown, sdk.OutcomeRejected
	pending, action      = sdk.OutcomePending, sdk.OutcomeRequiresAction
	declined, final      = sdk.OutcomeDeclined, sdk.OutcomeDeclinedFinal
	succeeded, reversed  = sdk.OutcomeSucceeded, sdk.OutcomeReversed
	no, auth             = sdk.ReasonDeclined, sdk.ReasonAuthentication
	badRequest, limited  = sdk.ReasonInvalidRequest, sdk.ReasonRateLimited
	notOffered, downtime = sdk.ReasonNotSupported, sdk.ReasonProviderUnavailable
)

func TestEachCodeInTheAnswerOfCollectAndPayout(t *testing.T) {
	both := func(s seen) [2]seen { return [2]seen{s, s} }
	for code, want := range map[string][2]seen{ // collect, payout
		"100": {{action, "", false}, {pending, "", false}},
		"101": both(seen{refused, auth, true}),
		"102": both(seen{refused, limited, false}),
		"103": both(seen{refused, badRequest, false}),
		"104": both(seen{}),
		"105": both(seen{refused, auth, true}),
		"106": both(seen{refused, notOffered, false}),
		"107": both(seen{refused, downtime, false}),
		"108": both(seen{refused, downtime, false}),
		"109": both(seen{refused, auth, true}),
		"110": both(seen{}),
		"111": both(seen{refused, auth, true}),
		"112": {{declined, no, false}, {}},
		"113": both(seen{refused, sdk.ReasonInsufficientFloat, true}),
		"114": {{action, "", false}, {pending, "", false}},
		"115": both(seen{final, no, false}),
		"116": both(seen{declined, no, false}),
		"117": both(seen{unknown, "", true}),
		"99":  both(seen{unknown, "", true}),
		"0":   both(seen{unknown, "", true}),
	} {
		for _, status := range []int{200, 400, 401, 403, 409, 429, 500, 503} {
			for i, name := range []operation{opCollect, opPayout} {
				for _, body := range []string{says(code), says(`"` + code + `"`)} {
					got := live(t).created(answered(status, body), name, testRef)
					if diff := cmp.Diff(want[i], seenIn(got)); diff != "" {
						t.Errorf("%s to %s with HTTP %d (-want +got):\n%s", body, name, status, diff)
					}
					if got.ProviderCode != code {
						t.Errorf("%s: want the code verbatim, got %q", body, got.ProviderCode)
					}
				}
			}
		}
	}
}

func TestEachWordInTheAnswerOfCollectAndPayout(t *testing.T) {
	for name, c := range map[string]struct {
		body            string
		collect, payout seen
	}{
		"in progress":               {tells("100", "Credit In Progress"), seen{action, "", false}, seen{pending, "", false}},
		"in progress with 114":      {tells("114", " credit in PROGRESS "), seen{action, "", false}, seen{pending, "", false}},
		"success":                   {tells("100", "Success"), seen{pending, "", false}, seen{pending, "", false}},
		"failed":                    {tells("100", "Failed"), seen{declined, no, false}, seen{}},
		"failed with 112":           {tells("112", "FAILED"), seen{declined, no, false}, seen{}},
		"failed with 115":           {tells("115", "Failed"), seen{final, no, false}, seen{}},
		"failed with pending":       {tells("114", "Failed"), seen{unknown, "", true}, seen{}},
		"failed with unclear":       {tells("110", "Failed"), seen{unknown, "", true}, seen{}},
		"refunded":                  {tells("100", "Refunded"), seen{unknown, "", true}, seen{unknown, "", true}},
		"another word":              {tells("100", "Validated"), seen{unknown, "", true}, seen{unknown, "", true}},
		"a duplicate says success":  {tells("104", "Success"), seen{}, seen{}},
		"a duplicate says failed":   {tells("104", "Failed"), seen{}, seen{}},
		"a word without code":       {`{"transaction_status":"Credit In Progress"}`, seen{action, "", false}, seen{pending, "", false}},
		"a refusal and an id":       {`{"status_code":103,"transaction_id":"` + testID + `"}`, seen{unknown, "", true}, seen{unknown, "", true}},
		"accepted without an id":    {says("100"), seen{action, "", false}, seen{pending, "", false}},
		"success true, no code":     {`{"success":true}`, seen{}, seen{}},
		"a code that is no number":  {`{"status_code":true}`, seen{}, seen{}},
		"a code with decimals":      {`{"status_code":100.5}`, seen{unknown, "", true}, seen{unknown, "", true}},
		"a list":                    {`[{"status_code":100}]`, seen{}, seen{}},
		"not JSON":                  {"<html>", seen{}, seen{}},
		"half an answer":            {`{"status_code":100,"transaction_id":"4c2`, seen{}, seen{}},
		"other names in capitals":   {`{"STATUS_CODE":103}`, seen{}, seen{}},
		"nothing at all":            {"", seen{}, seen{}},
		"JSON null":                 {"null", seen{}, seen{}},
		"success false, still 100":  {`{"success":false,"status_code":100}`, seen{action, "", false}, seen{pending, "", false}},
		"success true, refused 103": {`{"success":true,"status_code":103}`, seen{refused, badRequest, false}, seen{refused, badRequest, false}},
	} {
		t.Run(name, func(t *testing.T) {
			for name, want := range map[operation]seen{opCollect: c.collect, opPayout: c.payout} {
				if diff := cmp.Diff(want, seenIn(live(t).created(answered(200, c.body), name, testRef))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func TestTheHTTPNumberCountsOnlyWithoutAnEnvelope(t *testing.T) {
	want := map[int]seen{
		401: {refused, auth, true}, 403: {refused, auth, true},
		404: {refused, downtime, true}, 405: {refused, downtime, true}, 415: {refused, downtime, true},
		429: {refused, limited, true}, 400: {refused, badRequest, true}, 422: {refused, badRequest, true},
	}
	for status := 100; status <= 599; status++ {
		for _, body := range []string{"", "<html>", `{"error":"x"}`} {
			if diff := cmp.Diff(want[status], seenIn(live(t).created(answered(status, body), opCollect, testRef))); diff != "" {
				t.Errorf("HTTP %d %q (-want +got):\n%s", status, body, diff)
			}
		}
	}
	for _, status := range []int{301, 302, 307, 308} {
		if got := live(t).created(answered(status, says("103")), opCollect, testRef); got.Outcome != unknown {
			t.Errorf("HTTP %d with an envelope: want UNKNOWN, got %v", status, got.Outcome)
		}
	}
}

func TestWhatWasCreatedIsNamed(t *testing.T) {
	got := live(t).created(answered(200, sample(t, "answer-accepted.json")), opCollect, testRef)
	if got.ProviderRef != testID || got.ProviderStatus != "Credit In Progress" || got.ProviderCode != "100" {
		t.Errorf("got %+v", got)
	}
	if got := live(t).created(answered(200, tells("104", "Success")), opCollect, testRef); got.ProviderRef != "" {
		t.Errorf("a duplicate may name somebody else's transaction, got %q", got.ProviderRef)
	}
}

func TestTheRateLimitBacksOffUntilSomethingElseIsAnswered(t *testing.T) {
	p := live(t)
	var waits []time.Duration
	for range 8 {
		waits = append(waits, p.created(answered(429, says("102")), opCollect, testRef).RetryAfter/time.Second)
	}
	waits = append(waits, p.created(answered(200, says("100")), opCollect, testRef).RetryAfter/time.Second)
	waits = append(waits, p.created(answered(429, ""), opCollect, testRef).RetryAfter/time.Second)
	if diff := cmp.Diff([]time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 0, 1}, waits); diff != "" {
		t.Errorf("seconds (-want +got):\n%s", diff)
	}
	told := answered(429, says("102"))
	told.Header.Set("Retry-After", "7")
	if got := p.created(told, opCollect, testRef).RetryAfter; got != 7*time.Second {
		t.Errorf("told 7 s, got %s", got)
	}
}

func TestMessagesShowNeitherSecretsNorPhones(t *testing.T) {
	body := `{"status_code":103,"message":"bad msisdn 2250707123456 for ` + testToken + ` and ` + testSecret + `\u0000"}`
	got := live(t).created(answered(400, body), opCollect, testRef).Message
	if want := "bad msisdn [number] for [redacted] and [redacted] "; got != want {
		t.Errorf("want %q, got %q", want, got)
	}
	long := live(t).created(answered(400, `{"status_code":103,"message":"`+strings.Repeat("é", 300)+`"}`), opCollect, testRef).Message
	if n := len([]rune(long)); n != 200 {
		t.Errorf("want 200 characters, got %d", n)
	}
}
