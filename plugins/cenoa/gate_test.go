package main

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

func TestCallsGoOneBehindTheOther(t *testing.T) {
	g := &gate{gap: time.Second}
	var waits []time.Duration
	for range 3 {
		wait, ok := g.reserve(dawn(), time.Minute)
		if !ok {
			t.Fatal("refused")
		}
		waits = append(waits, wait)
	}
	if diff := cmp.Diff([]time.Duration{0, time.Second, 2 * time.Second}, waits); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if wait, ok := g.reserve(dawn(), 2*time.Second); ok || wait != 3*time.Second {
		t.Errorf("an impatient call: got %s, %t", wait, ok)
	}
	if wait, ok := g.reserve(dawn(), 3*time.Second); !ok || wait != 3*time.Second {
		t.Errorf("the refused call took a place: got %s, %t", wait, ok)
	}
}

func TestWithoutATimeTheWaitDoublesToFiveMinutes(t *testing.T) {
	g := new(gate)
	var waits []time.Duration
	for range 11 {
		waits = append(waits, g.refused(dawn(), 0))
	}
	const s = time.Second
	want := []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 64 * s, 128 * s, 256 * s, 300 * s, 300 * s}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	g.passed()
	if got := g.refused(dawn(), 0); got != time.Second {
		t.Errorf("after a good answer: want 1s, got %s", got)
	}
}

func TestATimeThatIsToldIsKept(t *testing.T) {
	g := new(gate)
	if got := g.refused(dawn(), time.Minute); got != time.Minute {
		t.Errorf("want 1m, got %s", got)
	}
	if wait, ok := g.reserve(dawn().Add(time.Second), 20*time.Second); ok || wait != 59*time.Second {
		t.Errorf("want a refusal for 59s, got %s, %t", wait, ok)
	}
	if wait, ok := g.reserve(dawn().Add(time.Minute), 0); !ok || wait != 0 {
		t.Errorf("after it: got %s, %t", wait, ok)
	}
}

func TestAPauseEndsWithItsTimeOrItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := pause(t.Context(), time.Second); err != nil || time.Since(start) != time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := pause(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("want the context's error, got %v", err)
		}
	})
}

func TestCallsAreASecondApartUnlessTheSettingsSayOtherwise(t *testing.T) {
	for text, want := range map[any]time.Duration{nil: time.Second, "200ms": 200 * time.Millisecond, "1ns": time.Nanosecond} {
		raw := with("", map[string]any{"accept_assumed_contract": true, "call_gap": text})
		if text == nil {
			delete(raw, "call_gap")
		}
		if got := open(t, ticking(), raw).gate.gap; got != want {
			t.Errorf("with %v they are %s apart, want %s", text, got, want)
		}
	}
}

func TestACallThatEndsWhileItWaitsIsAFault(t *testing.T) {
	p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	p.gate.refused(dawn(), time.Second)
	p.pause = func(context.Context, time.Duration) error { return context.Canceled }
	if _, err := p.ListTransactions(t.Context(), sdk.ListRequest{}); !errors.Is(err, sdk.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	got, err := p.CreatePayment(t.Context(), request(nil))
	if err != nil || got.Outcome != sdk.OutcomeNotSent {
		t.Errorf("create: want NOT_SENT, got %v, %v", got.Outcome, err)
	}
}

func TestACallThatWouldWaitBeyondItsDeadlineIsRefusedAtOnce(t *testing.T) {
	p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	p.gate.refused(dawn(), 10*time.Second)
	p.pause = func(context.Context, time.Duration) error { t.Error("it waited"); return nil }
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := p.ListTransactions(ctx, sdk.ListRequest{})
	var fault *sdk.Error
	if !errors.As(err, &fault) || fault.Kind != sdk.KindRateLimited || fault.RetryAfter != 10*time.Second {
		t.Errorf("got %v", err)
	}
}

// Those who have their places already must not call either.
func TestARefusalHoldsBackWhoIsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := live(t)
		p.clock.now, p.pause, p.gate.gap = time.Now, pause, time.Second
		start := time.Now()
		took := make(chan time.Duration, 2)
		for range 2 {
			go func() {
				if err := p.wait(t.Context(), start.Add(time.Minute)); err != nil {
					t.Error(err)
				}
				took <- time.Since(start)
			}()
		}
		<-took
		synctest.Wait()
		p.gate.refused(time.Now(), 7*time.Second)
		if got := <-took; got < 7*time.Second {
			t.Errorf("asked to wait for 7s, it called after %s", got)
		}
	})
}
