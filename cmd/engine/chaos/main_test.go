package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tests is a package of tests, of which some show rows.
const tests = `package broken
import "testing"
func TestShowsByItself(t *testing.T) { t.Logf("chaos 2: %d kills", 7) }
func TestShowsThroughAHelper(t *testing.T) { t.Run("once", func(t *testing.T) { sweep{}.all(t) }) }
func TestShowsTwo(t *testing.T) { t.Log("chaos 2: one"); t.Log("chaos 11: two") }
func TestShowsNothing(t *testing.T) { t.Log("a line about chaos 2: it begins otherwise") }
type sweep struct{}
func (sweep) all(t *testing.T) { say(t) }
func say(t *testing.T) { t.Logf("chaos 3: %d points", 1) }
`

func TestTheTestsOfARowAreFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, folder := range []string{"a", "b/testdata"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, folder, "broken_test.go"), []byte(tests), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := find(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []shown{
		{"a", "TestShowsByItself", "broken_test.go", 2},
		{"a", "TestShowsThroughAHelper", "broken_test.go", 3},
		{"a", "TestShowsTwo", "broken_test.go", 2},
		{"a", "TestShowsTwo", "broken_test.go", 11},
	}
	if diff := cmp.Diff(want, found, cmp.AllowUnexported(shown{})); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	wanted := []suite{{
		"a",
		[]string{"TestShowsByItself", "TestShowsTwo"},
		map[string]string{"TestShowsByItself": "broken_test.go", "TestShowsTwo": "broken_test.go"},
		map[string][]int{"TestShowsByItself": {2}, "TestShowsTwo": {2}},
	}}
	if diff := cmp.Diff(wanted, suites(found, []row{{number: 2}}), cmp.AllowUnexported(suite{})); diff != "" {
		t.Errorf("suites of row 2 (-want +got):\n%s", diff)
	}
}

