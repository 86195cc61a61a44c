package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

func minute(n int) time.Time { return dawn().Add(time.Duration(n) * time.Minute) }

// listing is an account whose list always answers body.
func listing(t *testing.T, body string) *provider {
	return local(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
}

func listed(t *testing.T, p *provider, req sdk.ListRequest) sdk.ListPage {
	t.Helper()
	page, err := p.ListTransactions(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestTheAssumedListIsRead(t *testing.T) {
	page := listed(t, listing(t, sample(t, "transactions.json")), sdk.ListRequest{})
	want := []sdk.ListItem{
		{
			ID: "tr_3", Customer: "usr_7f3a", Kind: sdk.KindPayment, Outcome: sdk.OutcomeSucceeded, Status: "completed",
			Told: sdk.Told{Amount: "25.00", Currency: "USD"}, CreatedAt: minute(10),
		},
		{
			ID: "2", Customer: "4711", Kind: sdk.KindPayment, Outcome: sdk.OutcomePending, Status: "Pending",
			Told: sdk.Told{Amount: "10.50", Currency: "USD"}, CreatedAt: minute(5),
		},
		{
			ID: "tr_1", Customer: "usr_7f3a", Kind: sdk.KindPayment, Outcome: sdk.OutcomeDeclined, Status: "failed",
			Told: sdk.Told{Amount: "7", Currency: "USD"}, CreatedAt: minute(1),
		},
	}
	if diff := cmp.Diff(want, page.Items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if page.Next != "" || page.Cut || page.Alert != "" || len(page.Exchanges) != 1 {
		t.Errorf("got %+v", page)
	}
}

func TestAListIsReadInEveryShape(t *testing.T) {
	const row = `[{"id":"1","userId":"u","amount":"1","currency":"USD","status":"settled","createdAt":1767225600}]`
	for name, body := range map[string]string{
		"data": `{"data":` + row + `}`, "transactions": `{"transactions":` + row + `}`,
		"items": `{"data":null,"items":` + row + `}`, "bare": row,
	} {
		t.Run(name, func(t *testing.T) {
			page := listed(t, listing(t, body), sdk.ListRequest{})
			if len(page.Items) != 1 || page.Items[0].Outcome != sdk.OutcomeSucceeded {
				t.Errorf("got %+v", page)
			}
		})
	}
}

func TestAListThatIsNoneIsAFault(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
		says   string
	}{
		"nothing":        {200, ``, nil, "without a list"},
		"null":           {200, `null`, nil, "without a list"},
		"an object":      {200, `{}`, nil, "without a list"},
		"a list of else": {200, `{"data":{"id":"1"}}`, nil, "without a list"},
		"half a list":    {200, `[{"id":"1"`, nil, "without a list"},
		"no content":     {204, ``, nil, "without a list"},
		"bad request":    {400, `{"message":"bad limit"}`, sdk.ErrInvalid, "HTTP 400: bad limit"},
		"unauthorized":   {401, `{}`, sdk.ErrAuthentication, "check api_key"},
		"forbidden":      {403, `{}`, sdk.ErrUnavailable, "correct paths"},
		"not found":      {404, `{}`, sdk.ErrUnavailable, "correct paths"},
		"not allowed":    {405, `{}`, sdk.ErrUnavailable, "correct paths"},
		"a redirect":     {302, ``, sdk.ErrUnavailable, "HTTP 302"},
		"an error":       {500, `oops`, sdk.ErrUnavailable, "HTTP 500"},
		"without a rule": {418, ``, nil, "no rule"},
	} {
		t.Run(name, func(t *testing.T) {
			p := local(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			})
			page, err := p.ListTransactions(t.Context(), sdk.ListRequest{})
			var fault *sdk.Error
			if !errors.As(err, &fault) || !strings.Contains(fault.Message, c.says) || len(fault.Exchanges) == 0 || fault.Sent != sdk.MaybeSent {
				t.Fatalf("want a fault that says %q, got %v", c.says, err)
			}
			if c.want == nil && fault.Kind != sdk.KindUnknown || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("want %v, got the kind %v", c.want, fault.Kind)
			}
			if len(page.Items) != 0 {
				t.Errorf("got items %+v", page.Items)
			}
		})
	}
}

func TestALimitedListTellsHowLongToWait(t *testing.T) {
	var header string
	well := false
	p := local(t, func(w http.ResponseWriter, _ *http.Request) {
		if well {
			fmt.Fprint(w, `[]`)
			return
		}
		w.Header().Set("Retry-After", header)
		w.WriteHeader(http.StatusTooManyRequests)
	})
	for _, c := range []struct {
		header string
		want   time.Duration
	}{{"", time.Second}, {"", 2 * time.Second}, {"7", 7 * time.Second}, {"", 4 * time.Second}} {
		header = c.header
		_, err := p.ListTransactions(t.Context(), sdk.ListRequest{})
		var fault *sdk.Error
		if !errors.As(err, &fault) || fault.Kind != sdk.KindRateLimited || fault.RetryAfter != c.want {
			t.Errorf("Retry-After %q: want %s, got %v", c.header, c.want, err)
		}
	}
	well = true
	listed(t, p, sdk.ListRequest{})
	well = false
	_, err := p.ListTransactions(t.Context(), sdk.ListRequest{})
	var fault *sdk.Error
	if !errors.As(err, &fault) || fault.RetryAfter != time.Second {
		t.Errorf("after a good answer: want 1s, got %v", err)
	}
}

// row is a transfer with changes; a nil value takes a field away.
func row(changes map[string]any) string {
	fields := map[string]any{
		"id": "tr_1", "userId": "u", "amount": "10.50", "currency": "USD", "status": "completed", "createdAt": "2026-01-01T00:00:00Z",
	}
	for name, value := range changes {
		fields[name] = value
		if value == nil {
			delete(fields, name)
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // Only literals of this file come here.
	}
	return string(text)
}

func TestEveryStatusWord(t *testing.T) {
	for word, want := range map[string]sdk.Outcome{
		"completed": sdk.OutcomeSucceeded, "success": sdk.OutcomeSucceeded,
		"successful": sdk.OutcomeSucceeded, "settled": sdk.OutcomeSucceeded,
		" COMPLETED\t": sdk.OutcomeSucceeded, "Settled": sdk.OutcomeSucceeded,
		"pending": sdk.OutcomePending, "processing": sdk.OutcomePending, "": sdk.OutcomePending, " ": sdk.OutcomePending,
		"failed": sdk.OutcomeDeclined, "rejected": sdk.OutcomeDeclined, "cancelled": sdk.OutcomeDeclined, "canceled": sdk.OutcomeDeclined,
		"refunded": sdk.OutcomeReversed, "reversed": sdk.OutcomeReversed, "returned": sdk.OutcomeReversed,
		"complete": sdk.OutcomeUnknown, "paid": sdk.OutcomeUnknown, "1": sdk.OutcomeUnknown, "not completed": sdk.OutcomeUnknown,
		"partially_completed": sdk.OutcomeUnknown, "ok": sdk.OutcomeUnknown,
	} {
		var notes notes
		got, ok := live(t).item([]byte(row(map[string]any{"status": word})), &notes)
		if !ok || got.Outcome != want {
			t.Errorf("%q: want %v, got %v", word, want, got.Outcome)
		}
		alerted := want == sdk.OutcomeUnknown || strings.TrimSpace(word) == ""
		if (notes.String() != "") != alerted {
			t.Errorf("%q: got the alert %q", word, notes.String())
		}
	}
}

// change is what a row has instead of the usual; a nil value takes a field away.
type change = map[string]any

func usd(amount string) sdk.Told { return sdk.Told{Amount: amount, Currency: "USD"} }

func TestATransferIsReadTolerantly(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]any
		outcome sdk.Outcome
		told    sdk.Told
		alert   string
	}{
		"as documented":            {nil, sdk.OutcomeSucceeded, usd("10.50"), ""},
		"an amount by its literal": {change{"amount": json.RawMessage("10.10")}, sdk.OutcomeSucceeded, usd("10.10"), ""},
		"more decimals":            {change{"amount": "10.500"}, sdk.OutcomeSucceeded, usd("10.500"), ""},
		"another currency":         {change{"currency": "EUR"}, sdk.OutcomeSucceeded, sdk.Told{Amount: "10.50", Currency: "EUR"}, ""},
		"no currency":              {change{"currency": nil}, sdk.OutcomeSucceeded, usd("10.50"), "taken as USD"},
		"a currency of no kind":    {change{"currency": []any{}}, sdk.OutcomeUnknown, sdk.Told{Amount: "10.50"}, "currency that is no word"},
		"no status":                {change{"status": nil}, sdk.OutcomePending, usd("10.50"), "without status"},
		"a status of no kind":      {change{"status": true}, sdk.OutcomeUnknown, usd("10.50"), "status that is no word"},
		"an amount with a sign":    {change{"amount": "-10.50"}, sdk.OutcomeUnknown, usd("-10.50"), "no decimal number"},
		"an amount as a float":     {change{"amount": json.RawMessage("1.05e1")}, sdk.OutcomeUnknown, usd("1.05e1"), "no decimal number"},
		"an amount with a comma":   {change{"amount": "1,050"}, sdk.OutcomeUnknown, usd("1,050"), "no decimal number"},
		"an amount with a sign $":  {change{"amount": "$10"}, sdk.OutcomeUnknown, usd("$10"), "no decimal number"},
	} {
		t.Run(name, func(t *testing.T) {
			var notes notes
			got, ok := live(t).item([]byte(row(c.changes)), &notes)
			if !ok || got.Outcome != c.outcome {
				t.Errorf("want %v, got %v", c.outcome, got.Outcome)
			}
			if diff := cmp.Diff(c.told, got.Told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if alert := notes.String(); !strings.Contains(alert, c.alert) || (alert == "") != (c.alert == "") {
				t.Errorf("want the alert %q, got %q", c.alert, alert)
			}
		})
	}
}

func TestATransferThatCannotBeToldApartIsSkippedAloud(t *testing.T) {
	for name, c := range map[string]struct{ row, alert string }{
		"no object":          {`7`, "no transfer"},
		"null":               {`null`, "no transfer"},
		"no id":              {row(map[string]any{"id": nil}), "usable id"},
		"a blank id":         {row(map[string]any{"id": " "}), "usable id"},
		"an id of an object": {row(map[string]any{"id": map[string]any{}}), "usable id"},
		"an id of a float":   {row(map[string]any{"id": json.RawMessage("1e3")}), "usable id"},
		"an id below zero":   {row(map[string]any{"id": -1}), "usable id"},
		"an endless id":      {row(map[string]any{"id": strings.Repeat("x", 256)}), "usable id"},
		"an id of no text":   {`{"id":"\ud800"}`, "usable id"},
		"no userId":          {row(map[string]any{"userId": nil}), "usable userId"},
		"a list for userId":  {row(map[string]any{"userId": []any{"u"}}), "usable userId"},
		"no amount":          {row(map[string]any{"amount": nil}), "usable amount"},
		"an amount of null":  {`{"id":"1","userId":"u","amount":null}`, "usable amount"},
		"an amount object":   {row(map[string]any{"amount": map[string]any{"value": 1}}), "usable amount"},
		"no createdAt":       {row(map[string]any{"createdAt": nil}), "usable createdAt"},
		"a createdAt object": {row(map[string]any{"createdAt": map[string]any{}}), "usable createdAt"},
		"a local createdAt":  {row(map[string]any{"createdAt": "2026-01-01T00:00:00"}), "usable createdAt"},
		"createdAt zero":     {row(map[string]any{"createdAt": 0}), "usable createdAt"},
		"createdAt below":    {row(map[string]any{"createdAt": -5}), "usable createdAt"},
		"createdAt beyond":   {row(map[string]any{"createdAt": json.RawMessage("176722560000000")}), "usable createdAt"},
	} {
		t.Run(name, func(t *testing.T) {
			page := listed(t, listing(t, "["+c.row+","+row(map[string]any{"id": "good"})+"]"), sdk.ListRequest{})
			if len(page.Items) != 1 || page.Items[0].ID != "good" {
				t.Errorf("want the good one alone, got %+v", page.Items)
			}
			if !strings.Contains(page.Alert, c.alert) || !strings.HasSuffix(page.Alert, ": skipped") {
				t.Errorf("want the alert %q, got %q", c.alert, page.Alert)
			}
		})
	}
}

func TestCreatedAtIsReadInEveryForm(t *testing.T) {
	for told, want := range map[string]time.Time{
		`"2026-01-01T00:00:00Z"`:          dawn(),
		`"2026-01-01t03:00:00.250+03:00"`: dawn().Add(250 * time.Millisecond),
		`1767225600`:                      dawn(),
		`"1767225600"`:                    dawn(),
		`1767225600250`:                   dawn().Add(250 * time.Millisecond),
		`"1767225600250"`:                 dawn().Add(250 * time.Millisecond),
	} {
		got, ok := readTime(fields{"createdAt": json.RawMessage(told)})
		if !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: want %s, got %s, %t", told, want, got, ok)
		}
	}
}

