//go:build unix

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
)

func TestAReloadChangesEverythingAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	before := w.pay()
	changed := usual()
	changed.attempts, changed.timeout = "1", "21s"
	w.write("paymux.yaml", changed.text(t))
	w.write("routes.yaml", strings.ReplaceAll(routes("even"), "[first, second]", "[second]"))
	got := w.mustReload()
	if got.Number != 2 || got.By != "ops" || got.Why != "a test" {
		t.Errorf("the generation is %+v", got)
	}
	for _, line := range []string{"-  - name: odd", "+  - name: even", "-  max_attempts: 2", "+  max_attempts: 1"} {
		if !strings.Contains(strings.ReplaceAll(got.Diff, "payments: {deadline: 10s, ", "  "), strings.TrimLeft(line, "+- ")) {
			t.Errorf("the diff lacks %q:\n%s", line, got.Diff)
		}
	}
	after := w.pay()
	if before.Route.Generation != 1 || before.Route.Rule != "odd" || len(before.Attempts) != 2 {
		t.Errorf("before it was %+v", before.Route)
	}
	if after.Route.Generation != 2 || after.Route.Rule != "even" || after.Route.MaxAttempts != 1 || len(after.Attempts) != 1 {
		t.Errorf("after it is %+v", after.Route)
	}
	standing := w.engine.Providers(t.Context(), operator)[0]
	if standing.Timeout != 21*time.Second || standing.Generation != 1 {
		t.Errorf("the account has %v and is of process generation %d", standing.Timeout, standing.Generation)
	}
	page, err := w.engine.Audit(t)
	if err != nil || !strings.Contains(page, "ops reload generation 2: a test") {
		t.Errorf("the audit has %s, %v", page, err)
	}
}

func TestWhatIsLiveIsNoNewGeneration(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	reloaded, err := w.reload("")
	if err != nil || reloaded.Changed || reloaded.Generation.Number != 1 {
		t.Errorf("got %+v, %v", reloaded, err)
	}
	w.write("routes.yaml", "# only a comment\n"+routes("odd"))
	if g := w.mustReload(); g.Number != 2 || !strings.Contains(g.Diff, "+# only a comment") {
		t.Errorf("another text is %+v", g)
	}
}

func TestASecretThatChangedBehindItsReferenceIsANewGeneration(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.write("secret", "one\n")
	s := usual()
	s.more = "  third: { plugin: clerk, settings: { secret: \"${file:secret}\" } }\n"
	w.write("paymux.yaml", s.text(t))
	w.mustReload()
	if reloaded, err := w.reload(""); err != nil || reloaded.Changed {
		t.Fatalf("nothing changed and it is %+v, %v", reloaded, err)
	}
	w.write("secret", "two\n")
	w.mustReload()
	if err := os.Remove(w.path("secret")); err != nil {
		t.Fatal(err)
	}
	_, err := w.reload("")
	if problem := refusal(t, err); !strings.Contains(problem.Error(), "paymux.yaml:7: providers.third.settings.secret") {
		t.Errorf("without the file it says %v", problem)
	}
}

func TestReloadsAreForOperatorsAndComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	if _, err := w.engine.Reload(t.Context(), core.Caller{Actor: "shop"}, ""); !errors.Is(err, core.ErrForbidden) {
		t.Errorf("a merchant gets %v", err)
	}
	w.write("routes.yaml", routes("even"))
	var made atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			reloaded, err := w.reload("")
			if err != nil || reloaded.Generation.Number != 2 {
				t.Errorf("got %+v, %v", reloaded, err)
			}
			if reloaded.Changed {
				made.Add(1)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 || w.live() != 2 {
		t.Errorf("%d reloads made generation %d, want one that made 2", made.Load(), w.live())
	}
}

func TestARemovedKeyIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	s := usual()
	s.head = "auth:\n  keys:\n" + keyLine("desk", "desk-secret", "operator") + keyLine("shop", "shop-secret", "read")
	w.write("paymux.yaml", s.text(t))
	w.mustReload()
	ask := func(secret string) int {
		r := httptest.NewRequest(http.MethodGet, "/v1/transactions", nil)
		r.Header.Set("Authorization", "Bearer "+secret)
		answer := httptest.NewRecorder()
		w.engine.Handler().ServeHTTP(answer, r)
		return answer.Code
	}
	if got := ask("shop-secret"); got != http.StatusOK {
		t.Fatalf("a key that was added gets %d", got)
	}
	if got := ask(""); got != http.StatusUnauthorized {
		t.Errorf("nobody gets %d", got)
	}
	s.head = "auth:\n  keys:\n" + keyLine("desk", "desk-secret", "operator")
	w.write("paymux.yaml", s.text(t))
	w.mustReload()
	if got := ask("shop-secret"); got != http.StatusUnauthorized {
		t.Errorf("a key that was removed gets %d", got)
	}
}

