package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

func newTx() *cobra.Command {
	tx := &cobra.Command{
		Use: "tx", Short: "Look at transactions of a running engine, and settle them", Args: cobra.NoArgs, RunE: help,
		Long: "Look at transactions of a running engine, and settle them. The key is read from PAYMUX_KEY, the address\nfrom --url or PAYMUX_URL.",
	}
	tx.PersistentFlags().String("url", defaultURL(), urlUsage)
	tx.AddCommand(newTxList(), newTxShow(), newTxSync(), newTxResolve(), newTxApprove(), newTxReject(),
		newTxTransfers(), newTxAssign())
	return tx
}

const urlUsage = "address of the engine"

func defaultURL() string { return envOr("PAYMUX_URL", "http://127.0.0.1:8080") }

// addURL lets a command be pointed at a running engine.
func addURL(cmd *cobra.Command) { cmd.Flags().String("url", defaultURL(), urlUsage) }

func envOr(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

// withClient runs do with a client of the engine. A refusal is a negative result.
func withClient(do func(*cobra.Command, *client.Client, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := clientOf(cmd)
		if err != nil {
			return err
		}
		defer c.Close()
		return negative(advise(do(cmd, c, args)))
	}
}

func clientOf(cmd *cobra.Command) (*client.Client, error) {
	url, err := cmd.Flags().GetString("url")
	if err != nil {
		return nil, err
	}
	return client.New(cmp.Or(url, defaultURL()), os.Getenv("PAYMUX_KEY"))
}

// advise adds what to do where the command was pointed at the wrong place.
func advise(err error) error {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%w: is an engine running there? --url or PAYMUX_URL says where", err)
	case errors.Is(err, core.ErrUnauthorized):
		return fmt.Errorf("%w (the key is read from PAYMUX_KEY)", err)
	default:
		return err
	}
}

func newTxList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List transactions, newest first", Args: cobra.NoArgs, RunE: withClient(txList)}
	flags := cmd.Flags()
	flags.String("state", "", "only in this state, such as unknown or review")
	flags.String("kind", "", "payment, payout or refund")
	flags.String("provider", "", "only with an attempt at this account")
	flags.String("reference", "", "only with this reference of the merchant")
	flags.String("merchant", "", "only of this merchant (operators)")
	flags.String("customer", "", "only of this customer")
	flags.StringP("query", "q", "", "text in id, reference, ref or provider_ref")
	flags.Duration("older-than", 0, "only what has not changed for so long")
	flags.Int("limit", 20, "at most so many, up to 100")
	flags.String("cursor", "", "continue where a list before ended")
	return cmd
}

func txList(cmd *cobra.Command, c *client.Client, _ []string) error {
	filter, err := txFilter(cmd)
	if err != nil {
		return err
	}
	list, err := c.Transactions(cmd.Context(), filter)
	if err != nil {
		return err
	}
	return show(cmd, list, func(w io.Writer) error {
		rows := [][]string{{"ID", "STATE", "AMOUNT", "REFERENCE", "PROVIDER", "CREATED", "REASON"}}
		for _, tx := range list.Data {
			rows = append(rows, []string{
				tx.ID, tx.State, tx.Amount + " " + tx.Currency, tx.Reference, tx.Provider, clock(tx.CreatedAt), reasonCode(tx),
			})
		}
		if err := table(w, rows); err != nil {
			return err
		}
		if list.NextCursor != nil {
			fmt.Fprintf(w, "more: --cursor %s\n", *list.NextCursor)
		}
		return nil
	})
}

func txFilter(cmd *cobra.Command) (client.Filter, error) {
	var filter client.Filter
	var faults []error
	for name, into := range map[string]*string{
		"state": &filter.State, "kind": &filter.Kind, "provider": &filter.Provider, "reference": &filter.Reference,
		"merchant": &filter.Merchant, "customer": &filter.Customer, "query": &filter.Query, "cursor": &filter.Cursor,
	} {
		value, err := cmd.Flags().GetString(name)
		*into = value
		faults = append(faults, err)
	}
	var err error
	filter.OlderThan, err = cmd.Flags().GetDuration("older-than")
	faults = append(faults, err)
	filter.Limit, err = limitOf(cmd)
	return filter, errors.Join(append(faults, err)...)
}

func limitOf(cmd *cobra.Command) (int, error) {
	limit, err := cmd.Flags().GetInt("limit")
	if err == nil && (limit < 1 || limit > api.LimitMax) {
		err = &exitError{exitUsage, fmt.Errorf("--limit: must be a number from 1 to %d", api.LimitMax)}
	}
	return limit, err
}

func newTxShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show one transaction with its attempts, its routing and its timeline",
		Args: cobra.ExactArgs(1), RunE: withClient(txShow),
	}
}

func txShow(cmd *cobra.Command, c *client.Client, args []string) error {
	return printTransaction(cmd, c, func(ctx context.Context) (api.Transaction, error) { return c.Transaction(ctx, args[0]) })
}

