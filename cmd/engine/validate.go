package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sort"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/core/routing"
	"github.com/paymux/paymux/sdk"
)

func newValidate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check configuration, routing rules and plugins without running anything",
		Long: "Check the configuration, the routing rules and their tests, and the plugin binaries' checksums.\n" +
			"With --plugins each plugin is started and opens its accounts, which checks their settings. Nothing is paid.",
		Args: cobra.NoArgs,
		RunE: validate,
	}
	addConfig(cmd)
	cmd.Flags().Bool("plugins", false, "start each plugin and check the settings of its accounts")
	return cmd
}

// finding is a diagnostic as JSON.
type finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path"`
	Message string `json:"message"`
	Warning bool   `json:"warning"`
}

func validate(cmd *cobra.Command, _ []string) error {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return err
	}
	start, err := cmd.Flags().GetBool("plugins")
	if err != nil {
		return err
	}
	cfg, found := config.Load(config.Options{Path: path, Environ: os.Environ()})
	tests := 0
	if cfg != nil {
		accounts, faults := inspectPlugins(cmd.Context(), cfg, start)
		found = append(found, faults...)
		checked, n := checkRules(cfg, accounts)
		found, tests = append(found, checked...), n
	}
	if err := printFindings(cmd, found); err != nil {
		return err
	}
	if core.Failed(found) {
		return fmt.Errorf("%s cannot be used: %s", path, count(failures(found), "error"))
	}
	if !wantsJSON(cmd) {
		fmt.Fprintf(cmd.OutOrStdout(), "%s is valid: %s, %s, %s of the routing rules passed\n", path,
			count(len(cfg.Plugins), "plugin"), count(len(cfg.Providers), "provider account"), count(tests, "test"))
	}
	return nil
}

func printFindings(cmd *cobra.Command, found []core.Diagnostic) error {
	return show(cmd, findings(found), func(io.Writer) error {
		report(cmd.ErrOrStderr(), found)
		return nil
	})
}

func findings(found []core.Diagnostic) []finding {
	all := make([]finding, len(found))
	for i, d := range found {
		all[i] = finding{d.File, d.Line, d.Column, d.Path, d.Message, d.Warning}
	}
	return all
}

// ability is what a plugin says of an account: what it can do, and what the provider documents.
type ability struct {
	capabilities sdk.Capabilities
	facts        map[sdk.Kind]sdk.Facts
}

// inspectPlugins checks every binary against its checksum and, with start, has
// it open its accounts. It returns what is told of those.
func inspectPlugins(ctx context.Context, cfg *config.Config, start bool) (map[string]ability, []core.Diagnostic) {
	accounts := map[string]ability{}
	var found []core.Diagnostic
	for _, name := range sortedKeys(cfg.Plugins) {
		plugin := cfg.Plugins[name]
		sum, err := host.Checksum(plugin.Path)
		switch {
		case err != nil:
			found = append(found, cfg.At("plugins."+name+".path", err.Error()))
			continue
		case plugin.SHA256 != "" && sum != plugin.SHA256:
			found = append(found, cfg.At("plugins."+name+".sha256", "the binary has "+sum+": it was changed, or the line is of another build"))
			continue
		case start:
			opened, faults := tryAccounts(ctx, cfg, name)
			maps.Copy(accounts, opened)
			found = append(found, faults...)
			found = append(found, sameAccounts(cfg, name, opened)...)
		}
	}
	return accounts, found
}

// sameAccounts finds accounts of a plugin that are one account at the provider:
// serve would run only the first by name.
func sameAccounts(cfg *config.Config, plugin string, accounts map[string]ability) []core.Diagnostic {
	first := map[string]string{}
	var found []core.Diagnostic
	for _, account := range accountsOf(cfg, plugin) {
		identity := accounts[account].capabilities.Identity
		if other, taken := first[identity]; taken && identity != "" {
			found = append(found, cfg.At("providers."+account, "is the same account at the provider as "+other))
			continue
		}
		first[identity] = account
	}
	return found
}

// tryAccounts has a plugin open its accounts. What an account can do that could
// not be opened is what the plugin says for all.
func tryAccounts(ctx context.Context, cfg *config.Config, plugin string) (map[string]ability, []core.Diagnostic) {
	configured := cfg.Plugins[plugin]
	inspection, err := host.Inspect(ctx, configured.Path, hclog.NewNullLogger())
	if err != nil {
		return nil, []core.Diagnostic{cfg.At("plugins."+plugin+".path", err.Error())}
	}
	settings, found := resolveSettings(ctx, cfg, plugin, inspection.Manifest.Settings)
	trials, err := host.Try(ctx, host.Plugin{Path: configured.Path, Environment: configured.Environment}, settings, hclog.NewNullLogger())
	if err != nil {
		found = append(found, cfg.At("plugins."+plugin+".path", err.Error()))
	}
	accounts := map[string]ability{}
	for _, account := range accountsOf(cfg, plugin) {
		trial, tried := trials[account]
		found = append(found, cfg.PlaceSettings(account, trial.Wrong)...)
		one := ability{inspection.Manifest.Capabilities, inspection.Manifest.Facts}
		if tried && !trial.Wrong.Failed() {
			one.capabilities = trial.Capabilities
		}
		accounts[account] = one
	}
	return accounts, found
}

// resolveSettings returns the settings of a plugin's accounts that its schema takes.
func resolveSettings(
	ctx context.Context, cfg *config.Config, plugin string, schema sdk.Schema,
) (map[string]sdk.Settings, []core.Diagnostic) {
	settings := map[string]sdk.Settings{}
	var found []core.Diagnostic
	for _, account := range accountsOf(cfg, plugin) {
		resolved, faults := cfg.ResolveSettings(ctx, account, schema)
		found = append(found, faults...)
		if !core.Failed(faults) {
			settings[account] = resolved
		}
	}
	return settings, found
}

func accountsOf(cfg *config.Config, plugin string) []string {
	return slices.DeleteFunc(sortedKeys(cfg.Providers), func(account string) bool {
		return cfg.Providers[account].Plugin != plugin
	})
}

// checkRules checks the routing rules against the accounts and runs their tests.
func checkRules(cfg *config.Config, accounts map[string]ability) ([]core.Diagnostic, int) {
	text, err := os.ReadFile(cfg.Routing.File)
	if err != nil {
		return []core.Diagnostic{cfg.At("routing.file", err.Error())}, 0
	}
	rules, found := compileRules(cfg.Routing.File, text, standingsOf(cfg, accounts))
	if rules == nil {
		return found, 0
	}
	return slices.Concat(found, rules.Test()), rules.Tests()
}

// standingsOf are the configured accounts, ready, as far as their plugins told of them.
func standingsOf(cfg *config.Config, accounts map[string]ability) map[string]core.Standing {
	standings := map[string]core.Standing{}
	for name, provider := range cfg.Providers {
		standings[name] = core.Standing{
			Account: name, Plugin: provider.Plugin, Health: core.HealthReady, Enabled: provider.Enabled,
			Capabilities: accounts[name].capabilities, Facts: accounts[name].facts, Fees: provider.Costs(),
		}
	}
	return standings
}

// compileRules returns the rules, nil where an error is among what was found.
func compileRules(name string, text []byte, accounts map[string]core.Standing) (*routing.Rules, []core.Diagnostic) {
	file, found := routing.Parse(name, text)
	rules, more := routing.Compile(file, accounts)
	return rules, append(found, more...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