func TestAnAccountWithLiveAttemptsStays(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.pay()
	w.pay()
	without := strings.ReplaceAll(usual().text(t), "  second: ", "  other: ")
	w.write("paymux.yaml", without)
	w.write("routes.yaml", "version: 1\ndefault: { order: [other] }\n")
	_, err := w.reload("")
	problem := refusal(t, err)
	if !strings.Contains(problem.Error(), "providers.second: 2 live and 0 watched attempts: it cannot leave the configuration") {
		t.Errorf("it says %v", problem)
	}
	if tx := w.pay(); tx.Route.Generation != 1 || tx.Attempts[1].Account != "second" {
		t.Errorf("afterwards it is %+v", tx.Route)
	}
	w.write("paymux.yaml", strings.Replace(usual().text(t), "second: { plugin: clerk,", "second: { plugin: clerk, settings: { ends: true },", 1))
	w.write("routes.yaml", routes("odd"))
	w.mustReload() // Settings may change under live attempts.
	page, err := w.engine.Transactions(t.Context(), operator, core.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tx := range page.Items {
		if tx, err = w.engine.Sync(t.Context(), operator, tx.ID); err != nil || tx.State != core.StateFailed {
			t.Fatalf("it is %s, %v", tx.State, err)
		}
	}
	w.write("paymux.yaml", without)
	w.write("routes.yaml", "version: 1\ndefault: { order: [other] }\n")
	_, err = w.reload("")
	if problem := refusal(t, err); !strings.Contains(problem.Error(), "providers.second: 0 live and 3 watched attempts") {
		t.Errorf("of what is watched it says %v", problem)
	}
}

func TestAnAccountWithoutAttemptsComesAndGoes(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	s := usual()
	s.more = "  third: { plugin: clerk }\n"
	w.write("paymux.yaml", s.text(t))
	w.write("routes.yaml", "version: 1\ndefault: { order: [third, second] }\n")
	for range 3 {
		w.mustReload()
		w.write("paymux.yaml", usual().text(t))
		w.write("routes.yaml", routes("odd"))
		w.mustReload()
		if tx := w.pay(); tx.Attempts[1].Account != "second" {
			t.Errorf("without it it is %+v", tx.Route)
		}
		w.write("paymux.yaml", s.text(t))
		w.write("routes.yaml", "version: 1\ndefault: { order: [third, second] }\n")
	}
	w.mustReload()
	if tx := w.pay(); len(tx.Attempts) != 1 || tx.Attempts[0].Account != "third" {
		t.Errorf("back again it is not asked: %+v", tx)
	}
}

func refusal(t *testing.T, err error) *core.Problem {
	t.Helper()
	problem, ok := errors.AsType[*core.Problem](err)
	if !ok || !errors.Is(err, core.ErrConfigurationRefused) {
		t.Fatalf("want it refused, got %v", err)
	}
	return problem
}

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
		"an unreadable file": {func(w *works) { must(t, os.Chmod(w.path("routes.yaml"), 0)) }, "paymux.yaml"},
	}
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// Whatever is wrong with the files, what was live stays, and is told where it is wrong.
func TestSpoiledFilesChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	w.pay()
	keptOld, placed, tried, slowest := 0, 0, 0, time.Duration(0)
	for name, one := range spoiledFiles(t) {
		if name == "an unreadable file" && os.Geteuid() == 0 {
			continue // Root may read it.
		}
		tried++
		one.spoil(w)
		began := time.Now()
		_, err := w.reload(name)
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

// said is what the engine logged.
func (w *works) said() string {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.log.String()
}

// A file that changes is found, however it is changed.
func TestAChangedFileIsLoaded(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	watching, stop := context.WithCancel(t.Context())
	var watch sync.WaitGroup
	watch.Go(func() { w.engine.Watch(watching) })
	defer watch.Wait()
	defer stop()
	number, slowest := uint64(1), time.Duration(0)
	ways := map[string]func(name string){
		"written in place": func(name string) { w.write("routes.yaml", routes(name)) },
		"renamed over": func(name string) {
			w.write("routes.yaml.swp", routes(name))
			must(t, os.Rename(w.path("routes.yaml.swp"), w.path("routes.yaml")))
		},
		"removed and written": func(name string) {
			must(t, os.Remove(w.path("routes.yaml")))
			w.write("routes.yaml", routes(name))
		},
		"written by halves": func(name string) {
			text := routes(name)
			w.write("routes.yaml", text[:len(text)/2])
			w.write("routes.yaml", text)
		},
		"swapped by a link": func(name string) {
			must(t, os.Mkdir(w.path(".."+name), 0o700))
			w.write(filepath.Join(".."+name, "routes.yaml"), routes(name))
			_ = os.Remove(w.path("routes.yaml"))
			must(t, os.Symlink(".."+name, w.path("..data_tmp")), os.Rename(w.path("..data_tmp"), w.path("..data")),
				os.Symlink(filepath.Join("..data", "routes.yaml"), w.path("routes.yaml")))
		},
		"the configuration too": func(name string) {
			s := usual()
			s.head = "# " + name + "\n"
			w.write("paymux.yaml", s.text(t))
		},
	}
	i := 0
	for name, change := range ways {
		began := time.Now()
		i++
		change(fmt.Sprintf("rules-%d", i))
		number++
		w.await(name, func() bool { return w.live() >= number })
		slowest = max(slowest, time.Since(began))
		number = w.live()
		if by := w.engine.ReloadStatus().Live.By; by != "file" {
			t.Errorf("%s: it was by %s", name, by)
		}
	}
	w.write("paymux.yaml", "nonsense: true\n")
	w.await("the refusal", func() bool { return w.engine.ReloadStatus().Failed != nil })
	t.Logf("chaos 23: files changed in %d ways were live within %v each", len(ways), slowest.Round(10*time.Millisecond))
}

// await polls until done says so.
func (w *works) await(what string, done func() bool) {
	w.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			w.Fatalf("%s: it did not happen; the status is %+v", what, w.engine.ReloadStatus())
		}
		time.Sleep(5 * time.Millisecond) // Between two looks.
	}
}
