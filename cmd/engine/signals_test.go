package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func TestSIGTERMUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	inject(t, s.first, sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: 300, Times: 10_000})
	var acknowledged sync.Map
	var count atomic.Int64
	var clients sync.WaitGroup
	for n := range 8 {
		clients.Go(func() {
			for i := 0; ; i++ {
				reference := fmt.Sprintf("order-%d-%d", n, i)
				answer, err := s.client.Pay(t.Context(), reference, order(reference))
				if err != nil {
					return // It stops taking payments.
				}
				acknowledged.Store(answer.Transaction.ID, true)
				count.Add(1)
			}
		})
	}
	s.until("some payments were acknowledged", func(context.Context) (bool, error) { return count.Load() >= 16, nil })
	took, code := s.terminate()
	clients.Wait()
	if code != 0 || took > 10*time.Second {
		t.Errorf("want a clean end within its bound, got code %d after %v:\n%s", code, took, s.engine.Output())
	}
	ledger := s.first.State().Payments
	if int64(len(ledger)) != count.Load() {
		t.Errorf("%d payments were acknowledged, the provider created %d", count.Load(), len(ledger))
	}
	t.Logf("drained in %v: %d payments acknowledged, 0 lost", took.Round(time.Millisecond), count.Load())
	s.open()
	acknowledged.Range(func(id, _ any) bool {
		tx, err := s.client.Transaction(t.Context(), id.(string))
		if err != nil || tx.State != "requires_action" {
			t.Errorf("after the next start %s is %s: %v", id, tx.State, err)
		}
		return true
	})
}

// terminate sends SIGTERM and returns how long the engine took to end, and its exit code.
func (s *shop) terminate() (time.Duration, int) {
	s.t.Helper()
	return s.signaled(syscall.SIGTERM)
}

// hanging makes a payment whose create call takes its time, and returns once the
// provider has created it. The answer comes over the channel.
func (s *shop) hanging(delay time.Duration) <-chan paid {
	s.t.Helper()
	before := len(s.first.State().Payments)
	inject(s.t, s.first, sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: delay.Milliseconds()})
	answered := make(chan paid, 1)
	go func() {
		answer, err := s.client.Pay(s.t.Context(), "key-slow", order("slow"))
		answered <- paid{answer.Transaction.ID, answer.Transaction.State, err}
	}()
	s.until("the provider has the payment", func(context.Context) (bool, error) {
		return len(s.first.State().Payments) > before, nil
	})
	return answered
}

// paid is how a request to pay was answered.
type paid struct {
	id, state string
	err       error
}

func TestASecondSIGTERMEndsAtOnceAndLosesNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.setup.Accounts[0].Timeout, s.setup.Deadline = 25*time.Second, 25*time.Second
	s.write()
	s.open()
	answered := s.hanging(30 * time.Second)
	if err := s.engine.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := s.engine.Await(t.Context(), `"stopping"`); err != nil {
		t.Fatal(err)
	}
	took, code := s.terminate()
	if code != exitNegative || took > 5*time.Second {
		t.Errorf("want exit code 1 within 5 s, got %d after %v:\n%s", code, took, s.engine.Output())
	}
	if got := <-answered; got.err == nil && got.state != "processing" && got.state != "unknown" {
		t.Errorf("the client was told more than anybody knew: %+v", got)
	}
	s.open()
	again, err := s.client.Pay(t.Context(), "key-slow", order("slow"))
	if err != nil || !again.Replayed {
		t.Fatalf("want the same payment, got %+v, %v", again, err)
	}
	if state := again.Transaction.State; state != "processing" && state != "unknown" {
		t.Errorf("it is %s although nobody had an answer", state)
	}
	if row := s.first.State().Payments[0]; row.CreateCalls != 1 {
		t.Errorf("it was asked for %d times", row.CreateCalls)
	}
}

