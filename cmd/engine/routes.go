package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/routing"
)

func newRoutes() *cobra.Command {
	routes := &cobra.Command{
		Use: "routes", Short: "Check, test, explain and replay routing rules, and go back to former ones", Args: cobra.NoArgs, RunE: help,
		Long: "Check, test, explain and replay routing rules. Where a FILE is named and no configuration, the rules stand alone:\n" +
			"every account is taken to be there and able to do all. With a configuration its accounts count as ready, and with\n" +
			"--plugins, which starts each plugin, as what it says that they can do. Nothing is paid.",
	}
	routes.AddCommand(newRoutesCheck(), newRoutesTest(), newRoutesExplain(), newRoutesBacktest(),
		newGenerations(), newRollback())
	return routes
}

// addRuleset adds the flags that say what rules are about.
func addRuleset(cmd *cobra.Command) {
	cmd.Flags().StringP("config", "c", "", "configuration file (paymux.yaml where no rules are named)")
	cmd.Flags().Bool("plugins", false, "start each plugin to learn what its accounts can do")
}

// ruleset is a file of rules and the accounts that it is about.
type ruleset struct {
	path string
	// config is nil, and accounts are, for rules that stand alone.
	config   *config.Config
	accounts map[string]core.Standing
	found    []core.Diagnostic
	// rules are nil where found has an error.
	rules *routing.Rules
}

// usable returns an error for rules that hold one, once all are printed.
func (r ruleset) usable(cmd *cobra.Command) error {
	for _, d := range r.found {
		fmt.Fprintln(cmd.ErrOrStderr(), d.Exact())
	}
	if r.rules == nil {
		return fmt.Errorf("%s cannot be used: %s", r.path, count(failures(r.found), "error"))
	}
	return nil
}

// openRules reads the rules at path, empty for those of the configuration. Faults
// of the rules are in the ruleset; those of anything else are an error.
func openRules(cmd *cobra.Command, path string) (ruleset, error) {
	r := ruleset{path: path}
	if err := r.configure(cmd); err != nil {
		return r, err
	}
	if r.path == "" {
		r.path = r.config.Routing.File
	}
	text, err := os.ReadFile(r.path)
	if err != nil {
		return r, err
	}
	r.rules, r.found = compileRules(r.path, text, r.accounts)
	return r, nil
}

// configure reads the configuration, unless the rules stand alone.
func (r *ruleset) configure(cmd *cobra.Command) error {
	flags := cmd.Flags()
	file, err := flags.GetString("config")
	start, fault := flags.GetBool("plugins")
	if err := errors.Join(err, fault); err != nil {
		return err
	}
	if file == "" && r.path != "" {
		if start {
			return errors.New("--plugins: goes with a configuration, name it with -c")
		}
		return nil
	}
	if file == "" {
		if err := flags.Set("config", "paymux.yaml"); err != nil {
			return err
		}
	}
	r.config, err = loadConfig(cmd, nil)
	if err != nil {
		return err
	}
	var accounts map[string]ability
	if start {
		var faults []core.Diagnostic
		accounts, faults = inspectPlugins(cmd.Context(), r.config, true)
		report(cmd.ErrOrStderr(), faults)
		if core.Failed(faults) {
			return fmt.Errorf("the plugins cannot be used: %s", count(failures(faults), "error"))
		}
	}
	r.accounts = standingsOf(r.config, accounts)
	return nil
}

func newRoutesCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use: "check [FILE]", Short: "Find what is wrong with routing rules without running them",
		Long: "Find what is wrong with routing rules: what cannot be read, rules that can never match and, with a configuration,\n" +
			"accounts that are not there or, with --plugins, cannot do what they are sent. Without a FILE it is the one of the\n" +
			"configuration. Exit code 1 for errors, 0 for none or warnings only, 2 where the file or the configuration cannot be read.",
		Args: cobra.MaximumNArgs(1), RunE: routesCheck,
	}
	addRuleset(cmd)
	return cmd
}

func routesCheck(cmd *cobra.Command, args []string) error {
	r, err := openRules(cmd, argument(args))
	if err != nil {
		return err
	}
	err = show(cmd, findings(r.found), func(w io.Writer) error {
		for _, d := range r.found {
			fmt.Fprintln(w, d.Exact())
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n := failures(r.found); n > 0 {
		return negative(fmt.Errorf("%s: %s", r.path, count(n, "error")))
	}
	if !wantsJSON(cmd) {
		fmt.Fprintf(cmd.OutOrStdout(), "%s holds no error: %s, %s\n", r.path,
			count(len(r.found), "warning"), count(r.rules.Tests(), "test"))
	}
	return nil
}

// argument returns the one argument, empty where there is none.
func argument(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func newRoutesTest() *cobra.Command {
	cmd := &cobra.Command{
		Use: "test [FILE]", Short: "Run the tests that stand beside routing rules",
		Long: "Run the tests that stand beside routing rules, and print how each went. Without a FILE it is the one of the\n" +
			"configuration. Exit code 1 when a test fails, 2 for rules or a configuration that cannot be used.",
		Args: cobra.MaximumNArgs(1), RunE: routesTest,
	}
	addRuleset(cmd)
	return cmd
}

// tested is how a test went, as JSON.
type tested struct {
	Name    string `json:"name"`
	Line    int    `json:"line"`
	Passed  bool   `json:"passed"`
	Message string `json:"message"`
}

func routesTest(cmd *cobra.Command, args []string) error {
	r, err := openRules(cmd, argument(args))
	if err != nil {
		return err
	}
	if err := r.usable(cmd); err != nil {
		return err
	}
	results := r.rules.Results()
	all, failed := make([]tested, len(results)), 0
	for i, result := range results {
		all[i] = tested{Name: result.Name, Line: result.Line, Passed: result.Fault == nil}
		if result.Fault != nil {
			all[i].Message = result.Fault.Message
			failed++
		}
	}
	if err := show(cmd, all, func(w io.Writer) error { return writeTested(w, r.path, results) }); err != nil {
		return err
	}
	if failed > 0 {
		return negative(fmt.Errorf("%s: %d of %s failed", r.path, failed, count(len(results), "test")))
	}
	return nil
}

func writeTested(w io.Writer, path string, results []routing.Result) error {
	for _, result := range results {
		if result.Fault == nil {
			fmt.Fprintf(w, "ok    %s\n", result.Name)
			continue
		}
		fmt.Fprintf(w, "FAIL  %s\n      %s\n", result.Name, result.Fault.Exact())
	}
	if len(results) == 0 {
		_, err := fmt.Fprintf(w, "%s has no tests\n", path)
		return err
	}
	return nil
}
