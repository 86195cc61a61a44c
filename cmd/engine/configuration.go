package main

import (
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
)

// addConfig adds the flag that names the configuration.
func addConfig(cmd *cobra.Command) {
	cmd.Flags().StringP("config", "c", "paymux.yaml", "configuration file")
}

// loadConfig reads the configuration, prints everything that is wrong with it,
// and fails if any of that is an error.
func loadConfig(cmd *cobra.Command, overrides map[string]string) (*config.Config, error) {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	cfg, found := config.Load(config.Options{Path: path, Environ: os.Environ(), Overrides: overrides})
	report(cmd.ErrOrStderr(), found)
	if cfg == nil {
		return nil, fmt.Errorf("%s cannot be used: %s", path, count(failures(found), "error"))
	}
	return cfg, nil
}

func report(w io.Writer, found []core.Diagnostic) {
	for _, d := range found {
		fmt.Fprintln(w, d)
	}
}

func failures(found []core.Diagnostic) int {
	n := 0
	for _, d := range found {
		if !d.Warning {
			n++
		}
	}
	return n
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func newLogger(cfg *config.Config, w io.Writer) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{
		Name: "paymux", Level: hclog.LevelFromString(cfg.Log.Level), Output: w, JSONFormat: cfg.Log.Format == "json",
	})
}
