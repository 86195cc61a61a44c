package machine

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/paymux/paymux/core"
)

// Transition is one cell of the table that is not empty.
type Transition struct {
	From   string `json:"from"`
	Signal string `json:"signal"`
	To     string `json:"to"`
	// Stays says that the fact is recorded and the transaction stays where it is.
	Stays bool `json:"stays"`
}

// Transitions returns everything that can happen, state by state. What is
// missing is illegal.
func Transitions() []Transition {
	var all []Transition
	for _, from := range append([]core.State{core.StateNone}, core.States()...) {
		for _, signal := range Signals() {
			if to, ok := Step(from, signal); ok {
				all = append(all, Transition{from.String(), signal.String(), to.String(), from == to})
			}
		}
	}
	return all
}

// WriteText writes the table for a terminal: a row a signal, a column a state.
// A dot stays, an empty cell is illegal.
func WriteText(w io.Writer) error {
	columns := append([]core.State{core.StateNone}, core.States()...)
	out := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprint(out, "SIGNAL")
	for _, from := range columns {
		fmt.Fprint(out, "\t", from)
	}
	fmt.Fprintln(out)
	for _, signal := range Signals() {
		fmt.Fprint(out, signal)
		for _, from := range columns {
			fmt.Fprint(out, "\t", cellText(from, signal))
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

func cellText(from core.State, signal Signal) string {
	to, ok := Step(from, signal)
	switch {
	case !ok:
		return ""
	case to == from:
		return "."
	default:
		return to.String()
	}
}

// WriteMermaid writes the state diagram, with one arrow for each pair of states.
func WriteMermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, from := range append([]core.State{core.StateNone}, core.States()...) {
		for _, to := range core.States() {
			if words := between(from, to); len(words) > 0 {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", node(from), to, strings.Join(words, ", "))
			}
		}
	}
	for _, s := range core.States() {
		if s.Final() {
			fmt.Fprintf(&b, "    %s --> [*]\n", s)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func node(s core.State) string {
	if s == core.StateNone {
		return "[*]"
	}
	return s.String()
}

// between returns the signals that lead from one state to another one.
func between(from, to core.State) []string {
	var words []string
	for _, signal := range Signals() {
		if next, ok := Step(from, signal); ok && next == to && from != to {
			words = append(words, signal.String())
		}
	}
	slices.Sort(words)
	return words
}
