package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

const (
	// stopsAtLength is how often an engine is stopped under load where there is
	// time, stopsElse how often where there is little.
	stopsAtLength, stopsElse = 20, 2
	// hangsAtLength is how long a plugin does not answer, hangsElse where there is little time.
	hangsAtLength, hangsElse = 30 * time.Second, 4 * time.Second
	// stopMost is how long an engine may take to stop under load.
	stopMost = 10 * time.Second
)

// Who is stopped finishes what it has begun, and says no to everything else.
func TestAStoppedEngineFinishesWhatItBegan(t *testing.T) {
	rounds, hangs := stopsElse, hangsElse
	if atLength() {
		rounds, hangs = stopsAtLength, hangsAtLength
	}
	var took []time.Duration
	var good, bad tallyOfStops
	var second, hung time.Duration
	t.Run("under load", func(t *testing.T) { took = good.stop(t, rounds, syscall.SIGTERM) })
	t.Run("control: killed under load", func(t *testing.T) { bad.stop(t, 3, syscall.SIGKILL) })
	t.Run("twice", func(t *testing.T) { second = stoppedTwice(t) })
	t.Run("with a plugin that hangs", func(t *testing.T) { hung = stoppedHanging(t, hangs) })
	if good.lost > 0 || good.unknown > 0 || good.strangers > 0 || bad.unknown == 0 {
		t.Errorf("stopped: %+v; killed: %+v", good, bad)
	}
	t.Logf("chaos 33: SIGTERM under load %d times: drained in p50 %d ms, p99 %d ms; %d acknowledged, %d lost, %d UNKNOWN caused (control, kill -9: %d); "+
		"with a call under way a second SIGTERM ended it after %d ms; with a plugin that hangs, where a call may take %s, it ended after %s, as it may until %s",
		rounds, middle(took).Milliseconds(), slices.Max(took).Milliseconds(), good.acknowledged, good.lost, good.unknown, bad.unknown,
		second.Milliseconds(), hangs, hung.Round(100*time.Millisecond), drainWithin)
}

// tallyOfStops is what became of the payments of engines that were stopped.
type tallyOfStops struct{ acknowledged, lost, unknown, strangers int }

// stop ends one engine after the other by the signal under load, and counts what
// the next one finds. It returns how long each took to end.
func (c *tallyOfStops) stop(t *testing.T, rounds int, by syscall.Signal) []time.Duration {
	t.Helper()
	s := openShop(t)
	inject(t, s.first, sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: 150, Times: 1_000_000})
	told := map[string]string{}
	var all []time.Duration
	for round := range rounds {
		all = append(all, s.stopUnderLoad(round, by, told))
		s.open()
		s.until("the engine is ready", func(ctx context.Context) (bool, error) {
			list, err := s.client.Providers(ctx)
			return err == nil && len(list.Data) == 2, nil
		})
	}
	c.acknowledged += len(told)
	for id, reference := range told {
		if tx, err := s.client.Transaction(t.Context(), id); err != nil || tx.Reference != reference {
			c.lost++
		}
	}
	c.look(t, s)
	return all
}

