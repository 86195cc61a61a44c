package sandboxkit_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/sandboxkit"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestDelaysFireByThemselvesInRealTime(t *testing.T) {
	t.Parallel()
	s := openReal(t, sandboxkit.Setup{})
	done := make(chan struct{})
	s.stage.Lock()
	s.stage.After(time.Millisecond, func() { close(done) })
	s.stage.Unlock()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("it never fired")
	}
}

// TestDelaysFollowABaseClockThatIsMoved has a clock whose moves nobody announces.
func TestDelaysFollowABaseClockThatIsMoved(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := sandboxtest.Dawn()
	s := open(t, sandboxkit.Setup{Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	s.create("id1")
	if s.paidNow()["id1"] {
		t.Fatal("paid before the clock moved")
	}
	mu.Lock()
	now = now.Add(2 * time.Second)
	mu.Unlock()
	sandboxtest.Within(t, "the notification comes unasked", func() bool { return len(s.heard()) == 2 })
}

func TestADelayEndsAtItsExactTime(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.create("id1")
	s.Advance(-time.Hour)
	s.Advance(2*time.Second - 1)
	before := s.paidNow()["id1"]
	s.Advance(1)
	if after := s.paidNow()["id1"]; before || !after {
		t.Errorf("paid just before: %t, then: %t", before, after)
	}
}

func TestAdvanceFiresInOrder(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	type fired struct {
		Name string
		At   time.Duration
	}
	var got []fired
	note := func(name string) func() {
		return func() { got = append(got, fired{name, s.stage.Now().Sub(sandboxtest.Dawn())}) }
	}
	s.stage.Lock()
	s.stage.After(3*time.Second, note("late"))
	s.stage.After(time.Second, func() {
		note("first")()
		s.stage.After(0, note("what the first planned"))
	})
	s.stage.After(time.Second, note("second of the same time"))
	s.stage.After(time.Hour, note("beyond"))
	s.stage.Unlock()
	s.Advance(time.Minute)
	want := []fired{
		{"first", time.Second},
		{"second of the same time", time.Second},
		{"what the first planned", time.Second},
		{"late", 3 * time.Second},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := s.Now().Sub(sandboxtest.Dawn()); got != time.Minute {
		t.Errorf("the clock moved by %s", got)
	}
}

func TestSettleFiresWhatWasPlannedForNow(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	fired := false
	s.stage.Lock()
	defer s.stage.Unlock()
	s.stage.After(0, func() { fired = true })
	if fired {
		t.Error("it fired at once")
	}
	s.stage.Settle()
	if !fired {
		t.Error("it did not fire")
	}
}

func TestSkewMovesOnlyTheClockThatClientsSee(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.create("id1")
	s.Skew(3 * time.Hour)
	got := s.do(http.MethodGet, "/look", "")
	if s.paidNow()["id1"] || !s.Now().Equal(sandboxtest.Dawn()) {
		t.Errorf("now %s, paid %t", s.Now(), s.paidNow()["id1"])
	}
	if date := got.Header.Get("Date"); date != "Fri, 02 Jan 2026 06:04:05 GMT" {
		t.Errorf("shown: %s", date)
	}
	want := sandboxkit.Clock{Now: sandboxtest.Dawn(), SkewMS: 10_800_000}
	if diff := cmp.Diff(want, s.ledger().Clock); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestResetForgetsEverything(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.create("id1")
	s.Advance(2 * time.Second)
	s.create("id2")
	s.inject(sandboxkit.Fault{Op: sandboxkit.OpAny, Kind: sandboxkit.FaultDrop})
	s.Skew(time.Hour)
	heard := len(s.heard())
	s.Reset()
	want := sandboxkit.Ledger{
		Clock: sandboxkit.Clock{Now: sandboxtest.Dawn()}, Faults: []sandboxkit.Fault{}, Tries: []sandboxkit.Try{},
	}
	if diff := cmp.Diff(want, s.ledger()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	s.Advance(time.Hour)
	if paid := s.paidNow(); len(paid) != 0 || len(s.heard()) != heard {
		t.Errorf("of the world before: %v, %v", paid, s.heard()[heard:])
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	if first, second := s.stage.Next(), s.stage.Next(); first != 1 || second != 2 {
		t.Errorf("the numbers begin with %d and %d", first, second)
	}
}
