package coretest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/store"
)

// story tells every transaction and what the providers have of it.
func story(s store.Store, transactions []core.Transaction, providers []*Provider, bank *Bank) string {
	var text strings.Builder
	for _, tx := range transactions {
		history, err := s.History(context.Background(), tx.ID)
		if err != nil {
			fmt.Fprintf(&text, "%s has no history: %v\n", tx.ID, err)
		}
		tell(&text, tx, history)
	}
	for _, p := range providers {
		for _, e := range p.Entries() {
			fmt.Fprintf(&text, "%s has %s of %s (%s): %s, paid %s in %d, created %d at %s, closed %s\n",
				p.Name, e.Ref, e.TransactionID, p.planOf(e.Ref).Answer, e.Status, e.Paid, e.Charges, e.Created,
				e.OpenedAt.Format(time.DateTime), e.ClosedAt.Format(time.DateTime))
		}
	}
	if bank != nil {
		for _, t := range bank.Transfers() {
			fmt.Fprintf(&text, "%s from %s: %s, %s, sent %s, shown %s\n",
				t.ID, t.Customer, t.Amount, t.Status, t.CreatedAt.Format(time.DateTime), t.ShownAt.Format(time.DateTime))
		}
	}
	return text.String()
}

func tell(text *strings.Builder, tx core.Transaction, history []core.HistoryEntry) {
	fmt.Fprintf(text, "%s %q is %s\n", tx.ID, tx.Description, standing(tx))
	for _, a := range tx.Attempts {
		fmt.Fprintf(text, "  attempt %d at %s: %s, ref %s, outcome %s\n", a.Number, a.Account, a.State, a.Ref, a.Outcome)
		if m := a.Match; m != nil {
			fmt.Fprintf(text, "  waits for %s from %s, %s to %s\n", m.Amount, m.Customer, m.From.Format(time.DateTime), m.Until.Format(time.DateTime))
		}
	}
	for _, timer := range tx.Timers {
		fmt.Fprintf(text, "  timer %s of attempt %d at %s\n", timer.Kind, timer.Attempt, timer.At.Format(time.DateTime))
	}
	for _, h := range history {
		fmt.Fprintf(text, "  %3d %s %s -> %s: %s, attempt %d, %s\n",
			h.Sequence, h.At.Format(time.DateTime), h.From, h.To, h.Event, h.Attempt, h.Cause)
	}
}
