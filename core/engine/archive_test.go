//go:build unix

package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/engine"
)

// Whatever lies in the folder of generations, the engine starts, tells and counts.
func TestJunkBesideGenerationsHarmsNothing(t *testing.T) {
	t.Parallel()
	w := twice(t)
	w.stop()
	folder := w.path("data/generations")
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, name := range []string{"3", "4", "word", "18446744073709551615", "9007199254740991", ".new-123"} {
		must(t, os.Mkdir(at(name), 0o700))
	}
	must(t, os.WriteFile(at("5"), nil, 0o600), os.Symlink("/", at("6")), os.WriteFile(at(".new-123/half"), []byte("a"), 0o600),
		syscall.Mkfifo(at("3/generation.json"), 0o600), os.WriteFile(at("4/generation.json"), []byte("{"), 0o600))
	w.start()
	if got := w.live(); got != 5 {
		t.Errorf("it is generation %d, want the one after the highest, 5", got)
	}
	list, err := w.engine.Generations(t.Context(), operator)
	if err != nil || len(list) != 3 {
		t.Errorf("generations are %+v, %v", list, err)
	}
	if _, err := os.Stat(at(".new-123")); !os.IsNotExist(err) {
		t.Errorf("half a generation stays behind: %v", err)
	}
	if reloaded, err := w.rollback(1); err != nil || reloaded.Generation.Number != 6 {
		t.Errorf("going back is %+v, %v", reloaded, err)
	}
}

func TestAFolderOfGenerationsThatAnybodyMayWriteIsRefused(t *testing.T) {
	t.Parallel()
	w := twice(t)
	w.stop()
	must(t, os.Chmod(w.path("data/generations"), 0o777))
	cfg, _ := config.Load(config.Options{Path: w.path("paymux.yaml")})
	_, err := engine.New(context.Background(), engine.Options{Config: cfg})
	if err == nil || !strings.Contains(err.Error(), "everybody may write generations to") {
		t.Errorf("it starts with %v", err)
	}
	must(t, os.Chmod(w.path("data/generations"), 0o700))
	w.start()
}

func TestARollbackMakesAFileThatIsGoneAgain(t *testing.T) {
	t.Parallel()
	w := twice(t)
	must(t, os.Remove(w.path("routes.yaml")))
	if _, err := w.rollback(0); err != nil || w.read("routes.yaml") != routes("odd") {
		t.Errorf("it is %v", err)
	}
	left, err := filepath.Glob(w.path("routes.yaml*"))
	if err != nil || len(left) != 1 {
		t.Errorf("beside it are %v, %v", left, err)
	}
	must(t, os.Remove(w.path("routes.yaml")), os.Symlink("nowhere", w.path("routes.yaml")))
	_, err = w.rollback(0)
	if problem := refusal(t, err); !strings.Contains(problem.Error(), "nowhere") && !strings.Contains(problem.Error(), "routes.yaml") {
		t.Errorf("of a link to nowhere it says %v", problem)
	}
}

// A generation that could not be kept leaves its number to no other rules.
func TestNoNumberIsGivenTwice(t *testing.T) {
	t.Parallel()
	w := twice(t)
	if tx := w.pay(); tx.Route.Generation != 2 {
		t.Fatalf("it is generation %d", tx.Route.Generation)
	}
	w.stop()
	must(t, os.RemoveAll(w.path("data/generations")))
	w.start()
	if tx := w.pay(); tx.Route.Generation != 3 {
		t.Errorf("after the loss of all generations it is %d, want 3", tx.Route.Generation)
	}
}
