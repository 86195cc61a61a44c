package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
)

func TestControlOverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	user, err := s.AddUser(phone, "")
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"add a user", "POST", "users", `{"phone":"+905557654321","email":"m@example.org"}`, 200, `"email":"m@example.org"`},
		{"send", "POST", "transfers", `{"userId":"` + user.ID + `","amount":"10.50","currency":"USD"}`, 200, `"status":"completed"`},
		{
			"send in the past", "POST", "transfers",
			`{"userId":"` + user.ID + `","amount":"1","currency":"USD","status":"pending","createdAt":"2025-12-31T00:00:00Z"}`,
			200, `"createdAt":"2025-12-31T00:00:00Z"`,
		},
		{"reverse", "POST", "transfers/tr_000001", `{"status":"reversed"}`, 200, `"status":"reversed"`},
		{"advance", "POST", "clock", `{"advance_ms":1500}`, 200, `{"now":"2026-01-01T00:00:01.5Z"}`},
		{"skew", "POST", "clock", `{"skew_ms":-1000}`, 200, `{"now":"2026-01-01T00:00:01.5Z"}`},
		{"inject", "POST", "faults", `{"op":"transactions","fault":"status","status":503,"times":2}`, 200, `"times":2`},
		{"look", "GET", "state", ``, 200, `"skew_ms":-1000`},
		{"forget the faults", "DELETE", "faults", ``, 204, ``},
		{"look again", "GET", "state", ``, 200, `"faults":[]`},
		{"forget everything", "POST", "reset", ``, 204, ``},
		{"look at nothing", "GET", "state", ``, 200, `"transfers":[]`},
	}
	for _, step := range steps {
		got := s.control(step.method, step.path, step.body)
		if got.Status != step.status || !strings.Contains(got.Text, step.says) {
			t.Errorf("%s: want HTTP %d with %s, got %d %s", step.name, step.status, step.says, got.Status, got.Text)
		}
	}
	if got := s.State(); !got.Clock.Now.Equal(dawn()) || got.Clock.SkewMS != 0 || len(got.Users) != 0 {
		t.Errorf("after the reset: %+v", got)
	}
}

func TestControlRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"an unknown op":       {"faults", `{"op":"pay","fault":"drop"}`, 400, `op \"pay\": give one of`},
		"no phone":            {"users", ``, 400, "give + and 8 to 15 digits"},
		"nobody":              {"transfers", `{"userId":"x","amount":"1","currency":"USD"}`, 404, "no user with this userId"},
		"an amount as number": {"transfers", `{"userId":"x","amount":1,"currency":"USD"}`, 400, "cannot unmarshal"},
		"an unknown transfer": {"transfers/x", `{"status":"failed"}`, 404, "no transfer with this id"},
		"no status":           {"transfers/x", `{}`, 400, "give a word"},
	}
	s := open(t, sandbox.Options{})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.control(http.MethodPost, test.path, test.body)
			if got.Status != test.status || !strings.Contains(got.Text, test.says) {
				t.Errorf("want HTTP %d with %s, got %d %s", test.status, test.says, got.Status, got.Text)
			}
			if sentence, _ := got.object()["error"].(string); sentence == "" {
				t.Errorf("no sentence in error: %s", got.Text)
			}
		})
	}
}

// TestStateIsALedgerForOthers holds the names that tests of the whole engine read.
func TestStateIsALedgerForOthers(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.send("10.50", "1.01")
	s.rows("page=1")
	type row struct {
		ID       string `json:"id"`
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
		Status   string `json:"status"`
		Paid     bool   `json:"paid"`
		Listed   int    `json:"listed"`
	}
	var got struct {
		Transfers []row          `json:"transfers"`
		Calls     map[string]int `json:"calls"`
	}
	if err := json.Unmarshal([]byte(s.control(http.MethodGet, "state", "").Text), &got); err != nil {
		t.Fatal(err)
	}
	want := []row{{"tr_000001", "10.50", "USD", "completed", true, 1}, {"tr_000002", "1.01", "USD", "failed", false, 1}}
	if diff := cmp.Diff(want, got.Transfers); diff != "" {
		t.Errorf("transfers (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"transactions": 1}, got.Calls); diff != "" {
		t.Errorf("calls (-want +got)\n%s", diff)
	}
}
