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
	if got := p.dated(answer{Response: httpx.Response{Header: dated(dawn().Add(time.Hour))}}); !got.Equal(dawn().Add(time.Hour)) {
		t.Errorf("with a Date: got %s", got)
	}
	p.clock.learn(dated(dawn().Add(time.Minute)))
	if got := p.dated(answer{}); !got.Equal(dawn().Add(time.Minute)) {
		t.Errorf("without a Date: got %s", got)
	}
}
