package core_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// attempts returns attempts in the given states, numbered from one.
func attempts(states ...core.AttemptState) core.Transaction {
	var tx core.Transaction
	for i, state := range states {
		tx.Attempts = append(tx.Attempts, core.Attempt{Number: i + 1, State: state})
	}
	return tx
}

func TestATransactionIsDueAtItsEarliestTimer(t *testing.T) {
	at := func(minutes int) core.Timer {
		return core.Timer{Kind: core.TimerPoll, At: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	tests := map[string]struct {
		timers []core.Timer
		want   time.Time
	}{
		"none":              {nil, time.Time{}},
		"one":               {[]core.Timer{at(5)}, noon.Add(5 * time.Minute)},
		"earliest first":    {[]core.Timer{at(1), at(5), at(3)}, noon.Add(time.Minute)},
		"earliest last":     {[]core.Timer{at(5), at(3), at(1)}, noon.Add(time.Minute)},
		"two at once":       {[]core.Timer{at(2), at(2)}, noon.Add(2 * time.Minute)},
		"overdue since ago": {[]core.Timer{at(5), at(-60)}, noon.Add(-time.Hour)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := core.Transaction{Timers: test.timers}.DueAt()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("DueAt (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheLiveAttemptIsTheOneThatAnAnswerIsExpectedFrom(t *testing.T) {
	tests := map[string]struct {
		transaction core.Transaction
		want        int // Zero for none.
	}{
		"no attempt":                  {attempts(), 0},
		"just sent":                   {attempts(core.AttemptSent), 1},
		"unknown is live":             {attempts(core.AttemptUnknown), 1},
		"ended":                       {attempts(core.AttemptDeclined), 0},
		"the next after one declined": {attempts(core.AttemptDeclined, core.AttemptPending), 2},
		"all ended":                   {attempts(core.AttemptNotSent, core.AttemptSucceeded), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			live, ok := test.transaction.Live()
			if live.Number != test.want || ok != (test.want > 0) {
				t.Errorf("Live = attempt %d, %v, want %d", live.Number, ok, test.want)
			}
		})
	}
}

func TestAttemptsAreNumberedFromOne(t *testing.T) {
	tx := attempts(core.AttemptDeclined, core.AttemptPending)
	for number, found := range map[int]bool{-1: false, 0: false, 1: true, 2: true, 3: false} {
		a, ok := tx.Attempt(number)
		if ok != found || found && a.Number != number {
			t.Errorf("Attempt(%d) = attempt %d, %v", number, a.Number, ok)
		}
	}
	if last, ok := tx.Last(); !ok || last.Number != 2 {
		t.Errorf("Last = attempt %d, %v, want 2", last.Number, ok)
	}
	if last, ok := attempts().Last(); ok {
		t.Errorf("a transaction without attempts has the last one %d", last.Number)
	}
}

func TestTheNextActionIsTheLiveAttempts(t *testing.T) {
	action := &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://pay.example.com/7"}
	live := attempts(core.AttemptDeclined, core.AttemptRequiresAction)
	live.Attempts[1].NextAction = action
	if got := live.NextAction(); got != action {
		t.Errorf("NextAction = %v, want that of the live attempt", got)
	}
	ended := attempts(core.AttemptExpired)
	ended.Attempts[0].NextAction = action
	if got := ended.NextAction(); got != nil {
		t.Errorf("NextAction = %v of an attempt that ended", got)
	}
}
