// Command engine runs and operates Paymux.
//
// Exit codes: 0 for success, 1 for a negative result, 2 for wrong usage or a
// configuration that cannot be used.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // --zone means the same where the system has no time zones.

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes.
const (
	exitNegative = 1
	exitUsage    = 2
)

// exitError carries the exit code of an error.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }

func (e *exitError) Unwrap() error { return e.err }

// negative makes err the negative result of a command that was used rightly. An
// error that carries its exit code keeps it.
func negative(err error) error {
	var known *exitError
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &exitError{exitNegative, err}
}

// run is main without the process: it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "engine:", strings.TrimPrefix(err.Error(), "engine: "))
	var known *exitError
	if errors.As(err, &known) {
		return known.code
	}
	return exitUsage
}

// help is what a command does that only has commands below it. With it a word
// that is none of them is wrong usage: cobra would print the help and be content.
func help(cmd *cobra.Command, _ []string) error { return cmd.Help() }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "engine",
		Short:         "Paymux, a payment orchestration engine",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          help,
	}
	root.PersistentFlags().Bool("json", false, "print JSON")
	root.AddCommand(
		newServe(), newValidate(), newReload(), newStates(), newRoutes(), newSchema(), newTx(), newProviders(), newReconcile(),
		newPlugin(), newStore(), newKeys(), newVersion(),
	)
	return root
}
