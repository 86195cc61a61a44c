package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

func (s *shop) inject(fault sandbox.Fault) {
	s.t.Helper()
	if err := s.Inject(fault); err != nil {
		s.t.Fatal(err)
	}
}

// TestFaultsOfAnAnswer compares each kind with the control: the same call without a fault.
func TestFaultsOfAnAnswer(t *testing.T) {
	t.Parallel()
	type seen struct {
		Answered, Readable, Created bool
		Status                      int
	}
	tests := map[string]struct {
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
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			if test.fault != nil {
				test.fault.Op = sandbox.OpPayment
				s.inject(*test.fault)
			}
			got := s.post("/v2/payment", s.order("ref1", 100))
			_, created := s.Payment("ref1")
			saw := seen{got.err == nil, got.object() != nil, created, got.status}
			if diff := cmp.Diff(test.want, saw); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if after := s.check("ref1"); after.err != nil {
				t.Errorf("the next call is well again: %v", after.err)
			}
		})
	}
}

func TestHugeAnswerIsBeyondAMebibyte(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.inject(sandbox.Fault{Op: sandbox.OpCheck, Kind: sandbox.FaultHuge})
	s.create("ref1", 100)
	if got := s.check("ref1"); len(got.text) <= 2<<20 {
		t.Errorf("got %d bytes", len(got.text))
	}
}

func TestTruncateCutsWhereItIsTold(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 100)
	whole := len(s.check("ref1").text)
	for _, after := range []int{0, 1, whole - 1, whole, whole + 1} {
		s.inject(sandbox.Fault{Op: sandbox.OpCheck, Kind: sandbox.FaultTruncate, AfterBytes: after})
		got := s.check("ref1")
		if got.err == nil {
			t.Errorf("%d of %d bytes: the answer seemed whole", after, whole)
		}
		if want := min(after, whole); len(got.text) != want {
			t.Errorf("%d of %d bytes: want %d, got %d", after, whole, want, len(got.text))
		}
	}
}

func TestFollowedRedirectIsCounted(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.inject(sandbox.Fault{Op: sandbox.OpAny, Kind: sandbox.FaultRedirect, Status: 302, Times: 2})
	s.post("/v2/payment", s.order("ref1", 100))
	if got := s.State().RedirectsFollowed; got != 0 {
		t.Errorf("a client that stays: want 0, got %d", got)
	}
	s.client.CheckRedirect = nil
	s.post("/v2/payment", s.order("ref1", 100))
	if got := s.State().RedirectsFollowed; got != 1 {
		t.Errorf("a client that follows: want 1, got %d", got)
	}
}

func TestSlowAnswersOnTheSandboxClock(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.inject(sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: 3_600_000})
	answers := make(chan reply, 1)
	go func() { answers <- s.post("/v2/payment", s.order("ref1", 100)) }()
	within(t, "slow acts first", func() bool {
		_, created := s.Payment("ref1")
		return created
	})
	s.Advance(time.Hour - time.Millisecond)
	select {
	case got := <-answers:
		t.Fatalf("answered too early: %+v", got)
	default:
	}
	within(t, "the answer comes once the hour is over", func() bool {
		s.Advance(time.Millisecond) // again and again: the call may not have begun to wait
		return len(answers) == 1
	})
	if got := <-answers; got.code() != "201" {
		t.Errorf("got %+v", got)
	}
}

func TestFaultsAreUsedInOrder(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 100)
	s.inject(sandbox.Fault{Op: sandbox.OpCheck, Kind: sandbox.FaultStatus, Status: 502, Times: 2})
	s.inject(sandbox.Fault{Op: sandbox.OpAny, Kind: sandbox.FaultStatus, Status: 503})
	s.inject(sandbox.Fault{Op: sandbox.OpSend, Kind: sandbox.FaultStatus, Status: 504})
	var statuses []int
	for range 4 {
		statuses = append(statuses, s.check("ref1").status)
	}
	if diff := cmp.Diff([]int{502, 502, 503, 200}, statuses); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	left := []sandbox.Fault{{Op: sandbox.OpSend, Kind: sandbox.FaultStatus, Status: 504, Times: 1}}
	if diff := cmp.Diff(left, s.State().Faults); diff != "" {
		t.Errorf("left (-want +got)\n%s", diff)
	}
	s.ClearFaults()
	if got := s.State().Faults; len(got) != 0 {
		t.Errorf("cleared: got %v", got)
	}
}

