package sandboxkit_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/sandboxkit"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

// TestFaultsOfAnAnswer compares each kind with the control: the same call without a fault.
func TestFaultsOfAnAnswer(t *testing.T) {
	t.Parallel()
	type seen struct {
		Answered, Readable, Acted bool
		Status                    int
	}
	tests := map[string]struct {
		fault *sandboxkit.Fault
		want  seen
	}{
		"control":     {nil, seen{true, true, true, 200}},
		"drop":        {&sandboxkit.Fault{Kind: sandboxkit.FaultDrop}, seen{Acted: true}},
		"drop before": {&sandboxkit.Fault{Kind: sandboxkit.FaultDropBefore}, seen{}},
		"garbage":     {&sandboxkit.Fault{Kind: sandboxkit.FaultGarbage}, seen{true, false, true, 200}},
		"garbage 502": {&sandboxkit.Fault{Kind: sandboxkit.FaultGarbage, Status: 502}, seen{true, false, true, 502}},
		"status 503":  {&sandboxkit.Fault{Kind: sandboxkit.FaultStatus, Status: 503}, seen{true, false, false, 503}},
		"status 204":  {&sandboxkit.Fault{Kind: sandboxkit.FaultStatus, Status: 204}, seen{true, false, false, 204}},
		"huge":        {&sandboxkit.Fault{Kind: sandboxkit.FaultHuge}, seen{true, true, true, 200}},
		"truncate":    {&sandboxkit.Fault{Kind: sandboxkit.FaultTruncate, AfterBytes: 5}, seen{false, false, true, 200}},
		"redirect":    {&sandboxkit.Fault{Kind: sandboxkit.FaultRedirect}, seen{true, false, false, 307}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandboxkit.Setup{})
			if test.fault != nil {
				test.fault.Op = opPay
				s.inject(*test.fault)
			}
			got := s.do(http.MethodPost, "/pay/id1", "please")
			_, acted := s.paidNow()["id1"]
			if diff := cmp.Diff(test.want, seen{got.Err == nil, got.readable(), acted, got.Status}); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if after := s.do(http.MethodPost, "/pay/id2", "please"); !after.readable() || after.Status != http.StatusOK {
				t.Errorf("the next call is well again: %+v", after)
			}
		})
	}
}

func TestAHugeAnswerIsBeyondTwoMebibytes(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.inject(sandboxkit.Fault{Op: opLook, Kind: sandboxkit.FaultHuge})
	if got := s.do(http.MethodGet, "/look", ""); len(got.Text) <= 2<<20 {
		t.Errorf("got %d bytes", len(got.Text))
	}
}

func TestTruncateCutsWhereItIsTold(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.create("id1")
	whole := len(s.do(http.MethodGet, "/look", "").Text)
	for _, after := range []int{0, 1, whole - 1, whole, whole + 1} {
		s.inject(sandboxkit.Fault{Op: opLook, Kind: sandboxkit.FaultTruncate, AfterBytes: after})
		got := s.do(http.MethodGet, "/look", "")
		if got.Err == nil {
			t.Errorf("%d of %d bytes: the answer seemed whole", after, whole)
		}
		if want := min(after, whole); len(got.Text) != want {
			t.Errorf("%d of %d bytes: want %d, got %d", after, whole, want, len(got.Text))
		}
	}
}

func TestAFollowedRedirectIsCounted(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.inject(sandboxkit.Fault{Op: sandboxkit.OpAny, Kind: sandboxkit.FaultRedirect, Status: 302, Times: 2})
	s.do(http.MethodGet, "/look", "")
	if got := s.ledger().RedirectsFollowed; got != 0 {
		t.Errorf("a client that stays: want 0, got %d", got)
	}
	s.client.HTTP.CheckRedirect = nil
	s.do(http.MethodGet, "/look", "")
	if got := s.ledger().RedirectsFollowed; got != 1 {
		t.Errorf("a client that follows: want 1, got %d", got)
	}
}

