// Command chaos runs the tests that break things on purpose, and tells what came
// of each row of the fault catalogue.
//
//	go run ./cmd/engine/chaos             all rows, and CHAOS.md
//	go run ./cmd/engine/chaos -rows 2,3   some of them, printed only
//
// A test shows a row by logging one line "chaos N: ...", where N is the row's
// number, with its figure and that of its control. They run with PAYMUX_CHAOS=1, by
// which they take as many rounds as the catalogue asks for: those of virtual time
// in memory and beside those of the disk, and then one package after the other.
//
// Exit codes: 0 when every row was shown and every test passed, 1 when not, 2 for
// wrong usage.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The exit codes.
const (
	exitNegative = 1
	exitUsage    = 2
)

// reportFile is where the report of all rows goes.
const reportFile = "CHAOS.md"

// order is what a run was asked for.
type order struct {
	root    string
	rows    []row
	out     string
	timeout time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	asked, err := parse(args, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "chaos:", err)
		return exitUsage
	}
	good, err := show(ctx, asked, stdout, stderr)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "chaos:", err)
		return exitNegative
	case !good:
		return exitNegative
	default:
		return 0
	}
}

func parse(args []string, stderr io.Writer) (order, error) {
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.SetOutput(stderr)
	some := flags.String("rows", "", "the rows to show, such as 2,3; empty for all")
	out := flags.String("out", "", "write the report to this file; empty means "+reportFile+" for all rows, and none for some")
	root := flags.String("root", ".", "the root of the module")
	timeout := flags.Duration("timeout", 20*time.Minute, "bound of the tests of one package")
	if err := flags.Parse(args); err != nil {
		return order{}, err
	}
	rows, err := pick(*some)
	if err != nil {
		return order{}, err
	}
	if *out == "" && *some == "" {
		*out = reportFile
	}
	return order{root: *root, rows: rows, out: *out, timeout: *timeout}, nil
}

// show runs the tests and reports. It returns false where a row is missing or a test failed.
func show(ctx context.Context, asked order, stdout, stderr io.Writer) (bool, error) {
	about, err := surroundings(ctx, asked.root)
	if err != nil && asked.out != "" {
		return false, err
	}
	found, err := find(asked.root)
	if err != nil {
		return false, err
	}
	results, err := testAll(ctx, asked, suites(found, asked.rows), stderr)
	if err != nil {
		return false, err
	}
	report := newReport(asked.rows, results)
	report.print(stdout)
	if asked.out == "" {
		return report.good(), nil
	}
	return report.good(), os.WriteFile(asked.out, []byte(report.page(about)), 0o644)
}
