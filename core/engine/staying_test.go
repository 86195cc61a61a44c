package engine_test

import (
	"testing"

	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
)

// An account whose plugin runs inside this process is in no file: a reload leaves it
// as it is, and a drain with it.
func TestAccountsInsideThisProcessStayOverAReload(t *testing.T) {
	t.Parallel()
	inside := &desk{name: "desk", create: sdk.Result{Outcome: sdk.OutcomePending}}
	w := newWorks(t, func(options engine.Options) engine.Options {
		options.Providers = map[string]engine.Provider{"inside": {Plugin: inside}}
		return options
	})
	for i, name := range []string{"odd", "even", "odd"} {
		changed := usual()
		changed.head = "# " + name + "\n"
		w.write("paymux.yaml", changed.text(t))
		w.write("routes.yaml", "version: 1\n# "+name+"\ndefault: { order: [inside, second] }\n")
		w.mustReload()
		if tx := w.pay(); tx.Attempts[0].Account != "inside" || tx.Route.Generation != uint64(i+2) {
			t.Errorf("after reload %d it is at %s by %+v", i+1, tx.Attempts[0].Account, tx.Route)
		}
	}
	for _, account := range []string{"inside", "first"} {
		if _, err := w.engine.DrainAccount(t.Context(), operator, account, "a bad day"); err != nil {
			t.Fatal(err)
		}
	}
	w.write("routes.yaml", "version: 1\ndefault: { order: [inside, first, second] }\n")
	w.mustReload()
	if tx := w.pay(); tx.Attempts[0].Account != "second" {
		t.Errorf("of the drained it is asked first: %s", tx.Attempts[0].Account)
	}
	inside.mu.Lock()
	defer inside.mu.Unlock()
	if len(inside.calls) != 3 {
		t.Errorf("it was told %v, want three payments", inside.calls)
	}
}
