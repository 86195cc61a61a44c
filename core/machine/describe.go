package machine

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/paymux/paymux/core"
)

//go:generate env UPDATE=1 go test -count=1 -run ^TestTheDiagramOfTheReadmeIsTheTables$ .

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

// group is a set of states that share arrows in the diagram.
type group struct {
	name   string
	states []core.State
}

// groups are drawn as boxes: while an attempt may still bring money, and the ends without money.
func groups() []group {
	return []group{
		{"open", []core.State{
			core.StateAwaitingApproval, core.StateProcessing, core.StateRequiresAction, core.StateUnknown,
		}},
		{"ended", []core.State{core.StateFailed, core.StateCanceled, core.StateExpired}},
	}
}

// nodes returns the boxes of the diagram, and each state that stands in none.
func nodes() []group {
	all := []group{{"[*]", []core.State{core.StateNone}}}
	boxes := groups()
	for _, s := range core.States() {
		boxed := slices.ContainsFunc(boxes, func(g group) bool { return slices.Contains(g.states, s) })
		if !boxed {
			all = append(all, single(s))
		}
	}
	return append(all, boxes...)
}

func single(s core.State) group { return group{s.String(), []core.State{s}} }

// WriteMermaid writes the state diagram. An arrow from or to a box stands for one
// from each, or to each, of its states, and its words are those of any of them;
// the table tells which state has which.
func WriteMermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, g := range groups() {
		fmt.Fprintf(&b, "    state %s {\n", g.name)
		for _, s := range g.states {
			fmt.Fprintf(&b, "        %s\n", s)
		}
		b.WriteString("    }\n")
	}
	for _, from := range nodes() {
		for _, to := range nodes() {
			writeArrows(&b, from, to)
		}
	}
	for _, g := range nodes() {
		if g.states[0].Final() {
			fmt.Fprintf(&b, "    %s --> [*]\n", g.name)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeArrows writes one arrow where every state of from leads to every state of
// to, and else one for each pair of states that has a way.
func writeArrows(b *strings.Builder, from, to group) {
	if words, whole := ways(from, to); whole {
		fmt.Fprintf(b, "    %s --> %s: %s\n", from.name, to.name, strings.Join(words, ", "))
		return
	}
	if len(from.states) == 1 && len(to.states) == 1 {
		return
	}
	for _, a := range from.parts() {
		for _, z := range to.parts() {
			writeArrows(b, a, z)
		}
	}
}

// parts returns the states of g, each by itself; a state is its own only part.
func (g group) parts() []group {
	if len(g.states) == 1 {
		return []group{g}
	}
	all := make([]group, len(g.states))
	for i, s := range g.states {
		all[i] = single(s)
	}
	return all
}

// ways returns the signals that lead from any state of one group to any of
// another, and whether every pair has one.
func ways(from, to group) (words []string, whole bool) {
	whole = true
	for _, a := range from.states {
		for _, z := range to.states {
			signals := between(a, z)
			whole = whole && len(signals) > 0
			words = append(words, signals...)
		}
	}
	slices.Sort(words)
	return slices.Compact(words), whole
}

// between returns the signals that lead from one state to another one.
func between(from, to core.State) []string {
	var words []string
	for _, signal := range Signals() {
		if next, ok := Step(from, signal); ok && next == to && from != to {
			words = append(words, signal.String())
		}
	}
	return words
}
