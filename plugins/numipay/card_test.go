package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk"
)

// The canary: nothing of it may come out of the plugin, but in the one call.
const (
	canaryNumber = "4000056655665556"
	canaryCVV    = "739"
	canaryHolder = "CANARY AYA KONE"
)

func withCard(r *sdk.PaymentRequest) {
	r.Card = &sdk.Card{Number: canaryNumber, Holder: canaryHolder, ExpMonth: 12, ExpYear: 2031, CVV: canaryCVV}
	r.Browser = &sdk.Browser{UserAgent: "Agent/1", Accept: "*/*", Language: "fr", ScreenWidth: 1280, ScreenHeight: 720, Timezone: "Europe/Paris"}
}

var cards = map[string]any{"allow_s2s": true}

// leaks reports the part of the card that a text shows.
func leaks(text string) string {
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, text)
	digits = strings.ReplaceAll(digits, "%20", "")
	for _, part := range []string{canaryNumber, canaryHolder} {
		if strings.Contains(strings.ToUpper(text), part) || strings.Contains(digits, part) {
			return part
		}
	}
	return ""
}

func TestACardIsSentOnceAndAsAssumed(t *testing.T) {
	calls := sentFor(t, cards, func(p *provider) error {
		_, err := p.CreatePayment(t.Context(), request(withCard))
		return err
	})
	if len(calls) != 1 || calls[0].Path != "/payments/s2s" {
		t.Fatalf("got %d calls", len(calls))
	}
	const want = `"card":{"number":"4000056655665556","holder":"CANARY AYA KONE","exp_month":12,"exp_year":2031,"cvv":"739"},` +
		`"browser":{"user_agent":"Agent/1","accept":"*/*","language":"fr","screen_width":1280,"screen_height":720,"timezone":"Europe/Paris"}}}`
	if !strings.HasSuffix(calls[0].Body, want) || !strings.HasPrefix(calls[0].Body, `{"request":{"tracking_id":`) {
		t.Error("the body is not the assumed one")
	}
}

func TestCardsThatCannotBeAreNotSent(t *testing.T) {
	for name, change := range map[string]func(*sdk.Card){
		"no number":        func(c *sdk.Card) { c.Number = "" },
		"a short number":   func(c *sdk.Card) { c.Number = "40000566556" },
		"a long number":    func(c *sdk.Card) { c.Number = canaryNumber + "0000" },
		"a spaced number":  func(c *sdk.Card) { c.Number = "4000 0566 5566 5556" },
		"no holder":        func(c *sdk.Card) { c.Holder = " " },
		"a thirteenth":     func(c *sdk.Card) { c.ExpMonth = 13 },
		"a short year":     func(c *sdk.Card) { c.ExpYear = 31 },
		"no CVV":           func(c *sdk.Card) { c.CVV = "" },
		"letters in a CVV": func(c *sdk.Card) { c.CVV = "73x" },
	} {
		t.Run(name, func(t *testing.T) {
			p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }, cards)
			req := request(withCard)
			change(req.Card)
			got, err := p.CreatePayment(t.Context(), req)
			if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != sdk.ReasonInvalidRequest || leaks(got.Message) != "" {
				t.Errorf("got %v (%s), %v", got.Outcome, got.Reason, err)
			}
		})
	}
}

func TestAnswersToACard(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want seen
	}{
		"3-D Secure":                {`{` + page + `,"transaction_status":"pending"}`, seen{Outcome: sdk.OutcomeRequiresAction, URL: securePage}},
		"without 3-D Secure":        {`{"url":"","transaction_status":"pending"}`, seen{Outcome: sdk.OutcomePending}},
		"rejected":                  {`{"url":"","transaction_status":"rejected","error":"Do not honor"}`, seen{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined}},
		"no funds":                  {`{"transaction_status":"rejected","error":"Insufficient funds"}`, seen{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonInsufficientFunds}},
		"a stolen card":             {`{"transaction_status":"rejected","error":"Stolen card"}`, seen{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonDeclined}},
		"rejected with a page":      {`{` + page + `,"transaction_status":"rejected"}`, seen{Outcome: sdk.OutcomePending}},
		"successful is not paid":    {`{"url":"","transaction_status":"successful"}`, seen{Outcome: sdk.OutcomePending}},
		"an unknown word":           {`{"transaction_status":"processing"}`, seen{Alert: true}},
		"a page that is not https":  {`{"url":"http://acs.example.com/","transaction_status":"pending"}`, seen{Alert: true}},
		"rejected with an odd page": {`{"url":{"href":"https://acs.example.com/"},"transaction_status":"rejected"}`, seen{Alert: true}},
		"rejected, of another":      {`{"transaction_status":"rejected","tracking_id":"another"}`, seen{Alert: true}},
		"nothing":                   {`{}`, seen{}},
		"no JSON":                   {`<html>`, seen{}},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, c.want, seenOf(live(t).chargedWith(answered(200, c.body), about(nil))))
		})
	}
}

