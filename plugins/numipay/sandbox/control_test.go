package sandbox_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

func TestTheControlEndpoints(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "1.04")
	for name, c := range map[string]struct {
		path, body string
		status     int
	}{
		"a clock order without a word":   {"clock", `{}`, 400},
		"a clock that goes back":         {"clock", `{"advance_ms":-1}`, 400},
		"a clock order with a typo":      {"clock", `{"advance":1}`, 400},
		"text behind an order":           {"clock", `{"skew_ms":0} 1`, 400},
		"a skew":                         {"clock", `{"skew_ms":-5}`, 200},
		"a fault without a kind":         {"faults", `{"op":"status"}`, 400},
		"a fault of no operation":        {"faults", `{"op":"refund","fault":"drop"}`, 400},
		"a status fault without status":  {"faults", `{"op":"status","fault":"status"}`, 400},
		"a drop with a status":           {"faults", `{"op":"status","fault":"drop","status":500}`, 400},
		"a slow fault without delay":     {"faults", `{"op":"status","fault":"slow"}`, 400},
		"a delay for a drop":             {"faults", `{"op":"status","fault":"drop","delay_ms":1}`, 400},
		"a redirect to 200":              {"faults", `{"op":"status","fault":"redirect","status":200}`, 400},
		"a fault":                        {"faults", `{"op":"any","fault":"garbage","status":502,"times":3}`, 200},
		"a decision about nobody":        {"transactions/never", `{"action":"pay"}`, 404},
		"a decision that is none":        {"transactions/ref1", `{"action":"steal"}`, 400},
		"a webhook of nobody":            {"notify/never", `{}`, 404},
		"a webhook with a strange token": {"notify/ref1", `{"signature":"gold"}`, 400},
		"too many webhooks":              {"notify/ref1", `{"times":1001}`, 400},
	} {
		if got := s.post("/_sandbox/"+c.path, c.body); got.status != c.status {
			t.Errorf("%s: want %d, got %d %s", name, c.status, got.status, got.text)
		}
	}
	var state sandbox.State
	if err := json.Unmarshal([]byte(s.get("/_sandbox/state").text), &state); err != nil {
		t.Fatal(err)
	}
	if len(state.Faults) != 1 || state.Clock.SkewMS != -5 || len(state.Transactions) != 1 {
		t.Errorf("got %+v", state)
	}
	if got := s.call(http.MethodDelete, "/_sandbox/faults", "", ""); got.status != http.StatusNoContent || len(s.State().Faults) != 0 {
		t.Errorf("got %d", got.status)
	}
	if got := s.post("/_sandbox/clock", `{"advance_ms":1500}`); got.field("now") != "2026-01-02T03:04:06.5Z" {
		t.Errorf("got %s", got.text)
	}
	if got := s.post("/_sandbox/reset", ""); got.status != http.StatusNoContent {
		t.Errorf("got %d", got.status)
	}
	want := sandbox.State{
		Clock: sandboxkit.Clock{Now: dawn()}, Transactions: []sandbox.Transaction{}, Uncreated: map[string]int{},
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
	if err := json.Unmarshal([]byte(s.get("/_sandbox/state").text), &state); err != nil {
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

// TestFaultsOfAnAnswer compares each kind with the control: the same call without a fault.
func TestFaultsOfAnAnswer(t *testing.T) {
	t.Parallel()
	type seen struct {
		Answered, Readable, Created bool
		Status                      int
	}
	for name, test := range map[string]struct {
		fault *sandbox.Fault
		want  seen
	}{
		"control":     {nil, seen{true, true, true, 200}},
		"drop":        {&sandbox.Fault{Kind: sandbox.FaultDrop}, seen{Created: true}},
		"drop before": {&sandbox.Fault{Kind: sandbox.FaultDropBefore}, seen{}},
		"garbage":     {&sandbox.Fault{Kind: sandbox.FaultGarbage}, seen{true, false, true, 200}},
		"garbage 502": {&sandbox.Fault{Kind: sandbox.FaultGarbage, Status: 502}, seen{true, false, true, 502}},
		"status 503":  {&sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503}, seen{true, false, false, 503}},
		"status 204":  {&sandbox.Fault{Kind: sandbox.FaultStatus, Status: 204}, seen{true, false, false, 204}},
		"huge":        {&sandbox.Fault{Kind: sandbox.FaultHuge}, seen{true, true, true, 200}},
		"truncate":    {&sandbox.Fault{Kind: sandbox.FaultTruncate, AfterBytes: 20}, seen{false, false, true, 200}},
		"redirect":    {&sandbox.Fault{Kind: sandbox.FaultRedirect}, seen{true, false, false, 307}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			if test.fault != nil {
				test.fault.Op = sandbox.OpHosted
				if err := s.Inject(*test.fault); err != nil {
					t.Fatal(err)
				}
			}
			got := s.post("/payments/hosted", s.order("ref1", "1.00", nil))
			_, created := s.Transaction("ref1")
			saw := seen{got.err == nil, got.field("url") != "" && got.err == nil, created, got.status}
			if diff := cmp.Diff(test.want, saw); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if after := s.get("/transactions"); after.status != http.StatusOK {
				t.Errorf("the next call is well again: %d", after.status)
			}
		})
	}
}

func TestASlowAnswerWaitsOnTheSandboxClock(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	if err := s.Inject(sandbox.Fault{Op: sandbox.OpList, Kind: sandbox.FaultSlow, DelayMS: 60_000}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan reply, 1)
	go func() { answered <- s.get("/transactions") }()
	within(t, "the fault is used up", func() bool { return len(s.State().Faults) == 0 })
	within(t, "the answer comes when the clock has moved", func() bool {
		s.Advance(time.Minute)
		return len(answered) == 1
	})
	if got := <-answered; got.status != http.StatusOK {
		t.Errorf("got %d, %v", got.status, got.err)
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
	if got := s.get(page); got.status != http.StatusOK || !strings.Contains(got.text, `data-state="pending"`) {
		t.Fatalf("got %d %s", got.status, got.text)
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
		resp, err := s.client.PostForm(s.URL()+page, url.Values{"action": {c.action}})
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if got := s.word("ref1"); resp.StatusCode != c.status || got != c.word {
			t.Errorf("%s: want %d and %s, got %d and %s", c.action, c.status, c.word, resp.StatusCode, got)
		}
	}
	if got := s.get("/cashier/never"); got.status != http.StatusNotFound {
		t.Errorf("got %d", got.status)
	}
}

func TestDelaysFireByThemselvesInRealTime(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: time.Millisecond, Now: time.Now})
	s.create("ref1", "1.00")
	within(t, "the webhooks come unasked", func() bool { return len(s.webhooks()) == 2 })
	if diff := cmp.Diff([]string{"pending", "successful"}, s.words()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAServerStartsOnce(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	if err := s.Start(); err == nil {
		t.Error("it started twice")
	}
}
