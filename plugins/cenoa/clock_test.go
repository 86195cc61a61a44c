package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/sdk/httpx"
)

func dated(at time.Time) http.Header { return http.Header{"Date": {at.UTC().Format(http.TimeFormat)}} }

// The server's clock has fractions of a second that its Date does not show.
func TestAStampIsNeverAheadOfTheServer(t *testing.T) {
	const guard = 2 * time.Second
	for _, skew := range []time.Duration{
		-time.Hour, -5 * time.Second, -time.Millisecond, 0, 999 * time.Millisecond, 301 * time.Second, 24 * time.Hour,
	} {
		now := dawn()
		c := &clock{now: func() time.Time { return now }, guard: guard}
		if !c.learn(dated(now.Add(skew))) {
			t.Fatal("a Date was not taken")
		}
		now = now.Add(50 * time.Millisecond)
		server := now.Add(skew)
		if behind := server.Sub(c.stamp()); behind < guard || behind > guard+time.Second {
			t.Errorf("skew %s: the stamp is %s behind the server", skew, behind)
		}
	}
}

func TestWithoutADateTheClockStays(t *testing.T) {
	c := &clock{now: dawn, guard: time.Second}
	for _, header := range []http.Header{{}, {"Date": {"yesterday"}}, {"Date": {"2026-01-01T00:00:00Z"}}} {
		if c.learn(header) || !c.theirs().Equal(dawn()) {
			t.Errorf("%v: learned %s", header, c.theirs())
		}
	}
}

func TestAClockFarOffIsAlertedOf(t *testing.T) {
	for name, c := range map[string]struct {
		skew time.Duration
		want string
	}{
		"ahead by less":  {-time.Minute, ""},
		"behind by less": {time.Minute, ""},
		"ahead":          {-61 * time.Second, "1m1s ahead of Cenoa's"},
		"behind":         {301 * time.Second, "5m1s behind Cenoa's"},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &clock{now: dawn}
			clock.learn(dated(dawn().Add(c.skew)))
			if got := clock.alert(); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("want %q, got %q", c.want, got)
			}
		})
	}
}

func TestALookUpIsDatedByTheAnswerElseByTheClock(t *testing.T) {
	p := live(t)
	for _, skew := range []time.Duration{-2 * time.Second, 0, 298 * time.Second} {
		if got := p.dated(answer{Response: httpx.Response{Header: dated(dawn().Add(skew))}}); !got.Equal(dawn().Add(skew)) {
			t.Errorf("with a Date: got %s", got)
		}
	}
	p.clock.learn(dated(dawn().Add(time.Minute)))
	if got := p.dated(answer{}); !got.Equal(dawn().Add(time.Minute)) {
		t.Errorf("without a Date: got %s", got)
	}
}

// Cenoa took the stamp, so its clock cannot be so far from it: the Date is that
// of a copy, or of somebody else.
func TestADateThatCannotBeIsNotTheBeginningOfAnOrder(t *testing.T) {
	for name, at := range map[string]time.Time{
		"the start of time": time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), "an hour ago": dawn().Add(-time.Hour),
		"in an hour": dawn().Add(time.Hour), "the end of time": time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			a := answered(http.StatusOK, `{"userId":"u"}`)
			a.Header = dated(at)
			p := live(t)
			got := p.answered(request(nil), p.findingOf(a, nil, testPhone))
			if got.Match == nil || !got.Match.From.Equal(dawn()) || !got.Match.Until.Equal(dawn().Add(time.Hour)) {
				t.Errorf("got %+v", got.Match)
			}
		})
	}
}
