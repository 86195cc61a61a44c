package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/paymux/paymux/core/api"
)

// story prints what happens, each line with its time.
type story struct {
	out   io.Writer
	began time.Time
}

func newStory(out io.Writer) *story { return &story{out: out, began: time.Now()} }

func (s *story) title(text string) { fmt.Fprintf(s.out, "\n%s\n", text) }

// tell prints what somebody did.
func (s *story) tell(who, format string, args ...any) {
	fmt.Fprintf(s.out, "%7.2f s  %-9s %s\n", time.Since(s.began).Seconds(), who, fmt.Sprintf(format, args...))
}

// line prints a line without a time.
func (s *story) line(format string, args ...any) { fmt.Fprintf(s.out, "  "+format+"\n", args...) }

// timeline prints every transition of a payment.
func (s *story) timeline(tx api.Transaction) {
	s.tell("engine", "%s is %s, %s of %s %s received", tx.ID, tx.State, tx.AmountReceived, tx.Amount, tx.Currency)
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, h := range tx.History {
		after := h.At.Sub(tx.CreatedAt).Milliseconds()
		fmt.Fprintf(table, "            %6d ms\t%s\t%s\t%s\n", after, step(h), h.Event, h.Cause)
	}
	_ = table.Flush() // A terminal that is gone reads no story.
}

func step(h api.HistoryEntry) string {
	switch h.From {
	case "":
		return h.To
	case h.To:
		return "(" + h.To + ")"
	default:
		return h.From + " -> " + h.To
	}
}
