package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/enovepay/sandbox"
)

func TestACollectionIsAcceptedAndPaid(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	id := s.create("ref1", "000")
	if len(id) != 20 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("the id %q is not 20 small hex digits", id)
	}
	s.Advance(2*time.Second - 1)
	if row := s.row("ref1"); row.Paid || s.status("ref1").field("transaction_status") != "Credit In Progress" {
		t.Errorf("too early: %+v", row)
	}
	s.Advance(1)
	for _, path := range []string{"/v1/transactions/" + id, "/v1/transactions?reference_number=ref1"} {
		got := s.call(http.MethodGet, path, nil)
		for name, want := range map[string]string{
			"success": "true", "status_code": "100", "transaction_id": id, "reference_number": "ref1",
			"transaction_amount": "1000", "currency": "XOF", "transaction_status": "Success",
		} {
			if value := got.field(name); value != want {
				t.Errorf("%s: %s: want %s, got %s", path, name, want, value)
			}
		}
	}
	row := s.row("ref1")
	if !row.Paid || row.Amount != "1000" || row.Checks != 3 || row.Created != 1 || row.CreateCalls != 1 || row.Ends != "000" || row.Kind != "payment" {
		t.Errorf("got %+v", row)
	}
}

// TestChecksOfACreation also holds their order: each body breaks all later rules as well.
func TestChecksOfACreation(t *testing.T) {
	t.Parallel()
	broken := map[string]any{"amount": 3, "network": "FREE", "reference_number": "used", "msisdn": "1"}
	tests := map[string]struct {
		path    string
		changes map[string]any
		token   string
		status  int
		code    string
	}{
		"control":                {"collections", nil, sandbox.APIToken, 200, "100"},
		"a payout":               {"payouts", map[string]any{"recipient_name": "Aya"}, sandbox.APIToken, 200, "100"},
		"no token":               {"collections", map[string]any{"country": nil}, "", 401, "101"},
		"another token":          {"collections", map[string]any{"country": nil}, "x", 401, "101"},
		"no country":             {"collections", with(broken, map[string]any{"country": ""}), sandbox.APIToken, 400, "103"},
		"no phone":               {"collections", with(broken, map[string]any{"msisdn": ""}), sandbox.APIToken, 400, "103"},
		"no recipient":           {"payouts", broken, sandbox.APIToken, 400, "103"},
		"a callback without TLS": {"collections", with(broken, map[string]any{"callback_url": "http://example.com"}), sandbox.APIToken, 400, "103"},
		"a long text":            {"collections", map[string]any{"description": strings.Repeat("x", 101)}, sandbox.APIToken, 400, "103"},
		"a strange reference":    {"collections", map[string]any{"reference_number": "a_b"}, sandbox.APIToken, 400, "103"},
		"a long reference":       {"collections", map[string]any{"reference_number": strings.Repeat("a", 37)}, sandbox.APIToken, 400, "103"},
		"an unknown network":     {"collections", broken, sandbox.APIToken, 400, "106"},
		"an unknown country":     {"collections", map[string]any{"country": "UG"}, sandbox.APIToken, 400, "106"},
		"a bank in Ivory Coast":  {"payouts", map[string]any{"recipient_name": "A", "network": "BANK", "bank_code": "1", "account_number": "1"}, sandbox.APIToken, 400, "106"},
		"an odd amount":          {"collections", map[string]any{"amount": 1003, "reference_number": "used"}, sandbox.APIToken, 400, "103"},
		"an amount with cents":   {"collections", map[string]any{"amount": 1000.5}, sandbox.APIToken, 400, "103"},
		"nothing":                {"collections", map[string]any{"amount": 0}, sandbox.APIToken, 400, "103"},
		"an amount as text":      {"collections", map[string]any{"amount": "1000"}, sandbox.APIToken, 400, "103"},
		"an amount with e":       {"collections", map[string]any{"amount": json.Number("1e3")}, sandbox.APIToken, 400, "103"},
		"another currency":       {"collections", map[string]any{"currency": "XAF"}, sandbox.APIToken, 400, "103"},
		"a phone of elsewhere":   {"collections", map[string]any{"msisdn": "221770000000"}, sandbox.APIToken, 400, "103"},
		"a used reference":       {"collections", map[string]any{"reference_number": "used"}, sandbox.APIToken, 409, "104"},
		"a used one, as payout":  {"payouts", map[string]any{"reference_number": "used", "recipient_name": "A"}, sandbox.APIToken, 200, "100"},
		"a trigger, though used": {"collections", map[string]any{"reference_number": "used", "msisdn": "2250707123101"}, sandbox.APIToken, 409, "104"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, always := range []bool{false, true} {
				s := open(t, sandbox.Options{Always200: always})
				earlier := s.create("used", "000")
				got := s.raw(http.MethodPost, "/v1/"+test.path, encode(t, with(s.order("ref1", "000"), test.changes)), test.token)
				want := test.status
				if always {
					want = 200
				}
				if got.Status != want || got.code() != test.code || (got.field("success") == "true") != (test.code == "100") {
					t.Errorf("want HTTP %d with %s, got %d, %s", want, test.code, got.Status, got.Text)
				}
				if test.code == "104" && got.field("transaction_id") != earlier {
					t.Errorf("104 must name the earlier transaction: %s", got.Text)
				}
			}
		})
	}
}

func TestADocumentedCodeHasItsText(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	for ends, want := range map[string]string{
		"102": "API Rate Limit Reached", "107": "Collection network temporarily unavailable", "110": "Unknown error(Contact Admin)",
		"113": "Insufficient balance for Payout", "116": "Customer has not verified their phone number",
	} {
		if got := s.call(http.MethodPost, "/v1/collections", s.order("ref"+ends, ends)); got.field("message") != want || got.code() != ends {
			t.Errorf("%s: got %s", ends, got.Text)
		}
	}
	if got := s.State().Uncreated; got["ref102"] != 1 || got["ref110"] != 0 {
		t.Errorf("uncreated: %v", got)
	}
}

