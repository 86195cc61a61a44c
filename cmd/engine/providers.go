package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

func newProviders() *cobra.Command {
	cmd := &cobra.Command{
		Use: "providers", Short: "Look at the provider accounts of a running engine, drain, restart and log them",
		Long: "Look at the provider accounts of a running engine, and keep new attempts from them. The key is read from\n" +
			"PAYMUX_KEY, the address from --url or PAYMUX_URL.",
		Args: cobra.NoArgs, RunE: withClient(listProviders),
	}
	cmd.PersistentFlags().String("url", defaultURL(), urlUsage)
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the accounts and how they stand", Args: cobra.NoArgs, RunE: withClient(listProviders),
		},
		&cobra.Command{
			Use: "show ACCOUNT", Short: "Show one account", Args: cobra.ExactArgs(1), RunE: withClient(showProvider),
		},
		newRequestLog(),
		newDrain(&cobra.Command{
			Use: "restart ACCOUNT", Short: "Start the plugin process of an account anew",
			Long: "Start the plugin process of an account anew, also of one that crashed too often. The new one is made ready beside\n" +
				"the old one, which ends when its calls have ended; one that is not ready changes nothing. The process serves all\n" +
				"accounts of its plugin that are not isolated. It is audited.",
		}, (*client.Client).RestartProvider),
		newDrain(&cobra.Command{
			Use: "drain ACCOUNT", Short: "Stop new attempts at an account",
			Long: "Stop new attempts at an account. Questions, notifications and what is under way go on. It is audited, and\n" +
				"holds over restarts until the account is resumed.",
		}, (*client.Client).DrainProvider),
		newDrain(&cobra.Command{
			Use: "resume ACCOUNT", Short: "Let new attempts at a drained account again",
			Long: "Let new attempts at a drained account again. It is audited.",
		}, (*client.Client).ResumeProvider),
	)
	return cmd
}

func listProviders(cmd *cobra.Command, c *client.Client, _ []string) error {
	list, err := c.Providers(cmd.Context())
	if err != nil {
		return err
	}
	return show(cmd, list, func(w io.Writer) error {
		rows := [][]string{{"ACCOUNT", "PLUGIN", "HEALTH", "BREAKER", "READY", "IN FLIGHT", "CALLS", "FAULTS", "WHY"}}
		for _, p := range list.Data {
			rows = append(rows, []string{
				p.Provider, p.Plugin + " " + p.Version, p.Health, p.Breaker.State, yesNo(p.Ready),
				fmt.Sprint(p.Counters.InFlight), fmt.Sprint(p.Counters.Calls), fmt.Sprint(p.Counters.Faults), p.Detail,
			})
		}
		return table(w, rows)
	})
}

func showProvider(cmd *cobra.Command, c *client.Client, args []string) error {
	return printProvider(cmd, func(ctx context.Context) (api.Provider, error) { return c.Provider(ctx, args[0]) })
}

// newDrain completes cmd with the reason and the call that drains or resumes.
func newDrain(
	cmd *cobra.Command, set func(*client.Client, context.Context, string, string) (api.Provider, error),
) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	reason := cmd.Flags().String("reason", "", "why, for the audit")
	cmd.RunE = withClient(func(cmd *cobra.Command, c *client.Client, args []string) error {
		return printProvider(cmd, func(ctx context.Context) (api.Provider, error) { return set(c, ctx, args[0], *reason) })
	})
	return cmd
}

func printProvider(cmd *cobra.Command, get func(context.Context) (api.Provider, error)) error {
	p, err := get(cmd.Context())
	if err != nil {
		return err
	}
	return show(cmd, p, func(w io.Writer) error {
		if err := writeProvider(w, p); err != nil || p.Incident == nil {
			return err
		}
		return writeIncident(w, *p.Incident)
	})
}

func writeProvider(w io.Writer, p api.Provider) error {
	rows := [][]string{
		{"account", p.Provider},
		{"plugin", pluginLine(p)},
		{"checksum", p.Checksum},
		{"health", p.Health},
		{"ready", strings.TrimSuffix(yesNo(p.Ready)+": "+p.Detail, ": ")},
		{"enabled", yesNo(p.Enabled)},
		{"drained", yesNo(p.Drained)},
		{"breaker", breakerLine(p.Breaker)},
		{"timeout", p.Timeout},
		{"fees", cmp.Or(feesLine(p.Fees), "none configured")},
		{"operations", strings.Join(p.Capabilities.Operations, " ")},
		{"calls", fmt.Sprintf("%d, faults %d, in flight %d, restarts %d", p.Counters.Calls, p.Counters.Faults, p.Counters.InFlight, p.Counters.Restarts)},
	}
	if p.LoggedUntil != nil {
		rows = append(rows, []string{"requests", "logged until " + clock(*p.LoggedUntil)})
	}
	return table(w, rows)
}

// pluginLine tells the version only of what told it: a plugin that never ran has none.
func pluginLine(p api.Provider) string {
	if p.Generation == 0 {
		return p.Plugin + ", not started yet"
	}
	return fmt.Sprintf("%s %s, generation %d", p.Plugin, p.Version, p.Generation)
}

// writeIncident writes what last went wrong, with the last words of the process.
func writeIncident(w io.Writer, i api.Incident) error {
	rows := [][]string{
		{"\nincident", fmt.Sprintf("%s, generation %d", clock(i.At), i.Generation)},
		{"reason", i.Reason},
		{"exit", cmp.Or(i.Exit, "not known")},
	}
	if i.Cause != "" {
		rows = append(rows, []string{"cause", i.Cause})
	}
	err := table(w, rows)
	for _, line := range i.Lines {
		fmt.Fprintln(w, "  | "+line)
	}
	return err
}

func newRequestLog() *cobra.Command {
	cmd := &cobra.Command{
		Use: "log ACCOUNT", Short: "Log the calls of an account with their bodies for a time",
		Long: "Log every call to the provider of an account, and every notification of it, with its bodies, without secrets, cards,\n" +
			"phones and names, as lines \"provider call\" of the engine's log. It ends by itself, and with the engine. It is audited.",
		Args: cobra.ExactArgs(1),
	}
	length := cmd.Flags().Duration("for", 0, "how long, at most "+api.LogRequestsMax.String())
	off := cmd.Flags().Bool("off", false, "end it now")
	reason := cmd.Flags().String("reason", "", "why, for the audit")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if *off == (*length != 0) {
			return errors.New("say either how long, such as --for 10m, or --off")
		}
		return nil
	}
	cmd.RunE = withClient(func(cmd *cobra.Command, c *client.Client, args []string) error {
		return printProvider(cmd, func(ctx context.Context) (api.Provider, error) {
			return c.LogProvider(ctx, args[0], *length, *reason)
		})
	})
	return cmd
}

func breakerLine(b api.Breaker) string {
	line := b.State
	if b.Since != nil {
		line += " since " + clock(*b.Since)
	}
	if b.Until != nil {
		line += " until " + clock(*b.Until)
	}
	if b.Reason != "" {
		line += " (" + b.Reason + ")"
	}
	return line
}

func feesLine(fees []api.Fee) string {
	var parts []string
	for _, fee := range fees {
		parts = append(parts, fmt.Sprintf("%s: %s %% + %s", cmp.Or(fee.Currency, "all others"), fee.Percent, fee.Fixed))
	}
	return strings.Join(parts, ", ")
}
