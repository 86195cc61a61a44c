package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	accounts "github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/core/routing/backtest"
	"github.com/paymux/paymux/core/store/boltstore"
)

func newRoutesBacktest() *cobra.Command {
	cmd := &cobra.Command{
		Use: "backtest", Short: "Replay what was stored through other rules, and print what would change",
		Long: "Replay the payments and payouts that were stored through the rules as they are and through others, and print what\n" +
			"would change: what moves from which account to which and how much money that is, fees, shares of success, what would\n" +
			"no longer be served, and rules that never matched. Nothing is stored and nobody is asked.\n\n" +
			"Both rules decide again with every account at its best; rules that go by success see what had ended until then.\n" +
			"Shares of success are of attempts that really ended in that time at both accounts, 100 or more at each, for the same\n" +
			"kind, country, method and network; for what moves elsewhere nothing is claimed.\n\n" +
			"With --url a running engine does it. Else the store is read here: the one of the configuration, or --store with a\n" +
			"copy. A store that an engine has open cannot be read: make a copy with engine store backup, or say --url. Without\n" +
			"--plugins every account can do all.",
		Example: "  engine routes backtest --rules new.yaml --since 720h --url http://127.0.0.1:8080\n" +
			"  engine store backup copy.db && engine routes backtest --rules new.yaml -c paymux.yaml --plugins --store copy.db",
		Args: cobra.NoArgs, RunE: routesBacktest,
	}
	addRuleset(cmd)
	flags := cmd.Flags()
	flags.String("rules", "", "the new rules (required)")
	flags.String("before", "", "the rules as they are; those of the configuration where left out")
	flags.String("since", "720h", "how far to look back, such as 720h or 30d")
	flags.String("store", "", "a store's file or a copy; the one of the configuration where left out")
	flags.String("url", "", "let the engine at this address do it")
	return cmd
}

func routesBacktest(cmd *cobra.Command, args []string) error {
	flags := cmd.Flags()
	path, err := flags.GetString("rules")
	text, fault := flags.GetString("since")
	if err := errors.Join(err, fault); err != nil {
		return err
	}
	if path == "" {
		return errors.New("--rules is required")
	}
	since, err := api.ParseSince(text)
	if err != nil {
		return fmt.Errorf("--since: %w", err)
	}
	if !flags.Changed("url") {
		return backtestHere(cmd, path, since)
	}
	for _, name := range []string{"store", "before", "config", "plugins"} {
		if flags.Changed(name) {
			return fmt.Errorf("--url lets an engine do it, with its own rules, accounts and store: leave --%s out", name)
		}
	}
	rules, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	alone := ruleset{path: path} // What the text shows by itself is told here, with its column; the rest by the engine.
	if alone.rules, alone.found = compileRules(path, rules, nil); alone.rules == nil {
		return alone.usable(cmd)
	}
	return withClient(func(cmd *cobra.Command, c *client.Client, _ []string) error {
		told, err := c.Backtest(cmd.Context(), api.Backtest{Rules: string(rules), Since: since.String()})
		if err != nil {
			return err
		}
		return showBacktest(cmd, told)
	})(cmd, args)
}

// backtestHere reads the store in this process.
func backtestHere(cmd *cobra.Command, path string, since time.Duration) error {
	before, after, err := bothRules(cmd, path)
	if err != nil {
		return err
	}
	file, err := cmd.Flags().GetString("store")
	if err != nil {
		return err
	}
	if file == "" {
		if before.config == nil {
			return errors.New("--store is required where there is no configuration")
		}
		file = before.config.Store.Path
	}
	history, err := boltstore.OpenReadOnly(file)
	if errors.Is(err, boltstore.ErrInUse) {
		return negative(fmt.Errorf("%w, or say --url with the engine's address, or make a copy with engine store backup and name it with --store", err))
	}
	if err != nil {
		return negative(err)
	}
	defer func() { _ = history.Close() }() // Nothing was written.
	now := time.Now()
	report, err := backtest.Run(cmd.Context(), history, backtest.Question{
		Before: before.rules, After: after.rules, Accounts: before.accounts, Measured: accounts.Measured,
		From: now.Add(-since), To: now,
	})
	if err != nil {
		return negative(err)
	}
	return showBacktest(cmd, api.BacktestedOf(report))
}