func newTxSync() *cobra.Command {
	return &cobra.Command{
		Use: "sync ID", Short: "Ask the provider now",
		Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, c *client.Client, args []string) error {
			return printTransaction(cmd, c, func(ctx context.Context) (api.Transaction, error) { return c.Sync(ctx, args[0]) })
		}),
	}
}

func newTxResolve() *cobra.Command {
	cmd := &cobra.Command{
		Use: "resolve ID", Short: "Settle by hand what is in review or unknown",
		Long: "Settle by hand what is in review or unknown, after a look at the provider's own portal. It is audited.\n" +
			"retry abandons the live attempt and asks the next account: if both are paid, the customer pays twice.",
		Args: cobra.ExactArgs(1), RunE: withClient(txResolve),
	}
	flags := cmd.Flags()
	flags.String("state", "", "succeeded, failed or retry (required)")
	flags.String("attempt", "", "att_ id; where absent the one that has money, else the live or latest")
	flags.String("amount", "", "with succeeded: what was received, where that is not the whole amount")
	flags.String("reason", "", "why, for the history and the audit (required)")
	return cmd
}

func txResolve(cmd *cobra.Command, c *client.Client, args []string) error {
	var how api.Resolve
	var faults []error
	for name, into := range map[string]*string{
		"state": &how.State, "attempt": &how.Attempt, "amount": &how.Amount, "reason": &how.Reason,
	} {
		value, err := cmd.Flags().GetString(name)
		*into = value
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	if how.State == "" || how.Reason == "" {
		return &exitError{exitUsage, errors.New("--state and --reason are required")}
	}
	return printTransaction(cmd, c, func(ctx context.Context) (api.Transaction, error) { return c.Resolve(ctx, args[0], how) })
}

// shown is a transaction with its timeline.
type shown struct {
	api.Transaction
	Timeline []api.HistoryEntry `json:"timeline"`
}

func printTransaction(cmd *cobra.Command, c *client.Client, get func(context.Context) (api.Transaction, error)) error {
	tx, err := get(cmd.Context())
	if err != nil {
		return err
	}
	history, err := c.History(cmd.Context(), tx.ID)
	if err != nil {
		return err
	}
	return show(cmd, shown{tx, history.Data}, func(w io.Writer) error { return writeTransaction(w, tx, history.Data) })
}

func writeTransaction(w io.Writer, tx api.Transaction, history []api.HistoryEntry) error {
	fmt.Fprintf(w, "%s  %s  %s %s", tx.ID, tx.State, tx.Amount, tx.Currency)
	if code := reasonCode(tx); code != "" {
		fmt.Fprintf(w, "  (%s)", code)
	}
	fmt.Fprintf(w, "\nreference %q, rule %s, received %s %s\n", tx.Reference, tx.Rule, tx.AmountReceived, tx.Currency)
	if tx.Payment != "" {
		fmt.Fprintf(w, "gives back %s\n", tx.Payment)
	}
	if tx.Decision != nil {
		fmt.Fprintf(w, "decided: %s by %s %q\n", tx.Decision.Kind, tx.Decision.Actor, tx.Decision.Reason)
	}
	if tx.NextAction != nil {
		fmt.Fprintf(w, "next: %s %s%s\n", tx.NextAction.Type, tx.NextAction.URL, tx.NextAction.Message)
	}
	rows := [][]string{{"\nATTEMPT", "PROVIDER", "STATE", "OUTCOME", "PROVIDER SAID", "REF"}}
	for _, a := range tx.Attempts {
		rows = append(rows, []string{
			fmt.Sprint(a.Number), a.Provider, a.State, a.Outcome, a.ProviderCode + " " + a.ProviderStatus, a.Ref,
		})
	}
	if err := errors.Join(table(w, rows), writeRouting(w, tx.Routing)); err != nil {
		return err
	}
	rows = [][]string{{"\nAT", "EVENT", "FROM", "TO", "CAUSE", "ACTOR"}}
	for _, h := range history {
		rows = append(rows, []string{h.At.UTC().Format("2006-01-02T15:04:05.000Z"), h.Event, h.From, h.To, h.Cause, h.Actor})
	}
	return table(w, rows)
}

// writeRouting prints why the accounts were asked, and why others were not.
func writeRouting(w io.Writer, routing *api.Routing) error {
	if routing == nil {
		return nil
	}
	rows := [][]string{{"\nROUTING", "PROVIDER", "WHY"}}
	if routing.AskedProvider != "" {
		rows = append(rows, []string{"asked for", routing.AskedProvider, "by " + routing.AskedBy})
	}
	for i, candidate := range routing.Candidates {
		rows = append(rows, []string{fmt.Sprint("candidate ", i+1), candidate.Provider, candidate.Reason})
	}
	for _, removed := range routing.Removed {
		when := "left out"
		if removed.Attempt > 0 {
			when = fmt.Sprint("passed over for attempt ", removed.Attempt)
		}
		rows = append(rows, []string{when, removed.Provider, removed.Reason})
	}
	return table(w, rows)
}

func reasonCode(tx api.Transaction) string {
	if tx.Reason == nil {
		return ""
	}
	return tx.Reason.Code
}

func clock(at time.Time) string { return at.UTC().Format(time.RFC3339) }