func TestFaultsReachEveryOperation(t *testing.T) {
	t.Parallel()
	calls := map[sandbox.Operation][2]string{
		sandbox.OpPayment:    {http.MethodPost, "/v2/payment"},
		sandbox.OpCheck:      {http.MethodPost, "/v2/payment/check"},
		sandbox.OpLogin:      {http.MethodPost, "/v1/auth/login"},
		sandbox.OpContact:    {http.MethodPost, "/v1/transfer/contact"},
		sandbox.OpSend:       {http.MethodPost, "/v1/transfer/money/send/contact"},
		sandbox.OpCheckMoney: {http.MethodGet, "/v1/transfer/check/money"},
		sandbox.OpBalance:    {http.MethodGet, "/v1/transfer/check/balance"},
	}
	s := open(t, sandbox.Options{})
	for op, call := range calls {
		s.inject(sandbox.Fault{Op: op, Kind: sandbox.FaultStatus, Status: 599})
		if got := s.do(s.request(call[0], call[1], "", "")); got.status != 599 {
			t.Errorf("%s: want 599, got %d", op, got.status)
		}
		if got := s.do(s.request(call[0], call[1], "", "")); got.status == 599 {
			t.Errorf("%s: the fault came twice", op)
		}
	}
}

func TestInjectRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	tests := map[string]sandbox.Fault{
		"no op":                   {Kind: sandbox.FaultDrop},
		"unknown op":              {Op: "init", Kind: sandbox.FaultDrop},
		"no kind":                 {Op: sandbox.OpCheck},
		"unknown kind":            {Op: sandbox.OpCheck, Kind: "fire"},
		"status without a number": {Op: sandbox.OpCheck, Kind: sandbox.FaultStatus},
		"status below 200":        {Op: sandbox.OpCheck, Kind: sandbox.FaultStatus, Status: 101},
		"status above 599":        {Op: sandbox.OpCheck, Kind: sandbox.FaultStatus, Status: 600},
		"redirect with 200":       {Op: sandbox.OpCheck, Kind: sandbox.FaultRedirect, Status: 200},
		"drop with a status":      {Op: sandbox.OpCheck, Kind: sandbox.FaultDrop, Status: 500},
		"slow without a delay":    {Op: sandbox.OpCheck, Kind: sandbox.FaultSlow},
		"slow beyond an hour":     {Op: sandbox.OpCheck, Kind: sandbox.FaultSlow, DelayMS: 3_600_001},
		"drop with a delay":       {Op: sandbox.OpCheck, Kind: sandbox.FaultDrop, DelayMS: 1},
		"drop after bytes":        {Op: sandbox.OpCheck, Kind: sandbox.FaultDrop, AfterBytes: 1},
		"truncate before nothing": {Op: sandbox.OpCheck, Kind: sandbox.FaultTruncate, AfterBytes: -1},
		"less than no times":      {Op: sandbox.OpCheck, Kind: sandbox.FaultDrop, Times: -1},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sandbox.New(sandbox.Options{})
			wantErr(t, s.Inject(fault), sandboxkit.ErrBadFault)
			if got := s.State().Faults; len(got) != 0 {
				t.Errorf("it was queued: %v", got)
			}
		})
	}
}

func TestFaultInJSON(t *testing.T) {
	t.Parallel()
	var got sandbox.Fault
	text := `{"op":"check_money","fault":"truncate","after_bytes":7,"times":2}`
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := sandbox.Fault{Op: sandbox.OpCheckMoney, Kind: sandbox.FaultTruncate, AfterBytes: 7, Times: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
