package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

func TestACreatingCallAfterItsTimeIsNotSent(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	provider := h.provider(t, "a")
	now := time.Now()
	tests := map[string]struct {
		sendBy  time.Time
		expired bool // The context is over.
		sent    bool
	}{
		"in time":          {sendBy: now.Add(time.Hour), sent: true},
		"without a bound":  {sent: true},
		"too late":         {sendBy: now.Add(-time.Second)},
		"no time any more": {sendBy: now.Add(time.Hour), expired: true},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.expired {
				cancel()
			}
			begun := filepath.Join(t.TempDir(), "begun")
			_, err := provider.CreatePayment(ctx, sdk.PaymentRequest{SendBy: test.sendBy, ReturnURL: begun})
			if test.sent {
				check(t, err)
			} else {
				wantOutcome(t, err, sdk.OutcomeNotSent)
				if !strings.Contains(err.Error(), "before it was handed to the plugin") {
					t.Errorf("error is %v, want the host's own refusal", err)
				}
			}
			if exists(begun) != test.sent {
				t.Errorf("the plugin got the call: %v, want %v", exists(begun), test.sent)
			}
		})
	}
}

func TestEveryCallHasADeadline(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Accounts["a"] = host.Account{Plugin: "paper", Timeout: 20 * time.Second}
	o.Accounts["b"] = host.Account{Plugin: "paper", Timeout: 400 * time.Millisecond}
	h := mustStart(t, o)

	result, err := pay(context.Background(), h.provider(t, "a"), "deadline", "")
	check(t, err)
	left, err := time.ParseDuration(result.Message)
	check(t, err)
	if left > 20*time.Second || left < 15*time.Second {
		t.Errorf("the plugin had %v, want at most 20s", left)
	}

	started := time.Now()
	_, err = pay(context.Background(), h.provider(t, "b"), "freeze", "")
	if took := time.Since(started); took < 400*time.Millisecond || took > 2*time.Second {
		t.Errorf("a call without an answer took %v, want 400ms", took)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want one that is DeadlineExceeded", err)
	}
	wantOutcome(t, err, sdk.OutcomeUnknown)
}

func TestAnAccountThatIsNotThereCannotBeCalled(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	if _, ok := h.Provider("nobody"); ok {
		t.Error("it can be called")
	}
	if _, ok := h.Standing("nobody"); ok {
		t.Error("it has a standing")
	}
	if _, ok := h.Manifest("nothing"); ok {
		t.Error("a plugin that is not there has a manifest")
	}
}

func BenchmarkCall(b *testing.B) {
	h := mustStart(b, options(b))
	provider := h.provider(b, "a")
	for b.Loop() {
		if _, err := provider.GetBalance(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCallsAtOnce(b *testing.B) {
	h := mustStart(b, options(b))
	provider := h.provider(b, "a")
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := provider.GetBalance(b.Context()); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkStart(b *testing.B) {
	o := options(b)
	mustStart(b, o) // Makes the private copy.
	for b.Loop() {
		h, err := host.New(o)
		if err != nil {
			b.Fatal(err)
		}
		if err := h.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := h.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkRestart(b *testing.B) {
	h := mustStart(b, options(b))
	generation := uint64(1)
	for b.Loop() {
		h.mustKill(b, "a")
		generation++
		h.awaitGeneration(b, "a", generation)
	}
}

// What it costs to start many plugins at once: the time until all are ready, and
// the memory of each.
func BenchmarkStartMany(b *testing.B) {
	for _, many := range []int{4, 20} {
		b.Run(strconv.Itoa(many), func(b *testing.B) {
			o := options(b)
			if path := os.Getenv("PAYMUX_BENCH_PLUGIN"); path != "" { // This binary is larger than a plugin.
				sum, err := host.Checksum(path)
				if err != nil {
					b.Fatal(err)
				}
				o.Plugins["paper"] = host.Plugin{Path: path, SHA256: sum}
			}
			o.Accounts = nil
			for i := range many - 1 {
				o.Plugins["paper-"+strconv.Itoa(i)] = o.Plugins["paper"]
			}
			mustStart(b, o) // Makes the private copies.
			var memory int
			for b.Loop() {
				h, err := host.New(o)
				if err != nil {
					b.Fatal(err)
				}
				if err := h.Start(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				memory = residentOf(house{options: o}.pids(b))
				if err := h.Close(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(memory)/1024, "MiB/plugin")
		})
	}
}

// residentOf returns the mean resident memory of processes in KiB.
func residentOf(pids []int) int {
	sum, many := 0, 0
	for _, pid := range pids {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		_, after, found := strings.Cut(string(text), "VmRSS:")
		if err != nil || !found {
			continue // It ended meanwhile.
		}
		if kib, err := strconv.Atoi(strings.Fields(after)[0]); err == nil {
			sum, many = sum+kib, many+1
		}
	}
	return sum / max(many, 1)
}
