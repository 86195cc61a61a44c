package main

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/routing"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use: "schema [config|routes]", Short: "Print the JSON Schema of paymux.yaml or routes.yaml, for editors",
		Long: "Print the JSON Schema (draft 7) of paymux.yaml, or of routes.yaml. Editors check and complete by it while you type:\n" +
			"write it into a file and name that in the first line of the YAML, # yaml-language-server: $schema=paymux.schema.json.\n" +
			"It says less than engine validate, which knows accounts, plugins and what one key means for another.",
		Args: cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs), ValidArgs: []string{"config", "routes"},
		RunE: func(cmd *cobra.Command, args []string) error {
			text := config.Schema()
			if argument(args) == "routes" {
				text = routing.Schema()
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n", bytes.TrimSpace(text))
			return err
		},
	}
}
