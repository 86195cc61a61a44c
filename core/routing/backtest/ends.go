package backtest

import (
	"cmp"
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
)

const (
	// slot is how exactly the end of an attempt is remembered: a choice sees those of before its own slot.
	slot = 10 * time.Second
	// windowStep is what the beginning of a window is rounded down to, and windowMax the longest window. Both
	// are as they are measured live.
	windowStep = 5 * time.Minute
	windowMax  = 24 * time.Hour
)

// ends are how attempts ended, by account and by what they are like.
type ends struct {
	series map[place]*series
	// oldest is the first slot that a window may still hold; those before are forgotten.
	oldest int64
}

type place struct {
	account string
	like    like
}

// series are the ends at one place: all of them, and the latest by slot.
type series struct {
	all   core.Tally
	slots []slotTally // In the order of time.
}

type slotTally struct {
	number int64
	tally  core.Tally
}

func newEnds() *ends { return &ends{series: map[place]*series{}} }

// add counts the attempts of a transaction that have ended.
func (e *ends) add(past *core.Past, measured func(core.Attempt) (succeeded, counts bool)) error {
	for _, a := range past.Attempts {
		succeeded, counts := measured(core.Attempt{State: a.State, Reason: a.Reason})
		if !counts || a.EndedAt.IsZero() {
			continue
		}
		at := place{account: a.Account, like: likeOf(&past.Sample)}
		one, ok := e.series[at]
		if !ok {
			if len(e.series) == kindsMax {
				return errKinds
			}
			one = &series{}
			e.series[at] = one
		}
		one.add(a.EndedAt, succeeded)
		one.forget(e.oldest)
	}
	return nil
}

func (s *series) add(at time.Time, succeeded bool) {
	count(&s.all, succeeded)
	number := slotOf(at)
	i := len(s.slots)
	for i > 0 && s.slots[i-1].number > number {
		i-- // Ends come nearly in order.
	}
	if i == 0 || s.slots[i-1].number != number {
		s.slots = slices.Insert(s.slots, i, slotTally{number: number})
		i++
	}
	count(&s.slots[i-1].tally, succeeded)
}

// forget drops the slots before oldest, once they are half of all.
func (s *series) forget(oldest int64) {
	if middle := len(s.slots) / 2; s.slots[middle].number < oldest {
		s.slots = slices.Delete(s.slots, 0, middle+1)
	}
}

// decided says that nothing is asked any more about a time before now, which is
// when the latest transaction was created: none is routed before it exists.
func (e *ends) decided(now time.Time) { e.oldest = slotOf(now.Add(-windowMax).Truncate(windowStep)) }

func count(t *core.Tally, succeeded bool) {
	if succeeded {
		t.Succeeded++
		return
	}
	t.Failed++
}

func slotOf(at time.Time) int64 { return at.Unix() / int64(slot/time.Second) }

// between adds up the ends from one slot on and before another.
func (s *series) between(from, to int64) core.Tally {
	var t core.Tally
	at, _ := slices.BinarySearchFunc(s.slots, from, func(s slotTally, n int64) int { return cmp.Compare(s.number, n) })
	for _, one := range s.slots[at:] {
		if one.number >= to {
			break
		}
		t.Succeeded += one.tally.Succeeded
		t.Failed += one.tally.Failed
	}
	return t
}

// market is the accounts at their best, and what their attempts had shown until now.
type market struct {
	routing.Market
	ended   *ends
	now     time.Time
	windows map[asked]*window
}

// asked is a question for successes.
type asked struct {
	place  place
	length time.Duration
}

// window is the answer for a time. The next question is about a later one, so
// that only what came in and what went out is added up.
type window struct {
	from, to int64
	tally    core.Tally
}

func newMarket(accounts routing.Market, ended *ends) *market {
	return &market{Market: accounts, ended: ended, windows: map[asked]*window{}}
}

// Success counts what had ended before the transaction at hand was created.
func (m *market) Success(account string, sample *core.Sample, length time.Duration) core.Tally {
	question := asked{place: place{account: account, like: likeOf(sample)}, length: min(length, windowMax)}
	ended, ok := m.ended.series[question.place]
	if !ok {
		return core.Tally{}
	}
	from, to := slotOf(m.now.Add(-question.length).Truncate(windowStep)), slotOf(m.now)
	w, ok := m.windows[question]
	if !ok || from < w.from || to < w.to || w.from < m.ended.oldest {
		w = &window{from: from, to: from}
		m.windows[question] = w
	}
	w.move(ended, from, to)
	return w.tally
}

func (w *window) move(ended *series, from, to int64) {
	came, went := ended.between(max(w.to, from), to), ended.between(w.from, min(from, w.to))
	w.tally.Succeeded += came.Succeeded - went.Succeeded
	w.tally.Failed += came.Failed - went.Failed
	w.from, w.to = from, to
}
