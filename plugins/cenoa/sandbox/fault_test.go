package sandbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// TestFaultsOfAnAnswer compares each kind with the control: the same call without a fault.
func TestFaultsOfAnAnswer(t *testing.T) {
	t.Parallel()
	type seen struct {
		Answered, Readable, Counted bool
		Status                      int
	}
	tests := map[string]struct {
		fault *sandbox.Fault
		want  seen
	}{
		"control":     {nil, seen{true, true, true, 200}},
		"drop":        {&sandbox.Fault{Kind: sandbox.FaultDrop, Times: 2}, seen{Counted: true}},
		"drop before": {&sandbox.Fault{Kind: sandbox.FaultDropBefore, Times: 2}, seen{}},
		"garbage":     {&sandbox.Fault{Kind: sandbox.FaultGarbage}, seen{true, false, true, 200}},
		"garbage 502": {&sandbox.Fault{Kind: sandbox.FaultGarbage, Status: 502}, seen{true, false, true, 502}},
		"status 503":  {&sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503}, seen{true, false, false, 503}},
		"status 204":  {&sandbox.Fault{Kind: sandbox.FaultStatus, Status: 204}, seen{true, false, false, 204}},
		"huge":        {&sandbox.Fault{Kind: sandbox.FaultHuge}, seen{true, true, true, 200}},
		"truncate":    {&sandbox.Fault{Kind: sandbox.FaultTruncate, AfterBytes: 20}, seen{false, false, true, 200}},
		"redirect":    {&sandbox.Fault{Kind: sandbox.FaultRedirect}, seen{true, false, false, 307}},
	}
	for name, test := range tests {
		for op, call := range map[sandbox.Operation]func(*shop) reply{
			sandbox.OpUserAccount:  func(s *shop) reply { return s.lookUp(phone) },
			sandbox.OpTransactions: func(s *shop) reply { return s.list("page=1") },
		} {
			t.Run(name+" "+string(op), func(t *testing.T) {
				t.Parallel()
				s := open(t, sandbox.Options{})
				if test.fault != nil {
					fault := *test.fault
					fault.Op = op
					s.inject(fault)
				}
				got := call(s)
				saw := seen{got.err == nil, got.object() != nil, s.State().Calls[op] > 0, got.status}
				if diff := cmp.Diff(test.want, saw); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				s.ClearFaults()
				if after := call(s); after.status != 200 {
					t.Errorf("the next call is well again: %+v", after)
				}
			})
		}
	}
}

func TestHugeAnswerIsBeyondAMebibyte(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.inject(sandbox.Fault{Op: sandbox.OpAny, Kind: sandbox.FaultHuge})
	if got := s.list("page=1"); len(got.text) <= 2<<20 {
		t.Errorf("got %d bytes", len(got.text))
	}
}

func TestFollowedRedirectIsCounted(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.inject(sandbox.Fault{Op: sandbox.OpAny, Kind: sandbox.FaultRedirect, Status: 302, Times: 2})
	s.list("page=1")
	if got := s.State().RedirectsFollowed; got != 0 {
		t.Errorf("a client that stays: want 0, got %d", got)
	}
	s.client.CheckRedirect = nil
	s.list("page=1")
	if got := s.State().RedirectsFollowed; got != 1 {
		t.Errorf("a client that follows: want 1, got %d", got)
	}
}

func TestSlowAnswersOnTheSandboxClock(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.inject(sandbox.Fault{Op: sandbox.OpTransactions, Kind: sandbox.FaultSlow, DelayMS: 3_600_000})
	answers := make(chan reply, 1)
	go func() { answers <- s.list("page=1") }()
	within(t, "slow acts first", func() bool { return s.State().Calls[sandbox.OpTransactions] == 1 })
	select {
	case got := <-answers:
		t.Fatalf("answered too early: %+v", got)
	default:
	}
	within(t, "the answer comes once the hour is over", func() bool {
		s.Advance(time.Hour) // again and again: the call may not have begun to wait
		return len(answers) == 1
	})
	if got := <-answers; got.status != 200 {
		t.Errorf("got %+v", got)
	}
}

// within polls until done, for what only real time brings.
func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for !done() {
		select {
		case <-poll.C:
		case <-deadline.C:
			t.Fatal("timed out: " + what)
		}
	}
}

func TestResetAndCloseEndASlowAnswer(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*shop){
		"reset": func(s *shop) { s.Reset() },
		"close": func(s *shop) {
			if err := s.Close(); err != nil {
				s.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			s.inject(sandbox.Fault{Op: sandbox.OpTransactions, Kind: sandbox.FaultSlow, DelayMS: 3_600_000})
			answers := make(chan reply, 1)
			go func() { answers <- s.list("page=1") }()
			within(t, "slow acts first", func() bool { return s.State().Calls[sandbox.OpTransactions] == 1 })
			end(s)
			select {
			case <-answers:
			case <-time.After(10 * time.Second):
				t.Fatal("it still waits")
			}
		})
	}
}

func TestInjectRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	tests := map[string]sandbox.Fault{
		"no op":                   {Kind: sandbox.FaultDrop},
		"unknown op":              {Op: "pay", Kind: sandbox.FaultDrop},
		"no kind":                 {Op: sandbox.OpAny},
		"unknown kind":            {Op: sandbox.OpAny, Kind: "fire"},
		"status without a number": {Op: sandbox.OpAny, Kind: sandbox.FaultStatus},
		"status above 599":        {Op: sandbox.OpAny, Kind: sandbox.FaultStatus, Status: 600},
		"redirect with 200":       {Op: sandbox.OpAny, Kind: sandbox.FaultRedirect, Status: 200},
		"drop with a status":      {Op: sandbox.OpAny, Kind: sandbox.FaultDrop, Status: 500},
		"slow without a delay":    {Op: sandbox.OpAny, Kind: sandbox.FaultSlow},
		"drop with a delay":       {Op: sandbox.OpAny, Kind: sandbox.FaultDrop, DelayMS: 1},
		"drop after bytes":        {Op: sandbox.OpAny, Kind: sandbox.FaultDrop, AfterBytes: 1},
		"truncate before nothing": {Op: sandbox.OpAny, Kind: sandbox.FaultTruncate, AfterBytes: -1},
		"less than no times":      {Op: sandbox.OpAny, Kind: sandbox.FaultDrop, Times: -1},
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
