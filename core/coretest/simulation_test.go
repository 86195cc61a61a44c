package coretest_test

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
)

// seedsUsual is how many seeds are run where nobody asks for more, seedsChaos how
// many where chaos is asked for.
const seedsUsual, seedsChaos = 200, 2000

// seedsRaced are run under the race detector, which makes each ten times as long.
const seedsRaced = 60

// seeds returns the seeds to run: the one of PAYMUX_SEED, else the first
// PAYMUX_SEEDS, else the usual number.
func seeds(t *testing.T) []uint64 {
	t.Helper()
	if text := os.Getenv("PAYMUX_SEED"); text != "" {
		return []uint64{number(t, "PAYMUX_SEED", text)}
	}
	count := uint64(seedsUsual)
	if raced {
		count = seedsRaced
	}
	if os.Getenv("PAYMUX_CHAOS") != "" {
		count = seedsChaos
	}
	if text := os.Getenv("PAYMUX_SEEDS"); text != "" {
		count = number(t, "PAYMUX_SEEDS", text)
	}
	all := make([]uint64, count)
	for i := range all {
		all[i] = uint64(i) + 1
	}
	return all
}

func number(t *testing.T, name, text string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// sums adds up the reports of many seeds.
type sums struct {
	mu         sync.Mutex
	total      coretest.Report
	states     map[core.State]int
	violations int
}

func (s *sums) add(r coretest.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations += len(r.Violations)
	s.total.Answers += r.Answers
	s.total.Transactions += r.Transactions
	s.total.Attempts += r.Attempts
	s.total.Paid += r.Paid
	s.total.Crashes += r.Crashes
	s.total.Faults += r.Faults
	s.total.WentOnLate += r.WentOnLate
	for state, count := range r.States {
		s.states[state] += count
	}
}

// mustHold runs a simulation, and reports what does not hold with everything
// that helps to see why.
func mustHold(t *testing.T, s coretest.Simulation) coretest.Report {
	t.Helper()
	r := s.Run(t)
	if len(r.Violations) == 0 {
		return r
	}
	for _, violation := range r.Violations {
		t.Errorf("seed %d: %s", r.Seed, violation)
	}
	least, ok := shrink(t, s, r.Asked)
	if !ok {
		least = r
	}
	t.Errorf("again with PAYMUX_SEED=%d at commit %s, which had %d faults; of %q it takes only %q:\n%s",
		r.Seed, commit(), r.Faults, r.Asked, least.Asked, least.Story)
	return r
}

func TestWhateverGoesWrongTheBooksAgreeInTheEnd(t *testing.T) {
	s := &sums{states: map[core.State]int{}}
	all := seeds(t)
	began := time.Now()
	t.Run("seeds", func(t *testing.T) {
		for _, seed := range all {
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				s.add(mustHold(t, coretest.Simulation{Seed: seed}))
			})
		}
	})
	t.Logf("chaos 28: %d seeds (%.0f an hour), %d violations: %d faults (%d a seed), %d crashes, %d answers, %d transactions with %d attempts, %d charges, %d late failovers, %v",
		len(all), float64(len(all))/time.Since(began).Hours(), s.violations, s.total.Faults, s.total.Faults/len(all), s.total.Crashes, s.total.Answers, s.total.Transactions, s.total.Attempts, s.total.Paid, s.total.WentOnLate, s.states)
	if len(all) >= seedsUsual {
		s.checkReach(t, len(all))
	}
}

// checkReach makes sure that the simulation goes where things are difficult.
func (s *sums) checkReach(t *testing.T, seeds int) {
	t.Helper()
	for _, state := range []core.State{
		core.StateSucceeded, core.StateFailed, core.StateCanceled, core.StateExpired, core.StateReversed, core.StateReview,
	} {
		if s.states[state] == 0 {
			t.Errorf("no transaction ends %s", state)
		}
	}
	if s.total.Crashes == 0 || s.total.Attempts <= s.total.Transactions || s.total.Faults < 5*seeds {
		t.Errorf("%d crashes, %d attempts of %d transactions, %d faults", s.total.Crashes, s.total.Attempts, s.total.Transactions, s.total.Faults)
	}
	if s.total.WentOnLate == 0 {
		t.Error("no payout went on after a late no")
	}
}

// Seeds that found a fault once, by what it was.
var pastSeeds = map[string]uint64{
	"a repeat refused for its own reference":                       9,
	"the only news of money spent on an answer that knows nothing": 269,
	"a caller that hung up, then two different answers":            33,
}

func TestFaultsOfThePastStayMended(t *testing.T) {
	for name, seed := range pastSeeds {
		t.Run(fmt.Sprintf("%s, seed %d", name, seed), func(t *testing.T) {
			t.Parallel()
			mustHold(t, coretest.Simulation{Seed: seed, PaymentsOnly: true})
		})
	}
}
