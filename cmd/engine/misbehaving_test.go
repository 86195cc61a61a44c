package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// The ways in which a bank's process misbehaves, by the description of a payment
// that it has created.
const (
	bankIsKilled    = "is killed"
	bankExits       = "exits with 0"
	bankPanics      = "panics"
	bankPanicsAside = "panics beside the call"
	bankFreezes     = "freezes"
	bankLeaks       = "leaks"
	bankLoops       = "dies at every start"
	bankHangs       = "hangs"
	// bankClosed is a file in the ledger: once it is there the next loops processes die at their start.
	bankClosed = "closed.now"
)

// loops is how often a process dies at its start. With the crash before, one more
// would be more than the engine puts up with.
const loops = 3

// watched is the least time for which others are looked at, before and meanwhile.
func watched() time.Duration {
	if atLength() {
		return 5 * time.Second
	}
	return time.Second
}

// leakMost is how much address space a leaking process may take more.
const leakMost = 256 << 20

// misbehave does to the plugin's own process what the word says.
func misbehave(word string) {
	switch word {
	case bankIsKilled:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case bankExits:
		os.Exit(0)
	case bankPanics:
		panic("the provider's code is wrong")
	case bankPanicsAside:
		go func() { panic("the provider's goroutine is wrong") }()
	case bankFreezes:
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case bankLeaks:
		leak()
	case bankHangs:
		// Until somebody ends it.
	default:
		return
	}
	time.Sleep(time.Minute) // What is sent to a process may reach it a little later.
}

// leak takes memory until the system gives no more.
func leak() {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	pages, err := strconv.ParseUint(strings.Fields(string(text))[0], 10, 64)
	if err != nil {
		panic(err)
	}
	most := pages*uint64(os.Getpagesize()) + leakMost
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		panic(err)
	}
	var held [][]byte
	for {
		held = append(held, make([]byte, 8<<20))
		clear(held[len(held)-1])
	}
}

// A plugin's process may do what it likes: the payments that it had under way are
// unknown and found again, and nobody else's payments notice.
func TestAPluginThatMisbehavesHarmsNobodyElse(t *testing.T) {
	words := []string{bankIsKilled}
	if atLength() {
		words = []string{bankIsKilled, bankExits, bankPanics, bankPanicsAside, bankLeaks, bankLoops, bankFreezes}
	}
	var told []string
	var all toll
	times := rounds(t, 1, 3) // One p99 of some hundred payments differs from the next by a sixth.
	for _, word := range words {
		t.Run(word, func(t *testing.T) {
			var one toll
			for range times {
				one.add(newHarm(t, word).done())
			}
			told = append(told, fmt.Sprintf("it %s: %d unknown, the others' p99 %s, control in the same process: %d of %d refused or unknown",
				word, one.unknown, one.compare(), one.twin.wrong, len(one.twin.took)))
			all.add(&one)
		})
	}
	t.Logf("chaos 16: %d payments under way at a plugin whose process misbehaves; each unknown one was found by a question, every payment at another plugin was answered, their p99 %s, no process and no socket was left; %s",
		times*victimsMax*len(words), all.compare(), strings.Join(told, "; "))
}

// toll is what it came to that a plugin misbehaved.
type toll struct {
	unknown int
	// calm are payments at the other plugin before and after, troubled meanwhile; twin
	// those at another account of the same plugin meanwhile.
	calm, troubled, twin replies
}

func (all *toll) add(one *toll) {
	all.unknown += one.unknown
	all.calm.add(&one.calm)
	all.troubled.add(&one.troubled)
	all.twin.add(&one.twin)
}

func (all *toll) compare() string {
	was, is := all.calm.at(99), all.troubled.at(99)
	return fmt.Sprintf("%v before and after and %v meanwhile (%d%%)",
		was.Round(100*time.Microsecond), is.Round(100*time.Microsecond), 100*is/max(was, 1))
}

// harm is one engine with a bank that misbehaves, another account of the same
// plugin, and one of another plugin.
type harm struct {
	*shop
	word   string
	ledger bankLedger
}

const harmRules = `version: 1
rules:
  - { name: bank, match: { country: CI }, use: { order: [bank] } }
  - { name: twin, match: { country: SN }, use: { order: [twin] } }
  - { name: other, match: { country: BJ }, use: { order: [other] } }
default: { deny: "nobody serves this" }
`

func newHarm(t *testing.T, word string) *harm {
	t.Helper()
	at, ledger := atBank(t, "bank")
	twin, _ := atBank(t, "twin")
	other := started(t, cinetpay.New(cinetpay.Options{CompletionDelay: time.Millisecond}))
	s := writeMarket(t, harmRules, at, twin, atCinetPay("other", other).with(map[string]any{"country": "BJ"}))
	s.open()
	return &harm{shop: s, word: word, ledger: ledger}
}

// replies are how payments were answered: how long it took, and how many were not
// as they should be.
type replies struct {
	mu    sync.Mutex
	took  []time.Duration
	wrong int
}

// pays asks for payments in the country without a pause until stop is closed.
func (h *harm) pays(country, word string, stop <-chan struct{}) *replies {
	all := &replies{}
	var shoppers sync.WaitGroup
	for n := range 2 {
		shoppers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				began := time.Now()
				tx, err := h.asks(fmt.Sprintf("%s-%d-%d-%d", country, began.UnixNano(), n, i), country, word)
				all.mu.Lock()
				if all.took = append(all.took, time.Since(began)); err != nil || tx.State == "unknown" {
					all.wrong++
				}
				all.mu.Unlock()
				pause(10 * time.Millisecond)
			}
		})
	}
	shoppers.Wait()
	return all
}

