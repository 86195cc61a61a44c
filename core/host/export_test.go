package host

import (
	"time"

	"github.com/paymux/paymux/sdk"
)

// Hurried returns options under which everything goes faster than usual, so
// that tests of freezes and restarts do not take minutes.
func Hurried(o Options) Options {
	p := usualPace()
	p.healthEvery, p.healthWait = 100*time.Millisecond, 200*time.Millisecond
	p.connect, p.kill, p.shutdown = time.Second, time.Second, 100*time.Millisecond
	p.backoffMin, p.backoffMax = 10*time.Millisecond, 50*time.Millisecond
	p.repeat = 5 * time.Second
	p.crashes = 1000
	o.pace = &p
	return o
}

// Impatient returns options under which a plugin has only so long to start.
func Impatient(o Options, start time.Duration) Options {
	o = Hurried(o)
	o.pace.start = start
	return o
}

// Resting returns options under which a plugin that ended is not started again for long.
func Resting(o Options) Options {
	o = Hurried(o)
	o.pace.backoffMin, o.pace.backoffMax = time.Hour, time.Hour
	return o
}

// Budgeted returns options under which so many crashes are too many.
func Budgeted(o Options, crashes int) Options {
	o = Hurried(o)
	o.pace.crashes, o.pace.crashWindow = crashes, 10*time.Minute
	return o
}

// Patient returns options with the bounds of a usual host, but that a process
// may crash as often as a test likes and starts again as after its first crash,
// and that its health is asked for every 100 ms.
func Patient(o Options) Options {
	p := usualPace()
	p.crashes, p.steady = 1<<30, 0
	p.healthEvery, p.healthWait = 100*time.Millisecond, 200*time.Millisecond
	o.pace = &p
	return o
}

// NoDrain has every process that is replaced be ended at once, with its calls.
func (h *Host) NoDrain() { h.closing.Do(func() { close(h.hurry) }) }

// NewBudget returns what notes a crash and reports whether it was one too many.
func NewBudget(most int, window time.Duration) func(at time.Time) bool {
	return (&budget{most: most, window: window}).spend
}

// RaceDetector reports whether a binary was built with the race detector.
var RaceDetector = raceDetector

// NameTwins lets a process be configured with accounts that say who they are, after
// the accounts were changed to those of now, and returns those that are not served.
func NameTwins(before, now map[string]bool, said map[string]string) map[string]string {
	known := newIdentities(before)
	known.become(now, nil)
	accounts := roster{}
	for name, words := range said {
		accounts[name] = &opened{provider: &facade{}, capabilities: sdk.Capabilities{Identity: words}}
	}
	return known.learn("paper", accounts)
}