// rows are n transfers, one a minute, newest first from the minute on.
func rows(n, newest int) []json.RawMessage {
	list := make([]json.RawMessage, n)
	for i := range list {
		at := minute(newest - i)
		list[i] = json.RawMessage(row(map[string]any{"id": fmt.Sprint("tr_", newest-i), "createdAt": at}))
	}
	return list
}

func TestWhereAReadEnds(t *testing.T) {
	reversed := rows(50, 100)
	reversed[0], reversed[49] = reversed[49], reversed[0]
	rising := rows(50, 100)
	slices.Reverse(rising)
	for name, c := range map[string]struct {
		rows []json.RawMessage
		page int
		size int
		from time.Time
		next string
		cut  bool
	}{
		"an empty page":                      {nil, 3, 50, minute(0), "", false},
		"a short page":                       {rows(49, 100), 3, 50, minute(0), "", false},
		"a full page within the range":       {rows(50, 100), 3, 50, minute(0), "4", false},
		"a full page to the start":           {rows(50, 100), 3, 50, minute(51), "4", false},
		"a full page beyond the start":       {rows(50, 100), 3, 50, minute(52), "", false},
		"a full page without a start":        {rows(50, 100), 3, 50, time.Time{}, "4", false},
		"a full page of a small server":      {rows(20, 100), 3, 20, minute(0), "4", false},
		"an old one on a page out of order":  {reversed, 3, 50, minute(52), "4", false},
		"only old ones on such a page":       {reversed, 3, 50, minute(200), "", false},
		"only old ones, the oldest first":    {rising, 3, 50, minute(200), "4", false},
		"the last page that is read":         {rows(50, 100), 50, 50, minute(0), "", true},
		"the last page, with the start":      {rows(50, 100), 50, 50, minute(60), "", false},
		"the last page, short":               {rows(10, 100), 50, 50, minute(0), "", false},
		"a page of nothing that can be read": {slicesOf("7", 50), 3, 50, minute(0), "4", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := live(t).page(answer{}, reading{rows: c.rows, size: c.size, number: c.page, from: c.from})
			if got.Next != c.next || got.Cut != c.cut {
				t.Errorf("want %q, cut %t; got %q, %t", c.next, c.cut, got.Next, got.Cut)
			}
			if c.cut && !strings.Contains(got.Alert, "no end after 50 pages") {
				t.Errorf("got the alert %q", got.Alert)
			}
		})
	}
}