// bothRules reads the rules as they are and the new ones, about the same accounts.
func bothRules(cmd *cobra.Command, path string) (before, after ruleset, err error) {
	old, err := cmd.Flags().GetString("before")
	if err != nil {
		return before, after, err
	}
	before, err = openRules(cmd, old)
	if err != nil {
		return before, after, err
	}
	if err := before.usable(cmd); err != nil {
		return before, after, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return before, after, err
	}
	after = ruleset{path: path, config: before.config, accounts: before.accounts}
	after.rules, after.found = compileRules(path, text, after.accounts)
	return before, after, after.usable(cmd)
}

func showBacktest(cmd *cobra.Command, told api.Backtested) error {
	return show(cmd, told, func(w io.Writer) error { return writeBacktest(w, told) })
}

func writeBacktest(w io.Writer, b api.Backtested) error {
	fmt.Fprintf(w, "%s from %s to %s\n\n", count(int(b.Transactions), "transaction"), clock(b.From), clock(b.To))
	rows := [][]string{
		{"unchanged", fmt.Sprint(b.Unchanged), ""},
		{"reordered", fmt.Sprint(b.Reordered), "the same account first, others after it"},
		{"moved", fmt.Sprint(b.Moved), "another account first"},
		{"lost", fmt.Sprint(b.Lost.Transactions), "no longer served " + amounts(b.Lost.Sums)},
		{"gained", fmt.Sprint(b.Gained.Transactions), "served now " + amounts(b.Gained.Sums)},
		{"neither", fmt.Sprint(b.Neither), "served by neither rules"},
		{"as recorded", fmt.Sprint(b.AsRecorded), "the rules as they are, replayed, ask the recorded account first"},
	}
	for _, write := range []func() error{
		func() error { return table(w, rows) },
		func() error { return writeMoves(w, b.Moves) },
		func() error { return writeFees(w, b.Fees) },
		func() error { return writeExamples(w, "NO LONGER SERVED", b.Lost) },
		func() error { return writeExamples(w, "SERVED NOW", b.Gained) },
		func() error { return writeIdle(w, b.Rules) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

func amounts(sums []api.Money) string {
	texts := make([]string, len(sums))
	for i, sum := range sums {
		texts[i] = sum.Amount + " " + sum.Currency
	}
	return strings.Join(texts, ", ")
}

func writeMoves(w io.Writer, moves []api.BacktestedMove) error {
	if len(moves) == 0 {
		return nil
	}
	rows := [][]string{{"\nFROM", "TO", "TRANSACTIONS", "AMOUNT", "SUCCESS", "COMPARED", "ENDED ATTEMPTS"}}
	for _, m := range moves {
		row := []string{m.From, m.To, fmt.Sprint(m.Transactions), amounts(m.Sums), "not known", "0", ""}
		if s := m.Success; s != nil {
			row[4] = s.BeforePercent + " % -> " + s.AfterPercent + " %"
			row[5], row[6] = fmt.Sprint(s.Transactions), fmt.Sprintf("%d and %d", s.EndsBefore, s.EndsAfter)
		}
		rows = append(rows, row)
	}
	return table(w, rows)
}

func writeFees(w io.Writer, fees []api.BacktestedFee) error {
	if len(fees) == 0 {
		return nil
	}
	rows := [][]string{{"\nFEES OF WHAT MOVED", "TRANSACTIONS", "BEFORE", "AFTER", "DIFFERENCE", "FEES NOT CONFIGURED"}}
	for _, fee := range fees {
		row := []string{fee.Currency, fmt.Sprint(fee.Transactions), "-", "-", "-", fmt.Sprint(fee.Unknown)}
		if fee.Transactions > 0 {
			row[2], row[3], row[4] = fee.Before, fee.After, fee.Difference
		}
		rows = append(rows, row)
	}
	return table(w, rows)
}

func writeExamples(w io.Writer, title string, served api.BacktestedServed) error {
	if len(served.Examples) == 0 {
		return nil
	}
	rows := [][]string{{"\n" + title, "RULE", "WHY"}}
	for _, example := range served.Examples {
		rows = append(rows, []string{example.Transaction, example.Rule, example.Why})
	}
	if left := served.Transactions - uint64(len(served.Examples)); left > 0 {
		rows = append(rows, []string{fmt.Sprintf("and %d more", left)})
	}
	return table(w, rows)
}

// writeIdle names the rules that never matched; the default is none that must.
func writeIdle(w io.Writer, rules []api.BacktestedRule) error {
	var idle []string
	for _, rule := range rules {
		if rule.Matched == 0 && rule.Name != "default" {
			idle = append(idle, rule.Name)
		}
	}
	if len(idle) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "\nnever matched: %s\n", strings.Join(idle, ", "))
	return err
}
