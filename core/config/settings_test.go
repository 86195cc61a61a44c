package config_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/sdk"
)

const accountFile = `mode: %s
plugins:
  acme: { path: bin/acme, sha256: "9f2c000000000000000000000000000000000000000000000000000000000000" }
providers:
  acme-ci:
    plugin: acme
    settings:
%s
`

func mustAccount(t *testing.T, mode, settings string, environ ...string) *config.Config {
	t.Helper()
	name := filepath.Join(t.TempDir(), "paymux.yaml")
	cfg, found := config.Parse(name, fmt.Appendf(nil, accountFile, mode, indent(settings)), environ)
	if core.Failed(found) {
		t.Fatal(text(found))
	}
	return cfg
}

func indent(settings string) string {
	return "      " + strings.ReplaceAll(settings, "\n", "\n      ")
}

// relative drops the folder, which differs from run to run.
func relative(cfg *config.Config, found []core.Diagnostic) string {
	return strings.ReplaceAll(text(found), filepath.Dir(cfg.File())+string(filepath.Separator), "")
}

func schema() sdk.Schema {
	return sdk.Schema{
		{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "The key of the site."},
		{Name: "site_id", Kind: sdk.FieldString, Required: true},
		{Name: "base_url", Kind: sdk.FieldURL, Default: "https://api.example.com"},
		{Name: "channel", Kind: sdk.FieldString, Enum: []string{"ALL", "CARD"}},
		{Name: "retries", Kind: sdk.FieldInt},
		{Name: "paths", Kind: sdk.FieldMap},
	}
}

func TestSettingsAreCheckedAgainstTheSchemaLineByLine(t *testing.T) {
	t.Parallel()
	cfg := mustAccount(t, "test", `site_id: 445160
base_url: "api.example.com"
channel: "do-not-print-me"
retries: 1.5
paths: { create: 1 }
chanel: "CARD"`)
	want := `paymux.yaml:7: providers.acme-ci.settings.api_key: required
paymux.yaml:8: providers.acme-ci.settings.site_id: wrong value: must be text; put it in quotes
paymux.yaml:9: providers.acme-ci.settings.base_url: wrong value: must be an absolute http or https URL
paymux.yaml:10: providers.acme-ci.settings.channel: wrong value: must be one of ALL, CARD
paymux.yaml:11: providers.acme-ci.settings.retries: wrong value: must be a whole number
paymux.yaml:12: providers.acme-ci.settings.paths: wrong value: must map texts to texts; see create
paymux.yaml:13: providers.acme-ci.settings.chanel: unknown setting: known are api_key, site_id, base_url, channel, retries, paths
`
	if diff := cmp.Diff(want, relative(cfg, cfg.CheckSettings("acme-ci", schema()))); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestCheckingSettingsResolvesNothing(t *testing.T) {
	t.Parallel()
	cfg := mustAccount(t, "test", `api_key: "${env:ABSENT}"
site_id: "${exec:touch ran}"
base_url: "${file:absent}"
chanel: "${env:ABSENT}"`)
	want := "paymux.yaml:11: providers.acme-ci.settings.chanel: unknown setting: known are api_key, site_id, base_url, channel, retries, paths\n"
	got := cfg.CheckSettings("acme-ci", schema())
	if diff := cmp.Diff(want, relative(cfg, got)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(cfg.File()), "ran")); err == nil {
		t.Error("a command ran")
	}
}

