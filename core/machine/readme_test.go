package machine_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/machine"
)

// What stands between these lines of core/README.md is written by machine.WriteMermaid.
const (
	diagramBegin = "<!-- states: begin -->\n```mermaid\n"
	diagramEnd   = "```\n<!-- states: end -->\n"
)

func diagram(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	if err := machine.WriteMermaid(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheDiagramOfTheReadmeIsTheTables(t *testing.T) {
	readme := filepath.Join("..", "README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), diagramBegin)
	drawn, after, ends := strings.Cut(rest, diagramEnd)
	if !begins || !ends {
		t.Fatalf("%s has no place for the diagram, between\n%sand\n%s", readme, diagramBegin, diagramEnd)
	}
	want := diagram(t)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(readme, []byte(before+diagramBegin+want+diagramEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, drawn); diff != "" {
		t.Errorf("UPDATE=1 go test ./core/machine rewrites it (-want +got):\n%s", diff)
	}
}

// TestTheDiagramShowsWhatTheTableAllows takes the boxes apart: an arrow for every
// way that the table has, none besides, and no word that leads elsewhere.
func TestTheDiagramShowsWhatTheTableAllows(t *testing.T) {
	allowed := map[string][]string{}
	for _, way := range machine.Transitions() {
		if !way.Stays {
			arrow := strings.Replace(way.From, "none", "[*]", 1) + " --> " + way.To
			allowed[arrow] = append(allowed[arrow], way.Signal)
		}
	}
	shown := map[string][]string{}
	boxes := boxesOf(diagram(t))
	for line := range strings.Lines(diagram(t)) {
		arrow, words, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		possible := map[string]bool{}
		for _, single := range apart(arrow, boxes) {
			shown[single] = allowed[single]
			for _, word := range allowed[single] {
				possible[word] = true
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(possible)), strings.Split(words, ", ")); diff != "" {
			t.Errorf("words of %s (-want +got):\n%s", arrow, diff)
		}
	}
	if diff := cmp.Diff(allowed, shown); diff != "" {
		t.Errorf("arrows (-want +got):\n%s", diff)
	}
}

// boxesOf returns the states of each box.
func boxesOf(diagram string) map[string][]string {
	boxes := map[string][]string{}
	for part := range strings.SplitSeq(diagram, "    state ") {
		name, rest, boxed := strings.Cut(part, " {\n")
		if states, _, ok := strings.Cut(rest, "}"); boxed && ok {
			boxes[name] = strings.Fields(states)
		}
	}
	return boxes
}

// apart returns the arrows between single states that an arrow stands for.
func apart(arrow string, boxes map[string][]string) []string {
	from, to, _ := strings.Cut(arrow, " --> ")
	var all []string
	for _, a := range statesOf(from, boxes) {
		for _, z := range statesOf(to, boxes) {
			all = append(all, a+" --> "+z)
		}
	}
	return all
}

func statesOf(node string, boxes map[string][]string) []string {
	if states, ok := boxes[node]; ok {
		return states
	}
	return []string{node}
}