func TestAPluginKilledInMidCall(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	answered := s.hanging(900 * time.Millisecond)
	killPlugin(t, s.engine.PID())
	got := <-answered
	if got.err != nil || got.state != "unknown" {
		t.Fatalf("want the payment unknown, got %+v", got)
	}
	tx := s.await(got.id, "unknown", "processing")
	if want := "first " + tx.Attempts[0].State; attempts(tx) != want {
		t.Errorf("somebody else was asked: %s", attempts(tx))
	}
	decide(t, s.first, tx, sandbox.Pay)
	s.await(got.id, "succeeded")
	if _, err := s.engine.Await(t.Context(), `"plugin is ready".*"generation":2`); err != nil {
		t.Error(err)
	}
	if tx := s.pay("order-2"); tx.State != "requires_action" {
		t.Errorf("the plugin that was started again answers %s", tx.State)
	}
	if row := s.first.State().Payments[0]; row.CreateCalls != 1 {
		t.Errorf("it was asked for %d times", row.CreateCalls)
	}
}

func TestSIGHUPEndsNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	if err := s.engine.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if _, err := s.engine.Await(t.Context(), `"configuration unchanged".*"by":"SIGHUP"`); err != nil {
		t.Fatal(err)
	}
	answered := s.hanging(900 * time.Millisecond)
	if err := s.engine.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := s.engine.Await(t.Context(), `"stopping"`); err != nil {
		t.Fatal(err)
	}
	// Whoever closes a terminal or a unit sends it on the heels of SIGTERM.
	if err := s.engine.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), waitMax)
	defer cancel()
	code, err := s.engine.Wait(ctx)
	if err != nil || code != 0 {
		t.Errorf("want a clean end, got code %d, %v:\n%s", code, err, s.engine.Output())
	}
	if got := <-answered; got.err != nil || got.state != "requires_action" {
		t.Errorf("the call under way was cut off: %+v", got)
	}
}

// The running process reads its files again when they change and when it is told to,
// and payments go on meanwhile.
func TestTheProcessReloads(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ctx, cancel := context.WithTimeout(t.Context(), waitMax)
	defer cancel()
	if tx := s.pay("before"); tx.RulesGeneration != 1 || tx.Provider != "first" {
		t.Fatalf("it begins as generation %d at %s", tx.RulesGeneration, tx.Provider)
	}
	answered := s.hanging(900 * time.Millisecond)

	s.setup.Rules = strings.ReplaceAll(rules, "[first, second]", "[second, first]")
	s.write()
	if _, err := s.engine.Await(ctx, `"configuration reloaded".*"by":"file","generation":2`); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; got.err != nil || got.state != "requires_action" {
		t.Errorf("the call under way was cut off: %+v", got)
	}
	if tx := s.pay("after"); tx.RulesGeneration != 2 || tx.Provider != "second" {
		t.Errorf("then it is generation %d at %s", tx.RulesGeneration, tx.Provider)
	}

	s.setup.Rules = "version: 1\nrules: nonsense\n"
	s.write()
	if _, err := s.engine.Await(ctx, `"reload refused".*"by":"file","fault":"[^"]*routes.yaml:2: rules`); err != nil {
		t.Fatal(err)
	}
	if err := s.engine.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if _, err := s.engine.Await(ctx, `"reload refused".*"by":"SIGHUP","fault":"[^"]*routes.yaml:2: rules`); err != nil {
		t.Fatal(err)
	}
	if tx := s.pay("still"); tx.RulesGeneration != 2 || tx.Provider != "second" {
		t.Errorf("with a bad file it is generation %d at %s", tx.RulesGeneration, tx.Provider)
	}

	s.setup.Rules = rules
	s.setup.Accounts[1].Timeout = 3 * time.Second
	s.write()
	if err := s.engine.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if _, err := s.engine.Await(ctx, `"configuration reloaded".*"generation":3`); err != nil {
		t.Fatal(err)
	}
	if tx := s.pay("at last"); tx.RulesGeneration != 3 || tx.Provider != "first" {
		t.Errorf("in the end it is generation %d at %s", tx.RulesGeneration, tx.Provider)
	}
	if times := strings.Count(s.engine.Output(), `"by":"file","fault"`); times > 2 {
		t.Errorf("the bad file was complained of %d times", times)
	}
}
