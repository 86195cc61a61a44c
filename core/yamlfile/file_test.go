package yamlfile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
)

func TestEveryNodeKnowsItsPlace(t *testing.T) {
	t.Parallel()
	file := yamlfile.Parse("a.yaml", []byte("rules:\n  - name: one\n    list: [x, \"y\"]\n"))
	rules := file.Root().Entries()[0].Value
	second := rules.Items()[0].Entries()[1].Value.Items()[1]
	second.Errorf("wrong %s", "word")
	rules.Items()[0].Missing("use", "required")
	rules.Warnf("few")
	want := []core.Diagnostic{
		{File: "a.yaml", Line: 2, Column: 3, Path: "rules", Message: "few", Warning: true},
		{File: "a.yaml", Line: 2, Column: 5, Path: "rules[0].use", Message: "required"},
		{File: "a.yaml", Line: 3, Column: 15, Path: "rules[0].list[1]", Message: "wrong word"},
	}
	if diff := cmp.Diff(want, file.Faults()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestAValueKeepsItsKind(t *testing.T) {
	t.Parallel()
	const content = "a: text\nb: 12\nc: 1.5\nd: true\ne:\nf: [1]\ng: {h: 1}\ni: 2020-01-01\nj: NO\nk: \"12\"\nl: yes\n"
	kinds := map[string]yamlfile.Kind{}
	for _, entry := range yamlfile.Parse("a.yaml", []byte(content)).Root().Entries() {
		kinds[entry.Name] = entry.Value.Kind()
	}
	want := map[string]yamlfile.Kind{
		"a": yamlfile.Text, "b": yamlfile.Number, "c": yamlfile.Number, "d": yamlfile.Bool, "e": yamlfile.Absent,
		"f": yamlfile.List, "g": yamlfile.Map, "i": yamlfile.Other, "j": yamlfile.Text, "k": yamlfile.Text, "l": yamlfile.Text,
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

func TestManyWarningsHideNoError(t *testing.T) {
	t.Parallel()
	file := yamlfile.Parse("a.yaml", []byte("a: 1\n"))
	for i := range 1000 {
		file.Root().Warnf("warning %d", i)
	}
	file.Root().Errorf("error")
	if !core.Failed(file.Faults()) || len(file.Faults()) != 201 {
		t.Errorf("%d faults, failed %v", len(file.Faults()), core.Failed(file.Faults()))
	}
}

// What is no longer shown costs nothing: the place of a fault inside a text is
// sought in the whole file, and a file of 1 MiB can hold 100,000 of them.
func TestFaultsThatAreNotShownAreOnlyCounted(t *testing.T) {
	t.Parallel()
	file := yamlfile.Parse("a.yaml", []byte("# "+strings.Repeat("x\n# ", 200_000)+"\na: some text\n"))
	text := file.Root().Entries()[0].Value
	for range 200 {
		text.ErrorWithin(5, "shown")
	}
	unseen := func() { text.ErrorWithin(5, "not shown") }
	if cost := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			unseen()
		}
	}); cost.NsPerOp() > int64(20*time.Microsecond) {
		t.Errorf("a fault that is not shown costs %v", time.Duration(cost.NsPerOp()))
	}
	if file.Errors() < 201 {
		t.Errorf("%d errors are counted", file.Errors())
	}
}

func TestTheNearestWordIsAtMostTwoSlipsAway(t *testing.T) {
	t.Parallel()
	known := []string{"country", "currency", "kind", "ORANGE", "CI"}
	for word, want := range map[string]string{
		"curency": "currency", "contry": "country", "knid": "kind", "orange": "ORANGE", "ci": "CI",
		"amount": "", "x": "", "": "", strings.Repeat("currency", 20): "",
	} {
		if got := yamlfile.Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestAQuoteIsShortAndPrintable(t *testing.T) {
	t.Parallel()
	got := yamlfile.Quote("a\x1b[31m" + strings.Repeat("x", 100))
	if want := `"a\x1b[31m` + strings.Repeat("x", 34) + `..."`; got != want {
		t.Error(fmt.Sprint("got ", got, ", want ", want))
	}
}

func TestACharacterInsideATextKnowsItsPlace(t *testing.T) {
	t.Parallel()
	const content = "a: plain text\nb: 'in quotes'\nc: |\n  first\n  second line\nd: \"\\x61 text\"\ne: é text\n\"text f\": text f\n"
	want := map[string]string{"a": "1:10", "b": "2:8", "c": "5:10", "d": "6:4", "e": "7:6", "text f": "8:16"}
	file := yamlfile.Parse("a.yaml", []byte(content))
	for _, entry := range file.Root().Entries() {
		entry.Value.ErrorWithin(strings.LastIndexAny(entry.Value.Raw(), " ")+1, "here")
	}
	got := map[string]string{}
	for _, d := range file.Faults() {
		got[d.Path] = fmt.Sprintf("%d:%d", d.Line, d.Column)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}
