package coretest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store"
	"github.com/paymux/paymux/core/store/boltstore"
	"github.com/paymux/paymux/sdk"
)

const (
	// crashesMax is how often a process dies in a simulation at most, and
	// crashWithin the number of commits within which it does.
	crashesMax, crashWithin = 4, 90
	// downMax is how long nobody starts it again, in seconds.
	downMax = 90
)

// errDown is what a caller hears while no engine runs.
var errDown = errors.New("coretest: connection refused")

// world is a simulation under way.
type world struct {
	t          *testing.T
	simulation Simulation
	path       string
	began      time.Time
	config     *config.Config
	providers  []*Provider
	limits     []config.Limits // Of each provider.
	orders     []*order
	payouts    []*payout
	bank       *Bank // Nil where nobody pays by transfer.
	deposits   []*deposit
	late       bool // A late no of a payout goes on.

	mu sync.Mutex
	// rand is only used while mu is held, or before anything runs.
	rand    *rand.Rand
	now     *life // Nil while no engine runs.
	lives   int
	over    bool
	watched sync.WaitGroup

	answers    []Acknowledged
	decisions  []Decided
	violations []Violation
}

// life is one process: an engine, and the store as it sees it.
type life struct {
	engine *engine.Engine
	file   *boltstore.Store
	store  *Mortal
}

// start begins a life, and another one whenever it ends.
func (w *world) start() {
	w.begin()
	w.watched.Go(func() {
		for w.bury() {
			w.begin()
		}
	})
}

// begin opens the file and starts an engine on it.
func (w *world) begin() {
	file, err := boltstore.Open(w.path)
	if err != nil {
		w.t.Errorf("the store cannot be opened: %v", err)
		return
	}
	l := &life{file: file}
	w.mu.Lock()
	at, written := 0, w.rand.IntN(2) == 0
	if w.lives < crashesMax && w.rand.IntN(4) > 0 {
		at = 1 + w.rand.IntN(crashWithin)
	}
	w.lives++
	w.mu.Unlock()
	var seen store.Store = file
	if w.simulation.Store != nil {
		seen = w.simulation.Store(file)
	}
	l.store = NewMortal(seen, at, written)
	l.engine, err = engine.New(context.Background(), engine.Options{
		Config: w.config, Store: l.store, Providers: w.accounts(l), Rules: w.rules(),
	})
	if err != nil {
		w.t.Errorf("the engine cannot be started: %v", err)
		return
	}
	w.mu.Lock()
	w.now = l
	w.mu.Unlock()
}

// rules try the providers one after the other, and send transfers to the bank.
func (w *world) rules() []byte {
	names := make([]string, len(w.providers))
	for i, p := range w.providers {
		names[i] = p.Name
	}
	text := Rules(names...)
	if w.bank != nil || w.late {
		text = append(text, "rules:\n"...)
	}
	if w.bank != nil {
		text = fmt.Appendf(text, "  - { name: transfers, match: { method: bank_transfer }, use: { order: [%s] } }\n", w.bank.Name)
	}
	if w.late {
		text = fmt.Appendf(text, "  - { name: payouts, match: { kind: payout }, use: { order: [%s] }, failover: { late: true } }\n", strings.Join(names, ", "))
	}
	return text
}

func (w *world) accounts(l *life) map[string]engine.Provider {
	all := map[string]engine.Provider{}
	for i, p := range w.providers {
		var plugin sdk.Plugin = p
		if w.simulation.Plugin != nil {
			plugin = w.simulation.Plugin(p)
		}
		all[p.Name] = engine.Provider{Plugin: &line{plugin, l}, Limits: w.limits[i]}
	}
	if w.bank != nil {
		all[w.bank.Name] = engine.Provider{Plugin: &line{w.bank, l}}
	}
	return all
}

// bury waits for the end of the present life and leaves the file to the next
// one. It reports whether there shall be one.
func (w *world) bury() bool {
	l := w.alive()
	if l == nil {
		return false
	}
	<-l.store.Died()
	w.mu.Lock()
	w.now = nil
	over, down := w.over, time.Duration(w.rand.IntN(downMax))*time.Second
	w.mu.Unlock()
	if err := l.file.Close(); err != nil {
		w.t.Errorf("the file cannot be closed: %v", err)
	}
	// What runs on in the dead process is cut off; it ends by itself.
	w.watched.Go(func() { _ = l.engine.Close(context.Background()) })
	if over {
		return false
	}
	time.Sleep(down)
	return true
}

// end ends the present life for good.
func (w *world) end() {
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	for l := w.alive(); l == nil; l = w.alive() {
		time.Sleep(time.Second)
	}
	w.alive().store.Kill()
	w.watched.Wait()
}

// alive returns the present life, nil if there is none.
func (w *world) alive() *life {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// with makes a call to the engine as somebody outside does: while no engine
// runs, and where it dies before it has answered, the caller hears nothing.
func (w *world) with(call func(*engine.Engine) error) error {
	l := w.alive()
	if l == nil || l.store.Dead() {
		return errDown
	}
	err := call(l.engine)
	if l.store.Dead() {
		return errDown
	}
	return err
}

// notify takes a provider's notification to the engine. After the end nobody
// needs to hear of anything.
func (w *world) notify(ctx context.Context, account string, req sdk.NotificationRequest) (core.Reply, error) {
	w.mu.Lock()
	over := w.over
	w.mu.Unlock()
	if over {
		return core.Reply{}, nil
	}
	var reply core.Reply
	err := w.with(func(e *engine.Engine) (err error) {
		reply, err = e.Notify(ctx, account, req)
		return err
	})
	return reply, err
}

func (w *world) report(invariant, subject, detail string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.violations = append(w.violations, Violation{invariant, subject, detail})
}

func (w *world) told(request any, answer core.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers = append(w.answers, Acknowledged{request, answer})
}

func (w *world) accepted(transaction string, verb core.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.decisions = append(w.decisions, Decided{transaction, verb})
}
