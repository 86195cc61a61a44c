package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/core/httpapi"
)

// rated is a key with a rate.
func rated(k httpapi.Key, calls int, per time.Duration) httpapi.Key {
	k.Rate = httpapi.Rate{Calls: calls, Per: per}
	return k
}

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// A key sends as many requests as its rate allows, then one whenever there is room
// again. The controls are a key without a rate and another key of the merchant.
func TestAKeyIsHeldToItsRate(t *testing.T) {
	t.Parallel()
	c := &clock{at: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}
	b := newBench(t, func(o *httpapi.Options) { o.Now = c.now }, withKeys(
		rated(key("hasty", "shop", httpapi.ScopePayments, httpapi.ScopeRead), 3, time.Minute),
		rated(key("other", "shop", httpapi.ScopeRead), 3, time.Minute), key("free", "shop", httpapi.ScopeRead),
	))
	list := func(as string) *httptest.ResponseRecorder {
		return b.do(request{method: "GET", path: "/v1/transactions", as: as})
	}
	through := func(as string, want int) {
		t.Helper()
		got := 0
		for range 20 {
			if list(as).Code == http.StatusOK {
				got++
			}
		}
		if got != want {
			t.Errorf("%d of 20 requests of %s went through, want %d", got, as, want)
		}
	}
	through("hasty", 3)
	through("free", 20)
	through("other", 3)
	refused := list("hasty")
	wantProblem(t, refused, http.StatusTooManyRequests, "rate_limited")
	if wait := refused.Header().Get("Retry-After"); wait != "20" {
		t.Errorf("Retry-After is %q, want 20", wait)
	}
	c.move(20 * time.Second)
	through("hasty", 1)
	c.move(time.Hour)
	through("hasty", 3)
	c.move(-24 * time.Hour) // Somebody sets the clock back: nobody is locked out for a day.
	through("hasty", 0)
	c.move(20 * time.Second)
	through("hasty", 1)
}

func TestARequestAboveTheRateDoesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, withKeys(rated(key("shop", "shop", httpapi.ScopePayments), 2, time.Hour)))
	pay := func(n int) *httptest.ResponseRecorder {
		header := map[string]string{"Idempotency-Key": "k" + strconv.Itoa(n)}
		return b.do(request{method: "POST", path: "/v1/payments", body: `{"amount":"5000","currency":"XOF"}`, as: "shop", header: header})
	}
	for n := range 5 {
		want := http.StatusCreated
		if n > 1 {
			want = http.StatusTooManyRequests
		}
		if w := pay(n); w.Code != want {
			t.Errorf("request %d: %d %s", n+1, w.Code, w.Body)
		}
	}
	if got := b.engine.Executed(); got != 2 {
		t.Errorf("%d payments were made, want 2", got)
	}
}

func TestARateThatAllowsNothingIsRefused(t *testing.T) {
	t.Parallel()
	for name, rate := range map[string]httpapi.Rate{
		"no requests": {Per: time.Second}, "no time": {Calls: 1}, "below zero": {Calls: -1, Per: time.Second}, "too many": {Calls: 1000, Per: 10},
	} {
		options := optionsFor(nil)
		options.Keys = []httpapi.Key{rated(key("shop", "shop"), rate.Calls, rate.Per)}
		if _, err := httpapi.New(options); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
