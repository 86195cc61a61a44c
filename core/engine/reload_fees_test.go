package engine_test

import (
	"strings"
	"testing"
)

// cheapestRoutes ask the second account first only where the fees are known.
const cheapestRoutes = `version: 1
rules:
  - { name: cheap, match: { kind: payment, currency: XOF }, use: { cheapest: [first, second] } }
default: { order: [first] }
tests:
  - { name: the second costs less, given: { kind: payment, currency: XOF, amount: "5000" }, expect: [second, first] }
`

// The tests of rules count the fees of the same files, at a reload as at a start.
func TestAReloadKnowsWhatItsAccountsCost(t *testing.T) {
	t.Parallel()
	w := newWorks(t)
	priced := func(first, second string) string {
		text := usual().text(t)
		for name, percent := range map[string]string{"first": first, "second": second} {
			text = strings.Replace(text, name+": ", name+`: { fees: { percent: "`+percent+`" }, plugin: clerk }`+"\n  #", 1)
		}
		return text
	}
	w.write("paymux.yaml", priced("2.5", "1.5"))
	w.write("routes.yaml", cheapestRoutes)
	reloaded, err := w.reload("fees")
	if err != nil || !reloaded.Changed {
		t.Fatalf("want another generation, got %+v, %v", reloaded, err)
	}
	for _, warning := range reloaded.Warnings {
		if strings.Contains(warning.Message, "fee") {
			t.Errorf("a warning although both fees are known: %s", warning)
		}
	}
	w.write("paymux.yaml", priced("1.5", "2.5"))
	if _, err := w.reload("the other way round"); err == nil {
		t.Error("a test of the rules that fails with the new fees does not refuse the reload")
	}
}
