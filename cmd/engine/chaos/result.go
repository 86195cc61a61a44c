package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// chaosVariable makes tests take as many rounds as the catalogue asks for.
const chaosVariable = "PAYMUX_CHAOS=1"

// killAfter is how long go test may take to end once it was interrupted.
const killAfter = 10 * time.Second

// The ends of a test, as go test tells them.
const (
	passed  = "pass"
	failed  = "fail"
	skipped = "skip"
)

// result is what came of one test, or of a package that could not be tested.
type result struct {
	folder, test string
	// file is where the test is.
	file  string
	end   string
	lines []line
	// rows are those that it should show.
	rows []int
	// said is the output of what failed or was skipped.
	said string
}

// line is what a test said of a row.
type line struct {
	row    int
	figure string
}

// event is one line of go test -json.
type event struct {
	Action, Package, Test, Output string
}

// test runs the tests of a suite, with more in the environment, and returns what
// came of each.
func test(ctx context.Context, asked order, of suite, progress io.Writer, environ ...string) ([]result, error) {
	pattern := "^(" + strings.Join(of.tests, "|") + ")$"
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-count=1",
		"-timeout", asked.timeout.String(), "-run", pattern, "./"+of.folder)
	cmd.Dir = asked.root
	cmd.Env = append(append(os.Environ(), chaosVariable), environ...)
	cmd.Stderr = progress
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killAfter
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("go test: %w", err)
	}
	results, err := read(out, of.folder, progress)
	var exit *exec.ExitError
	waited := cmd.Wait()
	if waited != nil && !errors.As(waited, &exit) {
		err = errors.Join(err, waited)
	}
	return of.complete(results, exit), errors.Join(err, ctx.Err())
}

// complete adds what go test did not tell: tests that were asked for and never
// ran, such as those of another system, and an end that no test explains.
func (of suite) complete(results []result, exit *exec.ExitError) []result {
	for _, name := range of.tests {
		if !slices.ContainsFunc(results, func(r result) bool { return r.test == name }) {
			results = append(results, result{folder: of.folder, test: name, end: missing})
		}
	}
	if exit != nil && !slices.ContainsFunc(results, func(r result) bool { return r.end == failed }) {
		results = append(results, result{folder: of.folder, end: failed, said: "go test: " + exit.Error()})
	}
	for i := range results {
		results[i].file, results[i].rows = of.files[results[i].test], of.rows[results[i].test]
	}
	return results
}

// read turns the events of go test into results, one a test. What a subtest said
// belongs to its test, and what the package said to the package, which is a
// result only if it failed without a test that did.
func read(events io.Reader, folder string, progress io.Writer) ([]result, error) {
	said, ends := map[string]*strings.Builder{}, map[string]string{}
	var order []string
	scanner := bufio.NewScanner(events)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var e event
		if json.Unmarshal(scanner.Bytes(), &e) != nil {
			e = event{Action: "output", Output: scanner.Text() + "\n"} // What the compiler says may be plain.
		}
		name, _, sub := strings.Cut(e.Test, "/")
		if said[name] == nil {
			said[name] = &strings.Builder{}
			order = append(order, name)
		}
		switch e.Action {
		case "output", "build-output":
			said[name].WriteString(e.Output)
		case passed, failed, skipped:
			if !sub {
				ends[name] = e.Action
				tell(progress, name, e.Action)
			}
		}
	}
	return conclude(folder, order, said, ends), scanner.Err()
}

func tell(progress io.Writer, name, end string) {
	if name != "" {
		fmt.Fprintf(progress, "   %s %s\n", end, name)
	}
}

func conclude(folder string, order []string, said map[string]*strings.Builder, ends map[string]string) []result {
	var all []result
	for _, name := range order {
		if name == "" {
			continue
		}
		end := ends[name]
		if end == "" {
			end = failed // It never ended: the process died under it.
		}
		one := result{folder: folder, test: name, end: end, lines: linesIn(said[name].String())}
		if end != passed {
			one.said = said[name].String()
		}
		all = append(all, one)
	}
	if ends[""] == failed && !slices.ContainsFunc(all, func(r result) bool { return r.end == failed }) {
		all = append(all, result{folder: folder, end: failed, said: said[""].String()})
	}
	return all
}

// shows is a line of a test's log that shows a row.
var shows = regexp.MustCompile(`(?m)^\s*[^\s:]+\.go:[0-9]+: chaos ([0-9]+): (.*\S)\s*$`)

func linesIn(text string) []line {
	var all []line
	for _, match := range shows.FindAllStringSubmatch(text, -1) {
		number, _ := strconv.Atoi(match[1]) // The pattern lets nothing else through.
		all = append(all, line{number, match[2]})
	}
	return all
}
