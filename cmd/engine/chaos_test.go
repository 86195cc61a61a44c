package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

const (
	// chaosClients ask for payments at the same time.
	chaosClients = 4
	// roundsUsual is how often the engine is killed, roundsControl how often a broken
	// one is. At length it is roundsMost, or as often as there is time in killFor, and
	// roundsLeast in any case.
	roundsUsual, roundsControl = 10, 6
	roundsLeast, roundsMost    = 100, 500
	killFor                    = 5 * time.Minute
	// settleWithin bounds how long the engine may take to learn how everything
	// ended; the time of a lost call is 7 s of it.
	settleWithin = 45 * time.Second
)

// The engine is killed at random moments under load while providers and customers
// go on. Nothing that was acknowledged may be lost, and nothing paid twice.
func TestKillingTheEngineLosesNothing(t *testing.T) {
	c := newChaos(t, "")
	c.run(rounds(t, roundsUsual, roundsMost))
	c.settle()
	found := c.books().audit()
	t.Logf("chaos 2: %d times kill -9 under load, %d payments acknowledged, %d of them after a repeated request; %s; "+
		"from the kill to ready p50 %d ms, p99 %d ms, worst %d ms", c.kills, len(c.acknowledged), c.repeated, found, c.readyAt(50), c.readyAt(99), c.readyAt(100))
	if found != (audit{}) {
		t.Errorf("the books differ: %s", found)
	}
	if len(c.acknowledged) < 5*c.kills {
		t.Errorf("only %d payments were acknowledged: there was no load", len(c.acknowledged))
	}
	if _, code := c.terminate(); code != 0 {
		t.Errorf("it ended with code %d", code)
	}
	if code, text := c.command("store", "check", c.setup.Store()); code != 0 {
		t.Errorf("the store is not whole:\n%s", text)
	}
}

// The controls: the same load and the same audit must find out broken engines.
func TestTheAuditFindsABrokenEngine(t *testing.T) {
	t.Run("that acknowledges what it has not saved", func(t *testing.T) {
		c := newChaos(t, forgetful)
		c.run(roundsControl)
		found := c.books().audit()
		t.Logf("chaos 2: control, an engine that answers before it saves, killed %d times: %s", c.kills, found)
		if found.Lost == 0 || found.Strangers == 0 {
			t.Errorf("want lost payments and strangers, got %s", found)
		}
	})
	t.Run("that forgets idempotency keys", func(t *testing.T) {
		c := newChaos(t, keyless)
		c.run(roundsControl)
		found := c.books().audit()
		t.Logf("chaos 2: control, an engine that forgets idempotency keys, killed %d times: %s", c.kills, found)
		if found.CreatedTwice == 0 {
			t.Errorf("want payments created twice, got %s", found)
		}
	})
}

// rounds is PAYMUX_CHAOS_ROUNDS, for short or long runs, else the usual number, or
// the one at length.
func rounds(t *testing.T, usual, most int) int {
	t.Helper()
	text := os.Getenv("PAYMUX_CHAOS_ROUNDS")
	switch {
	case text == "" && atLength():
		return most
	case text == "":
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("PAYMUX_CHAOS_ROUNDS: %q is no number of rounds", text)
	}
	return n
}

// chaos is a shop in bad times.
type chaos struct {
	*shop
	broken string
	kills  int
	// ready are the times from a kill until the engine is ready again.
	ready []time.Duration

	over      chan struct{}
	clients   sync.WaitGroup
	customers sync.WaitGroup

	mu           sync.Mutex
	acknowledged map[string]string
	repeated     int
}

// newChaos opens a shop, with a broken engine if it is named.
func newChaos(t *testing.T, broken string) *chaos {
	t.Helper()
	c := &chaos{shop: newShop(t), broken: broken, over: make(chan struct{}), acknowledged: map[string]string{}}
	// Slow answers, so that most kills come while a provider has created what nobody knows of yet.
	inject(t, c.first, sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultSlow, DelayMS: 15, Times: 1_000_000})
	c.write()
	c.opens()
	return c
}

// opens starts the engine, a broken one if it is named.
func (c *chaos) opens() {
	c.t.Helper()
	if c.broken != "" {
		self, err := os.Executable()
		if err != nil {
			c.t.Fatal(err)
		}
		c.setup.Programs.Engine = self
	}
	c.start("")
	var err error
	if c.client, err = c.engine.Client(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(c.client.Close)
}

func (c *chaos) start(address string) {
	c.t.Helper()
	engine, err := c.setup.StartAt(c.t.Context(), address, brokenVariable+"="+c.broken)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { stop(c.t, engine) })
	c.engine = engine
}

