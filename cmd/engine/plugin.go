package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/host"
)

func newPlugin() *cobra.Command {
	plugin := &cobra.Command{Use: "plugin", Short: "Begin a plugin, try one, look at one", Args: cobra.NoArgs, RunE: help}
	plugin.AddCommand(
		&cobra.Command{
			Use: "hash PATH", Short: "Print the configuration line that admits a binary",
			Args: cobra.ExactArgs(1), RunE: pluginHash,
		},
		&cobra.Command{
			Use: "inspect PATH", Short: "Start a binary and print what it says of itself",
			Args: cobra.ExactArgs(1), RunE: pluginInspect,
		},
		newPluginNew(), newPluginCall(), newPluginTest(),
	)
	return plugin
}

func pluginHash(cmd *cobra.Command, args []string) error {
	sum, err := host.Checksum(args[0])
	if err != nil {
		return negative(err)
	}
	name := strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
	line := map[string]string{"name": name, "path": args[0], "sha256": sum}
	return show(cmd, line, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: { path: %s, sha256: %q }\n", name, args[0], sum)
		return err
	})
}
