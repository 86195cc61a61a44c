package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

// entry is what the engine's books hold of one attempt or transfer.
type entry struct {
	place
	Order, State string
	// Created says that there is something at the provider, and Paid that the
	// money moved.
	Created, Paid    bool
	Amount, Currency string
}

// compare lays the engine's books beside the ledgers of all providers. It returns
// an error unless they are equal.
func compare(ctx context.Context, s *stage) error {
	entries, err := s.entries(ctx)
	if err != nil {
		return err
	}
	rows, err := s.ledgers(ctx)
	if err != nil {
		return err
	}
	if err := audit(s.story.out, entries, rows); err != nil {
		return err
	}
	s.story.tell("auditor", "%d entries, and the books of all five providers and of the engine are equal", len(entries))
	return nil
}

// audit prints every entry beside its row. It returns an error if one differs, or
// a provider has a row that is in no entry.
func audit(out io.Writer, entries []entry, rows map[place]row) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  ORDER\tPAYMUX SAYS\tMOVED\tPROVIDER\tSAYS\tMOVED\tCREATED\tTHE BOOKS ARE")
	unknown, differ := maps.Clone(rows), 0
	for _, e := range entries {
		found := rows[e.place]
		delete(unknown, e.place)
		verdict := "equal"
		if difference := differs(e, found); difference != "" {
			verdict = difference
			differ++
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%d of %d\t%s\n", e.Order, e.State, moved(e.Paid, e.Amount, e.Currency),
			providerOf(e.account), found.Status, moved(found.Paid, found.Amount, found.Currency), found.Created, found.CreateCalls, verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if differ > 0 || len(unknown) > 0 {
		return fmt.Errorf("the books differ: %d entries, and the providers have %d that the engine does not know", differ, len(unknown))
	}
	return nil
}

func moved(paid bool, amount, currency string) string {
	if !paid {
		return "-"
	}
	return amount + " " + currency
}

// differs says in which word the books differ, or nothing.
func differs(e entry, found row) string {
	switch {
	case e.Created && (found.Created != 1 || found.CreateCalls != 1):
		return "created more than once, or never"
	case !e.Created && found.Created != 0:
		return "created, and nobody knows"
	case found.Paid && !e.Paid:
		return "paid, and not succeeded"
	case !found.Paid && e.Paid:
		return "succeeded, and not paid"
	case e.Created && (e.Amount != found.Amount || e.Currency != found.Currency):
		return "another amount"
	default:
		return ""
	}
}

// entries are the engine's books, oldest first: every attempt of every
// transaction, and the transfers that paid none.
func (s *stage) entries(ctx context.Context) ([]entry, error) {
	transactions, err := s.client.Transactions(ctx, client.Filter{Limit: 100})
	if err != nil {
		return nil, err
	}
	transfers, err := s.desk.Transfers(ctx, client.TransferFilter{Limit: 100})
	if err != nil {
		return nil, err
	}
	if transactions.NextCursor != nil || transfers.NextCursor != nil {
		return nil, errors.New("the books have more than one page")
	}
	var entries []entry
	for _, tx := range slices.Backward(transactions.Data) {
		for _, attempt := range tx.Attempts {
			entries = append(entries, attemptEntry(tx, attempt, transfers.Data))
		}
	}
	for _, t := range slices.Backward(transfers.Data) {
		if t.Transaction == nil {
			entries = append(entries, transferEntry(t))
		}
	}
	return entries, nil
}

// attemptEntry is an attempt: what it moved is all that the engine counts as
// received. One at Cenoa is there under the id of the transfer that paid it.
func attemptEntry(tx api.Transaction, attempt api.Attempt, transfers []api.Transfer) entry {
	e := entry{
		place: place{attempt.Provider, attempt.Ref}, Order: tx.Reference, State: tx.State,
		Created: attempt.State != "rejected" && attempt.State != "not_sent", Paid: attempt.State == "succeeded",
		Amount: tx.Amount, Currency: tx.Currency,
	}
	if !e.Created {
		e.State = attempt.State
	}
	if e.Paid {
		e.Amount = tx.AmountReceived
	}
	for _, t := range transfers {
		if t.Transaction != nil && *t.Transaction == tx.ID && t.Provider == attempt.Provider {
			e.ref = t.ProviderRef
		}
	}
	return e
}

func transferEntry(t api.Transfer) entry {
	e := entry{
		place: place{t.Provider, t.ProviderRef}, Order: "nobody's", State: "unmatched",
		Created: true, Paid: true, Amount: t.Amount, Currency: t.Currency,
	}
	if t.TopUp != nil {
		e.Order, e.State = "of "+*t.TopUp, "top-up"
	}
	return e
}