func TestAmountsOfEachCountry(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	for i, c := range []struct {
		country, currency, network, phone, amount, want string
	}{
		{"KE", "KES", "MPESA", "254712345000", "100", "100.00"},
		{"KE", "KES", "AIRTEL", "254712345000", "100.5", ""},
		{"NG", "NGN", "MTN", "2348031234000", "100.05", "100.05"},
		{"NG", "NGN", "MTN", "2348031234000", "100.005", ""},
		{"GH", "GHS", "AIRTELTIGO", "233201234000", "0.01", "0.01"},
		{"CM", "XAF", "ORANGE", "237671234000", "5", "5"},
		{"CM", "XAF", "ORANGE", "237671234000", "1e3", ""},
		{"BJ", "XOF", "MOOV", "2290161234000", "5", "5"},
		{"BJ", "XOF", "MOOV", "22961234000", "5", ""},
		{"BJ", "XOF", "MOOV", "2299961234000", "5", ""},
		{"SN", "XOF", "FREE", "221771234000", "10", "10"},
	} {
		ref := fmt.Sprintf("ref%d", i)
		body := fmt.Sprintf(`{"reference_number":%q,"amount":%s,"currency":%q,"country":%q,"network":%q,"msisdn":%q}`,
			ref, c.amount, c.currency, c.country, c.network, c.phone)
		s.raw(http.MethodPost, "/v1/collections", body, sandbox.APIToken)
		row, made := s.Transaction(ref)
		if made != (c.want != "") || row.Amount != c.want {
			t.Errorf("%+v: got %q, %t", c, row.Amount, made)
		}
	}
}

func TestTheFloatIsPaidOutAndComesBack(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{Balance: 1500, CompletionDelay: -1})
	pay := func(ref string) string {
		return s.call(http.MethodPost, "/v1/payouts", with(s.order(ref, "000"), map[string]any{"recipient_name": "Aya"})).code()
	}
	if first, second := pay("ref1"), pay("ref2"); first != "100" || second != "113" {
		t.Errorf("want 100, then 113, got %s, then %s", first, second)
	}
	if got := s.call(http.MethodGet, "/v1/balance?currency=XOF", nil); !strings.Contains(got.Text, `"available":500`) {
		t.Errorf("got %s", got.Text)
	}
	if err := s.Decide("ref1", sandbox.Decision{Action: sandbox.Refuse}); err != nil {
		t.Fatal(err)
	}
	if got := pay("ref2"); got != "100" {
		t.Errorf("after it came back: got %s", got)
	}
	if got := s.call(http.MethodGet, "/v1/balance?currency=XXX1", nil); got.code() != "103" {
		t.Errorf("got %s", got.Text)
	}
}

func TestLoginTokensLiveAnHourOfTheSandboxClock(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	grant := s.raw(http.MethodPost, "/v1/auth/token", `{"client_id":"sandbox-client","client_secret_key":"test_client_secret_key"}`, "")
	token := grant.field("access_token")
	if token == "" || grant.field("expires_in") != "3600" {
		t.Fatalf("got %s", grant.Text)
	}
	for _, step := range []struct {
		passes time.Duration
		code   string
	}{{0, "103"}, {time.Hour - 1, "103"}, {1, "101"}} {
		s.Advance(step.passes)
		if got := s.raw(http.MethodGet, "/v1/transactions/x", "", token).code(); got != step.code {
			t.Errorf("after %s: want %s, got %s", step.passes, step.code, got)
		}
	}
	for _, body := range []string{`{"client_id":"x","client_secret_key":"test_client_secret_key"}`, `{}`} {
		if got := s.raw(http.MethodPost, "/v1/auth/token", body, ""); got.Status != 401 || got.code() != "111" {
			t.Errorf("%s: got %d, %s", body, got.Status, got.Text)
		}
	}
	if got := s.raw(http.MethodPost, "/v1/auth/token", "x", ""); got.code() != "103" {
		t.Errorf("got %s", got.Text)
	}
}

func TestStatusByCodes(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{StatusCodes: true})
	s.create("waits", "114")
	s.create("fails", "112")
	s.create("pays", "000")
	s.Advance(2 * time.Second)
	for ref, want := range map[string][2]string{"waits": {"114", ""}, "fails": {"112", ""}, "pays": {"100", "Success"}} {
		got := s.status(ref)
		if got.code() != want[0] || got.field("transaction_status") != want[1] {
			t.Errorf("%s: got %s", ref, got.Text)
		}
	}
}

func TestCorrectedPaths(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{Paths: map[string]string{"collect": "PUT /in", "status": "/one/{transaction_id}?full=1"}})
	got := s.call(http.MethodPut, "/in", s.order("ref1", "000"))
	if got.code() != "100" {
		t.Fatalf("got %d, %s", got.Status, got.Text)
	}
	id := got.field("transaction_id")
	for path, want := range map[string]int{"/one/" + id + "?full=1": 200, "/one/" + id: 404, "/one/?full=1": 404, "/v1/transactions/" + id: 404} {
		if got := s.call(http.MethodGet, path, nil); got.Status != want {
			t.Errorf("%s: want HTTP %d, got %d", path, want, got.Status)
		}
	}
	for name, path := range map[string]string{"refund": "/r", "collect": "in"} {
		wantErr(t, sandbox.New(sandbox.Options{Paths: map[string]string{name: path}}).Start(), sandbox.ErrBadPath)
	}
}