func (h *harm) asks(reference, country, word string) (api.Transaction, error) {
	payment := order(reference)
	payment.Country, payment.Description = country, word
	ctx, cancel := context.WithTimeout(h.t.Context(), waitMax)
	defer cancel()
	answer, err := h.client.Pay(ctx, "key-"+reference, payment)
	return answer.Transaction, err
}

func (a *replies) add(further *replies) {
	a.took, a.wrong = append(a.took, further.took...), a.wrong+further.wrong
}

// at is how long the slowest of so many percent took.
func (a *replies) at(percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(a.took))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

// done lets the plugin misbehave and returns what it came to.
func (h *harm) done() *toll {
	h.t.Helper()
	before, calm := h.both(h.after(watched()))
	victims, over := h.misbehaves()
	during, twin := h.both(over)
	unknown := h.resolve(<-victims)
	after, calmAgain := h.both(h.after(watched()))
	if wrong := before.wrong + calm.wrong + after.wrong + calmAgain.wrong; wrong+during.wrong > 0 {
		h.t.Errorf("%d payments went wrong before and after, %d at the other plugin meanwhile", wrong, during.wrong)
	}
	if panics := h.word == bankPanics; unknown == 0 || twin.wrong == 0 && !panics { // After that one its process lives on.
		h.t.Errorf("%d payments are unknown, and of the control's %d went wrong: nobody was harmed", unknown, twin.wrong)
	}
	h.leavesNothing()
	took := &toll{unknown: unknown}
	took.calm.add(before)
	took.calm.add(after)
	took.troubled.add(during)
	took.twin.add(twin)
	return took
}

// both pays at the other plugin and at the other account of the same one. The load is
// the same before, meanwhile and after, so that only the trouble makes a difference.
func (h *harm) both(stop <-chan struct{}) (other, twin *replies) {
	var paying sync.WaitGroup
	paying.Go(func() { other = h.pays("BJ", "", stop) })
	paying.Go(func() { twin = h.pays("SN", bankPays, stop) })
	paying.Wait()
	return other, twin
}

func (h *harm) after(d time.Duration) <-chan struct{} {
	done := make(chan struct{})
	time.AfterFunc(d, func() { close(done) })
	return done
}

// victimsMax are the payments under way when the plugin misbehaves.
const victimsMax = 4

// misbehaves has payments under way and lets the process misbehave. The second
// channel is closed when the plugin serves again.
func (h *harm) misbehaves() (<-chan []string, <-chan struct{}) {
	h.t.Helper()
	words := []string{bankTells, bankTells, bankTells, h.word}
	if h.word == bankLoops {
		h.ledger.add(bankClosed, "closed")
		words[victimsMax-1] = bankIsKilled
	}
	victims, over := make(chan []string, 1), make(chan struct{})
	go func() {
		ids := make([]string, victimsMax)
		var asked sync.WaitGroup
		for i, word := range words {
			if i == victimsMax-1 {
				h.begun(victimsMax - 1)
			}
			asked.Go(func() {
				if tx, err := h.asks(fmt.Sprintf("victim-%d", i), "CI", word); err == nil {
					ids[i] = tx.ID
				}
			})
		}
		asked.Wait()
		victims <- ids
	}()
	go func() {
		defer close(over)
		h.recovers()
	}()
	return victims, over
}

// recovers returns once the plugin serves again, and others were looked at for long enough.
func (h *harm) recovers() {
	least := h.after(watched())
	defer func() { <-least }()
	if h.word == bankPanics {
		return // It lives on.
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), waitMax)
	defer cancel()
	if _, err := h.engine.Await(ctx, `"plugin is ready".*"generation":[2-9].*"plugin":"bank"`); err != nil {
		h.t.Error(err)
	}
}

// begun waits until the bank has so many payments.
func (h *harm) begun(many int) {
	for deadline := time.Now().Add(waitMax); h.ledger.created(h.t) < many; pause(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Errorf("the bank has not got %d payments", many)
			return
		}
	}
}

// resolve lets the customers of the victims pay, and waits until every payment is
// known to be paid. It returns how many were unknown.
func (h *harm) resolve(ids []string) int {
	h.t.Helper()
	unknown := 0
	for _, id := range ids {
		if id == "" {
			h.t.Error("a payment was not answered")
			continue
		}
		history, err := h.client.History(h.t.Context(), id)
		if err != nil {
			h.t.Error(err)
		}
		if slices.ContainsFunc(history.Data, func(e api.HistoryEntry) bool { return e.To == "unknown" }) {
			unknown++
		}
		tx, err := h.client.Transaction(h.t.Context(), id)
		if err != nil {
			h.t.Error(err)
		}
		for _, a := range tx.Attempts {
			h.ledger.add(a.Ref, "paid")
		}
		h.await(id, "succeeded")
	}
	books := h.ledger.ledgers(h.t)
	for _, id := range ids {
		tx, err := h.client.Transaction(h.t.Context(), id)
		if err != nil {
			h.t.Error(err)
		}
		books.transactions = append(books.transactions, tx)
	}
	for _, difference := range books.differences() {
		h.t.Error(difference)
	}
	return unknown
}

// leavesNothing stops the engine, after which nothing of it is left.
func (h *harm) leavesNothing() {
	h.t.Helper()
	if _, code := h.terminate(); code != 0 {
		h.t.Errorf("it ended with code %d", code)
	}
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, file := range files {
		environ, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(environ), h.setup.Dir+"/") {
			h.t.Errorf("%s is left", filepath.Dir(file))
		}
	}
	sockets, err := filepath.Glob(filepath.Join(h.setup.Dir, "paymux-*"))
	if err != nil || len(sockets) > 0 {
		h.t.Errorf("%v is left, %v", sockets, err)
	}
}
