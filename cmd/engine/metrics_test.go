package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// scrape returns what is measured: the value of each series, as text.
func (s *shop) scrape() map[string]string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), waitMax)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.engine.URL+"/metrics", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %v", resp.Status, err)
	}
	series := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if at := strings.LastIndexByte(line, ' '); at > 0 && !strings.HasPrefix(line, "#") {
			series[line[:at]] = line[at+1:]
		}
	}
	return series
}

func (s *shop) wantSeries(want map[string]string) {
	s.t.Helper()
	got := s.scrape()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			s.t.Errorf("%s is %q, want %q", name, got[name], want[name])
		}
	}
	if s.t.Failed() {
		for _, name := range slices.Sorted(maps.Keys(got)) {
			if strings.HasPrefix(name, "paymux_") && !strings.Contains(name, "_bucket") {
				s.t.Log(name, got[name])
			}
		}
	}
}

func TestWhatIsPaidIsMeasured(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	inject(t, s.first, on(sandbox.FaultStatus, 403))
	s.pay("order-1")
	s.pay("order-2")
	want := map[string]string{
		`paymux_account_calls_total{account="first",operation="payment",result="answered"}`: "2",
		`paymux_account_call_duration_seconds_count{account="second",operation="payment"}`:  "1",
		`paymux_account_breaker{account="first",state="closed"}`:                            "1",
		`paymux_account_breaker{account="first",state="open"}`:                              "0",
		`paymux_account_health{account="first",state="ready"}`:                              "1",
		`paymux_account_drained{account="first"}`:                                           "0",
		`paymux_transactions_total{kind="payment",state="requires_action"}`:                 "2",
		`paymux_routing_decisions_total{result="routed",rule="ivory-coast"}`:                "2",
	}
	s.wantSeries(want)
	for name := range s.scrape() {
		for _, personal := range []string{"0505998877", "c-7", "order-1", "pay_"} {
			if strings.Contains(name, personal) {
				t.Errorf("the series %s names %s", name, personal)
			}
		}
	}
}

// A condition that compares two currencies does not match; how often that happens is seen.
func TestAConditionThatCannotBeToldIsCounted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.setup.Rules = `version: 1
rules:
  - { name: large, when: 'amount > money("500.00 EUR")', use: { deny: "too large" } }
default: { order: [second] }
`
	s.write()
	s.open()
	s.pay("order-1")
	s.pay("order-2")
	s.wantSeries(map[string]string{`paymux_routing_untold_total{rule="large"}`: "2"})
}

// A provider that gives no answers is left alone: its breaker is seen open, and
// what comes then goes to the other account at once.
func TestABreakerThatOpensIsSeen(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for i := range 10 {
		inject(t, s.first, on(sandbox.FaultDropBefore, 0))
		if tx := s.pay(fmt.Sprint("lost-", i)); tx.State != "unknown" {
			t.Fatalf("payment %d is %s, want unknown", i, tx.State)
		}
	}
	s.wantSeries(map[string]string{
		`paymux_account_breaker{account="first",state="open"}`:                           "1",
		`paymux_account_breaker{account="first",state="closed"}`:                         "0",
		`paymux_account_calls_total{account="first",operation="payment",result="fault"}`: "10",
	})
	if tx := s.pay("next"); attempts(tx) != "second requires_action" {
		t.Errorf("attempts %s, want the second account alone", attempts(tx))
	}
	s.wantSeries(map[string]string{`paymux_routing_removals_total{account="first",passing="true"}`: "1"})
	provider, err := s.client.Provider(t.Context(), "first")
	if err != nil || provider.Ready || provider.Breaker.State != "open" || provider.Breaker.Until == nil {
		t.Errorf("%+v, %v: want an open breaker and until when", provider.Breaker, err)
	}
	if wait := time.Until(*provider.Breaker.Until); wait > 30*time.Second {
		t.Errorf("a trial comes in %v, want it within 30s", wait)
	}
}

// Whoever watches sees which generation is live, and that the files are no more what
// it was made of.
func TestAReloadThatIsRefusedIsSeen(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.wantSeries(map[string]string{"paymux_config_generation": "1", "paymux_config_last_reload_successful": "1"})
	ctx, cancel := context.WithTimeout(t.Context(), waitMax)
	defer cancel()
	for _, step := range []struct{ rules, said, generation, successful string }{
		{strings.ReplaceAll(rules, "[first, second]", "[second, first]"), `"configuration reloaded".*"generation":2`, "2", "1"},
		{"version: 1\nrules: nonsense\n", `"reload refused"`, "2", "0"},
		{rules, `"configuration reloaded".*"generation":3`, "3", "1"},
	} {
		s.setup.Rules = step.rules
		s.write()
		if _, err := s.engine.Await(ctx, step.said); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"paymux_config_generation": step.generation, "paymux_config_last_reload_successful": step.successful,
		}
		for s.scrape()["paymux_config_last_reload_successful"] != step.successful && ctx.Err() == nil {
			<-time.After(5 * time.Millisecond) // The log comes before the outcome.
		}
		s.wantSeries(want)
	}
}
