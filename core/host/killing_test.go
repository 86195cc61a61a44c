package host_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

// A process under load is killed and frozen again and again. Every call that it
// had is unknown or answered, never called a failure that it was not; nobody else
// notices, and nothing is left.
func TestAProcessThatIsKilledAgainAndAgainHarmsNobody(t *testing.T) {
	o, ledger := booked(t, host.Patient(twoPlugins(t)))
	h := mustStart(t, o)
	victim, other := drive(h, t, "a", "a"), drive(h, t, "other", "o")
	near := neighbour{traffic: other}
	struck := func(times int, signal syscall.Signal) (took []time.Duration) {
		for range times {
			near.meanwhile(func() {
				took = append(took, strike(t, h, signal))
				victim.goesOn(t)
			})
		}
		return took
	}
	recovered := struck(rounds(8, 200), syscall.SIGKILL)
	thawed := struck(rounds(2, 50), syscall.SIGSTOP)
	victim.end()
	other.end()
	orphans, folders := len(h.pids(t))-2, len(names(t, h.options.SocketDir))-2
	hurt, spared := victim.audit(t, ledger), other.audit(t, ledger)
	if hurt.misreported+hurt.lost+hurt.twice > 0 || hurt.unknown == 0 {
		t.Errorf("of the victim's payments %d are unknown, %d misreported as not sent, %d lost, %d made twice; want only unknown ones",
			hurt.unknown, hurt.misreported, hurt.lost, hurt.twice)
	}
	if hurt.wouldBe == 0 {
		t.Error("the control notices nothing: no lost answer was of a payment that was made")
	}
	if spared.unknown+spared.notSent+spared.lost > 0 {
		t.Errorf("of the other account's payments %d are unknown, %d not sent, %d lost; want none", spared.unknown, spared.notSent, spared.lost)
	}
	if orphans != 0 || folders != 0 {
		t.Errorf("%d orphans and %d folders are left", orphans, folders)
	}
	t.Logf("chaos 16: killed %d times under load, served again after p50 %v, p99 %v, worst %v; frozen %d times, served again after p50 %v, worst %v; %d payments answered, %d unknown, misreported as failed %d, lost %d, orphans %d, folders and sockets left %d; the other account's p99 %v in between and %v meanwhile (%d%%); control that takes a lost answer for not sent: %d misreported",
		len(recovered), millis(quantile(recovered, 50)), millis(quantile(recovered, 99)), millis(quantile(recovered, 100)),
		len(thawed), millis(quantile(thawed, 50)), millis(quantile(thawed, 100)),
		hurt.answered, hurt.unknown, hurt.misreported, hurt.lost+hurt.twice, orphans, folders,
		micros(quantile(near.calm, 99)), micros(quantile(near.troubled, 99)), near.slowed(), hurt.wouldBe)
}

// neighbour is the traffic of an account beside one that is in trouble, how long its
// payments took in the times of trouble, and in calm times of the same length, each
// after the other: both have the same load and the same machine.
type neighbour struct {
	*traffic
	calm, troubled []time.Duration
}

func (n *neighbour) meanwhile(trouble func()) {
	n.cut()
	began := time.Now()
	trouble()
	lasted := time.Since(began)
	n.troubled = append(n.troubled, n.cut()...)
	calm := time.NewTimer(lasted)
	<-calm.C
	n.calm = append(n.calm, n.cut()...)
}

// slowed is the p99 in times of trouble in percent of that in calm times.
func (n *neighbour) slowed() int {
	return int(quantile(n.troubled, 99) * 100 / max(quantile(n.calm, 99), 1))
}

func micros(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

func millis(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// strike sends the signal to the process that serves a, and returns how long it
// took until a payment was answered by the next.
func strike(t *testing.T, h house, signal syscall.Signal) time.Duration {
	t.Helper()
	pid, generation := h.pid(t, "a"), h.standing(t, "a").Generation
	check(t, syscall.Kill(pid, signal))
	began := time.Now()
	eventually(t, "the next process serves", func() bool {
		return h.standing(t, "a").Generation > generation && answers(t, h)
	})
	return time.Since(began)
}

func answers(t *testing.T, h house) bool {
	_, err := pay(t.Context(), h.provider(t, "a"), "", "")
	return err == nil
}

// Whatever a process does to itself, the next one serves and nothing of it is left.
func TestWhateverAProcessDoesNothingIsLeft(t *testing.T) {
	t.Parallel()
	deeds := []string{"exit", "exit well", "panic beside", "freeze", "child then exit", "daemon then exit", "flood then exit"}
	if !raced() {
		deeds = append(deeds, "leak")
	}
	o := host.Patient(twoPlugins(t))
	h := mustStart(t, o)
	bystander, unknown := h.pid(t, "other"), 0
	for _, deed := range deeds {
		generation := h.standing(t, "a").Generation
		if before, ok := cutThen(deed); ok {
			_, err := pay(t.Context(), h.provider(t, "a"), before, "")
			check(t, err)
			deed = "exit"
		}
		_, err := pay(t.Context(), h.provider(t, "a"), deed, "")
		wantOutcome(t, err, sdk.OutcomeUnknown)
		unknown += count(err != nil && sdk.CreateOutcome(err) == sdk.OutcomeUnknown)
		h.awaitGeneration(t, "a", generation+1)
		if got := h.pids(t); len(got) != 2 {
			t.Errorf("%s: processes %v run, want two", deed, got)
		}
		if got := names(t, o.SocketDir); len(got) != 2 {
			t.Errorf("%s: folders %v, want two", deed, got)
		}
	}
	if h.pid(t, "other") != bystander {
		t.Error("the process of another plugin was replaced")
	}
	looped := loopedToDeath(t)
	t.Logf("chaos 16: %d of %d ways to end in a call (exit, exit 0, panic, freeze, leak, with children, with daemons, flooding) were unknown and left no process, no socket and no folder; a plugin that dies at every start: %s after 5 crashes; control, the process beside it: the same all along",
		unknown, len(deeds), looped)
}

func cutThen(deed string) (string, bool) {
	for _, before := range []string{"child", "daemon", "flood"} {
		if deed == before+" then exit" {
			return before, true
		}
	}
	return "", false
}

// loopedToDeath returns how a plugin stands whose binary ends at every start.
func loopedToDeath(t *testing.T) core.Health {
	t.Helper()
	o := host.Budgeted(options(t), 5)
	path := filepath.Join(filepath.Dir(ownBinary(t, o)), "loop")
	check(t, os.WriteFile(path, []byte("#!/bin/sh\necho it is over >&2\nexit 3\n"), 0o755))
	configure(t, o, path)
	h := mustStart(t, o)
	eventually(t, "it is given up", func() bool { return h.standing(t, "a").Health == core.HealthFailed })
	return h.standing(t, "a").Health
}
