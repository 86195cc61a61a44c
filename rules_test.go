package paymux_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheAnnotatedRulesHoldForWhatThePluginsCanDo asks the plugins themselves. They
// say what an account can do without a call to anybody.
func TestTheAnnotatedRulesHoldForWhatThePluginsCanDo(t *testing.T) {
	t.Parallel()
	readFolders(t)
	bin, all := filepath.Join(t.TempDir(), "bin"), plugins()
	buildAll(t, bin, len(all))
	test := func(routes string) (string, error) {
		command := exec.CommandContext(t.Context(), filepath.Join(bin, "engine"),
			"routes", "test", routes, "-c", "examples/routing/paymux.yaml", "--plugins")
		command.Env = os.Environ()
		for name := range all {
			command.Env = append(command.Env, "PAYMUX_PLUGINS__"+strings.ToUpper(name)+"__PATH="+filepath.Join(bin, name))
		}
		said, err := command.CombinedOutput()
		return string(said), err
	}
	const rules = "examples/routing/routes.yaml"
	if said, err := test(rules); err != nil {
		t.Errorf("engine routes test: %v\n%s", err, said)
	}
	// A rule that EnovePay could not serve is noticed, else nobody was asked.
	text, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	spoiled := filepath.Join(t.TempDir(), "routes.yaml")
	if err := os.WriteFile(spoiled, []byte(strings.ReplaceAll(string(text), "network: FREE", "network: MPESA")), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := test(spoiled); err == nil {
		t.Errorf("a network that EnovePay does not serve in Senegal passes:\n%s", said)
	}
}
