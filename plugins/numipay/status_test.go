package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
)

// gateway answers status and list as it is told.
type gateway struct {
	statusCode, listCode int
	status, list         string
	listQuery            string
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	code, body := g.statusCode, g.status
	if r.URL.Path == "/transactions" {
		code, body, g.listQuery = g.listCode, g.list, r.URL.RawQuery
	}
	if code != 0 {
		w.WriteHeader(code)
	}
	fmt.Fprint(w, body)
}

func (g *gateway) ask(t *testing.T, attempt sdk.Attempt) sdk.Result {
	t.Helper()
	got, err := local(t, g.ServeHTTP, nil).QueryStatus(t.Context(), attempt)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// says is an answer of status.
func says(word string) string { return `{"transaction_status":"` + word + `"}` }

// lists is a list of one entry, ours.
func lists(word, money string) string {
	return `[{"transaction_id":"t9","user_id":"u","tracking_id":"` + testRef + `","status":"` + word + `",` + money + `,"transaction_type":"deposit"}]`
}

const listedMoney = `"currency":"EUR","amount":"200.00"`

func evidence(outcome sdk.Outcome, told sdk.Told) *sdk.Evidence {
	return &sdk.Evidence{Outcome: outcome, ProviderRef: theirID, Told: told}
}

// TestTheEvidenceOfASuccess holds the rule that status must say successful and
// that the money must be known from a verified webhook or from the list.
func TestTheEvidenceOfASuccess(t *testing.T) {
	whole := sdk.Told{Amount: "200.00", Currency: "EUR", Reference: testRef, Type: "payment"}
	paid, pending := sdk.OutcomeSucceeded, sdk.OutcomePending
	listed := lists("successful", listedMoney)
	for name, c := range map[string]struct {
		status   string
		evidence *sdk.Evidence
		list     string
		want     sdk.Outcome
	}{
		"status and the webhook":                   {"successful", evidence(paid, whole), `[]`, paid},
		"status and the list":                      {"successful", nil, listed, paid},
		"status in capitals and the list":          {" SUCCESSFUL ", nil, listed, paid},
		"status alone":                             {"successful", nil, `[]`, pending},
		"status alone, the list is not readable":   {"successful", nil, `<html>`, pending},
		"the webhook alone":                        {"pending", evidence(paid, whole), listed, pending},
		"a webhook without an amount":              {"successful", evidence(paid, sdk.Told{Currency: "EUR"}), `[]`, pending},
		"a webhook without a currency":             {"successful", evidence(paid, sdk.Told{Amount: "200.00"}), `[]`, pending},
		"a webhook without money, and the list":    {"successful", evidence(paid, sdk.Told{}), listed, paid},
		"a list without an amount":                 {"successful", nil, lists("successful", `"currency":"EUR"`), pending},
		"a list without a currency":                {"successful", nil, lists("successful", `"amount":"200.00"`), pending},
		"a list that lags":                         {"successful", nil, lists("pending", listedMoney), pending},
		"a list that contradicts":                  {"successful", nil, lists("rejected", listedMoney), pending},
		"an earlier webhook and a list that lags":  {"successful", evidence(pending, whole), lists("pending", listedMoney), pending},
		"an earlier webhook and the list":          {"successful", evidence(pending, whole), listed, paid},
		"an earlier webhook where there's no list": {"successful", evidence(pending, whole), `<html>`, paid},
		"a rejection that was late paid":           {"successful", evidence(sdk.OutcomeDeclined, whole), listed, paid},
		"another transaction's entry":              {"successful", nil, strings.ReplaceAll(listed, testRef, "another"), pending},
		"two entries with our reference":           {"successful", nil, "[" + strings.Trim(listed, "[]") + "," + strings.Trim(listed, "[]") + "]", pending},
		"an earlier webhook and two such entries":  {"successful", evidence(pending, whole), "[" + strings.Trim(listed, "[]") + "," + strings.Trim(listed, "[]") + "]", pending},
		"an entry that is no object":               {"successful", nil, `[1,` + strings.Trim(listed, "[]") + `]`, paid},
		"rejected, whatever webhook and list say":  {"rejected", evidence(paid, whole), listed, sdk.OutcomeDeclined},
		"expired, whatever webhook and list say":   {"expired", evidence(paid, whole), listed, sdk.OutcomeExpired},
		"an unknown word, whatever they say":       {"processing", evidence(paid, whole), listed, sdk.OutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{status: says(c.status), list: c.list}
			got := g.ask(t, about(func(a *sdk.Attempt) { a.Evidence = c.evidence }))
			if got.Outcome != c.want {
				t.Fatalf("want %v, got %+v", c.want, got)
			}
			want := sdk.Told{}
			if c.want == paid {
				want = whole
			}
			same(t, want, got.Told)
		})
	}
}

