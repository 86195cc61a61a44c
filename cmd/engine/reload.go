package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

func newReload() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reload", Short: "Have the running engine read its configuration and its routing rules again",
		Long: "Have the engine at --url or PAYMUX_URL read its configuration and its routing rules again, with the operator's key\n" +
			"in PAYMUX_KEY. They go live whole or not at all: where anything is wrong every fault is printed with its file and\n" +
			"line, what is live stays, and the exit code is 2. The engine does the same by itself when a file changes.",
		Args: cobra.NoArgs, RunE: withClient(reload),
	}
	addURL(cmd)
	cmd.Flags().String("reason", "", "why; kept with the generation and in the audit")
	return cmd
}

// newRollback is below routes.
func newRollback() *cobra.Command {
	cmd := &cobra.Command{
		Use: "rollback", Short: "Go back to the routing rules of a former generation of the running engine",
		Long: "Write the routing rules of a former generation back into their file, keep what is there beside it as\n" +
			".bak-<generation>, and make them live as a new generation. `engine routes generations` lists them.",
		Args: cobra.NoArgs, RunE: withClient(rollback),
	}
	addURL(cmd)
	cmd.Flags().Uint64("to", 0, "the generation to go back to (default: the newest before the live one that had other rules)")
	cmd.Flags().String("reason", "", "why; kept with the generation and in the audit")
	return cmd
}

// newGenerations is below routes.
func newGenerations() *cobra.Command {
	cmd := &cobra.Command{
		Use: "generations", Short: "List the last generations of the running engine, newest first",
		Args: cobra.NoArgs, RunE: withClient(generations),
	}
	addURL(cmd)
	cmd.Flags().Bool("diff", false, "print what each changed too")
	return cmd
}

func reload(cmd *cobra.Command, c *client.Client, _ []string) error {
	reason, err := cmd.Flags().GetString("reason")
	if err != nil {
		return err
	}
	reloaded, err := c.Reload(cmd.Context(), reason)
	return showReloaded(cmd, reloaded, err)
}

func rollback(cmd *cobra.Command, c *client.Client, _ []string) error {
	reason, err := cmd.Flags().GetString("reason")
	if err != nil {
		return err
	}
	to, err := cmd.Flags().GetUint64("to")
	if err != nil {
		return err
	}
	reloaded, err := c.Rollback(cmd.Context(), to, reason)
	return showReloaded(cmd, reloaded, err)
}

// showReloaded prints what a reload came to, and every fault where it was refused.
func showReloaded(cmd *cobra.Command, reloaded api.Reloaded, err error) error {
	if problem, ok := errors.AsType[*client.Problem](err); ok && errors.Is(err, core.ErrConfigurationRefused) {
		return printRefusal(cmd, problem)
	}
	if err != nil {
		return err
	}
	return show(cmd, reloaded, func(w io.Writer) error {
		for _, warning := range reloaded.Warnings {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: warning: %s\n", warning.Location, warning.Message)
		}
		if !reloaded.Changed {
			_, err := fmt.Fprintf(w, "nothing changed: generation %d is what the files say\n", reloaded.Generation.Number)
			return err
		}
		_, err := fmt.Fprintf(w, "generation %d is live\n%s", reloaded.Generation.Number, reloaded.Generation.Diff)
		return err
	})
}

// printRefusal prints every fault as validate does, a line each.
func printRefusal(cmd *cobra.Command, problem *client.Problem) error {
	err := show(cmd, problem.Problem, func(io.Writer) error {
		for _, fault := range problem.Errors {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", fault.Location, fault.Message)
		}
		return nil
	})
	return errors.Join(err, &exitError{exitUsage, errors.New(problem.Detail)})
}

func generations(cmd *cobra.Command, c *client.Client, _ []string) error {
	diffs, err := cmd.Flags().GetBool("diff")
	if err != nil {
		return err
	}
	list, err := c.Generations(cmd.Context())
	if err != nil {
		return err
	}
	return show(cmd, list, func(w io.Writer) error {
		rows := [][]string{{"NUMBER", "LIVE", "SINCE", "BY", "RULES", "WHY"}}
		for _, g := range list.Data {
			live := ""
			if g.Live {
				live = "live"
			}
			rows = append(rows, []string{strconv.FormatUint(g.Number, 10), live, clock(g.LoadedAt), g.By, short(g.RulesSHA256), g.Why})
		}
		if err := table(w, rows); err != nil {
			return err
		}
		return writeDetails(w, list, diffs)
	})
}

// short is the beginning of a checksum: enough to see whether two are the same.
func short(sum string) string { return sum[:min(len(sum), 12)] }

// writeDetails says what was refused last and, if wanted, what each generation changed.
func writeDetails(w io.Writer, list api.Generations, diffs bool) error {
	for _, g := range list.Data {
		if diffs && g.Diff != "" {
			fmt.Fprintf(w, "\n%s", g.Diff)
		}
	}
	if list.Failed == nil {
		return nil
	}
	fmt.Fprintf(w, "\nthe files are not what is live: the reload at %s by %s was refused\n", clock(list.Failed.At), list.Failed.By)
	for _, fault := range list.Failed.Errors {
		fmt.Fprintf(w, "%s: %s\n", fault.Location, fault.Message)
	}
	return nil
}
