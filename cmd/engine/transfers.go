package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

func newTxTransfers() *cobra.Command {
	cmd := &cobra.Command{
		Use: "transfers", Short: "List what was received at providers that only list it, newest first",
		Args: cobra.NoArgs, RunE: withClient(txTransfers),
	}
	flags := cmd.Flags()
	flags.Bool("unmatched", false, "only what belongs to nobody yet")
	flags.String("provider", "", "only what this account received")
	flags.String("customer", "", "only of this customer, by the provider's id")
	flags.Int("limit", api.LimitDefault, "at most so many, up to 100")
	flags.String("cursor", "", "continue where a list before ended")
	return cmd
}

func txTransfers(cmd *cobra.Command, c *client.Client, _ []string) error {
	filter, err := transferFilter(cmd)
	if err != nil {
		return err
	}
	list, err := c.Transfers(cmd.Context(), filter)
	if err != nil {
		return err
	}
	return show(cmd, list, func(w io.Writer) error {
		if err := writeTransfers(w, list.Data...); err != nil {
			return err
		}
		if list.NextCursor != nil {
			fmt.Fprintf(w, "more: --cursor %s\n", *list.NextCursor)
		}
		return nil
	})
}

func transferFilter(cmd *cobra.Command) (client.TransferFilter, error) {
	var filter client.TransferFilter
	var faults []error
	for name, into := range map[string]*string{
		"provider": &filter.Provider, "customer": &filter.Customer, "cursor": &filter.Cursor,
	} {
		value, err := cmd.Flags().GetString(name)
		*into = value
		faults = append(faults, err)
	}
	unmatched, err := cmd.Flags().GetBool("unmatched")
	faults = append(faults, err)
	if unmatched {
		filter.Matched = "false"
	}
	filter.Limit, err = limitOf(cmd)
	return filter, errors.Join(append(faults, err)...)
}

func newTxAssign() *cobra.Command {
	cmd := &cobra.Command{
		Use: "assign ID", Short: "Give an unmatched transfer to a payment, or mark it a top-up",
		Long: "Give an unmatched transfer to a payment, or mark it as one that filled a customer's wallet. It is audited,\n" +
			"and cannot be taken back.",
		Args: cobra.ExactArgs(1), RunE: withClient(txAssign),
	}
	flags := cmd.Flags()
	flags.String("transaction", "", "id of the payment that it paid")
	flags.Bool("accept-amount", false, "with --transaction: another amount than the payment's is meant")
	flags.String("top-up", "", "the customer whose wallet it filled")
	flags.String("reason", "", "why, for the audit (required)")
	return cmd
}

func txAssign(cmd *cobra.Command, c *client.Client, args []string) error {
	assign, err := assignment(cmd)
	if err != nil {
		return err
	}
	transfer, err := c.Assign(cmd.Context(), args[0], assign)
	if err != nil {
		return err
	}
	return show(cmd, transfer, func(w io.Writer) error { return writeTransfers(w, transfer) })
}

func assignment(cmd *cobra.Command) (api.Assign, error) {
	var assign api.Assign
	var faults []error
	for name, into := range map[string]*string{
		"transaction": &assign.Transaction, "top-up": &assign.TopUp, "reason": &assign.Reason,
	} {
		value, err := cmd.Flags().GetString(name)
		*into = value
		faults = append(faults, err)
	}
	accept, err := cmd.Flags().GetBool("accept-amount")
	assign.AcceptAmount = accept
	if err := errors.Join(append(faults, err)...); err != nil {
		return assign, err
	}
	switch {
	case (assign.Transaction == "") == (assign.TopUp == ""):
		return assign, &exitError{exitUsage, errors.New("one of --transaction and --top-up is required")}
	case assign.Reason == "":
		return assign, &exitError{exitUsage, errors.New("--reason is required")}
	case accept && assign.Transaction == "":
		return assign, &exitError{exitUsage, errors.New("--accept-amount goes with --transaction only")}
	default:
		return assign, nil
	}
}

func writeTransfers(w io.Writer, transfers ...api.Transfer) error {
	rows := [][]string{{"ID", "STATUS", "AMOUNT", "PROVIDER", "CUSTOMER", "PROVIDER REF", "RECEIVED", "BELONGS TO"}}
	for _, t := range transfers {
		rows = append(rows, []string{
			t.ID, t.Status, t.Amount + " " + t.Currency, t.Provider, t.ProviderCustomer, t.ProviderRef, clock(t.ReceivedAt), ownerOf(t),
		})
	}
	return table(w, rows)
}

func ownerOf(t api.Transfer) string {
	switch {
	case t.Transaction != nil:
		return *t.Transaction
	case t.TopUp != nil:
		return "wallet of " + *t.TopUp
	default:
		return ""
	}
}
