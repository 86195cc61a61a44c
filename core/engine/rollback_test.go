package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/engine"
)

func (w *works) rollback(to uint64) (core.Reloaded, error) {
	return w.engine.Rollback(w.Context(), operator, to, "a test")
}

// twice are works whose second generation has other rules.
func twice(t *testing.T) *works {
	t.Helper()
	w := newWorks(t)
	w.write("routes.yaml", routes("even"))
	w.mustReload()
	return w
}

func TestARollbackWritesTheOldRulesBack(t *testing.T) {
	t.Parallel()
	w := twice(t)
	w.write("routes.yaml", "half a fi")
	reloaded, err := w.rollback(0)
	if err != nil || !reloaded.Changed || reloaded.Generation.Number != 3 {
		t.Fatalf("got %+v, %v", reloaded, err)
	}
	if reloaded.Generation.Why != "rollback to generation 1: a test" || !strings.Contains(reloaded.Generation.Diff, "+  - name: odd") {
		t.Errorf("the generation is %+v", reloaded.Generation)
	}
	if got := w.read("routes.yaml"); got != routes("odd") {
		t.Errorf("the file holds %s", got)
	}
	if got := w.read("routes.yaml.bak-2"); got != "half a fi" {
		t.Errorf("beside it is %q", got)
	}
	if tx := w.pay(); tx.Route.Rule != "odd" || tx.Route.Generation != 3 {
		t.Errorf("it is %+v", tx.Route)
	}
	again, err := w.rollback(2)
	if err != nil || again.Generation.Number != 4 || w.read("routes.yaml") != routes("even") {
		t.Errorf("back and forth is %+v, %v", again, err)
	}
}

func TestARollbackNeedsNoGoodConfiguration(t *testing.T) {
	t.Parallel()
	w := twice(t)
	w.write("paymux.yaml", "nonsense")
	if reloaded, err := w.rollback(0); err != nil || reloaded.Generation.Number != 3 {
		t.Errorf("got %+v, %v", reloaded, err)
	}
	if w.read("paymux.yaml") != "nonsense" {
		t.Error("the configuration was written")
	}
}

func TestWhatCannotBeGoneBackTo(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	if _, err := w.rollback(0); !errors.Is(err, core.ErrUnknownTransaction) {
		t.Errorf("the first generation has one before it: %v", err)
	}
	if _, err := w.rollback(9); !errors.Is(err, core.ErrUnknownTransaction) {
		t.Errorf("generation 9 is kept: %v", err)
	}
	if _, err := w.engine.Rollback(t.Context(), core.Caller{Actor: "shop"}, 0, ""); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("a merchant gets %v", err)
	}
}

func TestRulesThatDoNotFitAnyMoreAreNotWritten(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.write("paymux.yaml", strings.ReplaceAll(usual().text(t), "  first: ", "  other: "))
	w.write("routes.yaml", strings.ReplaceAll(routes("even"), "first", "other"))
	w.mustReload()
	before := w.read("routes.yaml")
	_, err := w.rollback(1)
	if problem := refusal(t, err); !strings.Contains(problem.Error(), `routes.yaml:5: rules[0].use.order[0]: "first" is not a configured account`) {
		t.Errorf("it says %v", problem)
	}
	left, err := filepath.Glob(w.path("routes.yaml*"))
	if err != nil || len(left) != 1 || w.read("routes.yaml") != before || w.live() != 2 {
		t.Errorf("it left %v and generation %d, %v", left, w.live(), err)
	}
}

func TestARollbackWritesWhatALinkLeadsTo(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	must(t, os.Mkdir(w.path("rules"), 0o700), os.Rename(w.path("routes.yaml"), w.path("rules/r.yaml")), os.Symlink("rules/r.yaml", w.path("routes.yaml")))
	w.write("rules/r.yaml", routes("even"))
	must(t, os.Chmod(w.path("rules/r.yaml"), 0o640))
	w.mustReload()
	if _, err := w.rollback(0); err != nil {
		t.Fatal(err)
	}
	link, err := os.Readlink(w.path("routes.yaml"))
	if err != nil || link != "rules/r.yaml" || w.read("rules/r.yaml") != routes("odd") || w.read("rules/r.yaml.bak-2") != routes("even") {
		t.Errorf("the link is %q, %v", link, err)
	}
	if info, err := os.Stat(w.path("rules/r.yaml")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
}

func TestGenerationsGoOnAfterARestart(t *testing.T) {
	t.Parallel()
	w := twice(t)
	w.stop()
	w.start()
	if got := w.live(); got != 2 {
		t.Errorf("with the same files it is generation %d, want 2", got)
	}
	w.stop()
	w.write("routes.yaml", routes("third"))
	w.start()
	if tx := w.pay(); tx.Route.Generation != 3 {
		t.Errorf("with other files it is generation %d, want 3", tx.Route.Generation)
	}
	list, err := w.engine.Generations(t.Context(), operator)
	if err != nil {
		t.Fatal(err)
	}
	got := map[uint64]string{}
	for _, g := range list {
		got[g.Number] = g.By
	}
	if diff := cmp.Diff(map[uint64]string{3: "start", 2: "ops", 1: "start"}, got); diff != "" {
		t.Errorf("generations (-want +got):\n%s", diff)
	}
	if _, err := w.rollback(1); err != nil || w.read("routes.yaml") != routes("odd") {
		t.Errorf("one of before the restarts is not gone back to: %v", err)
	}
}

func TestTenGenerationsAreKeptWithoutSecrets(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	for i := range engine.GenerationsKept + 3 {
		s := usual()
		s.head = "# canary-in-a-comment " + strconv.Itoa(i) + "\n"
		w.write("paymux.yaml", s.text(t))
		w.write("routes.yaml", routes("rules-"+strconv.Itoa(i)))
		w.mustReload()
	}
	list, err := w.engine.Generations(t.Context(), operator)
	if err != nil || len(list) != engine.GenerationsKept || list[0].Number != engine.GenerationsKept+4 {
		t.Fatalf("%d are kept: %v", len(list), err)
	}
	for i, g := range list {
		if oldest := i == len(list)-1; (g.Diff == "") != oldest {
			t.Errorf("the diff of generation %d is %q", g.Number, g.Diff)
		}
	}
	folder := filepath.Join(w.dir, "data", "generations")
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder's mode is %v, %v", info.Mode(), err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	if err != nil || len(names) != 3*engine.GenerationsKept {
		t.Errorf("%d files are kept, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil || strings.Contains(string(text), "canary") {
			t.Errorf("%s holds a secret, or %v", name, err)
		}
	}
	if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(w.readAt(name), "secret: (hidden)") }) {
		t.Error("the control: no kept configuration has the setting at all")
	}
}

func (w *works) readAt(name string) string {
	text, err := os.ReadFile(name)
	must(w, err)
	return string(text)
}
