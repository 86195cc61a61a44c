package sandbox_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestTheControlEndpoints(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "1.04")
	for name, c := range map[string]struct {
		path, body string
		status     int
	}{
		"a skew":                         {"clock", `{"skew_ms":-5}`, 200},
		"a fault of no operation":        {"faults", `{"op":"refund","fault":"drop"}`, 400},
		"a fault":                        {"faults", `{"op":"any","fault":"garbage","status":502,"times":3}`, 200},
		"a decision about nobody":        {"transactions/never", `{"action":"pay"}`, 404},
		"a decision that is none":        {"transactions/ref1", `{"action":"steal"}`, 400},
		"a webhook of nobody":            {"notify/never", `{}`, 404},
		"a webhook with a strange token": {"notify/ref1", `{"signature":"gold"}`, 400},
		"too many webhooks":              {"notify/ref1", `{"times":1001}`, 400},
	} {
		if got := s.post("/_sandbox/"+c.path, c.body); got.Status != c.status {
			t.Errorf("%s: want %d, got %d %s", name, c.status, got.Status, got.Text)
		}
	}
	var state sandbox.State
	if err := json.Unmarshal([]byte(s.get("/_sandbox/state").Text), &state); err != nil {
		t.Fatal(err)
	}
	if len(state.Faults) != 1 || state.Clock.SkewMS != -5 || len(state.Transactions) != 1 {
		t.Errorf("got %+v", state)
	}
	if got := s.call(http.MethodDelete, "/_sandbox/faults", "", ""); got.Status != http.StatusNoContent || len(s.State().Faults) != 0 {
		t.Errorf("got %d", got.Status)
	}
	if got := s.post("/_sandbox/clock", `{"advance_ms":1500}`); got.field("now") != "2026-01-02T03:04:06.5Z" {
		t.Errorf("got %s", got.Text)
	}
	if got := s.post("/_sandbox/reset", ""); got.Status != http.StatusNoContent {
		t.Errorf("got %d", got.Status)
	}
	want := sandbox.State{
		Clock: sandboxkit.Clock{Now: sandboxtest.Dawn()}, Transactions: []sandbox.Transaction{}, Uncreated: map[string]int{},
		Notifications: []sandbox.Notification{}, Faults: []sandbox.Fault{},
	}
	if diff := cmp.Diff(want, s.State()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	s.Advance(time.Hour)
	s.create("ref1", "1.00")
}

func TestTheLedgersKeys(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "1.00")
	s.post("/payments/hosted", s.order("ref1", "1.00", nil))
	s.post("/payments/hosted", s.order("ref2", "1.14", nil))
	s.word("ref1")
	var state struct {
		Transactions []map[string]any
		Uncreated    map[string]int
	}
	if err := json.Unmarshal([]byte(s.get("/_sandbox/state").Text), &state); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"ref": "ref1", "amount": "1.00", "currency": "EUR", "status": "pending", "created": 1.0, "create_calls": 2.0, "checks": 1.0, "paid": false,
	}
	for key, value := range want {
		if got := state.Transactions[0][key]; got != value {
			t.Errorf("%s: want %v, got %v", key, value, got)
		}
	}
	if diff := cmp.Diff(map[string]int{"ref2": 1}, state.Uncreated); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestALostAnswerActedOrNot has faults that the client cannot tell apart.
func TestALostAnswerActedOrNot(t *testing.T) {
	t.Parallel()
	for kind, acted := range map[sandboxkit.FaultKind]bool{sandboxkit.FaultDrop: true, sandboxkit.FaultDropBefore: false} {
		s := open(t, sandbox.Options{})
		s.inject(sandbox.Fault{Op: sandbox.OpHosted, Kind: kind})
		got := s.post("/payments/hosted", s.order("ref1", "1.00", nil))
		if _, created := s.Transaction("ref1"); got.Err == nil || created != acted {
			t.Errorf("%s: created %t, answered %+v", kind, created, got)
		}
	}
}

func TestFaultsReachEveryOperation(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	for op, call := range map[sandbox.Operation][2]string{
		sandbox.OpHosted:        {http.MethodPost, "/payments/hosted"},
		sandbox.OpDirect:        {http.MethodPost, "/payments/direct"},
		sandbox.OpS2S:           {http.MethodPost, "/payments/s2s"},
		sandbox.OpPayout:        {http.MethodPost, "/payouts"},
		sandbox.OpPayoutReject:  {http.MethodPost, "/payouts/reject"},
		sandbox.OpPayoutApprove: {http.MethodPost, "/payouts/approve"},
		sandbox.OpStatus:        {http.MethodGet, "/transactions/ref1"},
		sandbox.OpList:          {http.MethodGet, "/transactions"},
	} {
		s.inject(sandbox.Fault{Op: op, Kind: sandboxkit.FaultStatus, Status: 599})
		faulty := s.call(call[0], call[1], sandbox.DevKey, "")
		if well := s.call(call[0], call[1], sandbox.DevKey, ""); faulty.Status != 599 || well.Status == 599 {
			t.Errorf("%s: want 599 once, got %d and %d", op, faulty.Status, well.Status)
		}
	}
}

func TestActionsByHand(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.create("ref1", "1.00")
	s.Advance(365 * 24 * time.Hour)
	steps := []struct {
		action sandbox.Action
		err    error
		word   string
	}{
		{sandbox.Refuse, nil, "rejected"},
		{sandbox.Expire, sandbox.ErrDecided, "rejected"},
		{sandbox.Pay, nil, "successful"},
		{sandbox.Pay, sandbox.ErrDecided, "successful"},
		{"steal", sandbox.ErrUnknownAction, "successful"},
	}
	for _, step := range steps {
		if err := s.Decide("ref1", sandbox.Decision{Action: step.action}); !errors.Is(err, step.err) {
			t.Errorf("%s: want %v, got %v", step.action, step.err, err)
		}
		if got := s.word("ref1"); got != step.word {
			t.Errorf("%s: want %s, got %s", step.action, step.word, got)
		}
	}
	s.Advance(time.Second)
	if diff := cmp.Diff([]string{"pending", "rejected", "successful"}, s.words()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	tried, err := s.Notify("ref1", sandbox.Again{Times: 2, Status: "pending", Signature: sandbox.SignatureNone})
	if err != nil || len(tried) != 2 || s.webhooks()[4].signature != "" {
		t.Errorf("got %+v, %v", tried, err)
	}
}

func TestThePageWaitsForItsVisitor(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	page := s.create("ref1", "1.00")
	if got := s.get(page); got.Status != http.StatusOK || !strings.Contains(got.Text, `data-state="pending"`) {
		t.Fatalf("got %d %s", got.Status, got.Text)
	}
	s.Advance(time.Hour)
	if got := s.word("ref1"); got != "pending" {
		t.Errorf("it ended by itself: %s", got)
	}
	for _, c := range []struct {
		action string
		status int
		word   string
	}{{"steal", 400, "pending"}, {"expire", 400, "pending"}, {"refuse", 303, "rejected"}, {"refuse", 409, "rejected"}, {"pay", 303, "successful"}, {"pay", 409, "successful"}} {
		form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		resp := s.client.Do(http.MethodPost, page, "action="+c.action, form)
		if got := s.word("ref1"); resp.Status != c.status || got != c.word {
			t.Errorf("%s: want %d and %s, got %d and %s", c.action, c.status, c.word, resp.Status, got)
		}
	}
	if got := s.get("/cashier/never"); got.Status != http.StatusNotFound {
		t.Errorf("got %d", got.Status)
	}
}
