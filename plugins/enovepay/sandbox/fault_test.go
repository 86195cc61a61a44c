package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/enovepay/sandbox"
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
				test.fault.Op = sandbox.OpCollect
				s.inject(*test.fault)
			}
			got := s.call(http.MethodPost, "/v1/collections", s.order("ref1", "000"))
			_, created := s.Transaction("ref1")
			if diff := cmp.Diff(test.want, seen{got.err == nil, got.code() != "", created, got.status}); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if name == "huge" && len(got.text) <= 2<<20 {
				t.Errorf("huge has %d bytes", len(got.text))
			}
			if after := s.status("ref1"); after.err != nil {
				t.Errorf("the next call is well again: %v", after.err)
			}
		})
	}
}

func TestFaultsReachEveryOperation(t *testing.T) {
	t.Parallel()
	calls := map[sandbox.Operation][2]string{
		sandbox.OpAuth:              {http.MethodPost, "/v1/auth/token"},
		sandbox.OpCollect:           {http.MethodPost, "/v1/collections"},
		sandbox.OpPayout:            {http.MethodPost, "/v1/payouts"},
		sandbox.OpStatus:            {http.MethodGet, "/v1/transactions/x"},
		sandbox.OpStatusByReference: {http.MethodGet, "/v1/transactions?reference_number=x"},
		sandbox.OpBalance:           {http.MethodGet, "/v1/balance?currency=XOF"},
	}
	s := open(t, sandbox.Options{})
	for op, call := range calls {
		s.inject(sandbox.Fault{Op: op, Kind: sandbox.FaultStatus, Status: 599})
		s.inject(sandbox.Fault{Op: sandbox.OpAny, Kind: sandbox.FaultStatus, Status: 598})
		var got []int
		for range 3 {
			got = append(got, s.call(call[0], call[1], nil).status)
		}
		if got[0] != 599 || got[1] != 598 || got[2] >= 598 {
			t.Errorf("%s: want 599, 598 and well again, got %v", op, got)
		}
	}
}

func TestFollowedRedirectsAreCounted(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.inject(sandbox.Fault{Op: sandbox.OpAny, Kind: sandbox.FaultRedirect, Status: 302, Times: 2})
	s.status("ref1")
	stays := s.State().RedirectsFollowed
	s.client.CheckRedirect = nil
	s.status("ref1")
	if follows := s.State().RedirectsFollowed; stays != 0 || follows != 1 {
		t.Errorf("want 0, then 1, got %d, then %d", stays, follows)
	}
}

func TestSlowAnswersOnTheSandboxClock(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.inject(sandbox.Fault{Op: sandbox.OpCollect, Kind: sandbox.FaultSlow, DelayMS: 3_600_000})
	answers := make(chan reply, 1)
	go func() { answers <- s.call(http.MethodPost, "/v1/collections", s.order("ref1", "000")) }()
	within(t, "slow acts first", func() bool {
		_, created := s.Transaction("ref1")
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
	if got := <-answers; got.code() != "100" {
		t.Errorf("got %+v", got)
	}
}

func TestInjectRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"no op":                   {Kind: sandbox.FaultDrop},
		"unknown op":              {Op: "check", Kind: sandbox.FaultDrop},
		"unknown kind":            {Op: sandbox.OpStatus, Kind: "fire"},
		"status without a number": {Op: sandbox.OpStatus, Kind: sandbox.FaultStatus},
		"status above 599":        {Op: sandbox.OpStatus, Kind: sandbox.FaultStatus, Status: 600},
		"redirect with 200":       {Op: sandbox.OpStatus, Kind: sandbox.FaultRedirect, Status: 200},
		"drop with a status":      {Op: sandbox.OpStatus, Kind: sandbox.FaultDrop, Status: 500},
		"slow without a delay":    {Op: sandbox.OpStatus, Kind: sandbox.FaultSlow},
		"slow beyond an hour":     {Op: sandbox.OpStatus, Kind: sandbox.FaultSlow, DelayMS: 3_600_001},
		"drop with a delay":       {Op: sandbox.OpStatus, Kind: sandbox.FaultDrop, DelayMS: 1},
		"drop after bytes":        {Op: sandbox.OpStatus, Kind: sandbox.FaultDrop, AfterBytes: 1},
		"less than no times":      {Op: sandbox.OpStatus, Kind: sandbox.FaultDrop, Times: -1},
	} {
		s := sandbox.New(sandbox.Options{})
		wantErr(t, s.Inject(fault), sandboxkit.ErrBadFault)
		if got := s.State().Faults; len(got) != 0 {
			t.Errorf("%s was queued: %v", name, got)
		}
	}
}
