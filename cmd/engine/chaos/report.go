package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// missing stands where nobody showed a row.
const missing = "missing"

// report is what came of the rows that were asked for.
type report struct {
	entries []entry
	// failures are the tests and packages that failed, also where they show nothing.
	failures []result
	// silent are tests that were skipped, or showed nothing that they should have.
	silent []result
}

// entry is one line of the table.
type entry struct {
	row
	figure, folder, file, test, end string
}

func newReport(rows []row, results []result) report {
	var r report
	for _, row := range rows {
		entries := entriesOf(row, results)
		if len(entries) == 0 {
			entries = []entry{{row: row, end: missing}}
		}
		r.entries = append(r.entries, entries...)
	}
	for _, one := range results {
		switch {
		case one.end == failed:
			r.failures = append(r.failures, one)
		case len(one.lines) == 0:
			r.silent = append(r.silent, one)
		}
	}
	return r
}

// entriesOf are what tests said of a row, and those that did not get to say it:
// that others show it does not make up for them.
func entriesOf(of row, results []result) []entry {
	var all []entry
	for _, one := range results {
		silent := !slices.ContainsFunc(one.lines, func(l line) bool { return l.row == of.number })
		if silent && one.end != passed && slices.Contains(one.rows, of.number) {
			all = append(all, entry{row: of, folder: one.folder, file: one.file, test: one.test, end: one.end})
		}
		for _, line := range one.lines {
			if line.row == of.number {
				all = append(all, entry{row: of, figure: line.figure, folder: one.folder, file: one.file, test: one.test, end: one.end})
			}
		}
	}
	return all
}

// good reports whether every row was shown and nothing failed.
func (r report) good() bool {
	return len(r.failures) == 0 && !slices.ContainsFunc(r.entries, func(e entry) bool { return e.end != passed })
}

// print writes the report for a terminal, with what failed tests said.
func (r report) print(to io.Writer) {
	for _, one := range r.failures {
		fmt.Fprintf(to, "== %s %s failed:\n%s\n", one.folder, one.test, one.said)
	}
	for _, one := range r.silent {
		fmt.Fprintf(to, "== %s %s shows nothing (%s)\n%s", one.folder, one.test, one.end, one.said)
	}
	for _, e := range r.entries {
		fmt.Fprintf(to, "%3d  %-8s %s\n", e.number, e.end, e.fault)
		if e.figure != "" {
			fmt.Fprintf(to, "              %s\n              %s %s\n", e.figure, e.folder, e.test)
		}
	}
	fmt.Fprintln(to, r.verdict())
}

func (r report) verdict() string {
	counts := map[string]int{}
	for _, e := range r.entries {
		counts[e.end]++
	}
	return fmt.Sprintf("%d shown, %d failed, %d missing, %d skipped; %d tests failed",
		counts[passed], counts[failed], counts[missing], counts[skipped], len(r.failures))
}

// circumstances are where and when the rows were shown.
type circumstances struct {
	at                 time.Time
	goVersion, machine string
	cores              int
	commit             string
}

func surroundings(ctx context.Context, root string) (circumstances, error) {
	about := circumstances{
		at: time.Now().UTC(), goVersion: runtime.Version(), machine: runtime.GOOS + "/" + runtime.GOARCH, cores: runtime.NumCPU(),
	}
	git := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
	git.Dir = root
	text, err := git.Output()
	if err != nil {
		return about, fmt.Errorf("git describe: %w", err)
	}
	about.commit = strings.TrimSpace(string(text))
	return about, nil
}

// page is the report as a document.
func (r report) page(about circumstances) string {
	var page strings.Builder
	page.WriteString("# What was broken on purpose\n\nMade by `make chaos`: every test below breaks something and counts what came of it. A control is the same\n" +
		"test with a protection taken away, or a provider that is wrong: it must be caught, or the test proves nothing.\n\n")
	fmt.Fprintf(&page, "%s, %s, %s, %d cores, commit %s: %s.\n\n", about.at.Format(time.DateOnly), about.goVersion, about.machine,
		about.cores, about.commit, r.verdict())
	page.WriteString("| row | fault | what came of it, and of the control | test | |\n|---|---|---|---|---|\n")
	for _, e := range r.entries {
		cells := []string{strconv.Itoa(e.number), e.fault, e.figure, e.link(), e.end}
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(cell, "|", `\|`)
		}
		fmt.Fprintf(&page, "| %s |\n", strings.Join(cells, " | "))
	}
	return page.String()
}

// link leads to the test.
func (e entry) link() string {
	if e.test == "" {
		return ""
	}
	return fmt.Sprintf("[%s](%s)", e.test, path.Join(e.folder, e.file))
}