func TestSlowAnswersOnTheSandboxClock(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.inject(sandboxkit.Fault{Op: opPay, Kind: sandboxkit.FaultSlow, DelayMS: 3_600_000})
	answers := make(chan reply, 1)
	go func() { answers <- s.do(http.MethodPost, "/pay/id1", "") }()
	sandboxtest.Within(t, "slow acts first", func() bool { return len(s.paidNow()) == 1 })
	s.Advance(time.Hour - time.Millisecond)
	select {
	case got := <-answers:
		t.Fatalf("answered too early: %+v", got)
	default:
	}
	sandboxtest.Within(t, "the answer comes once the hour is over", func() bool {
		s.Advance(time.Millisecond) // again and again: the call may not have begun to wait
		return len(answers) == 1
	})
	if got := <-answers; got.Status != http.StatusOK {
		t.Errorf("got %+v", got)
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
			s := open(t, sandboxkit.Setup{})
			s.inject(sandboxkit.Fault{Op: opPay, Kind: sandboxkit.FaultSlow, DelayMS: 3_600_000})
			answers := make(chan reply, 1)
			go func() { answers <- s.do(http.MethodPost, "/pay/id1", "") }()
			sandboxtest.Within(t, "slow acts first", func() bool { return len(s.paidNow()) == 1 })
			end(s)
			sandboxtest.Within(t, "the answer comes", func() bool { return len(answers) == 1 })
		})
	}
}

func TestFaultsAreUsedInOrder(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.inject(sandboxkit.Fault{Op: opLook, Kind: sandboxkit.FaultStatus, Status: 502, Times: 2})
	s.inject(sandboxkit.Fault{Op: sandboxkit.OpAny, Kind: sandboxkit.FaultStatus, Status: 503})
	s.inject(sandboxkit.Fault{Op: opPay, Kind: sandboxkit.FaultStatus, Status: 504})
	var statuses []int
	for range 4 {
		statuses = append(statuses, s.do(http.MethodGet, "/look", "").Status)
	}
	if diff := cmp.Diff([]int{502, 502, 503, 200}, statuses); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	left := []sandboxkit.Fault{{Op: opPay, Kind: sandboxkit.FaultStatus, Status: 504, Times: 1}}
	if diff := cmp.Diff(left, s.ledger().Faults); diff != "" {
		t.Errorf("left (-want +got)\n%s", diff)
	}
	s.ClearFaults()
	if got := s.ledger().Faults; len(got) != 0 {
		t.Errorf("cleared: got %v", got)
	}
}

func TestInjectRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandboxkit.Fault{
		"no op":                   {Kind: sandboxkit.FaultDrop},
		"unknown op":              {Op: "steal", Kind: sandboxkit.FaultDrop},
		"no kind":                 {Op: opPay},
		"unknown kind":            {Op: opPay, Kind: "fire"},
		"status without a number": {Op: opPay, Kind: sandboxkit.FaultStatus},
		"status below 200":        {Op: opPay, Kind: sandboxkit.FaultStatus, Status: 101},
		"status above 599":        {Op: opPay, Kind: sandboxkit.FaultStatus, Status: 600},
		"garbage above 599":       {Op: opPay, Kind: sandboxkit.FaultGarbage, Status: 600},
		"redirect with 200":       {Op: opPay, Kind: sandboxkit.FaultRedirect, Status: 200},
		"drop with a status":      {Op: opPay, Kind: sandboxkit.FaultDrop, Status: 500},
		"slow without a delay":    {Op: opPay, Kind: sandboxkit.FaultSlow},
		"slow beyond an hour":     {Op: opPay, Kind: sandboxkit.FaultSlow, DelayMS: 3_600_001},
		"drop with a delay":       {Op: opPay, Kind: sandboxkit.FaultDrop, DelayMS: 1},
		"drop after bytes":        {Op: opPay, Kind: sandboxkit.FaultDrop, AfterBytes: 1},
		"truncate before nothing": {Op: opPay, Kind: sandboxkit.FaultTruncate, AfterBytes: -1},
		"less than no times":      {Op: opPay, Kind: sandboxkit.FaultDrop, Times: -1},
		"times without end":       {Op: opPay, Kind: sandboxkit.FaultDrop, Times: 1_000_001},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTill(sandboxkit.Setup{})
			if err := s.Inject(fault); !errors.Is(err, sandboxkit.ErrBadFault) {
				t.Errorf("got %v", err)
			}
			if got := s.ledger().Faults; len(got) != 0 {
				t.Errorf("it was queued: %v", got)
			}
		})
	}
}

func TestAFaultInJSON(t *testing.T) {
	t.Parallel()
	var got sandboxkit.Fault
	text := `{"op":"look","fault":"truncate","after_bytes":7,"times":2}`
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := sandboxkit.Fault{Op: opLook, Kind: sandboxkit.FaultTruncate, AfterBytes: 7, Times: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