// look counts the payments whose outcome was ever unknown, and those that only
// the provider has.
func (c *tallyOfStops) look(t *testing.T, s *shop) {
	t.Helper()
	l := &lives{shop: s}
	all, err := l.all(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refs := map[string]bool{}
	for _, tx := range all {
		history, err := s.client.History(t.Context(), tx.ID)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(history.Data, func(e api.HistoryEntry) bool { return e.To == "unknown" }) {
			c.unknown++
		}
		for _, a := range tx.Attempts {
			refs[a.Ref] = true
		}
	}
	for _, row := range s.first.State().Payments {
		if !refs[row.Ref] {
			c.strangers++
		}
	}
}

// stopUnderLoad ends the engine while eight customers buy, and returns how long it
// took. Who was answered is told.
func (s *shop) stopUnderLoad(round int, by syscall.Signal, told map[string]string) time.Duration {
	s.t.Helper()
	var mu sync.Mutex
	var customers sync.WaitGroup
	for n := range 8 {
		customers.Go(func() {
			for i := 0; ; i++ {
				reference := fmt.Sprintf("order-%d-%d-%d", round, n, i)
				answer, err := s.client.Pay(s.t.Context(), reference, order(reference))
				if err != nil {
					return // It takes no more payments.
				}
				mu.Lock()
				told[answer.Transaction.ID] = reference
				mu.Unlock()
			}
		})
	}
	pause(600 * time.Millisecond)
	took, code := s.signaled(by)
	customers.Wait()
	if by == syscall.SIGTERM && (code != 0 || took > stopMost) {
		s.t.Errorf("it ended with code %d after %v:\n%s", code, took, s.engine.Output())
	}
	return took
}

// signaled sends a signal and returns how long the engine took to end, and its exit code.
func (s *shop) signaled(by syscall.Signal) (time.Duration, int) {
	s.t.Helper()
	began := time.Now()
	if err := s.engine.Signal(by); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), waitMax)
	defer cancel()
	code, err := s.engine.Wait(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	return time.Since(began), code
}

// patientShop gives its plugin half a minute to answer.
func patientShop(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	s.setup.Accounts[0].Timeout, s.setup.Deadline = 30*time.Second, 30*time.Second
	s.write()
	s.open()
	return s
}

// stoppedTwice is how long an engine takes to end after a second signal.
func stoppedTwice(t *testing.T) time.Duration {
	t.Helper()
	s := patientShop(t)
	answered := s.hanging(40 * time.Second)
	if err := s.engine.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := s.engine.Await(t.Context(), `"stopping"`); err != nil {
		t.Fatal(err)
	}
	took, code := s.signaled(syscall.SIGTERM)
	if code != exitNegative || took > 5*time.Second {
		t.Errorf("it ended with code %d after %v", code, took)
	}
	if got := <-answered; got.err == nil && got.state != "processing" && got.state != "unknown" {
		t.Errorf("the client was told more than anybody knew: %+v", got)
	}
	return took
}

// stoppedHanging is how long an engine takes to end whose plugin does not answer,
// where one call may take so long. What its customer was told is there afterwards,
// and was asked for once.
func stoppedHanging(t *testing.T, hangs time.Duration) time.Duration {
	t.Helper()
	at, ledger := atBank(t, "first")
	s := writeMarket(t, "version: 1\ndefault: { order: [first] }\n", at)
	text, err := os.ReadFile(s.setup.Config())
	if err != nil {
		t.Fatal(err)
	}
	s.keep(s.setup.Config(), strings.Replace(string(text), "timeout: 10s", "timeout: "+hangs.String(), 1))
	s.open()
	payment := order("slow")
	payment.Description = bankHangs
	told := make(chan api.Transaction, 1)
	go func() {
		answer, _ := s.client.Pay(t.Context(), "key-slow", payment) // Without an answer the transaction is empty.
		told <- answer.Transaction
	}()
	s.until("the bank has the payment", func(context.Context) (bool, error) { return len(ledger.refs(t)) == 1, nil })
	took, code := s.signaled(syscall.SIGTERM)
	if code != 0 || took > drainWithin {
		t.Errorf("it ended with code %d after %v:\n%s", code, took, s.engine.Output())
	}
	before := <-told
	s.open()
	again, err := s.client.Pay(t.Context(), "key-slow", payment)
	if err != nil || !again.Replayed || before.ID != "" && again.Transaction.ID != before.ID {
		t.Errorf("it was told %q, and now %q, %v", before.ID, again.Transaction.ID, err)
	}
	if row := ledger.ledgers(t).lines[0]; row.calls != 1 {
		t.Errorf("it was asked for %d times", row.calls)
	}
	return took
}
