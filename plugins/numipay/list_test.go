package main

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/paymux/paymux/sdk"
)

func date(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}

// windowsOf are the queries of a whole list.
func windowsOf(t *testing.T, from, to string) []string {
	t.Helper()
	var queries []string
	req := sdk.ListRequest{From: date(from), To: date(to)}
	for {
		days, next, err := windowOf(req)
		if err != nil {
			t.Fatal(err)
		}
		queries = append(queries, days.query())
		if req.Cursor = next; next == "" {
			return queries
		}
	}
}

func TestTheWindowsOfAList(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		want     []string
	}{
		"an hour": {"2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z", []string{"from=04-01-2026&to=06-01-2026"}},
		"at midnight in another zone": {
			"2026-01-05T00:30:00+02:00", "2026-01-05T01:00:00+02:00",
			[]string{"from=03-01-2026&to=05-01-2026"},
		},
		"six days with their margins": {"2026-01-02T00:00:00Z", "2026-01-06T00:00:00Z", []string{"from=01-01-2026&to=07-01-2026"}},
		"one more": {
			"2026-01-02T00:00:00Z", "2026-01-07T00:00:00Z",
			[]string{"from=01-01-2026&to=07-01-2026", "from=07-01-2026&to=08-01-2026"},
		},
		"three weeks over a leap day": {
			"2028-02-20T12:00:00Z", "2028-03-10T12:00:00Z", []string{
				"from=19-02-2028&to=25-02-2028", "from=25-02-2028&to=02-03-2028",
				"from=02-03-2028&to=08-03-2028", "from=08-03-2028&to=11-03-2028",
			},
		},
	} {
		t.Run(name, func(t *testing.T) { same(t, c.want, windowsOf(t, c.from, c.to)) })
	}
}

func TestListsThatCannotBe(t *testing.T) {
	day := date("2026-01-05T10:00:00Z")
	for name, req := range map[string]sdk.ListRequest{
		"no ends":              {},
		"no end":               {From: day},
		"the end first":        {From: day, To: day.Add(-time.Second)},
		"a cursor of nobody":   {From: day, To: day, Cursor: "page2"},
		"a cursor before":      {From: day, To: day, Cursor: "2026-01-03"},
		"a cursor after":       {From: day, To: day, Cursor: "2026-01-07"},
		"a cursor in disguise": {From: day, To: day, Cursor: "05-01-2026"},
	} {
		t.Run(name, func(t *testing.T) {
			p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was asked") }, nil)
			if _, err := p.ListTransactions(t.Context(), req); !errors.Is(err, sdk.ErrInvalid) {
				t.Errorf("want an invalid request, got %v", err)
			}
		})
	}
}

func TestEveryHTTPAnswerOfTheList(t *testing.T) {
	day := date("2026-01-05T10:00:00Z")
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"no array": {200, `{}`, &sdk.Error{}}, "null": {200, `null`, &sdk.Error{}}, "no JSON": {200, `<html>`, &sdk.Error{}},
		"400": {400, ``, sdk.ErrInvalid}, "401": {401, ``, sdk.ErrAuthentication}, "403": {403, ``, sdk.ErrAuthentication},
		"404": {404, ``, sdk.ErrNotFound}, "405": {405, ``, sdk.ErrNotFound}, "429": {429, ``, sdk.ErrRateLimited},
		"302": {302, ``, sdk.ErrUnavailable}, "500": {500, `[]`, sdk.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{listCode: c.status, list: c.body}
			_, err := local(t, g.ServeHTTP, nil).ListTransactions(t.Context(), sdk.ListRequest{From: day, To: day})
			var fault *sdk.Error
			if !errors.Is(err, c.want) || !errors.As(err, &fault) || len(fault.Exchanges) != 1 || fault.Sent == sdk.NotSent {
				t.Errorf("want %v, got %v", c.want, err)
			}
		})
	}
}

func TestTheItemsOfAList(t *testing.T) {
	day := date("2026-01-05T10:00:00Z")
	g := &gateway{list: `[{"transaction_id":"t1","user_id":"u1","tracking_id":"k1","status":"Successful","currency":"EUR","amount":"1.00",` +
		`"transaction_type":"withdrawal","created_at":"2026-01-05T12:00:00+02:00"},` +
		`{"tracking_id":"k2","transaction_status":"processing","transaction_type":"chargeback","created_at":"yesterday"},7]`}
	got, err := local(t, g.ServeHTTP, nil).ListTransactions(t.Context(), sdk.ListRequest{From: day, To: day})
	if err != nil || got.Alert == "" || got.Next != "" || len(got.Exchanges) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	same(t, []sdk.ListItem{
		{
			ID: "t1", Ref: "k1", Customer: "u1", Kind: sdk.KindPayout, Outcome: sdk.OutcomePending, Status: "Successful", CreatedAt: day,
			Claimed: sdk.OutcomeSucceeded,
			Told:    sdk.Told{Amount: "1.00", Currency: "EUR", Reference: "k1", Type: "payout"},
		},
		{Ref: "k2", Outcome: sdk.OutcomeUnknown, Status: "processing", Told: sdk.Told{Reference: "k2", Type: "chargeback"}},
	}, got.Items)
}