func slicesOf(text string, n int) []json.RawMessage {
	list := make([]json.RawMessage, n)
	for i := range list {
		list[i] = json.RawMessage(text)
	}
	return list
}

func TestTheToldLimitMakesAPageFull(t *testing.T) {
	for body, want := range map[string]int{
		`{"data":[],"limit":20}`: 20, `{"data":[],"limit":100}`: 50, `{"data":[],"limit":0}`: 50, `{"data":[],"limit":"20"}`: 20,
		`{"data":[],"limit":"many"}`: 50, `{"data":[],"limit":2e1}`: 50, `{"data":[],"limit":[20]}`: 50, `[]`: 50,
	} {
		if _, size, ok := readPage([]byte(body)); !ok || size != want {
			t.Errorf("%s: want %d, got %d, %t", body, want, size, ok)
		}
	}
}

func TestATransferTwiceOnAPageIsListedOnce(t *testing.T) {
	page := listed(t, listing(t, "["+row(nil)+","+row(nil)+"]"), sdk.ListRequest{})
	if len(page.Items) != 1 {
		t.Errorf("got %d items", len(page.Items))
	}
}

// What differs may be what matters: that the money has arrived, or that an id is
// not the only one of its kind.
func TestTwoRowsWithOneIDAreBothListed(t *testing.T) {
	for name, other := range map[string]change{
		"another status":   {"status": "pending"},
		"another customer": {"userId": "somebody else"},
		"another amount":   {"amount": "11.50"},
	} {
		t.Run(name, func(t *testing.T) {
			page := listed(t, listing(t, "["+row(other)+","+row(nil)+"]"), sdk.ListRequest{})
			if len(page.Items) != 2 || page.Items[1].Outcome != sdk.OutcomeSucceeded || !strings.Contains(page.Alert, "one id") {
				t.Errorf("got %+v", page)
			}
		})
	}
}

