package engine_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
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
	if g := w.mustReload(); !strings.Contains(g.Diff, "the files are the same: a secret behind a reference") {
		t.Errorf("the diff is %q", g.Diff)
	}
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

func refusal(t *testing.T, err error) *core.Problem {
	t.Helper()
	problem, ok := errors.AsType[*core.Problem](err)
	if !ok || !errors.Is(err, core.ErrConfigurationRefused) {
		t.Fatalf("want it refused, got %v", err)
	}
	return problem
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// said is what the engine logged.
func (w *works) said() string {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.log.String()
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
