package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/engine"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			version := map[string]string{"version": engine.Version, "go": runtime.Version()}
			return show(cmd, version, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "paymux %s (%s)\n", engine.Version, runtime.Version())
				return err
			})
		},
	}
}
