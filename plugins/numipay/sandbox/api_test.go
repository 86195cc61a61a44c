package sandbox_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
)

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("used", "1.00")
	order := func(changes map[string]any) string { return s.order("ref1", "1.00", changes) }
	unwrapped := strings.TrimSuffix(strings.TrimPrefix(order(nil), `{"request":`), "}")
	type row struct {
		path, body string
		status     int
		field      string
	}
	for name, c := range map[string]row{
		"no wrapper":              {"/payments/hosted", unwrapped, 400, "request"},
		"something beside":        {"/payments/hosted", `{"a":1,` + order(nil)[1:], 400, "request"},
		"no JSON":                 {"/payments/hosted", `hello`, 400, "request"},
		"nothing":                 {"/payments/hosted", ``, 400, "request"},
		"a wrong type":            {"/payments/hosted", order(map[string]any{"user_id": 7}), 400, "request"},
		"no tracking_id":          {"/payments/hosted", order(map[string]any{"tracking_id": nil}), 400, "tracking_id"},
		"no user_id":              {"/payments/hosted", order(map[string]any{"user_id": nil}), 400, "user_id"},
		"no webhook_url":          {"/payments/hosted", order(map[string]any{"webhook_url": nil}), 400, "webhook_url"},
		"no redirect_url":         {"/payments/hosted", order(map[string]any{"redirect_url": nil}), 400, "redirect_url"},
		"no currency":             {"/payments/hosted", order(map[string]any{"currency": nil}), 400, "currency"},
		"a currency in small":     {"/payments/hosted", order(map[string]any{"currency": "eur"}), 400, "currency"},
		"no decimals":             {"/payments/hosted", order(map[string]any{"currency": "XOF"}), 400, "currency"},
		"an amount as a number":   {"/payments/hosted", order(map[string]any{"amount": 1.25}), 400, "amount"},
		"one decimal":             {"/payments/hosted", order(map[string]any{"amount": "1.0"}), 400, "amount"},
		"a leading zero":          {"/payments/hosted", order(map[string]any{"amount": "01.00"}), 400, "amount"},
		"an amount of nothing":    {"/payments/hosted", order(map[string]any{"amount": "0.00"}), 400, "amount"},
		"below nothing":           {"/payments/hosted", order(map[string]any{"amount": "-1.00"}), 400, "amount"},
		"direct without provider": {"/payments/direct", order(nil), 400, "provider_id"},
		"s2s without a card":      {"/payments/s2s", order(nil), 400, "card"},
		"half a card":             {"/payments/s2s", order(map[string]any{"card": map[string]any{"number": "4"}}), 400, "card"},
		"a card on the page":      {"/payments/hosted", order(map[string]any{"card": map[string]any{}}), 400, "card"},
		"a used tracking_id":      {"/payouts", s.order("used", "1.00", nil), 409, "used before"},
		"approve in a wrapper":    {"/payouts/approve", `{"request":{"transaction_id":"used"}}`, 400, "transaction_id"},
		"approve without an id":   {"/payouts/approve", `{}`, 400, "transaction_id"},
		"reject by a number":      {"/payouts/reject", `{"transaction_id":7}`, 400, "transaction_id"},
		"approve of a payment":    {"/payouts/approve", `{"transaction_id":"used"}`, 404, "not found"},
		"reject of nothing known": {"/payouts/reject", `{"transaction_id":"never"}`, 404, "not found"},
		"too large":               {"/payments/hosted", strings.Repeat(" ", 2<<20), 413, "too large"},
	} {
		got := s.post(c.path, c.body)
		if got.Status != c.status || !strings.Contains(got.Text, c.field) {
			t.Errorf("%s: want %d with %s, got %d %s", name, c.status, c.field, got.Status, got.Text)
		}
	}
	if _, created := s.Transaction("ref1"); created {
		t.Error("something was created")
	}
}

func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	for query, want := range map[string]int{
		"": 200, "?from=01-01-2026&to=08-01-2026": 200, "?from=01-01-2026&to=09-01-2026": 400, "?from=2026-01-01": 400,
		"?from=01-01-2026T00:00:00Z": 400, "?from=03-01-2026": 400, "?from=1-1-2026": 400, "?to=": 400, "?from=25-12-2025": 400,
	} {
		if got := s.get("/transactions" + query); got.Status != want {
			t.Errorf("%q: want %d, got %d %s", query, want, got.Status, got.Text)
		}
	}
}

func TestTheKeyIsCheckedEverywhereAndDecidesWhatIsSeen(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	for _, call := range []string{
		"POST /payments/hosted", "POST /payments/direct", "POST /payments/s2s", "POST /payouts", "POST /payouts/reject",
		"POST /payouts/approve", "GET /transactions/ref1", "GET /transactions",
	} {
		method, path, _ := strings.Cut(call, " ")
		if got := s.call(method, path, "", "{}"); got.Status != http.StatusUnauthorized {
			t.Errorf("%s: got %d", call, got.Status)
		}
	}
	s.create("ref1", "1.00")
	if got := s.call(http.MethodGet, "/transactions/ref1", sandbox.LiveKey, ""); got.Status != http.StatusNotFound {
		t.Errorf("the live key sees what the DEV key made: %d", got.Status)
	}
	if got := s.call(http.MethodGet, "/transactions", sandbox.LiveKey, ""); got.Text != "[]" {
		t.Errorf("the live key lists %s", got.Text)
	}
}

