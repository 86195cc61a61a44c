package sandbox_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// answered is what matters of an answer.
type answered struct {
	Status int
	Code   string
}

// TestInitRefusesInOrder sends a request that is wrong in every way and mends one thing at a time:
// each mend must uncover exactly the next refusal.
func TestInitRefusesInOrder(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("taken", 100)

	agent, kind := "", "text/plain"
	body := with(s.order("a$b", 100), map[string]any{
		"description": nil, "metadata": `{"ref":42}`, "channels": "CARD", "apikey": "no", "site_id": "9",
		"currency": "EUR", "amount": 3.5, "customer_email": "ama@example.com",
	})
	steps := []struct {
		name string
		mend func()
		want answered
	}{
		{"no user agent", func() {}, answered{403, ""}},
		{"a library's user agent", func() { agent = "Go-http-client/1.1" }, answered{403, ""}},
		{"not JSON", func() { agent = "Paymux/1.0" }, answered{403, ""}},
		{"metadata that is JSON", func() { kind = "application/json" }, answered{403, ""}},
		{"description missing", func() { body["metadata"] = "cmVm" }, answered{400, "608"}},
		{"another channels word", func() { body["description"] = "Pain" }, answered{400, "608"}},
		{"forbidden character in the id", func() { body["channels"] = "CREDIT_CARD" }, answered{400, "608"}},
		{"id too long", func() { body["transaction_id"] = strings.Repeat("a", 101) }, answered{400, "608"}},
		{"unknown apikey", func() { body["transaction_id"] = "taken" }, answered{400, "609"}},
		{"unknown site", func() { body["apikey"] = sandbox.APIKey }, answered{400, "613"}},
		{"unknown currency", func() { body["site_id"] = sandbox.SiteID }, answered{400, "612"}},
		{"amount with decimals", func() { body["currency"] = "XOF" }, answered{400, "608"}},
		{"amount as text", func() { body["amount"] = "100" }, answered{400, "608"}},
		{"no multiple of 5", func() { body["amount"] = 99 }, answered{400, "608"}},
		{"too low", func() { body["amount"] = 95 }, answered{400, "641"}},
		{"too high", func() { body["amount"] = 2_000_005 }, answered{400, "642"}},
		{"half a customer", func() { body["amount"] = 100 }, answered{400, "624"}},
		{"id used before", func() { delete(body, "customer_email") }, answered{400, "620"}},
		{"nothing wrong", func() { body["transaction_id"] = "my_order-1" }, answered{200, "201"}},
	}
	for _, step := range steps {
		step.mend()
		got := s.send(agent, kind, body)
		if diff := cmp.Diff(step.want, answered{got.Status, got.code()}); diff != "" {
			t.Fatalf("%s: %s\n(-want +got)\n%s", step.name, got.Text, diff)
		}
	}
	if got := s.send("", "application/json", body); got.Text != "error code: 1010" {
		t.Errorf("no user agent: got %q", got.Text)
	}
}

// send posts an init request under a user agent; the empty one sends no header at all.
func (s *shop) send(agent, kind string, body map[string]any) reply {
	s.t.Helper()
	header := http.Header{"User-Agent": {agent}, "Content-Type": {kind}}
	return reply{s.client.Do(http.MethodPost, "/v2/payment", mustJSON(s.t, body), header)}
}

func TestInitAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	got := s.post("/v2/payment", s.order("ref1", 100))
	if got.code() != "201" || got.message() != "CREATED" {
		t.Errorf("got %s", got.Text)
	}
	token, _ := got.data()["payment_token"].(string)
	if !regexp.MustCompile(`^[0-9a-f]{110}$`).MatchString(token) {
		t.Errorf("payment_token %q is not 110 lower-case hex digits", token)
	}
	if diff := cmp.Diff(s.URL()+"/payment/"+token, got.data()["payment_url"]); diff != "" {
		t.Error(diff)
	}
	if id := word(got.object()["api_response_id"]); !regexp.MustCompile(`^\d{10}\.\d{4}$`).MatchString(id) {
		t.Errorf("api_response_id %q", id)
	}
}

func TestInitLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		currency             string
		lowest, highest, off int64
	}{
		"XOF": {"XOF", 100, 2_000_000, 5},
		"XAF": {"XAF", 100, 1_500_000, 5},
		"GNF": {"GNF", 1_000, 15_000_000, 5},
		"CDF": {"CDF", 100, 2_000_000, 5},
		"USD": {"USD", 1, 3_000, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			for i, try := range []struct {
				amount int64
				code   string
			}{
				{test.lowest - test.off, "641"},
				{test.lowest, "201"},
				{test.highest, "201"},
				{test.highest + test.off, "642"},
			} {
				body := with(s.order(string(rune('a'+i)), try.amount), map[string]any{"currency": test.currency})
				if got := s.post("/v2/payment", body); got.code() != try.code {
					t.Errorf("%d %s: want %s, got %s", try.amount, test.currency, try.code, got.Text)
				}
			}
		})
	}
}

