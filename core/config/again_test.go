//go:build unix

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
)

// written is a configuration in a file, read with a flag.
func written(t *testing.T, text string) (*config.Config, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "paymux.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, found := config.Load(config.Options{Path: name, Overrides: map[string]string{"server.listen": "127.0.0.1:1"}})
	if core.Failed(found) {
		t.Fatal(found)
	}
	return cfg, name
}

func TestAConfigurationIsReadAgainAsTheFirstTime(t *testing.T) {
	t.Parallel()
	cfg, name := written(t, "payments: { max_attempts: 2 }\n")
	if err := os.WriteFile(name, []byte("payments: { max_attempts: 4 }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, found := cfg.Again()
	if core.Failed(found) || again.Payments.MaxAttempts != 4 || again.Server.Listen != "127.0.0.1:1" || again.SHA256() == cfg.SHA256() {
		t.Errorf("it is %+v, %v", again, found)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if again, found := cfg.Again(); again != nil || len(found) != 1 || !strings.Contains(found[0].String(), "no regular file") {
		t.Errorf("a pipe is %v", found)
	}
	kept, _ := config.Parse(name, []byte("log: { level: warn }\n"), nil)
	if again, found := kept.Again(); core.Failed(found) || again.Log.Level != "warn" || again.FromFile() || !cfg.FromFile() {
		t.Errorf("a text that was given is %+v, %v", again, found)
	}
}

func TestWhatARunningEngineCannotChange(t *testing.T) {
	t.Parallel()
	parse := func(text string) *config.Config {
		cfg, found := config.Parse("paymux.yaml", []byte(text), nil)
		if cfg == nil {
			t.Fatal(found)
		}
		return cfg
	}
	old := parse("log: { level: info }\n")
	next := parse("mode: live\nserver: { listen: \"127.0.0.1:9\", public_url: \"https://pay.example\", trusted_proxies: 2 }\nstore: { path: x.db }\n" +
		"log:\n  level: warn\n  format: text\npayments: { max_attempts: 1 }\nretention: { inbox: 24h }\n")
	var got []string
	for _, d := range old.NeedsRestart(next) {
		got = append(got, strings.SplitAfter(d.String(), "needs a restart")[0])
	}
	want := []string{
		"paymux.yaml:1: mode: needs a restart", "paymux.yaml:2: server.listen: needs a restart",
		"paymux.yaml:3: store.path: needs a restart", "paymux.yaml:6: log.format: needs a restart",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if same := next.NeedsRestart(next); len(same) > 0 {
		t.Errorf("the same needs a restart: %v", same)
	}
}

func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	cfg, found := config.Parse("paymux.yaml", []byte(`# canary-1
plugins: { p: { path: p, dev: true } }   # canary-2
providers:
  a:
    # canary-3
    plugin: p
    settings:
      key: canary-4
      list: [canary-5, { deep: canary-6 }]
      number: 4444
      folded: >
        canary-7
      half: "canary-8 ${env:NAME}"
      command: "${exec:cat canary-9}"
      reference: "${env:NAME}"
      two: "${env:NAME}${file:/run/x}"
    limits: { timeout: 7s }
`), nil)
	if cfg == nil {
		t.Fatal(found)
	}
	shown := cfg.Shown()
	if strings.Contains(shown, "canary") || strings.Contains(shown, "4444") {
		t.Errorf("a secret is shown:\n%s", shown)
	}
	for _, seen := range []string{`reference: "${env:NAME}"`, `"${env:NAME}${file:/run/x}"`, "key: (hidden)", "plugin: p", "timeout: 7s", "dev: true"} {
		if !strings.Contains(shown, seen) {
			t.Errorf("%s is not shown:\n%s", seen, shown)
		}
	}
}

func TestTheLastKeyIsNotTakenAwayFromARunningEngine(t *testing.T) {
	t.Parallel()
	parse := func(text string) *config.Config {
		cfg, found := config.Parse("paymux.yaml", []byte(text), nil)
		if core.Failed(found) {
			t.Fatal(found)
		}
		return cfg
	}
	key := func(id string) string {
		return "  - { id: " + id + ", sha256: " + strings.Repeat("ab", 31) + id + ", scopes: [read] }\n"
	}
	two, one, none := parse("auth:\n  keys:\n"+key("aa")+key("bb")), parse("auth:\n  keys:\n"+key("aa")), parse("log: { level: warn }\n")
	found := one.NeedsRestart(none)
	if len(found) != 1 || !strings.Contains(found[0].String(), "auth.keys: needs a restart: without any key everybody") {
		t.Errorf("without its last key it is %v", found)
	}
	for _, fine := range [][2]*config.Config{{two, one}, {none, one}, {none, none}} {
		if found := fine[0].NeedsRestart(fine[1]); len(found) > 0 {
			t.Errorf("it is refused: %v", found)
		}
	}
}
