package conformance

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// Verdict is what became of a clause.
type Verdict string

// The verdicts.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "FAIL"
	DoesNotApply Verdict = "does not apply"
)

// Finding is what became of one clause.
type Finding struct {
	Clause string `json:"clause"`
	// Demands is the clause in one sentence.
	Demands string  `json:"demands"`
	Verdict Verdict `json:"verdict"`
	// Seen says what was seen, and why where the clause does not apply.
	Seen string `json:"seen"`
	// Mend says what to do; it is empty where nothing is wrong.
	Mend string `json:"mend,omitempty"`
	// TookMS is how long it took, in milliseconds.
	TookMS int64 `json:"took_ms"`
}

// plural counts things.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Report is what became of every clause.
type Report struct {
	Plugin   string    `json:"plugin"`
	Version  string    `json:"version"`
	Findings []Finding `json:"findings"`
}

// Failed returns the names of the clauses that the plugin does not meet.
func (r Report) Failed() []string {
	var names []string
	for _, f := range r.Findings {
		if f.Verdict == Fail {
			names = append(names, f.Clause)
		}
	}
	return names
}

// count returns how many findings have the verdict.
func (r Report) count(v Verdict) int {
	return len(slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Verdict != v }))
}

// Write prints the report as a table, what failed once more below it with what it
// demands and how to mend it, and a line of sums.
func (r Report) Write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CLAUSE\tVERDICT\tSEEN")
	for _, f := range r.Findings {
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.Clause, f.Verdict, f.Seen)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, f := range r.Findings {
		if f.Verdict == Fail {
			fmt.Fprintf(w, "\nFAIL %s\n  demands  %s\n  seen     %s\n  mend     %s\n", f.Clause, f.Demands, f.Seen, f.Mend)
		}
	}
	_, err := fmt.Fprintf(w, "\n%s %s: %d passed, %d failed, %d do not apply, in %s\n", r.Plugin, r.Version,
		r.count(Pass), r.count(Fail), r.count(DoesNotApply), r.took())
	return err
}

func (r Report) took() time.Duration {
	var all time.Duration
	for _, f := range r.Findings {
		all += time.Duration(f.TookMS) * time.Millisecond
	}
	return all.Round(100 * time.Millisecond)
}
