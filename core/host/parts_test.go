package host

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestARecordThatIsClosedLetsNobodyIn(t *testing.T) {
	t.Parallel()
	r := newRecord()
	if !r.enter() || !r.enter() {
		t.Fatal("an open record refused a call")
	}
	r.close()
	r.close()
	if r.enter() {
		t.Error("a closed record let a call in")
	}
	r.leave()
	if within(r.idle, 0) {
		t.Error("it is idle with a call in flight")
	}
	r.leave()
	if !within(r.idle, time.Second) {
		t.Error("it is not idle without a call")
	}
}

func TestPausesDoubleUpToTheMost(t *testing.T) {
	t.Parallel()
	b := backoff{least: 250 * time.Millisecond, most: 30 * time.Second}
	bounds := func(n int) []time.Duration {
		var all []time.Duration
		for range n {
			if pause := b.next(); pause <= 0 || pause > b.bound {
				t.Errorf("the pause %v is outside of (0, %v]", pause, b.bound)
			}
			all = append(all, b.bound)
		}
		return all
	}
	want := []time.Duration{
		250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
		8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second,
	}
	if diff := cmp.Diff(want, bounds(len(want))); diff != "" {
		t.Errorf("bounds (-want +got):\n%s", diff)
	}
	b.reset()
	if diff := cmp.Diff(want[:2], bounds(2)); diff != "" {
		t.Errorf("bounds after a reset (-want +got):\n%s", diff)
	}
}

func TestLinesArriveWholeAndBounded(t *testing.T) {
	t.Parallel()
	var got []string
	w := &lineWriter{each: func(line string) { got = append(got, line) }}
	for _, part := range []string{"one\ntw", "o\r\n\nthr", "ee\n", strings.Repeat("x", lineMax+9) + "\nlast"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
	}
	want := []string{"one", "two", "three", strings.Repeat("x", lineMax)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestTheLastLinesAreKept(t *testing.T) {
	t.Parallel()
	var kept lastLines
	for i := range lastLinesMax + 5 {
		kept.add(strings.Repeat("i", i))
	}
	got := strings.Split(kept.text(), "\n")
	if len(got) != lastLinesMax || len(got[0]) != 5 || len(got[lastLinesMax-1]) != lastLinesMax+4 {
		t.Errorf("%d lines are kept, from %d to %d", len(got), len(got[0]), len(got[len(got)-1]))
	}
}
