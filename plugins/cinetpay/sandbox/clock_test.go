package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestCompletionWaitsForTheExactTime(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ delay, want time.Duration }{
		"default": {0, 2 * time.Second},
		"shorter": {50 * time.Millisecond, 50 * time.Millisecond},
		"longer":  {time.Hour, time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{CompletionDelay: test.delay})
			s.create("ref1", 1500)
			s.Advance(test.want - 1)
			before := s.payment("ref1").Paid
			s.Advance(1)
			if after := s.payment("ref1").Paid; before || !after {
				t.Errorf("paid just before: %t, then: %t", before, after)
			}
		})
	}
}

func TestNegativeCompletionDelayWaitsForAnAction(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{CompletionDelay: -1})
	s.create("ref1", 1500)
	s.Advance(365 * 24 * time.Hour)
	if got := s.told("ref1"); got.Code != "662" {
		t.Errorf("got %+v", got)
	}
	if err := s.Decide("ref1", sandbox.Decision{Action: sandbox.Pay}); err != nil {
		t.Fatal(err)
	}
	if got := s.told("ref1"); !got.Paid {
		t.Errorf("got %+v", got)
	}
}

func TestAdvanceFiresInOrderAndDeliversBeforeItReturns(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("late", 1155)
	s.Advance(time.Second)
	s.create("plain", 1500)
	s.Advance(time.Hour)
	type row struct {
		Ref, Message string
		At           time.Duration
	}
	var got []row
	for _, n := range s.State().Notifications {
		if n.Method == http.MethodPost {
			got = append(got, row{n.Ref, n.Message, n.At.Sub(sandboxtest.Dawn())})
		}
	}
	want := []row{
		{"late", "TRANSACTION_CANCEL", 2 * time.Second},
		{"plain", "SUCCES", 3 * time.Second},
		{"late", "SUCCES", 32 * time.Second},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSkewMovesOnlyTheClockThatClientsSee(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 1500)
	s.Skew(-3 * time.Hour)
	if row := s.payment("ref1"); row.Paid || !s.Now().Equal(sandboxtest.Dawn()) {
		t.Errorf("now %s, paid %t", s.Now(), row.Paid)
	}
	s.Skew(3 * time.Hour)
	if row := s.payment("ref1"); row.Paid {
		t.Error("the skew fired an event")
	}
	s.Advance(2 * time.Second)
	got := s.check("ref1")
	shown := []string{got.Header.Get("Date"), word(got.data()["payment_date"])}
	want := []string{"Fri, 02 Jan 2026 06:04:07 GMT", "2026-01-02 06:04:07"}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestResetForgetsEverything(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	d.create("ref1", 1500)
	d.pay("ref2", "0700000001")
	d.inject(sandbox.Fault{Op: sandbox.OpAny, Kind: sandbox.FaultDrop})
	d.Advance(time.Second)
	d.Skew(time.Hour)
	d.Reset()
	want := sandbox.State{
		Clock: sandboxkit.Clock{Now: sandboxtest.Dawn()}, Payments: []sandbox.Payment{}, Transfers: []sandbox.Transfer{},
		Uncreated: map[string]int{}, Notifications: []sandbox.Notification{}, Faults: []sandbox.Fault{},
	}
	if diff := cmp.Diff(want, d.State()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	d.Advance(time.Hour)
	if got := d.receiver.words(); len(got) != 0 {
		t.Errorf("notifications of the world before: %v", got)
	}
	if got := d.moneyOf("ref2"); got != nil {
		t.Error("the login token lives on")
	}
	d.create("ref1", 1500)
}
