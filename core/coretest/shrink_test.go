package coretest_test

import (
	"flag"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/paymux/paymux/core/coretest"
)

// shrink looks for as little of what was asked for as it takes to see that
// something does not hold. It reports false where nothing less than all of it does.
func shrink(t *testing.T, s coretest.Simulation, asked []string) (coretest.Report, bool) {
	t.Helper()
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		t.Fatal(err)
	}
	var least coretest.Report
	found, run := false, map[string]coretest.Report{} // rapid asks for the same again and again.
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(asked), 1, len(asked), rapid.ID[string])
	rapid.Check(quiet{t}, func(rt *rapid.T) {
		s.Only = some.Draw(rt, "only")
		slices.Sort(s.Only)
		name := strings.Join(s.Only, ", ")
		r, known := run[name]
		if !known {
			r = s.Run(t)
			run[name] = r
		}
		if len(r.Violations) == 0 {
			return
		}
		if !found || len(r.Asked) < len(least.Asked) {
			least, found = r, true
		}
		rt.Fatal(r.Violations[0].Invariant)
	})
	return least, found
}

// quiet is a test to rapid, which does not fail by what rapid finds: that is known.
type quiet struct{ *testing.T }

func (quiet) Logf(string, ...any)   {}
func (quiet) Log(...any)            {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Error(...any)          {}
func (quiet) Fatalf(string, ...any) {}
func (quiet) Fatal(...any)          {}
func (quiet) FailNow()              {}
func (quiet) Fail()                 {}
func (quiet) Failed() bool          { return false }

// commit is what the files are a checkout of, as far as git knows.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func TestWhatFailsIsShrunk(t *testing.T) {
	s := coretest.Simulation{Plugin: tampered(neverSent)}
	for s.Seed = 1; s.Seed <= controlSeeds; s.Seed++ {
		r := s.Run(t)
		if len(r.Violations) == 0 || len(r.Asked) < 8 {
			continue
		}
		least, ok := shrink(t, s, r.Asked)
		if !ok || len(least.Asked) > 2 || len(least.Violations) == 0 || least.Story == "" {
			t.Errorf("of %q it takes %q", r.Asked, least.Asked)
		}
		t.Logf("seed %d: of %d that were asked for it takes %q", s.Seed, len(r.Asked), least.Asked)
		return
	}
	t.Errorf("%d seeds do not fail", controlSeeds)
}
