package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
)

func TestFlagsGoBeforeTheEnvironmentBeforeTheFileBeforeDefaults(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "paymux.yaml")
	content := "server: { listen: \"127.0.0.1:1111\", trusted_proxies: 1 }\nlog: { level: warn, format: text }\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, found := config.Load(config.Options{
		Path:      file,
		Environ:   []string{"PAYMUX_SERVER__LISTEN=127.0.0.1:2222", "PAYMUX_LOG__LEVEL=error", "PAYMUX_STORE__PATH=other.db"},
		Overrides: map[string]string{"server.listen": "127.0.0.1:3333"},
	})
	if core.Failed(found) {
		t.Fatal(text(found))
	}
	got := []any{cfg.Server.Listen, cfg.Log.Level, cfg.Log.Format, cfg.Server.TrustedProxies, cfg.Payments.MaxAttempts, cfg.Store.Path, cfg.Routing.File}
	want := []any{"127.0.0.1:3333", "error", "text", 1, 3, "other.db", filepath.Join(filepath.Dir(file), "routes.yaml")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestTheEnvironmentSetsEveryKindOfValue(t *testing.T) {
	t.Parallel()
	cfg := mustParse(t, "testdata/whole.yaml", []string{
		"PAYMUX_PROVIDERS__CINETPAY_CI__ENABLED=true",
		"PAYMUX_PROVIDERS__CINETPAY-CI__LIMITS__RATE=5/s",
		"PAYMUX_PAYMENTS__DEADLINE=1m",
		"PAYMUX_PAYMENTS__MAX_ATTEMPTS=1",
		"PAYMUX_RECONCILE__POLL=1s, 2s",
		"PAYMUX_SERVER__PUBLIC_URL=",
		"PAYMUX_KEY=pmx_secret", "PAYMUX_URL=http://elsewhere", "OTHER__NAME=x",
	})
	account := cfg.Providers["cinetpay-ci"]
	got := []any{account.Enabled, account.Limits.Rate, account.Limits.Concurrency, cfg.Payments, cfg.Reconcile.Poll, cfg.Server.PublicURL}
	want := []any{
		true,
		config.Rate{Calls: 5, Per: time.Second},
		8,
		config.Payments{Deadline: time.Minute, MaxAttempts: 1, OpenMax: 5000},
		[]time.Duration{time.Second, 2 * time.Second},
		"",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestEveryWrongVariableAndFlagIsReportedByName(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "paymux.yaml")
	if err := os.WriteFile(file, mustRead(t, "testdata/whole.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, found := config.Load(config.Options{
		Path: file,
		Environ: []string{
			"PAYMUX_KEY=pmx_do_not_print_me",
			"PAYMUX_AUTH__KEYS=x",
			"PAYMUX_LOG__LEVEL=loud",
			"PAYMUX_PAYMENTS__DEADLINE=20",
			"PAYMUX_PROVIDERS__CENOA_TR__SETTINGS__API_KEY=${env:do_not_print_me",
			"PAYMUX_PROVIDERS__NUMIPAY__ENABLED=true",
			"PAYMUX_SERVER__LISTN=x",
			"PAYMUX_STORE__DSN=do_not_print_me",
			"PAYMUX_TELEMETRY__OTLP_ENDPOINT=x",
			"PAYMUX_SERVER__LISTEN__PORT=1",
			"PAYMUX_SERVER=x",
		},
		Overrides: map[string]string{"mode": "dev", "server.prot": "1"},
	})
	warning := file + ":11: warning: plugins.cenoa.dev: the plugin is started whatever its checksum is\n"
	golden(t, "testdata/variables.txt", strings.TrimPrefix(text(found), warning))
}

func TestAFileThatIsNotThereIsOneFault(t *testing.T) {
	t.Parallel()
	_, found := config.Load(config.Options{Path: "testdata/absent.yaml"})
	if diff := cmp.Diff("testdata/absent.yaml: cannot be read: no such file or directory\n", text(found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}
