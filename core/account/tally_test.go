package account_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/sdk"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestEndsAreCountedByWhatTheyAreOf(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{})
	change := map[string]func(*core.Sample){
		"kind":    func(s *core.Sample) { s.Kind = sdk.KindPayout },
		"country": func(s *core.Sample) { s.Country = "SN" },
		"method":  func(s *core.Sample) { s.Method = "card" },
		"network": func(s *core.Sample) { s.Network = "MTN" },
	}
	sample := sampleAt(noon)
	all.Ended(name, sample, true)
	for words, f := range change {
		other := sampleAt(noon)
		f(&other)
		if got := all.Success(name, &other, time.Hour); got != (core.Tally{}) {
			t.Errorf("another %s has %+v, want nothing", words, got)
		}
	}
	other := sample
	other.Merchant, other.ID, other.Customer = "other", "pay_1", "c-7" // Says nothing of the account.
	if got := all.Success(name, &other, time.Hour); got != (core.Tally{Succeeded: 1}) {
		t.Errorf("another merchant is told %+v, want the success", got)
	}
	free := core.Sample{Kind: sdk.KindPayment, At: noon}
	all.Ended(name, free, false)
	free.Method = "any"
	if got := all.Success(name, &free, time.Hour); got != (core.Tally{Failed: 1}) {
		t.Errorf("any method has %+v, want what came without one", got)
	}
}

func TestAWindowEndsAtItsSample(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{})
	for _, before := range []time.Duration{0, 4 * time.Minute, time.Hour, 23 * time.Hour, 25 * time.Hour} {
		all.Ended(name, sampleAt(noon.Add(-before)), true) // Newest first, as the store tells them.
	}
	all.Ended(name, sampleAt(noon.Add(time.Hour)), false)
	tests := map[string]struct {
		at     time.Time
		window time.Duration
		want   core.Tally
	}{
		"a minute is rounded up":      {noon.Add(time.Minute), time.Minute, core.Tally{Succeeded: 1}},
		"ten minutes":                 {noon, 10 * time.Minute, core.Tally{Succeeded: 2}},
		"an hour":                     {noon, time.Hour, core.Tally{Succeeded: 3}},
		"a day":                       {noon, 24 * time.Hour, core.Tally{Succeeded: 4}},
		"more than is kept":           {noon, 240 * time.Hour, core.Tally{Succeeded: 4}},
		"what came later is not seen": {noon.Add(59 * time.Minute), 10 * time.Minute, core.Tally{}},
		"an hour later":               {noon.Add(time.Hour), 10 * time.Minute, core.Tally{Failed: 1}},
	}
	for words, test := range tests {
		sample := sampleAt(test.at)
		if got := all.Success(name, &sample, test.window); got != test.want {
			t.Errorf("%s: %+v, want %+v", words, got, test.want)
		}
	}
}

// The order in which ends become known does not change what is counted.
func TestTheSameHistoryGivesTheSameCounts(t *testing.T) {
	t.Parallel()
	forth, back := mustOpen(t, &scripted{}), mustOpen(t, &scripted{})
	const ends = 1000
	at := func(i int) time.Time { return noon.Add(time.Duration(i*i%1439) * time.Minute) }
	for i := range ends {
		forth.Ended(name, sampleAt(at(i)), i%3 == 0)
		back.Ended(name, sampleAt(at(ends-1-i)), (ends-1-i)%3 == 0)
	}
	for hour := range 25 {
		sample := sampleAt(noon.Add(time.Duration(hour) * time.Hour))
		if a, b := forth.Success(name, &sample, 3*time.Hour), back.Success(name, &sample, 3*time.Hour); a != b {
			t.Errorf("at hour %d %+v one way and %+v the other", hour, a, b)
		}
	}
}

func TestAClockThatRanAheadIsForgiven(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{})
	for i := range 2000 {
		all.Ended(name, sampleAt(noon.Add(8760*time.Hour+time.Duration(i)*5*time.Minute)), false)
	}
	all.Ended(name, sampleAt(noon), true)
	all.Ended(name, sampleAt(noon.Add(time.Hour)), true)
	sample := sampleAt(noon.Add(time.Hour))
	if got := all.Success(name, &sample, 2*time.Hour); got != (core.Tally{Succeeded: 2}) {
		t.Errorf("after the clock was set right %+v, want both successes", got)
	}
}

func TestTalliesStaySmall(t *testing.T) {
	t.Parallel()
	all := mustOpen(t, &scripted{})
	cell := func(i int, at time.Time) core.Sample {
		sample := sampleAt(at)
		sample.Network = fmt.Sprint(i)
		return sample
	}
	for i := range 1000 {
		all.Ended(name, cell(i, noon.Add(time.Duration(i)*time.Second)), true)
	}
	kept := 0
	for i := range 1000 {
		sample := cell(i, noon.Add(time.Hour))
		if all.Success(name, &sample, account.WindowMax) != (core.Tally{}) {
			kept++
		}
	}
	newest := cell(999, noon.Add(time.Hour))
	if kept != 256 || all.Success(name, &newest, account.WindowMax) == (core.Tally{}) {
		t.Errorf("%d cells are kept, want the newest 256", kept)
	}
}

func TestWhichEndsSayHowWellAnAccountDoes(t *testing.T) {
	t.Parallel()
	const yes, no, nothing = "succeeded", "failed", ""
	tests := []struct {
		state  core.AttemptState
		reason sdk.Reason
		want   string
	}{
		{core.AttemptSucceeded, "", yes},
		{core.AttemptReversed, "", yes},
		{core.AttemptDeclined, "", no},
		{core.AttemptDeclined, sdk.ReasonDeclined, no},
		{core.AttemptDeclined, sdk.ReasonLimitExceeded, no},
		{core.AttemptDeclined, sdk.ReasonInsufficientFunds, nothing},
		{core.AttemptRejected, sdk.ReasonAuthentication, no},
		{core.AttemptRejected, sdk.ReasonProviderUnavailable, no},
		{core.AttemptRejected, sdk.ReasonInsufficientFloat, no},
		{core.AttemptRejected, sdk.ReasonInvalidRequest, nothing},
		{core.AttemptRejected, core.ReasonDuplicateOpenOrder, nothing},
		{core.AttemptNotSent, sdk.ReasonProviderUnavailable, no},
		{core.AttemptCanceled, sdk.ReasonCanceledByCustomer, nothing},
		{core.AttemptExpired, sdk.ReasonExpired, nothing},
		{core.AttemptUnknown, "", nothing},
		{core.AttemptPending, "", nothing},
		{core.AttemptMismatch, "", nothing},
		{core.AttemptAbandoned, "", nothing},
	}
	for _, test := range tests {
		got := nothing
		if succeeded, counts := account.Measured(core.Attempt{State: test.state, Reason: test.reason}); counts && succeeded {
			got = yes
		} else if counts {
			got = no
		}
		if got != test.want {
			t.Errorf("%s (%s) counts as %q, want %q", test.state, test.reason, got, test.want)
		}
	}
}