// What no row is named for would never be run, and nobody would miss it.
func TestEveryRowThatIsShownIsInTheCatalogue(t *testing.T) {
	t.Parallel()
	found, err := find(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range found {
		if one.folder == "cmd/engine/chaos" {
			continue // Of the tests of this program itself.
		}
		if _, err := pick(strconv.Itoa(one.row)); err != nil {
			t.Errorf("%s in %s: %v", one.test, one.folder, err)
		}
	}
	if len(found) < len(catalogue) {
		t.Errorf("%d tests show %d rows", len(found), len(catalogue))
	}
}

// events are what go test -json says of three tests, one of which dies.
const events = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"    good_test.go:7: chaos 2: 3 kills, lost 0; "}
{"Action":"output","Package":"p","Test":"TestGood","Output":"control 9\n"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"    good_test.go:8: not chaos 2: 3 kills\n"}
{"Action":"pass","Package":"p","Test":"TestGood","Elapsed":1}
{"Action":"output","Package":"p","Test":"TestWrong/part","Output":"        wrong_test.go:9: chaos 3: 4 of 5\n"}
{"Action":"fail","Package":"p","Test":"TestWrong/part","Elapsed":1}
{"Action":"fail","Package":"p","Test":"TestWrong","Elapsed":1}
{"Action":"output","Package":"p","Test":"TestDies","Output":"panic: no\n"}
{"Action":"fail","Package":"p","Elapsed":2}
`

// compare are options for everything that results are made of.
var compare = cmp.AllowUnexported(result{}, line{})

func TestWhatTestsSayIsReadFromTheirEvents(t *testing.T) {
	t.Parallel()
	got, err := read(strings.NewReader(events), "p", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := []result{
		{folder: "p", test: "TestGood", end: passed, lines: []line{{2, "3 kills, lost 0; control 9"}}},
		{
			folder: "p", test: "TestWrong", end: failed, lines: []line{{3, "4 of 5"}},
			said: "        wrong_test.go:9: chaos 3: 4 of 5\n",
		},
		{folder: "p", test: "TestDies", end: failed, said: "panic: no\n"},
	}
	if diff := cmp.Diff(want, got, compare); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestAPackageThatDoesNotCompileFails(t *testing.T) {
	t.Parallel()
	const said = `{"ImportPath":"p","Action":"build-output","Output":"x_test.go:1: no\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"fail","Package":"p","Elapsed":0}
`
	got, err := read(strings.NewReader(said), "p", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]result{{folder: "p", end: failed, said: "x_test.go:1: no\n"}}, got, compare); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestWhatMeasuresTimeRunsAlone(t *testing.T) {
	t.Parallel()
	var list []suite
	for _, folder := range []string{"cmd/engine", "core/coretest", "core/engine", "core/machine", "core/store/boltstore"} {
		list = append(list, suite{folder: folder})
	}
	inMemory, onDisk, alone := lanes(list)
	if diff := cmp.Diff([][]int{{1, 3}, {4}, {0, 2}}, [][]int{inMemory, onDisk, alone}); diff != "" {
		t.Errorf("lanes (-want +got):\n%s", diff)
	}
	for _, folder := range append(timeless(), durable()...) {
		if _, err := os.Stat(filepath.Join("../../..", folder)); err != nil {
			t.Errorf("a lane is of a package that is not there: %v", err)
		}
	}
}

func TestAReportIsGoodOnlyIfEveryRowWasShown(t *testing.T) {
	t.Parallel()
	rows := []row{{2, "killed"}, {3, "exits"}}
	two := result{folder: "p", test: "TestTwo", end: passed, lines: []line{{2, "fine"}}}
	three := result{folder: "p", test: "TestThree", file: "three_test.go", end: passed, lines: []line{{3, "fine | too"}}}
	with := func(one result, end string) result { one.end = end; return one }
	tests := map[string]struct {
		results []result
		good    bool
		says    string
	}{
		"every row passed":   {[]result{two, three}, true, "2 shown, 0 failed, 0 missing, 0 skipped; 0 tests failed"},
		"a row is missing":   {[]result{two}, false, "1 shown, 0 failed, 1 missing, 0 skipped; 0 tests failed"},
		"a row failed":       {[]result{two, with(three, failed)}, false, "1 shown, 1 failed, 0 missing, 0 skipped; 1 tests failed"},
		"one of two failed":  {[]result{two, with(two, failed), three}, false, "2 shown, 1 failed, 0 missing, 0 skipped; 1 tests failed"},
		"a test was skipped": {[]result{two, with(three, skipped)}, false, "1 shown, 0 failed, 0 missing, 1 skipped; 0 tests failed"},
		"one of two was skipped, and said nothing": {
			[]result{two, three, {folder: "p", test: "TestAlso", end: skipped, rows: []int{2}}},
			false,
			"2 shown, 0 failed, 0 missing, 1 skipped; 0 tests failed",
		},
		"one of two never ran": {
			suite{folder: "p", tests: []string{"TestTwo", "TestThree", "TestAlso"}, rows: map[string][]int{"TestAlso": {3}}}.complete([]result{two, three}, nil), false,
			"2 shown, 0 failed, 1 missing, 0 skipped; 0 tests failed",
		},
		"an end that no test explains": {suite{folder: "p"}.complete([]result{two, three}, &exec.ExitError{}), false, "2 shown, 0 failed, 0 missing, 0 skipped; 1 tests failed"},
		"a package has no end":         {[]result{two, three, {folder: "q", end: failed}}, false, "2 shown, 0 failed, 0 missing, 0 skipped; 1 tests failed"},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			r := newReport(rows, test.results)
			var printed bytes.Buffer
			r.print(&printed)
			if r.good() != test.good || !strings.HasSuffix(printed.String(), test.says+"\n") {
				t.Errorf("good %v, it says\n%s", r.good(), printed.String())
			}
		})
	}
	page := newReport(rows, []result{two, three}).page(circumstances{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), goVersion: "go1", cores: 2, commit: "abc"})
	for _, want := range []string{"2026-03-01, go1", "2 cores, commit abc", `| 3 | exits | fine \| too | [TestThree](p/three_test.go) | pass |`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

func TestRowsArePickedByTheirNumbers(t *testing.T) {
	t.Parallel()
	if all, err := pick(""); err != nil || len(all) != len(catalogue) {
		t.Errorf("%d rows, %v, want all", len(all), err)
	}
	some, err := pick("3, 2")
	if err != nil || len(some) != 2 || some[0].number != 3 || some[1].number != 2 {
		t.Errorf("picked %v, %v", some, err)
	}
	for list, says := range map[string]string{"2,x": `"x" is no number`, "8": "no row 8", "2,": `"" is no number`} {
		if _, err := pick(list); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", list, err, says)
		}
	}
}

func TestWrongUsageAndMissingRowsHaveTheirExitCodes(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for args, want := range map[string]int{"-rows 8": exitUsage, "-rows x": exitUsage, "-nonsense": exitUsage, "-rows 2": exitNegative} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), append(strings.Fields(args), "-root", root), &out, &errs); code != want {
			t.Errorf("%s: code %d, want %d\n%s%s", args, code, want, out.String(), errs.String())
		}
	}
	left, err := os.ReadDir(root)
	if err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}