// TestTheCanaryIsInNoOutput has a gateway that repeats the card wherever it can.
func TestTheCanaryIsInNoOutput(t *testing.T) {
	var logged bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	echo := canaryNumber + " 4000 0566 5566 5556 4000-0566-5566-5556 " + canaryHolder + " cvv " + canaryCVV
	for name, handler := range map[string]http.HandlerFunc{
		"an error":        says200(`{"transaction_status":"rejected","error":"` + echo + `"}`),
		"a message":       says200(`{"transaction_status":"pending","message":"` + echo + `"}`),
		"an unknown word": says200(`{"transaction_status":"` + echo + `"}`),
		"an id":           says200(`{"transaction_status":"pending","transaction_id":"` + canaryNumber + `"}`),
		"a page":          says200(`{"transaction_status":"pending","url":"https://acs.example.com/` + canaryNumber + `"}`),
		"a split id":      says200(`{"transaction_status":"pending","transaction_id":"4000-0566-5566-5556"}`),
		"a split page":    says200(`{"transaction_status":"pending","url":"https://acs.example.com/?n=4000%200566%205566%205556"}`),
		"a dashed page":   says200(`{"transaction_status":"pending","url":"https://acs.example.com/4000-0566-5566-5556"}`),
		"another case":    says200(`{"transaction_status":"rejected","error":"` + strings.ToLower(echo) + ` Canary \u0041ya Kone"}`),
		"another ref":     says200(`{"transaction_status":"pending","tracking_id":"` + canaryNumber + `"}`),
		"garbage":         says200(echo),
		"a refusal": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"message":"`+echo+`","errors":[{"field":"`+echo+`","message":"`+echo+`"}]}`)
		},
		"a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://acs.example.com/"+canaryNumber)
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
		"a cut": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		for _, way := range []string{"in process", "over the wire"} {
			t.Run(name+" "+way, func(t *testing.T) {
				p := local(t, handler, cards)
				account := ways[way](t, plugin{}, with(p.settings.root.URL, cards))
				result, err := account.CreatePayment(t.Context(), request(withCard))
				shown := outputs(t, result, err, p)
				if part := leaks(shown); part != "" {
					t.Errorf("%d characters of the card show", len(part))
				}
				if strings.Contains(result.Message+result.Alert+result.ProviderStatus, canaryCVV) {
					t.Error("the CVV shows")
				}
				if result.ProviderData != nil {
					t.Error("it returned provider data")
				}
			})
		}
	}
	if leaks(logged.String()) != "" {
		t.Error("the card shows in the log")
	}
}

func says200(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

// outputs is everything that comes out of a call, in all the ways in which it may be written.
func outputs(t *testing.T, result sdk.Result, err error, p *provider) string {
	t.Helper()
	text, failed := json.Marshal(result)
	if failed != nil {
		t.Fatal(failed)
	}
	shown := fmt.Sprintf("%s %+v %#v %+v", text, result, result, p.settings)
	if result.NextAction != nil {
		shown += fmt.Sprintf("%+v", *result.NextAction)
	}
	var fault *sdk.Error
	if errors.As(err, &fault) {
		shown += fmt.Sprintf("%v %+v %#v", fault, *fault, *fault)
	}
	body := charged{Card: cardData(*request(withCard).Card)}
	return shown + fmt.Sprintf("%v %+v %#v %s %d", body, body, body, body.Card, body.Card)
}

func TestCardsAtTheSandbox(t *testing.T) {
	for name, c := range map[string]struct {
		minor          int64
		created, after sdk.Outcome
		page           bool
	}{
		"without 3-D Secure":     {10_000, sdk.OutcomePending, sdk.OutcomeSucceeded, false},
		"3-D Secure":             {10_005, sdk.OutcomeRequiresAction, sdk.OutcomeSucceeded, true},
		"no funds":               {10_001, sdk.OutcomeDeclined, sdk.OutcomeDeclined, false},
		"rejected and then paid": {10_013, sdk.OutcomePending, sdk.OutcomeDeclined, false},
		"an unknown word":        {10_017, sdk.OutcomePending, sdk.OutcomeUnknown, false},
	} {
		for way := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{}, cards)
				req, got, err := shop.pay(t.Context(), c.minor, withCard)
				if err != nil || got.Outcome != c.created || (got.NextAction != nil) != c.page {
					t.Fatalf("want %v, got %v, %v", c.created, got.Outcome, err)
				}
				if c.page {
					press(t, got.NextAction.URL, "pay")
				}
				shop.Advance(3 * time.Second)
				if got := shop.ask(t, req.Attempt); got.Outcome != c.after {
					t.Errorf("want %v, got %v", c.after, got.Outcome)
				}
				if ledger := fmt.Sprintf("%+v", shop.State()); leaks(ledger) != "" {
					t.Error("the card is in the sandbox's ledger")
				}
			})
		}
	}
}
