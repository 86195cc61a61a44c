package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/enovepay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestControlOverHTTP(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.create("ref1", "000")
	for _, step := range []struct {
		name, method, path, body string
		status                   int
		holds                    string
	}{
		{"look", "GET", "state", ``, 200, `"ref":"ref1"`},
		{"pay a stranger", "POST", "transactions/nobody", `{"action":"pay"}`, 404, "no transaction"},
		{"do nothing", "POST", "transactions/ref1", `{"action":"cancel"}`, 400, "give pay, refuse or refund"},
		{"refund what is not paid", "POST", "transactions/ref1", `{"action":"refund"}`, 409, "already decided"},
		{"pay", "POST", "transactions/ref1", `{"action":"pay"}`, 200, `"paid":true`},
		{"pay again", "POST", "transactions/ref1", `{"action":"pay"}`, 409, "already decided: Success"},
		{"refuse what is paid", "POST", "transactions/ref1", `{"action":"refuse"}`, 409, "already decided"},
		{"refund", "POST", "transactions/ref1", `{"action":"refund","silent":true}`, 200, `"status":"Refunded"`},
		{"notify", "POST", "notify/ref1", `{"times":2,"status":"Failed","token":"bad","body":"form"}`, 200, `"token":"bad"`},
		{"notify a stranger", "POST", "notify/nobody", ``, 404, "no transaction"},
		{"advance", "POST", "clock", `{"advance_ms":1500}`, 200, `"now":"2026-01-02T03:04:06.5Z"`},
		{"skew", "POST", "clock", `{"skew_ms":-60000}`, 200, `"now":"2026-01-02T03:04:06.5Z"`},
		{"break", "POST", "faults", `{"op":"status","fault":"status","status":503,"times":2}`, 200, `"times":2`},
		{"break nothing", "POST", "faults", `{"op":"check","fault":"drop"}`, 400, "not a fault"},
		{"mend", "DELETE", "faults", ``, 204, ""},
		{"see it mended", "GET", "state", ``, 200, `"faults":[]`},
		{"forget", "POST", "reset", ``, 204, ""},
		{"see nothing", "GET", "state", ``, 200, `"transactions":[]`},
	} {
		got := s.raw(step.method, "/_sandbox/"+step.path, step.body, "")
		if got.Status != step.status || !strings.Contains(got.Text, step.holds) {
			t.Fatalf("%s: want HTTP %d with %q, got %d, %s", step.name, step.status, step.holds, got.Status, got.Text)
		}
	}
}

// TestTheLedgerHasTheKeysOfAllSandboxes holds the names that tools read, whichever provider it is.
func TestTheLedgerHasTheKeysOfAllSandboxes(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "000")
	s.Advance(2 * time.Second)
	s.status("ref1")
	var state struct {
		Clock        struct{ Now string }
		Transactions []map[string]any
	}
	if err := json.Unmarshal([]byte(s.raw("GET", "/_sandbox/state", "", "").Text), &state); err != nil || len(state.Transactions) != 1 {
		t.Fatalf("%v, %+v", err, state)
	}
	row := map[string]any{}
	for _, name := range []string{"ref", "amount", "currency", "status", "created", "create_calls", "checks", "paid"} {
		row[name] = state.Transactions[0][name]
	}
	want := map[string]any{
		"ref": "ref1", "amount": "1000", "currency": "XOF", "status": "Success",
		"created": 1.0, "create_calls": 1.0, "checks": 1.0, "paid": true,
	}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDecisionsByHandVoidWhatWasPlanned(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "000")
	if err := s.Decide("ref1", sandbox.Decision{Action: sandbox.Refuse}); err != nil {
		t.Fatal(err)
	}
	s.Advance(time.Hour)
	if row := s.row("ref1"); row.Status != "Failed" || len(s.receiver.posts()) != 1 {
		t.Errorf("got %+v", row)
	}
	if err := s.Decide("ref1", sandbox.Decision{Action: sandbox.Pay, Silent: true}); err != nil {
		t.Fatal(err)
	}
	if row := s.row("ref1"); !row.Paid || len(s.receiver.posts()) != 1 {
		t.Errorf("a late success in silence: got %+v", row)
	}
}

func TestResetForgetsEverything(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "000")
	s.inject(sandbox.Fault{Op: sandbox.OpAny, Kind: sandboxkit.FaultDrop})
	s.Advance(time.Second)
	s.Skew(time.Hour)
	s.Reset()
	want := sandbox.State{
		Clock: sandboxkit.Clock{Now: sandboxtest.Dawn()}, Transactions: []sandbox.Transaction{}, Uncreated: map[string]int{},
		Notifications: []sandbox.Notification{}, Faults: []sandbox.Fault{},
	}
	if diff := cmp.Diff(want, s.State()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	s.Advance(time.Hour)
	if got := s.receiver.posts(); len(got) != 0 {
		t.Errorf("webhooks of the world before: %v", got)
	}
	s.create("ref1", "000")
}