// run kills the engine so often under load, and lets everybody finish.
func (c *chaos) run(rounds int) {
	c.t.Helper()
	for n := range chaosClients {
		c.clients.Go(func() { c.buy(n) })
	}
	for began := time.Now(); c.kills < rounds; c.kill() {
		if c.kills >= roundsLeast && time.Since(began) > killFor {
			break
		}
		pause(time.Duration(50+rand.IntN(250)) * time.Millisecond)
	}
	pause(200 * time.Millisecond)
	close(c.over)
	c.clients.Wait()
	c.customers.Wait()
}

// kill kills the engine and starts it again where it was.
func (c *chaos) kill() {
	c.t.Helper()
	if err := c.engine.Kill(); err != nil {
		c.t.Fatal(err)
	}
	for _, line := range strings.Split(c.engine.Output(), "\n") {
		if strings.Contains(line, "panic") || strings.Contains(line, "illegal transition") {
			c.t.Errorf("the engine said: %s", line)
		}
	}
	c.kills++
	killed := time.Now()
	c.start(c.engine.Address)
	c.comesUp()
	c.ready = append(c.ready, time.Since(killed))
}

// comesUp waits until the engine is ready.
func (c *chaos) comesUp() {
	c.t.Helper()
	c.until("the engine is ready", func(ctx context.Context) (bool, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.engine.URL+"/readyz", nil)
		if err != nil {
			return false, err
		}
		status, _ := send(c.t, req)
		return status == http.StatusOK, nil
	})
}

// pause lets random time pass: chaos is no synchronisation.
func pause(d time.Duration) { time.Sleep(d) }

// buy asks for one payment after the other until it is over.
func (c *chaos) buy(n int) {
	for i := 0; ; i++ {
		select {
		case <-c.over:
			return
		default:
		}
		name := fmt.Sprintf("order-%d-%d", n, i)
		tx, ok := c.insist(name)
		if !ok {
			return
		}
		c.mu.Lock()
		c.acknowledged[name] = tx.ID
		c.mu.Unlock()
		c.customers.Go(func() { c.customer(tx) })
		pause(time.Duration(rand.IntN(10)) * time.Millisecond)
	}
}

// insist repeats the request with its key until it is answered.
func (c *chaos) insist(name string) (api.Transaction, bool) {
	deadline := time.Now().Add(waitMax)
	for try := 1; time.Now().Before(deadline); try++ {
		answer, err := c.client.Pay(c.t.Context(), "key-"+name, order(name))
		if err == nil {
			if try > 1 {
				c.mu.Lock()
				c.repeated++
				c.mu.Unlock()
			}
			return answer.Transaction, true
		}
		var refusal *client.Problem
		passing := errors.Is(err, core.ErrProviderUnavailable) || errors.Is(err, core.ErrIdempotencyInFlight)
		if errors.As(err, &refusal) && !passing {
			c.t.Errorf("%s was refused: %v", name, err)
			return api.Transaction{}, false
		}
		pause(10 * time.Millisecond)
	}
	c.t.Errorf("%s was not answered", name)
	return api.Transaction{}, false
}

// customer pays at once or later, or refuses; some notifications get lost.
func (c *chaos) customer(tx api.Transaction) {
	action := sandbox.Pay
	if rand.IntN(6) == 0 {
		action = sandbox.Refuse
	}
	if rand.IntN(3) == 0 {
		pause(time.Duration(rand.IntN(500)) * time.Millisecond)
	}
	last := tx.Attempts[len(tx.Attempts)-1]
	err := c.first.Decide(last.Ref, sandbox.Decision{Action: action, Silent: rand.IntN(5) == 0})
	if err != nil && !errors.Is(err, sandbox.ErrUnknownRef) {
		c.t.Errorf("%s: %v", tx.ID, err)
	}
}

// settle waits until the engine has learnt how everything ended.
func (c *chaos) settle() {
	for deadline := time.Now().Add(settleWithin); time.Now().Before(deadline); pause(500 * time.Millisecond) {
		if c.books().audit() == (audit{}) {
			return
		}
	}
}

// books reads what everybody wrote down.
func (c *chaos) books() books {
	c.t.Helper()
	all := map[string]api.Transaction{}
	for filter := (client.Filter{Limit: 100}); ; {
		list, err := c.client.Transactions(c.t.Context(), filter)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, tx := range list.Data {
			all[tx.ID] = tx
		}
		if list.NextCursor == nil {
			break
		}
		filter.Cursor = *list.NextCursor
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return books{maps.Clone(c.acknowledged), all, slices.Concat(c.first.State().Payments, c.second.State().Payments)}
}

// readyAt is a percentile of the times to ready, in milliseconds.
func (c *chaos) readyAt(percent int) int64 {
	sorted := slices.Sorted(slices.Values(c.ready))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)].Milliseconds()
}
