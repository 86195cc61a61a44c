package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/machine"
)

func newStates() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "states",
		Short: "Print the state machine of a transaction",
		Long:  "Print the state machine: a row a signal, a column a state; a dot stays, an empty cell cannot happen.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			format, err := cmd.Flags().GetString("format")
			if err != nil {
				return err
			}
			return states(cmd, format)
		},
	}
	cmd.Flags().String("format", "table", "table, json or mermaid")
	return cmd
}

func states(cmd *cobra.Command, format string) error {
	if wantsJSON(cmd) {
		format = "json"
	}
	out := cmd.OutOrStdout()
	switch format {
	case "table":
		return machine.WriteText(out)
	case "mermaid":
		return machine.WriteMermaid(out)
	case "json":
		if err := cmd.Flags().Set("json", "true"); err != nil {
			return err
		}
		return show(cmd, machine.Transitions(), func(io.Writer) error { return nil })
	default:
		return fmt.Errorf("--format %q: known are table, json and mermaid", format)
	}
}
