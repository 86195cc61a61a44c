package backtest

import (
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
)

const (
	// slot is how exactly the end of an attempt is remembered.
	slot = time.Minute
	// slotsMax bounds how long ends are remembered for rules that go by them: a week.
	slotsMax = int64(7 * 24 * time.Hour / slot)
)

// ends are how attempts ended, by account and by what they are like.
type ends struct{ series map[place]*series }

type place struct {
	account string
	like    like
}

// series are the ends at one place: all of them, and the latest by minute.
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
func (e *ends) add(past *core.Past) error {
	for _, a := range past.Attempts {
		succeeded, counts := measured(a.State)
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
	}
	return nil
}

// measured reports whether an attempt shows how well its account does, and whether
// it did well. What the merchant canceled, an operator gave up or was paid otherwise
// than it was asked for shows nothing.
func measured(state core.AttemptState) (succeeded, counts bool) {
	switch state {
	case core.AttemptSucceeded, core.AttemptReversed:
		return true, true
	case core.AttemptNotSent, core.AttemptRejected, core.AttemptDeclined, core.AttemptExpired:
		return false, true
	case core.AttemptSent, core.AttemptRequiresAction, core.AttemptPending, core.AttemptUnknown,
		core.AttemptCanceled, core.AttemptMismatch, core.AttemptAbandoned:
		return false, false
	default:
		return false, false
	}
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
	if oldest := s.slots[len(s.slots)-1].number - slotsMax; len(s.slots) > int(slotsMax) && s.slots[0].number < oldest {
		s.slots = slices.Delete(s.slots, 0, len(s.slots)/2)
	}
}

func count(t *core.Tally, succeeded bool) {
	if succeeded {
		t.Succeeded++
		return
	}
	t.Failed++
}

func slotOf(at time.Time) int64 { return at.Unix() / int64(slot/time.Second) }

// within adds up the ends from window before a slot to the last whole slot before it.
func (s *series) within(number int64, window time.Duration) core.Tally {
	var t core.Tally
	from, _ := slices.BinarySearchFunc(s.slots, number-int64(window/slot), func(s slotTally, n int64) int {
		return int(s.number - n)
	})
	for _, one := range s.slots[from:] {
		if one.number >= number {
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
	ended *ends
	now   time.Time
	known map[asked]answer
}

// asked is a question for successes, which is answered once a slot.
type asked struct {
	place  place
	window time.Duration
}

type answer struct {
	slot  int64
	tally core.Tally
}

func newMarket(accounts routing.Market, ended *ends) *market {
	return &market{Market: accounts, ended: ended, known: map[asked]answer{}}
}

// Success counts what had ended before the transaction at hand was created.
func (m *market) Success(account string, sample *core.Sample, window time.Duration) core.Tally {
	question := asked{place: place{account: account, like: likeOf(sample)}, window: window}
	now := slotOf(m.now)
	if known, ok := m.known[question]; ok && known.slot == now {
		return known.tally
	}
	var t core.Tally
	if ended, ok := m.ended.series[question.place]; ok {
		t = ended.within(now, window)
	}
	if len(m.known) < kindsMax {
		m.known[question] = answer{slot: now, tally: t}
	}
	return t
}
