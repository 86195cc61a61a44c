package api_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

func TestTheRowsOfAStatementAreRead(t *testing.T) {
	t.Parallel()
	body, err := api.ParseBody([]byte(`{"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z","rows":[
		{"line":2,"reference":"r1","state":"succeeded","status":"OK","amount":"5000.00","currency":"XOF","kind":"payment","created_at":"2026-11-01T10:00:00+01:00"},
		{"provider_reference":"4111111111111111","state":"failed"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	want := core.Statement{Account: "a", From: from, To: from.AddDate(0, 0, 1), Rows: []core.StatementRow{
		{Line: 2, Ref: "r1", Outcome: sdk.OutcomeSucceeded, Status: "OK", Amount: "5000.00", Currency: "XOF", Kind: sdk.KindPayment, At: from.Add(9 * time.Hour)},
		{ProviderRef: "4111111111111111", Outcome: sdk.OutcomeDeclined},
	}}
	got, err := body.Statement("a")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestABodyThatComparesNothingIsRefused(t *testing.T) {
	t.Parallel()
	const span = `"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z"`
	row := func(members string) string {
		return `{` + span + `,"rows":[{"reference":"r","state":"failed"},{` + members + `}]}`
	}
	for name, test := range map[string]struct{ body, at string }{
		"no time":             {`{}`, "body.from"},
		"no moment":           {`{"from":"yesterday","to":"2026-11-02T00:00:00Z"}`, "body.from"},
		"backwards":           {`{"from":"2026-11-02T00:00:00Z","to":"2026-11-01T00:00:00Z"}`, "body.to"},
		"a year":              {`{"from":"2025-11-02T00:00:00Z","to":"2026-11-01T00:00:00Z"}`, "body.to"},
		"no array":            {`{` + span + `,"rows":{}}`, "body.rows"},
		"an empty array":      {`{` + span + `,"rows":[]}`, "body.rows"},
		"no object":           {`{` + span + `,"rows":[7]}`, "body.rows[0]"},
		"too many":            {`{` + span + `,"rows":[` + strings.Repeat("{},", api.StatementRowsMax) + `{}]}`, "body.rows"},
		"another field":       {row(`"reference":"r","state":"failed","fee":"1"`), "body.rows[1].fee"},
		"no reference":        {row(`"state":"failed"`), "body.rows[1].reference"},
		"no state":            {row(`"reference":"r"`), "body.rows[1].state"},
		"no such state":       {row(`"reference":"r","state":"lost"`), "body.rows[1].state"},
		"no amount of it":     {row(`"reference":"r","state":"failed","amount":"1.5","currency":"XOF"`), "body.rows[1].amount"},
		"no such currency":    {row(`"reference":"r","state":"failed","amount":"1","currency":"CFA"`), "body.rows[1].amount"},
		"a line below zero":   {row(`"reference":"r","state":"failed","line":-1`), "body.rows[1].line"},
		"a line that is text": {row(`"reference":"r","state":"failed","line":"2"`), "body.rows[1].line"},
		"a long reference":    {row(`"reference":"` + strings.Repeat("r", 256) + `","state":"failed"`), "body.rows[1].reference"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := api.ParseBody([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			_, err = body.Statement("a")
			var problem *core.Problem
			if !errors.As(err, &problem) || problem.Fields[0].Location != test.at {
				t.Errorf("%v, want it about %s", err, test.at)
			}
		})
	}
}

func TestWhatIsToBeAdoptedIsRead(t *testing.T) {
	t.Parallel()
	const id = "pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG"
	for name, test := range map[string]struct {
		body string
		at   string
	}{
		"both":             {`{"attempts":[{"transaction":"` + id + `","attempt":1}],"transfers":[{"provider_reference":"t","created_at":"2026-11-01T00:00:00Z"}]}`, ""},
		"nothing":          {`{}`, "body.attempts"},
		"no transaction":   {`{"attempts":[{"transaction":"trf_1","attempt":1}]}`, "body.attempts[0].transaction"},
		"no time":          {`{"transfers":[{"provider_reference":"t"}]}`, "body.transfers[0].created_at"},
		"no transfer":      {`{"transfers":[{"created_at":"2026-11-01T00:00:00Z"}]}`, "body.transfers[0].provider_reference"},
		"something else":   {`{"attempts":[{"transaction":"` + id + `","attempt":1}],"rows":[]}`, "body.rows"},
		"more than twenty": {`{"attempts":[` + strings.Repeat("{},", api.AdoptMax) + `{}]}`, "body.attempts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := api.ParseBody([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			adoptions, err := body.Adopt()
			var problem *core.Problem
			switch {
			case test.at == "" && (err != nil || len(adoptions) != 2):
				t.Errorf("%+v, %v", adoptions, err)
			case test.at != "" && (!errors.As(err, &problem) || problem.Fields[0].Location != test.at):
				t.Errorf("%v, want it about %s", err, test.at)
			}
		})
	}
}

func TestTheQueryOfWhatIsExpectedIsRead(t *testing.T) {
	t.Parallel()
	query := url.Values{"from": {"2026-11-01T00:00:00Z"}, "to": {"2026-11-02T00:00:00Z"}, "cursor": {"c"}}
	about, cursor, err := api.ExpectedOf("a", query)
	if err != nil || cursor != "c" || about.To.Sub(about.From) != 24*time.Hour {
		t.Errorf("%+v %q %v", about, cursor, err)
	}
	query.Set("to", "soon")
	if _, _, err := api.ExpectedOf("a", query); !errors.Is(err, core.ErrInvalidRequest) {
		t.Errorf("%v", err)
	}
	if _, _, err := api.ExpectedOf("a", url.Values{}); !errors.Is(err, core.ErrInvalidRequest) {
		t.Errorf("%v", err)
	}
}

func TestAFindingShowsNoPhoneAndNoCard(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	row := core.StatementRow{Line: 2, Ref: "+2250707123456", ProviderRef: "22507 4111111111111111", Status: "of 0707123456", Outcome: sdk.OutcomeDeclinedFinal, At: at}
	held := core.Held{ID: "att_1", ProviderRef: "x+2250707123456", Phone: "+2250707123456", Amount: money.Of(5000, money.XOF), At: at}
	shown := api.ComparisonOf(core.Statement{Account: "a"}, core.Comparison{Findings: []core.Finding{{Class: core.StatementDifferentState, Row: &row, Held: &held, Why: "0707123456"}}})
	want := []api.Finding{{
		Class: "different_state", Why: "07•••••",
		Row:    &api.StatementRow{Line: 2, Reference: "+225•••••3456", ProviderReference: "22507 •••••", Status: "of 07•••••", State: "failed", CreatedAt: &at},
		Record: &api.Record{ID: "att_1", ProviderReference: "x+225•••••3456", Amount: "5000", Currency: "XOF", At: at},
	}}
	if diff := cmp.Diff(want, shown.Data); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
