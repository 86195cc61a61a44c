package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk/conformance"
)

func newPluginTest() *cobra.Command {
	var config conformance.Config
	var settings string
	cmd := &cobra.Command{
		Use: "test PATH", Short: "Hold a binary against the contract of plugins, at its provider's sandbox",
		Long: "Hold a plugin, in whatever language, against every clause of the contract. It is started many times, and\n" +
			"makes orders at the sandbox that its settings name. Nothing is ordered of an address that is no sandbox.\n" +
			"It exits with 1 where a clause fails or the plugin does not start, and with 2 where the settings are wrong.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if config.Settings, err = readSettings(settings); err != nil {
				return err
			}
			if config.Path, err = filepath.Abs(args[0]); err != nil {
				return err
			}
			return testPluginBinary(cmd, config)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&settings, "settings", "", "YAML file with the settings of an account at the sandbox (required)")
	flags.StringVar(&config.Sandbox, "sandbox", "", "the sandbox's URL; default: where the settings' base_url leads")
	flags.StringSliceVar(&config.BaseURL, "base-url", nil,
		"settings that hold the provider's address; default: those whose name ends with base_url")
	_ = cmd.MarkFlagRequired("settings") // The flag was just made.
	return cmd
}

func testPluginBinary(cmd *cobra.Command, config conformance.Config) error {
	report, err := conformance.Check(cmd.Context(), config)
	if errors.Is(err, conformance.ErrConfig) {
		return err
	}
	if err != nil {
		return negative(err)
	}
	if err := show(cmd, report, report.Write); err != nil {
		return err
	}
	if failed := report.Failed(); len(failed) > 0 {
		return negative(fmt.Errorf("%s does not keep the contract: %s", report.Plugin, strings.Join(failed, ", ")))
	}
	return nil
}

// readSettings reads the settings of one account from a YAML file.
func readSettings(path string) (map[string]any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file := yamlfile.Parse(path, text)
	settings := map[string]any{}
	for _, entry := range file.Root().Entries() {
		settings[entry.Name] = settingOf(entry.Value)
	}
	if faults := file.Faults(); core.Failed(faults) {
		return nil, fmt.Errorf("%s", faults[0])
	}
	return settings, nil
}

// settingOf is a setting as a plugin's schema parses it.
func settingOf(node yamlfile.Node) any {
	switch node.Kind() {
	case yamlfile.Absent:
		return nil
	case yamlfile.Text:
		return node.Raw()
	case yamlfile.Bool:
		return strings.EqualFold(node.Raw(), "true")
	case yamlfile.List:
		list := []any{}
		for _, item := range node.Items() {
			list = append(list, settingOf(item))
		}
		return list
	case yamlfile.Map:
		values := map[string]any{}
		for _, entry := range node.Entries() {
			values[entry.Name] = settingOf(entry.Value)
		}
		return values
	default:
		return json.Number(node.Raw()) // A number as it was written.
	}
}
