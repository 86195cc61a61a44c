package host_test

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/paymux/paymux/core/host"
)

// Under load the plugin is upgraded again and again, an account gets other
// settings each time, and another plugin is left alone. No call notices.
func TestAnUpgradeUnderLoadIsNotNoticed(t *testing.T) {
	o, ledger := booked(t, withSite(t, twoPlugins(t), "b", "0"))
	h := mustStart(t, o)
	bystander := h.pid(t, "other")
	shared, settled, other := drive(h, t, "a", "a"), drive(h, t, "b", "b"), drive(h, t, "other", "o")
	near := neighbour{traffic: other}
	took := upgrades(t, h, o, rounds(5, 50), near.meanwhile)
	shared.end()
	settled.end()
	other.end()
	eventually(t, "the old processes ended", func() bool { return len(h.pids(t)) == 2 })
	if h.pid(t, "other") != bystander {
		t.Error("the process of another plugin was replaced")
	}
	var sum audit
	for _, one := range []*traffic{shared, settled, other} {
		found := one.audit(t, ledger)
		sum.answered += found.answered
		sum.unknown += found.unknown
		sum.notSent += found.notSent
		sum.lost += found.lost + found.twice
	}
	if sum.unknown+sum.notSent+sum.lost > 0 || sum.answered == 0 {
		t.Errorf("of the payments %d were answered, %d are unknown, %d not sent, %d lost or twice; want all answered",
			sum.answered, sum.unknown, sum.notSent, sum.lost)
	}
	t.Logf("chaos 18: %d upgrades of binary and settings under load, each %v (p99 %v) from start to swap; %d payments answered, UNKNOWN caused %d, not sent %d, lost or made twice %d, processes left 0; the other account's p99 %v in between and %v meanwhile (%d%%); control without a drain: %d UNKNOWN",
		len(took), quantile(took, 50).Round(time.Millisecond), quantile(took, 99).Round(time.Millisecond),
		sum.answered, sum.unknown, sum.notSent, sum.lost,
		micros(quantile(near.calm, 99)), micros(quantile(near.troubled, 99)), near.slowed(), withoutDrain(t))
}

// A call that was handed over under a long timeout comes back, although the timeout
// is short by the time that its process is replaced.
func TestAShorterTimeoutCutsNoCallUnderWay(t *testing.T) {
	t.Parallel()
	o := options(t)
	h := mustStart(t, o)
	begun := filepath.Join(t.TempDir(), "begun")
	answer := make(chan error, 1)
	go func() {
		_, err := pay(context.Background(), h.provider(t, "a"), "work long", begun)
		answer <- err
	}()
	eventually(t, "the call is under way", func() bool { return exists(begun) })
	for _, account := range []string{"a", "b"} {
		o = changed(o)
		o.Accounts[account] = host.Account{Plugin: "paper", Timeout: time.Millisecond}
	}
	h.mustReload(t, o)
	o = changed(o)
	o.Plugins["paper"] = otherBinary(t)
	h.mustReload(t, o)
	if err := <-answer; err != nil {
		t.Errorf("the call came back with %v", err)
	}
}

// upgrades changes between two binaries. Each change is made by look.
func upgrades(t *testing.T, h house, o host.Options, n int, look func(func())) []time.Duration {
	t.Helper()
	binaries := []host.Plugin{otherBinary(t), o.Plugins["paper"]}
	binaries[0].Environment = binaries[1].Environment
	var took []time.Duration
	for i := range n {
		next := withSite(t, o, "b", strconv.Itoa(i+1))
		next.Plugins["paper"] = binaries[i%2]
		look(func() {
			began := time.Now()
			h.mustReload(t, next)
			took = append(took, time.Since(began))
		})
		if got := h.standing(t, "b"); got.Checksum != next.Plugins["paper"].SHA256 || got.Capabilities.Identity != strconv.Itoa(i+1) {
			t.Fatalf("upgrade %d: %s runs with site %s", i+1, got.Checksum, got.Capabilities.Identity)
		}
	}
	return took
}

// withoutDrain is the control: the old processes are ended at once.
func withoutDrain(t *testing.T) int {
	t.Helper()
	o, ledger := booked(t, withSite(t, options(t), "b", "0"))
	h := mustStart(t, o)
	h.NoDrain()
	all := drive(h, t, "a", "a")
	upgrades(t, h, o, 5, func(upgrade func()) { upgrade() })
	all.end()
	found := all.audit(t, ledger)
	if found.unknown == 0 {
		t.Error("a swap without a drain was not noticed")
	}
	return found.unknown
}
