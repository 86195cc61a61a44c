package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/paymux/paymux/core/api"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// compare lays the engine's payments beside the sandbox's ledger. It returns an
// error unless they are equal.
func compare(ctx context.Context, s *stage) error {
	ledger, err := s.sandbox.Ledger(ctx)
	if err != nil {
		return err
	}
	rows := map[string]cinetpay.Payment{}
	for _, row := range ledger.Payments {
		rows[row.Ref] = row
	}
	table := tabwriter.NewWriter(s.story.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  ORDER\tPAYMUX SAYS\tRECEIVED\tCINETPAY SAYS\tPAID\tCREATED\tTHE BOOKS ARE")
	differ := 0
	for _, id := range s.payments {
		tx, err := s.client.Transaction(ctx, id)
		if err != nil {
			return err
		}
		row := rows[tx.Attempts[0].Ref]
		delete(rows, tx.Attempts[0].Ref)
		verdict := "equal"
		if difference := differs(tx, row); difference != "" {
			verdict = difference
			differ++
		}
		fmt.Fprintf(table, "  %s\t%s\t%s %s\t%s %s\t%s %s\t%d of %d\t%s\n", tx.Reference, tx.State, tx.AmountReceived, tx.Currency,
			row.Status, row.Code, moneyIn(row), row.Currency, row.Created, row.CreateCalls, verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if differ > 0 || len(rows) > 0 {
		return fmt.Errorf("the books differ: %d payments, and CinetPay has %d that the engine does not know", differ, len(rows))
	}
	s.story.tell("auditor", "%d payments, and both books are equal", len(s.payments))
	return nil
}

// differs says in which word the books differ, or nothing.
func differs(tx api.Transaction, row cinetpay.Payment) string {
	switch {
	case row.Created != 1 || row.CreateCalls != 1:
		return "created more than once, or never"
	case row.Paid && tx.State != "succeeded":
		return "paid, and not succeeded"
	case !row.Paid && tx.State == "succeeded":
		return "succeeded, and not paid"
	case tx.AmountReceived != moneyIn(row) || tx.Amount != row.Amount || tx.Currency != row.Currency:
		return "another amount"
	default:
		return ""
	}
}

// moneyIn is what the customer paid.
func moneyIn(row cinetpay.Payment) string {
	if !row.Paid {
		return "0"
	}
	return row.Amount
}