func TestInitVariants(t *testing.T) {
	t.Parallel()
	whole := map[string]any{
		"customer_name": "Ama", "customer_surname": "Koffi", "customer_email": "ama@example.com",
		"customer_phone_number": "+2250700000001", "customer_address": "Rue 1", "customer_city": "Abidjan",
		"customer_country": "CI", "customer_state": "CI", "customer_zip_code": "00225",
	}
	tests := map[string]struct {
		options sandbox.Options
		changes map[string]any
		want    string
	}{
		"site_id as a number":              {changes: map[string]any{"site_id": 123456}, want: "201"},
		"no lang":                          {changes: map[string]any{"lang": nil}, want: "201"},
		"lang in capitals":                 {changes: map[string]any{"lang": "FR"}, want: "608"},
		"no metadata":                      {changes: map[string]any{"metadata": nil}, want: "201"},
		"metadata as a number":             {changes: map[string]any{"metadata": 7}, want: "608"},
		"underscore in the description":    {changes: map[string]any{"description": "a_b"}, want: "608"},
		"amount zero point zero":           {changes: map[string]any{"amount": jsonText("100.0")}, want: "608"},
		"no amount":                        {changes: map[string]any{"amount": nil}, want: "608"},
		"notify_url that is relative":      {changes: map[string]any{"notify_url": "/hook"}, want: "608"},
		"localhost, when not strict":       {changes: map[string]any{"notify_url": "http://localhost:1/"}, want: "201"},
		"localhost, when strict":           {sandbox.Options{StrictURLs: true}, map[string]any{"return_url": "http://localhost:1/"}, "608"},
		"127.0.0.1, when strict":           {options: sandbox.Options{StrictURLs: true}, want: "201"},
		"a currency the site has not":      {options: sandbox.Options{Currencies: []string{"XAF"}}, want: "612"},
		"the whole customer":               {changes: whole, want: "201"},
		"the customer but for the zip":     {changes: with(whole, map[string]any{"customer_zip_code": ""}), want: "624"},
		"name and surname alone":           {changes: map[string]any{"customer_name": "Ama", "customer_surname": "Koffi"}, want: "201"},
		"a phone to lock that is not E164": {changes: map[string]any{"lock_phone_number": true, "customer_phone_number": "0700"}, want: "624"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, test.options)
			got := s.post("/v2/payment", with(s.order("ref1", 100), test.changes))
			if diff := cmp.Diff(test.want, got.code()); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", got.Text, diff)
			}
		})
	}
}

func TestInitCutsLongTexts(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	long := strings.Repeat("é", 300)
	s.post("/v2/payment", with(s.order("ref1", 100), map[string]any{"description": long, "metadata": long}))
	want := strings.Repeat("é", 255)
	row := s.payment("ref1")
	if diff := cmp.Diff([]string{want, want}, []string{row.Description, row.Metadata}); diff != "" {
		t.Errorf("description and metadata (-want +got)\n%s", diff)
	}
}

func TestLedgerCountsCreateCalls(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 100)
	s.post("/v2/payment", s.order("ref1", 100))
	s.post("/v2/payment", s.order("ref1", 100))
	s.post("/v2/payment", s.order("never", 275))
	s.post("/v2/payment", s.order("never", 285))

	row := s.payment("ref1")
	if row.CreateCalls != 3 || row.Created != 1 {
		t.Errorf("want 3 calls and 1 payment, got %d and %d", row.CreateCalls, row.Created)
	}
	state := s.State()
	if diff := cmp.Diff(map[string]int{"never": 2}, state.Uncreated); diff != "" {
		t.Errorf("uncreated (-want +got)\n%s", diff)
	}
	if len(state.Payments) != 1 {
		t.Errorf("want 1 payment, got %d", len(state.Payments))
	}
}

func TestLedgerShowsAmountsWithTheDecimalsOfTheCurrency(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("francs", 5000)
	s.post("/v2/payment", with(s.order("dollars", 12), map[string]any{"currency": "USD"}))
	got := []string{s.payment("francs").Amount, s.payment("dollars").Amount}
	if diff := cmp.Diff([]string{"5000", "12.00"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
