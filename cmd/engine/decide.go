package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

func newTxApprove() *cobra.Command {
	return newDecision(&cobra.Command{
		Use: "approve ID", Short: "Let a payout go that is held in awaiting_approval",
		Long: "Let a payout go that is held in awaiting_approval, by our policy or by the provider. It is audited, and\ncannot be taken back.",
	}, (*client.Client).Approve)
}

func newTxReject() *cobra.Command {
	return newDecision(&cobra.Command{
		Use: "reject ID", Short: "End a payout that is held in awaiting_approval",
		Long: "End a payout that is held in awaiting_approval, by our policy or by the provider. It is audited, and cannot\n" +
			"be taken back. One that the provider holds has ended only when the provider says so.",
	}, (*client.Client).Reject)
}

// newDecision completes cmd with the reason and the call that decides.
func newDecision(
	cmd *cobra.Command, decide func(*client.Client, context.Context, string, string) (api.Transaction, error),
) *cobra.Command {
	cmd.Args = cobra.ExactArgs(1)
	reason := cmd.Flags().String("reason", "", "why, for the history and the audit")
	cmd.RunE = withClient(func(cmd *cobra.Command, c *client.Client, args []string) error {
		return printTransaction(cmd, c, func(ctx context.Context) (api.Transaction, error) { return decide(c, ctx, args[0], *reason) })
	})
	return cmd
}
