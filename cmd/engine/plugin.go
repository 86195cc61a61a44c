package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

func newPlugin() *cobra.Command {
	plugin := &cobra.Command{Use: "plugin", Short: "Look at plugin binaries", Args: cobra.NoArgs, RunE: help}
	plugin.AddCommand(
		&cobra.Command{
			Use: "hash PATH", Short: "Print the configuration line that admits a binary",
			Args: cobra.ExactArgs(1), RunE: pluginHash,
		},
		&cobra.Command{
			Use: "inspect PATH", Short: "Start a binary and print what it says of itself",
			Args: cobra.ExactArgs(1), RunE: pluginInspect,
		},
		newPluginTest(),
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

// description is a manifest as it is printed.
type description struct {
	Name       string            `json:"name"`
	Version    string            `json:"version"`
	Doc        string            `json:"doc"`
	SHA256     string            `json:"sha256"`
	Protocol   int               `json:"protocol"`
	Operations []sdk.Operation   `json:"operations"`
	Facts      map[string]string `json:"facts"`
	Settings   []setting         `json:"settings"`
}

type setting struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Required bool   `json:"required"`
	Secret   bool   `json:"secret"`
	Default  string `json:"default"`
	Doc      string `json:"doc"`
}

func pluginInspect(cmd *cobra.Command, args []string) error {
	found, err := host.Inspect(cmd.Context(), args[0], hclog.NewNullLogger())
	if err != nil {
		return negative(err)
	}
	d := describe(found)
	return show(cmd, d, d.write)
}

func describe(found host.Inspection) description {
	m := found.Manifest
	d := description{
		Name: m.Name, Version: m.Version, Doc: m.Doc, SHA256: found.Checksum, Protocol: found.Protocol,
		Operations: m.Capabilities.Operations, Facts: map[string]string{},
	}
	for kind, facts := range m.Facts {
		d.Facts[string(kind)] = fmt.Sprintf("idempotency %s, query by %s, late success %s", facts.Idempotency, facts.QueryBy, facts.LateSuccess)
	}
	for _, f := range m.Settings {
		d.Settings = append(d.Settings, setting{f.Name, string(f.Kind), f.Required, f.Secret, f.Default, f.Doc})
	}
	return d
}

func (d description) write(w io.Writer) error {
	fmt.Fprintf(w, "%s %s (protocol %d)\n%s\nsha256 %s\n", d.Name, d.Version, d.Protocol, d.Doc, d.SHA256)
	fmt.Fprintf(w, "operations %v\n", d.Operations)
	for _, kind := range sortedKeys(d.Facts) {
		fmt.Fprintf(w, "%s: %s\n", kind, d.Facts[kind])
	}
	rows := [][]string{{"\nSETTING", "TYPE", "REQUIRED", "SECRET", "DEFAULT", "MEANING"}}
	for _, s := range d.Settings {
		rows = append(rows, []string{s.Name, s.Kind, yesNo(s.Required), yesNo(s.Secret), s.Default, s.Doc})
	}
	return table(w, rows)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
