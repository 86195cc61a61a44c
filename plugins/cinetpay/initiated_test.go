package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// says is an answer of init or check with nothing but a code.
func says(code string) string { return `{"code":"` + code + `","message":"M","description":"d"}` }

// paysAt is the answer of init with the page.
func paysAt(code, page string) string {
	return `{"code":"` + code + `","message":"CREATED","data":{"payment_token":"tok","payment_url":"` + page + `"}}`
}

const securePage = "https://checkout.cinetpay.com/payment/tok"

func TestAnswersOfInit(t *testing.T) {
	const (
		unknown, rejected, action = sdk.OutcomeUnknown, sdk.OutcomeRejected, sdk.OutcomeRequiresAction
		badRequest, auth          = sdk.ReasonInvalidRequest, sdk.ReasonAuthentication
	)
	for name, c := range map[string]struct {
		status  int
		body    string
		outcome sdk.Outcome
		reason  sdk.Reason
		alert   bool
	}{
		"201 with a page":                {200, paysAt("201", securePage), action, "", false},
		"00 with a page":                 {200, paysAt("00", securePage), action, "", false},
		"201 as a number":                {200, strings.Replace(paysAt("201", securePage), `"201"`, `201`, 1), action, "", false},
		"HTTP 201 with a page":           {201, paysAt("201", securePage), action, "", false},
		"token instead of payment_token": {200, strings.Replace(paysAt("00", securePage), "payment_token", "token", 1), action, "", false},
		"no token at all":                {200, `{"code":"201","data":{"payment_url":"` + securePage + `"}}`, action, "", false},

		"201 without a page":            {200, paysAt("201", ""), unknown, "", true},
		"201 without data":              {200, says("201"), unknown, "", true},
		"00 without a page":             {200, says("00"), unknown, "", true},
		"201 with a page without tls":   {200, paysAt("201", "http://checkout.cinetpay.com/payment/tok"), unknown, "", true},
		"201 with a relative page":      {200, paysAt("201", "/payment/tok"), unknown, "", true},
		"201 with a script as page":     {200, paysAt("201", "javascript:alert(1)"), unknown, "", true},
		"201 with credentials in it":    {200, paysAt("201", "https://checkout.cinetpay.com@evil.example/"), unknown, "", true},
		"201 with a page of 2049 bytes": {200, paysAt("201", "https://x.example/"+strings.Repeat("p", 2031)), unknown, "", true},
		"201 with HTTP 500":             {500, paysAt("201", securePage), unknown, "", true},
		"201 with HTTP 403":             {403, paysAt("201", securePage), unknown, "", true},
		"608 with a page":               {400, paysAt("608", securePage), unknown, "", true},
		"301":                           {301, says("609"), unknown, "", false},
		"307":                           {307, "", unknown, "", false},
		"500":                           {500, "Internal Server Error", unknown, "", false},
		"502 of a proxy":                {502, "<html>Bad gateway</html>", unknown, "", false},
		"500 with 608":                  {500, says("608"), unknown, "", false},
		"520 with text 1010":            {520, "error code: 1010", unknown, "", false},
		"200 with HTML":                 {200, "<html>maintenance</html>", unknown, "", false},
		"200 with text 1010":            {200, "error code: 1010", unknown, "", false},
		"200 with nothing":              {200, "", unknown, "", false},
		"200 with half of it":           {200, paysAt("201", securePage)[:40], unknown, "", false},
		"200 with a list":               {200, "[]", unknown, "", false},
		"200 with null":                 {200, "null", unknown, "", false},
		"200 without a code":            {200, `{"message":"CREATED"}`, unknown, "", true},
		"404 with HTML":                 {404, "<html>Not found</html>", unknown, "", false},
		"401 with text":                 {401, "Unauthorized", unknown, "", false},
		"620 reused id":                 {400, says("620"), unknown, "", false},
		"603 service unavailable":       {400, says("603"), unknown, "", true},
		"622 operator unavailable":      {400, says("622"), unknown, "", true},
		"723, a transfer code":          {400, says("723"), unknown, "", true},
		"a code nobody knows":           {400, says("999"), unknown, "", true},
		"624 with data":                 {400, `{"code":"624","data":{"x":1}}`, unknown, "", true},

		"608 field":                {400, says("608"), rejected, badRequest, false},
		"608 with HTTP 200":        {200, says("608"), rejected, badRequest, false},
		"611 amount type":          {400, says("611"), rejected, badRequest, false},
		"612 currency":             {400, says("612"), rejected, sdk.ReasonNotSupported, false},
		"641 too low":              {400, says("641"), rejected, sdk.ReasonLimitExceeded, false},
		"642 too high":             {400, says("642"), rejected, sdk.ReasonLimitExceeded, false},
		"624 without data":         {400, says("624"), rejected, auth, true},
		"624 with empty data":      {400, `{"code":624,"data":[]}`, rejected, auth, true},
		"609 apikey":               {400, says("609"), rejected, auth, true},
		"609 with HTTP 401":        {401, says("609"), rejected, auth, true},
		"613 site":                 {400, says("613"), rejected, auth, true},
		"625 service expired":      {400, says("625"), rejected, auth, true},
		"403 with HTML":            {403, "<html>403 Forbidden</html>", rejected, auth, true},
		"403 with JSON":            {403, says("608"), rejected, auth, true},
		"403 with text 1010":       {403, "error code: 1010", rejected, auth, true},
		"400 with text 1010":       {400, "error code: 1010\n", rejected, auth, true},
		"429 with text":            {429, "Too many requests", rejected, sdk.ReasonRateLimited, false},
		"429 with JSON":            {429, says("429"), rejected, sdk.ReasonRateLimited, false},
		"429 in JSON, not HTTP":    {400, says("429"), rejected, sdk.ReasonRateLimited, false},
		"429 with an empty answer": {429, "", rejected, sdk.ReasonRateLimited, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := live(t).initiated(answered(c.status, c.body))
			if got.Outcome != c.outcome || got.Reason != c.reason || (got.Alert != "") != c.alert {
				t.Errorf("want %v (%s) alert %v, got %v (%s) %q", c.outcome, c.reason, c.alert, got.Outcome, got.Reason, got.Alert)
			}
			if (got.NextAction != nil) != (c.outcome == action) {
				t.Errorf("got the next action %+v", got.NextAction)
			}
		})
	}
}