func TestANameThatStandsTwiceIsReadInNoWay(t *testing.T) {
	twice := strings.Replace(row(nil), "{", `{"status":"failed",`, 1)
	page := listed(t, listing(t, "["+twice+","+row(change{"id": "good"})+"]"), sdk.ListRequest{})
	if len(page.Items) != 1 || page.Items[0].ID != "good" || page.Alert == "" {
		t.Errorf("a transfer: got %+v", page)
	}
	if _, err := listing(t, `{"data":[`+row(nil)+`],"data":[]}`).ListTransactions(t.Context(), sdk.ListRequest{}); err == nil {
		t.Error("a list: want a fault")
	}
	got, err := listing(t, `{"userId":"u","userId":"v"}`).CreatePayment(t.Context(), request(nil))
	if err != nil || got.Outcome != sdk.OutcomeNotSent {
		t.Errorf("a customer: want NOT_SENT, got %v, %v", got.Outcome, err)
	}
}

func TestAForeignCursorIsRefused(t *testing.T) {
	p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	for _, cursor := range []string{"0", "1", "51", "-2", "+2", "02", "2 ", "two", "2&limit=1"} {
		if _, err := p.ListTransactions(t.Context(), sdk.ListRequest{Cursor: cursor}); !errors.Is(err, sdk.ErrInvalid) {
			t.Errorf("%q: got %v", cursor, err)
		}
	}
}
