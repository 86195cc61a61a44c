package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func (s *shop) control(method, path, body string) reply {
	s.t.Helper()
	return s.call(method, "/_sandbox/"+path, "application/json", body)
}

func TestControlOverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.create("ref1", 1500)

	steps := []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"pay in silence", "POST", "payments/ref1", `{"action":"pay","silent":true}`, 200, `"paid":true`},
		{"notify twice", "POST", "notify/ref1", `{"times":2}`, 200, `"message":"SUCCES"`},
		{"notify with an empty body", "POST", "notify/ref1", ``, 200, `"attempt":1`},
		{"advance", "POST", "clock", `{"advance_ms":1500}`, 200, `{"now":"2026-01-02T03:04:06.5Z"}`},
		{"skew", "POST", "clock", `{"skew_ms":-1000}`, 200, `{"now":"2026-01-02T03:04:06.5Z"}`},
		{"inject", "POST", "faults", `{"op":"check","fault":"status","status":503,"times":2}`, 200, `"times":2`},
		{"look", "GET", "state", ``, 200, `"skew_ms":-1000`},
		{"forget the faults", "DELETE", "faults", ``, 204, ``},
		{"look again", "GET", "state", ``, 200, `"faults":[]`},
		{"forget everything", "POST", "reset", ``, 204, ``},
		{"look at nothing", "GET", "state", ``, 200, `"payments":[]`},
	}
	for _, step := range steps {
		got := s.control(step.method, step.path, step.body)
		if got.Status != step.status || !strings.Contains(got.Text, step.says) {
			t.Errorf("%s: want HTTP %d with %s, got %d %s", step.name, step.status, step.says, got.Status, got.Text)
		}
	}
	if diff := cmp.Diff([]string{"SUCCES", "SUCCES", "SUCCES"}, s.receiver.words()); diff != "" {
		t.Errorf("notifications (-want +got)\n%s", diff)
	}
}

func TestControlRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.create("ref1", 1500)
	s.create("paid", 1500)
	if err := s.Decide("paid", sandbox.Decision{Action: sandbox.Pay, Silent: true}); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"an unknown op":       {"faults", `{"op":"init","fault":"drop"}`, 400, `op \"init\": give one of`},
		"an unknown action":   {"payments/ref1", `{"action":"steal"}`, 400, "give pay, refuse or cancel"},
		"no action":           {"payments/ref1", ``, 400, "give pay, refuse or cancel"},
		"nobody":              {"payments/nobody", `{"action":"pay"}`, 404, "no payment or transfer"},
		"too late":            {"payments/paid", `{"action":"cancel"}`, 409, "already decided: ACCEPTED"},
		"notify nobody":       {"notify/nobody", ``, 404, "no payment or transfer"},
		"notify another code": {"notify/ref1", `{"status":"999"}`, 400, "give a code of check"},
		"notify for ever":     {"notify/ref1", `{"times":100000}`, 400, "give 1 to 1000"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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
	d := openDesk(t, sandbox.Options{})
	d.create("ref1", 1500)
	d.pay("ref2", "0700000001")
	d.Advance(2 * time.Second)
	type row struct {
		Ref         string `json:"ref"`
		Amount      string `json:"amount"`
		Currency    string `json:"currency"`
		Status      string `json:"status"`
		Created     int    `json:"created"`
		CreateCalls int    `json:"create_calls"`
		Paid        bool   `json:"paid"`
	}
	var got struct {
		Payments  []row `json:"payments"`
		Transfers []row `json:"transfers"`
	}
	if err := json.Unmarshal([]byte(d.control(http.MethodGet, "state", "").Text), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]row{{"ref1", "1500", "XOF", "ACCEPTED", 1, 1, true}}, got.Payments); diff != "" {
		t.Errorf("payments (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]row{{"ref2", "500", "XOF", "VAL", 1, 1, true}}, got.Transfers); diff != "" {
		t.Errorf("transfers (-want +got)\n%s", diff)
	}
}

func TestDecidePayment(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		amount  int64
		actions []sandbox.Action
		last    error
		want    string // code
		words   []string
	}{
		"pay":                         {1500, []sandbox.Action{"pay"}, nil, "00", []string{"SUCCES"}},
		"refuse":                      {1500, []sandbox.Action{"refuse"}, nil, "600", []string{"PAYMENT_FAILED"}},
		"cancel":                      {1500, []sandbox.Action{"cancel"}, nil, "627", []string{"TRANSACTION_CANCEL"}},
		"pay, whatever the trigger":   {1105, []sandbox.Action{"pay"}, nil, "00", []string{"SUCCES"}},
		"pay after a refusal is late": {1500, []sandbox.Action{"cancel", "pay"}, nil, "00", []string{"TRANSACTION_CANCEL", "SUCCES"}},
		"refuse twice":                {1500, []sandbox.Action{"refuse", "cancel"}, sandbox.ErrDecided, "600", []string{"PAYMENT_FAILED"}},
		"refuse what is paid":         {1500, []sandbox.Action{"pay", "refuse"}, sandbox.ErrDecided, "00", []string{"SUCCES"}},
		"steal":                       {1500, []sandbox.Action{"steal"}, sandbox.ErrUnknownAction, "662", []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{CompletionDelay: -1})
			s.create("ref1", test.amount)
			var err error
			for _, action := range test.actions {
				err = s.Decide("ref1", sandbox.Decision{Action: action})
			}
			wantErr(t, err, test.last)
			s.Advance(0)
			if got := s.payment("ref1").Code; got != test.want {
				t.Errorf("code: want %s, got %s", test.want, got)
			}
			if diff := cmp.Diff(test.words, s.receiver.words()); diff != "" {
				t.Errorf("notifications (-want +got)\n%s", diff)
			}
		})
	}
}