func TestTheDocumentedInitAnswers(t *testing.T) {
	p := live(t)
	created := p.initiated(answered(200, sample(t, "init-created.json")))
	token := "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607"
	want := sdk.Result{
		Outcome: sdk.OutcomeRequiresAction, ProviderRef: token, ProviderStatus: "CREATED", ProviderCode: "201",
		Message:    "CREATED: Transaction created with success",
		NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://checkout.cinetpay.com/payment/" + token},
	}
	if diff := cmp.Diff(want, created); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	refused := p.initiated(answered(400, sample(t, "init-refused.json")))
	refused.Alert = ""
	want = sdk.Result{
		Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonAuthentication, ProviderStatus: "AUTH_NOT_FOUND", ProviderCode: "609",
		Message: "AUTH_NOT_FOUND: apikey does not belong to any merchant",
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

func TestAPageWithoutTLSIsTakenFromLoopbackOnly(t *testing.T) {
	for base, want := range map[string]sdk.Outcome{
		"http://127.0.0.1:8080":       sdk.OutcomeRequiresAction,
		"http://[::1]:8080":           sdk.OutcomeRequiresAction,
		"http://localhost:8080":       sdk.OutcomeRequiresAction,
		"https://cinetpay.example":    sdk.OutcomeUnknown,
		"http://127.0.0.1.nip.io":     sdk.OutcomeUnknown,
		"http://localhost.evil.store": sdk.OutcomeUnknown,
	} {
		t.Run(base, func(t *testing.T) {
			got := open(t, with(base, nil)).initiated(answered(200, paysAt("201", "http://127.0.0.1:8080/payment/tok")))
			if got.Outcome != want {
				t.Errorf("want %v, got %v", want, got.Outcome)
			}
		})
	}
}

func TestRateLimitsCarryTheTimeToWait(t *testing.T) {
	answer := answered(429, "slow down")
	answer.Header = http.Header{"Retry-After": {"7"}}
	if got := live(t).initiated(answer); got.RetryAfter != 7*time.Second {
		t.Errorf("want 7s, got %v", got.RetryAfter)
	}
}

func TestMessagesTellNoSecretAndNoPhone(t *testing.T) {
	body := `{"code":"609","message":"AUTH ` + testKey + `","description":"key ` + testKey + ` of +2250707123456, line\n2 of 100"}`
	got := live(t).initiated(answered(400, body))
	if got.Message != "AUTH [redacted]: key [redacted] of +[number], line 2 of 100" {
		t.Errorf("got the message %q", got.Message)
	}
	if got.ProviderStatus != "AUTH [redacted]" {
		t.Errorf("got the status %q", got.ProviderStatus)
	}
	long := live(t).initiated(answered(400, `{"code":"608","message":"`+strings.Repeat("é", 5000)+`"}`))
	if n := len([]rune(long.Message)); n != sentenceMax {
		t.Errorf("want %d characters, got %d", sentenceMax, n)
	}
}