func TestTheListIsAskedAroundTheDayOfTheAttempt(t *testing.T) {
	g := &gateway{status: says("successful"), list: `[]`}
	g.ask(t, about(nil))
	same(t, "from=01-01-2026&to=03-01-2026", g.listQuery)
	g.ask(t, sdk.Attempt{Ref: testRef, Kind: sdk.KindPayment})
	same(t, "", g.listQuery)
}

func TestTheWordsOfStatus(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want seen
	}{
		"the documented rejection":   {sample(t, "status-rejected.json"), seen{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonInsufficientFunds}},
		"rejected without a reason":  {says("rejected"), seen{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined}},
		"rejected for fraud":         {`{"transaction_status":"rejected","rejected_reason":"Suspected FRAUD"}`, seen{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonDeclined}},
		"a stolen card":              {`{"transaction_status":"rejected","rejected_reason":"Stolen card"}`, seen{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonDeclined}},
		"a lost card":                {`{"transaction_status":"rejected","rejected_reason":"Lost card, pick up"}`, seen{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonDeclined}},
		"a blacklist":                {`{"transaction_status":"rejected","rejected_reason":"Blacklisted"}`, seen{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonDeclined}},
		"a lost connection is no no": {`{"transaction_status":"rejected","rejected_reason":"Lost connection"}`, seen{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined}},
		"pending":                    {says("pending"), seen{Outcome: sdk.OutcomePending}},
		"pending with a page":        {`{"transaction_status":"pending",` + page + `}`, seen{Outcome: sdk.OutcomeRequiresAction, URL: securePage}},
		"pending with an odd page":   {`{"transaction_status":"pending","url":"ftp://x/"}`, seen{Outcome: sdk.OutcomePending}},
		"expired":                    {says("expired"), seen{Outcome: sdk.OutcomeExpired}},
		"EXPIRED":                    {says("EXPIRED"), seen{Outcome: sdk.OutcomeExpired}},
		"the word as status":         {`{"status":"expired"}`, seen{Outcome: sdk.OutcomeExpired}},
		"both words":                 {`{"status":"expired","transaction_status":"pending"}`, seen{Outcome: sdk.OutcomePending}},
		"an empty word":              {`{"status":"expired","transaction_status":""}`, seen{Alert: true}},
		"an unknown word":            {says("processing"), seen{Alert: true}},
		"refunded":                   {says("refunded"), seen{Alert: true}},
		"no word":                    {`{}`, seen{Alert: true}},
		"another transaction":        {`{"transaction_status":"expired","tracking_id":"another"}`, seen{Alert: true}},
		"ours":                       {`{"transaction_status":"expired","tracking_id":"` + testRef + `"}`, seen{Outcome: sdk.OutcomeExpired}},
		"a word twice":               {`{"transaction_status":"expired","transaction_status":"pending"}`, seen{}},
		"an array":                   {`[` + says("expired") + `]`, seen{}},
		"no JSON":                    {`expired`, seen{}},
		"nothing":                    {``, seen{}},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{status: c.body, list: `[]`}
			same(t, c.want, seenOf(g.ask(t, about(nil))))
		})
	}
}

func TestEveryHTTPAnswerOfStatusSaysNothingButWords(t *testing.T) {
	g := &gateway{list: `[]`}
	p := local(t, g.ServeHTTP, nil)
	for g.statusCode = 300; g.statusCode <= 599; g.statusCode++ {
		for _, g.status = range []string{"", says("successful"), says("rejected"), `{"message":"no"}`} {
			got, err := p.QueryStatus(t.Context(), about(nil))
			if err != nil || got.Outcome != sdk.OutcomeUnknown || got.Reason != "" {
				t.Fatalf("HTTP %d %s: want UNKNOWN, got %+v, %v", g.statusCode, g.status, got, err)
			}
			alert := g.statusCode == 401 || g.statusCode == 403 || g.statusCode == 405
			if (got.Alert != "") != alert {
				t.Errorf("HTTP %d: got the alert %q", g.statusCode, got.Alert)
			}
		}
	}
}

func TestWhatOnlyTheListKnowsIsPending(t *testing.T) {
	for word, want := range map[string]seen{
		"pending": {Outcome: sdk.OutcomePending}, "successful": {Outcome: sdk.OutcomePending}, "rejected": {Outcome: sdk.OutcomePending},
		"expired": {Outcome: sdk.OutcomePending}, "processing": {Alert: true},
	} {
		t.Run(word, func(t *testing.T) {
			g := &gateway{statusCode: http.StatusNotFound, list: lists(word, listedMoney)}
			got := g.ask(t, about(nil))
			same(t, want, seenOf(got))
			same(t, "t9", got.ProviderRef)
		})
	}
}

func TestTheirIDIsLearned(t *testing.T) {
	g := &gateway{status: says("pending"), list: lists("successful", listedMoney)}
	got := g.ask(t, about(func(a *sdk.Attempt) { a.Evidence = evidence(sdk.OutcomePending, sdk.Told{}) }))
	same(t, theirID, got.ProviderRef)
	g.status = says("successful")
	same(t, "t9", g.ask(t, about(nil)).ProviderRef)
}
