//go:build unix

package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
)

// spoiled is a way to spoil the files of an engine.
type spoiled struct {
	spoil func(*works)
	// where is what the place of a fault begins with.
	where string
}

// spoiledFiles are all ways that we know of.
func spoiledFiles(t *testing.T) map[string]spoiled {
	t.Helper()
	text := usual().text(t)
	put := func(name, content string) func(*works) { return func(w *works) { w.write(name, content) } }
	line := func(old, new string) func(*works) { return put("paymux.yaml", strings.Replace(text, old, new, 1)) }
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	return map[string]spoiled{
		"an unknown key":             {line("log:", "lag:"), "paymux.yaml:2"},
		"a wrong type":               {line("max_attempts: 2", "max_attempts: two"), "paymux.yaml:7"},
		"a duration without a unit":  {line("deadline: 10s", "deadline: 10"), "paymux.yaml:7"},
		"tabs":                       {line("providers:\n", "providers:\n\t"), "paymux.yaml:"},
		"a missing plugin":           {line("plugins: {", "plugins: { more: { path: nowhere, dev: true },"), "paymux.yaml:3"},
		"a plugin that is another":   {line("plugins: {", "plugins: { more: { path: routes.yaml, sha256: "+strings.Repeat("ab", 32)+" },"), "paymux.yaml:3"},
		"a plugin that is none":      {line("plugins: {", "plugins: { more: { path: routes.yaml, dev: true },"), "paymux.yaml:3"},
		"settings that are refused":  {line("declines: true", "declaims: true"), "paymux.yaml:5"},
		"a secret that is not there": {line("canary-in-clear", "\"${file:nowhere}\""), "paymux.yaml:5"},
		"a key that needs a restart": {line("data/paymux.db", "other.db"), "paymux.yaml:1"},
		"an address that is open":    {line("store:", "server: { listen: \"127.0.0.1:1\" }\nstore:"), "paymux.yaml:1"},
		"no rules any more":          {line("log:", "routing: { file: nowhere.yaml }\nlog:"), "paymux.yaml:2"},
		"5 MB of configuration":      {put("paymux.yaml", "# "+strings.Repeat("x", 5<<20)), "paymux.yaml:1"},
		"5 MB of rules":              {put("routes.yaml", routes("x")+"# "+strings.Repeat("x", 5<<20)), "routes.yaml:1"},
		"10 MB of (":                 {put("routes.yaml", strings.Repeat("(", 10<<20)), "routes.yaml:1"},
		"1 MB of [":                  {put("routes.yaml", strings.Repeat("[", 1<<20)), "routes.yaml:1"},
		"an alias bomb":              {put("routes.yaml", bomb), "routes.yaml:2"},
		"an alias bomb as settings":  {put("paymux.yaml", bomb), "paymux.yaml:2"},
		"half a configuration":       {put("paymux.yaml", text[:len(text)/2]), "paymux.yaml:"},
		"half the rules":             {put("routes.yaml", routes("x")[:60]), "routes.yaml:"},
		"an empty configuration":     {put("paymux.yaml", ""), "routes.yaml:5"},
		"empty rules":                {put("routes.yaml", ""), "routes.yaml"},
		"zeros":                      {put("routes.yaml", strings.Repeat("\x00", 100)), "routes.yaml:1"},
		"a currency that is none":    {put("routes.yaml", strings.Replace(routes("x"), "kind: payment", "currency: XFO", 1)), "routes.yaml:4"},
		"an account that is none":    {put("routes.yaml", strings.Replace(routes("x"), "first", "furst", 1)), "routes.yaml:5"},
		"a rule that never matches":  {put("routes.yaml", strings.Replace(routes("x"), "default:", "  - { name: y, match: { kind: payment }, use: { order: [first] } }\ndefault:", 1)), "routes.yaml:6"},
		"a test that fails":          {put("routes.yaml", routes("x")+"tests:\n  - { name: t, given: { kind: payment, currency: XOF, amount: \"5\" }, expect: [second] }\n"), "routes.yaml:8"},
		"a file that is gone":        {func(w *works) { must(t, os.Remove(w.path("paymux.yaml"))) }, "paymux.yaml"},
		"a folder":                   {func(w *works) { must(t, os.Remove(w.path("routes.yaml")), os.Mkdir(w.path("routes.yaml"), 0o700)) }, "paymux.yaml"},
		"a link to nowhere": {func(w *works) {
			must(t, os.Remove(w.path("routes.yaml")), os.Symlink("nowhere", w.path("routes.yaml")))
		}, "paymux.yaml"},
		"a pipe": {func(w *works) {
			must(t, os.Remove(w.path("paymux.yaml")), syscall.Mkfifo(w.path("paymux.yaml"), 0o600))
		}, "paymux.yaml"},
		"unreadable rules":            {func(w *works) { must(t, os.Chmod(w.path("routes.yaml"), 0)) }, "paymux.yaml"},
		"an unreadable configuration": {func(w *works) { must(t, os.Chmod(w.path("paymux.yaml"), 0)) }, "paymux.yaml"},
	}
}

// Whatever is wrong with the files, what was live stays, and is told where it is wrong.
func TestSpoiledFilesChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.pay()
	keptOld, placed, tried, slowest := 0, 0, 0, time.Duration(0)
	for name, one := range spoiledFiles(t) {
		tried++
		one.spoil(w)
		began := time.Now()
		var err error
		asAnybody(t, func() { _, err = w.reload(name) })
		slowest = max(slowest, time.Since(began))
		problem := refusal(t, err)
		if len(problem.Faults) > 0 && strings.HasPrefix(filepath.Base(problem.Faults[0].String()), one.where) ||
			strings.Contains(problem.Error(), filepath.Join(w.dir, one.where)) {
			placed++
		} else {
			t.Errorf("%s: no fault is at %s: %v", name, one.where, problem)
		}
		status := w.engine.ReloadStatus()
		if status.Failed == nil || status.Failed.Why != name || len(status.Failed.Faults) != len(problem.Faults) {
			t.Errorf("%s: the status is %+v", name, status.Failed)
		}
		if tx := w.pay(); status.Live.Number == 1 && tx.Route.Generation == 1 && tx.Route.Rule == "odd" && tx.State == core.StateRequiresAction {
			keptOld++
		}
		must(t, os.RemoveAll(w.path("paymux.yaml")), os.RemoveAll(w.path("routes.yaml")))
		w.write("paymux.yaml", usual().text(t))
		w.write("routes.yaml", routes("odd"))
		if reloaded, err := w.reload(""); err != nil || reloaded.Changed || w.engine.ReloadStatus().Failed != nil {
			t.Fatalf("%s: with the files put right it is %+v, %v", name, reloaded, err)
		}
	}
	w.write("routes.yaml", routes("even"))
	control := w.mustReload().Number
	if keptOld != tried || control != 2 {
		t.Errorf("the old generation stayed %d times of %d; good files made %d", keptOld, tried, control)
	}
	if log := w.said(); strings.Contains(log, "canary") {
		t.Error("the log has a secret")
	}
	t.Logf("chaos 23: %d spoiled files: what was live stayed live %d/%d, the place told %d/%d, the slowest refusal took %v; control: good files are live as generation %d",
		tried, keptOld, tried, placed, tried, slowest.Round(time.Millisecond), control)
}