func TestIDsAreFifteenSmallLettersAndDigits(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	seen := map[string]bool{}
	for n := range 20 {
		ref := fmt.Sprintf("ref%d", n)
		s.create(ref, "1.00")
		id := s.row(ref).TransactionID
		if seen[id] || !regexp.MustCompile(`^[a-z0-9]{15}$`).MatchString(id) {
			t.Errorf("got %q", id)
		}
		seen[id] = true
	}
}

func TestTheListTellsWhatWebhooksTell(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "1.00")
	s.Advance(3 * time.Second)
	last := s.webhooks()[1].body
	want := "[" + strings.TrimSuffix(last, "}") + `,"created_at":"2026-01-02T03:04:05Z"}]`
	if diff := cmp.Diff(want, s.get("/transactions").Text); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheSkewMovesTheDayOfTheList(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("before", "1.00")
	s.Skew(24 * time.Hour)
	s.create("after", "1.00")
	today := s.get("/transactions").Text
	if !strings.Contains(today, `"after"`) || strings.Contains(today, `"before"`) || !strings.Contains(today, "2026-01-03T03:04:05Z") {
		t.Errorf("got %s", today)
	}
	if got := s.get("/transactions").Header.Get("Date"); got != "Sat, 03 Jan 2026 03:04:05 GMT" {
		t.Errorf("got %s", got)
	}
}

func TestDecisionsAboutPayouts(t *testing.T) {
	t.Parallel()
	theirs := func(s *shop) string { return s.row("ref1").TransactionID }
	ours := func(*shop) string { return "ref1" }
	for name, c := range map[string]struct {
		options sandbox.Options
		path    string
		id      func(*shop) string
		status  int
		word    string
	}{
		"approve by ours":            {sandbox.Options{RequireApproval: true}, "approve", ours, 200, "successful"},
		"approve by theirs":          {sandbox.Options{RequireApproval: true}, "approve", theirs, 404, "pending"},
		"approve by theirs, allowed": {sandbox.Options{RequireApproval: true, AnyPayoutID: true}, "approve", theirs, 200, "successful"},
		"reject by theirs":           {sandbox.Options{RequireApproval: true}, "reject", theirs, 200, "rejected"},
		"reject by ours":             {sandbox.Options{RequireApproval: true}, "reject", ours, 404, "pending"},
		"reject by ours, allowed":    {sandbox.Options{RequireApproval: true, AnyPayoutID: true}, "reject", ours, 200, "rejected"},
		"none is required":           {sandbox.Options{}, "approve", ours, 200, "successful"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, c.options)
			s.payout("ref1", "5.00")
			got := s.post("/payouts/"+c.path, `{"transaction_id":"`+c.id(s)+`"}`)
			if got.Status != c.status {
				t.Errorf("want %d, got %d %s", c.status, got.Status, got.Text)
			}
			s.Advance(time.Hour)
			if word := s.word("ref1"); word != c.word {
				t.Errorf("want %s, got %s", c.word, word)
			}
			if again := s.post("/payouts/approve", `{"transaction_id":"ref1"}`); c.word != "pending" && again.Status != http.StatusConflict {
				t.Errorf("again: got %d", again.Status)
			}
		})
	}
}

func TestTheDocumentedAnswersOfDecisions(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{RequireApproval: true})
	s.payout("ref1", "5.00")
	s.payout("ref2", "5.00")
	approved := s.post("/payouts/approve", `{"transaction_id":"ref1"}`)
	if approved.field("message") != "Transaction Withdrawal has been approved successfully" || approved.field("transaction_status") != "pending" {
		t.Errorf("got %s", approved.Text)
	}
	if rejected := s.post("/payouts/reject", `{"transaction_id":"`+s.row("ref2").TransactionID+`"}`); rejected.Text != "{}" {
		t.Errorf("got %s", rejected.Text)
	}
}

func TestPathsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, paths := range map[string]map[string]string{
		"no operation":         {"refund": "/r"},
		"no slash":             {"hosted": "r"},
		"a blank":              {"hosted": "POST /a b"},
		"another method":       {"hosted": "DELETE /a"},
		"status without id":    {"status": "/a"},
		"id elsewhere":         {"list": "/a/{id}"},
		"two at the same path": {"hosted": "/payouts"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sandbox.New(sandbox.Options{Paths: paths})
			if err := s.Start(); !errors.Is(err, sandbox.ErrBadPath) {
				t.Errorf("got %v", err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