func TestReferencesAreResolvedWhenAnAccountIsOpened(t *testing.T) {
	t.Parallel()
	cfg := mustAccount(t, "test", `api_key: "Bearer ${env:TOKEN}/${file:secret} $${env:TOKEN}"
site_id: "${exec:printf %s 445160}"
retries: 3
paths: { create: "/v2/${env:TOKEN}" }`, "TOKEN=t0ken")
	secret := filepath.Join(filepath.Dir(cfg.File()), "secret")
	if err := os.WriteFile(secret, []byte("s3cret\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, found := cfg.ResolveSettings(t.Context(), "acme-ci", schema())
	if len(found) > 0 {
		t.Fatal(text(found))
	}
	want := map[string]any{
		"api_key": "Bearer t0ken/s3cret ${env:TOKEN}", "site_id": "445160", "base_url": "https://api.example.com",
		"retries": int64(3), "paths": map[string]string{"create": "/v2/t0ken"},
	}
	if diff := cmp.Diff(want, settings.Raw()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestAReferenceThatCannotBeResolvedIsNamedAndNotItsValue(t *testing.T) {
	t.Parallel()
	cfg := mustAccount(t, "test", `a: "${env:ABSENT}"
b: "${env:EMPTY} and ${file:absent}"
c: "${exec:sh failing}"
d: "${exec:no-such-command-here x}"
e: [ "${file:large}" ]
f: "${exec:cat large}"
g: { deep: "${file:.}" }`, "EMPTY=")
	folder := filepath.Dir(cfg.File())
	for name, content := range map[string]string{
		"failing": "echo do-not-print-me; echo do-not-print-me >&2; exit 3\n", "large": strings.Repeat("x", 1<<20),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names := make(sdk.Schema, 0, 7)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		names = append(names, sdk.Field{Name: name, Kind: sdk.FieldString})
	}
	_, found := cfg.ResolveSettings(t.Context(), "acme-ci", names)
	lines := strings.Split(strings.TrimSuffix(relative(cfg, found), "\n"), "\n")
	want := []string{
		"paymux.yaml:8: providers.acme-ci.settings.a: ${env:ABSENT}: has no value",
		"paymux.yaml:9: providers.acme-ci.settings.b: ${env:EMPTY}: has no value",
		"paymux.yaml:9: providers.acme-ci.settings.b: ${file:absent}: cannot be read: no such file or directory",
		"paymux.yaml:10: providers.acme-ci.settings.c: ${exec:sh failing}: failed: exit status 3",
		"paymux.yaml:11: providers.acme-ci.settings.d: ${exec:no-such-command-here x}: there is no such command",
		"paymux.yaml:12: providers.acme-ci.settings.e[0]: ${file:large}: is too large for a secret",
		"paymux.yaml:13: providers.acme-ci.settings.f: ${exec:cat large}: is too large for a secret",
		"paymux.yaml:14: providers.acme-ci.settings.g.deep: ${file:.}: cannot be read: is a directory",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestAReferenceThatCannotBeResolvedHidesNoOtherFault(t *testing.T) {
	t.Parallel()
	cfg := mustAccount(t, "test", `api_key: "${env:ABSENT}"
site_id: 445160
chanel: "CARD"`)
	want := `paymux.yaml:8: providers.acme-ci.settings.api_key: ${env:ABSENT}: has no value
paymux.yaml:9: providers.acme-ci.settings.site_id: wrong value: must be text; put it in quotes
paymux.yaml:10: providers.acme-ci.settings.chanel: unknown setting: known are api_key, site_id, base_url, channel, retries, paths
`
	_, found := cfg.ResolveSettings(t.Context(), "acme-ci", schema())
	if diff := cmp.Diff(want, relative(cfg, found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestACommandEndsWithItsContext(t *testing.T) {
	t.Parallel()
	cfg := mustAccount(t, "test", `api_key: "${exec:sleep 60}"
site_id: "s"`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, found := cfg.ResolveSettings(ctx, "acme-ci", schema())
	want := "paymux.yaml:8: providers.acme-ci.settings.api_key: ${exec:sleep 60}: gave no answer in time\n"
	if diff := cmp.Diff(want, relative(cfg, found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestModeLiveRefusesALoopbackURLBehindAReference(t *testing.T) {
	t.Parallel()
	cfg := mustAccount(t, "live", `api_key: "k"
site_id: "s"
base_url: "${env:BASE}"`, "BASE=http://localhost:9000")
	_, found := cfg.ResolveSettings(t.Context(), "acme-ci", schema())
	want := "paymux.yaml:10: providers.acme-ci.settings.base_url: mode live does not talk to this machine instead of a provider\n"
	if diff := cmp.Diff(want, relative(cfg, found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestAVariableChangesASetting(t *testing.T) {
	t.Parallel()
	cfg := mustAccount(t, "test", `api_key: "k"
site_id: "from the file"`, "PAYMUX_PROVIDERS__ACME_CI__SETTINGS__SITE_ID=from outside")
	settings, found := cfg.ResolveSettings(t.Context(), "acme-ci", schema())
	if diff := cmp.Diff("from outside", settings.Text("site_id")); diff != "" || len(found) > 0 {
		t.Errorf("site_id (-want +got):\n%s%s", diff, text(found))
	}
}

func TestAPluginsDiagnosticsGetTheirLines(t *testing.T) {
	t.Parallel()
	cfg := mustAccount(t, "test", "api_key: \"k\"\nsite_id: \"s\"")
	found := cfg.PlaceSettings("acme-ci", sdk.Diagnostics{
		{Path: "site_id", Summary: "not active", Detail: "ask the provider", Warning: true}, {Summary: "login failed"},
	})
	want := "paymux.yaml:7: providers.acme-ci.settings: login failed\n" +
		"paymux.yaml:9: warning: providers.acme-ci.settings.site_id: not active: ask the provider\n"
	if diff := cmp.Diff(want, relative(cfg, found)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestNoPrintOfAConfigurationShowsASetting(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-in-clear"
	cfg := mustAccount(t, "test", `api_key: "`+secret+`"
site_id: "${env:SITE}"`, "SITE="+secret)
	settings, found := cfg.ResolveSettings(t.Context(), "acme-ci", schema())
	if len(found) > 0 {
		t.Fatal(text(found))
	}
	if settings.Text("api_key") != secret || settings.Text("site_id") != secret {
		t.Fatal("the control fails: the settings do not hold the secret")
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("config", "config", cfg, "value", *cfg, "settings", settings)
	encoded, err := json.Marshal([]any{cfg, settings})
	if err != nil {
		t.Fatal(err)
	}
	hidden := struct{ cfg config.Config }{*cfg}
	prints := []string{
		fmt.Sprint(cfg), fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg), fmt.Sprintf("%v %+v %#v", *cfg, *cfg, *cfg),
		fmt.Sprintf("%+v %#v", hidden, &hidden), fmt.Sprintf("%+v %#v", settings, settings), string(encoded), logged.String(),
	}
	for _, print := range prints {
		if strings.Contains(print, secret) {
			t.Errorf("the secret shows in %s", print)
		}
	}
}
