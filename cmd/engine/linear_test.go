package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	// linearKills is how often the engine is killed, linearKillsAtLength where there
	// is time, and linearKillsControl how often a broken one is.
	linearKills, linearKillsAtLength, linearKillsControl = 6, 150, 4
	// checkWithin bounds the search for an order of one history, which takes milliseconds.
	checkWithin = 30 * time.Second
)

// Whatever clients hear of one payment, also while the engine is killed, is as if
// they had been answered one after the other: a request whose answer was lost has
// either happened before its connection broke, or never happens.
func TestWhatClientsHearIsLinearizable(t *testing.T) {
	t.Parallel()
	kills := rounds(t, linearKills, linearKillsAtLength)
	c := newCrowded(t, "")
	c.killed(kills)
	wrong, operations := c.check(), c.operations()
	for _, o := range wrong {
		t.Errorf("the history of %s is not linearizable (%s, kept by go test -artifacts):\n%s", o.name, o.drawn(t), o)
	}
	if operations.lost == 0 || operations.all < 20*kills {
		t.Errorf("%d operations, %d of them lost: there was no load", operations.all, operations.lost)
	}
	t.Logf("chaos 29: %d histories, %d operations, %d of them lost in %d times kill -9: %d not linearizable; control %s",
		len(c.orders), operations.all, operations.lost, c.kills, len(wrong), controls(t))
}

// controls are engines and clients that are wrong, each of which must be found out.
func controls(t *testing.T) string {
	t.Helper()
	var told []string
	for _, control := range []struct {
		name, broken string
		kills        int
		stale        bool
	}{
		{"an engine that answers before it saves", forgetful, linearKillsControl, false},
		{"one that forgets idempotency keys", keyless, 1, false},
		{"a cache in front of one", "", 1, true},
	} {
		t.Run(control.name, func(t *testing.T) {
			c := newCrowded(t, control.broken)
			c.blind, c.stale = control.broken == keyless, control.stale
			c.killed(control.kills)
			wrong := c.check()
			if len(wrong) == 0 {
				t.Fatalf("all of %d histories are linearizable", len(c.orders))
			}
			if drawing, err := os.ReadFile(wrong[0].drawn(t)); err != nil || len(drawing) == 0 || wrong[0].String() == "" {
				t.Errorf("a history that is wrong is not shown: %v", err)
			}
			told = append(told, fmt.Sprintf("%s: %d of %d", control.name, len(wrong), len(c.orders)))
		})
	}
	return strings.Join(told, ", ")
}

const bankRules = `version: 1
default: { order: [bank] }
`

// newCrowded opens an engine with a bank, a broken one if it is named.
func newCrowded(t *testing.T, broken string) *crowded {
	t.Helper()
	at, ledger := atBank(t, "bank")
	c := &crowded{
		chaos:  &chaos{shop: writeMarket(t, bankRules, at), broken: broken, over: make(chan struct{}), acknowledged: map[string]string{}},
		ledger: ledger,
	}
	c.opens()
	return c
}

// killed has orders used while the engine is killed so often, and looks at each
// once more in the end.
func (c *crowded) killed(times int) {
	c.t.Helper()
	c.comesUp()
	c.clients.Go(c.use)
	for c.kills < times {
		pause(time.Duration(30+rand.IntN(270)) * time.Millisecond)
		if err := c.engine.Kill(); err != nil { // Before the gate is closed: requests are under way.
			c.t.Fatal(err)
		}
		c.gate.Lock()
		c.kill()
		c.gate.Unlock()
	}
	pause(300 * time.Millisecond)
	close(c.over)
	c.clients.Wait()
	for _, o := range c.orders {
		if o.id != "" {
			o.get(0, o.id)
		}
	}
}

// check returns the orders whose history is not linearizable.
func (c *crowded) check() []*together {
	return slices.DeleteFunc(slices.Clone(c.orders), func(o *together) bool {
		return porcupine.CheckOperationsTimeout(model, o.history, checkWithin) == porcupine.Ok
	})
}

// drawn draws the history into a file and returns its path.
func (o *together) drawn(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.ArtifactDir(), o.name+".html")
	_, info := porcupine.CheckOperationsVerbose(model, o.history, checkWithin)
	if err := porcupine.VisualizePath(model, info, path); err != nil {
		t.Error(err)
	}
	return path
}

// String is the history in the order in which it was asked.
func (o *together) String() string {
	var text strings.Builder
	history := slices.SortedFunc(slices.Values(o.history), func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	for _, one := range history {
		fmt.Fprintf(&text, "%9.3f to %9.3f ms, client %d: %v -> %v\n", float64(one.Call)/1e6, float64(one.Return)/1e6, one.ClientId, one.Input, one.Output)
	}
	return text.String()
}

// operations counts those of all histories.
func (c *crowded) operations() (count struct{ all, lost int }) {
	for _, o := range c.orders {
		for _, one := range o.history {
			count.all++
			if answer, ok := one.Output.(reply); ok && answer.lost {
				count.lost++
			}
		}
	}
	return count
}
