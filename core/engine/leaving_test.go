package engine_test

import (
	"strings"
	"testing"

	"github.com/paymux/paymux/core"
)

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
