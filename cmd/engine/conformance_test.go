package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	"github.com/paymux/paymux/sdk/conformance"
)

// testPlugin runs engine plugin test on EnovePay's real plugin with settings, and
// returns the exit code and what was printed.
func testPlugin(t *testing.T, settings string, flags ...string) (code int, out, fault string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(filepath.Dir(programs(t).Engine), "enovepay")
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"plugin", "test", binary, "--settings", file}, flags...), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func settingsAt(url, token string) string {
	return fmt.Sprintf("base_url: %s\napi_token: %s\nclient_secret_key: %s\ntimeout: 20s\n", url, token, enovepay.ClientSecretKey)
}

func TestARealPluginKeepsTheContractAsABinary(t *testing.T) {
	sandbox := started(t, enovepay.New(enovepay.Options{}))
	code, out, fault := testPlugin(t, settingsAt(sandbox.URL(), enovepay.APIToken), "--json")
	var report conformance.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, out, fault)
	}
	for _, f := range report.Findings {
		if f.Verdict != conformance.Pass {
			t.Errorf("%s: %s: %s", f.Clause, f.Verdict, f.Seen)
		}
	}
	if report.Plugin != "enovepay" || len(report.Findings) < 25 {
		t.Errorf("a report of %s with %d findings", report.Plugin, len(report.Findings))
	}
}

func TestAPluginThatBreaksTheContractEndsWithOne(t *testing.T) {
	sandbox := started(t, enovepay.New(enovepay.Options{}))
	code, out, fault := testPlugin(t, settingsAt("http://127.0.0.1:1", "not-the-token"), "--sandbox", sandbox.URL())
	if code != exitNegative || !strings.Contains(fault, "enovepay does not keep the contract: the manifest agrees") {
		t.Errorf("exit code %d: %s", code, fault)
	}
	for _, want := range []string{"CLAUSE", "describe is stable", "pass", "FAIL declined is not a fault", "  mend  "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out+fault, "not-the-token") {
		t.Error("a secret is printed")
	}
}

func TestNothingIsOrderedOfWhatIsNoSandbox(t *testing.T) {
	sandbox := started(t, enovepay.New(enovepay.Options{}))
	for name, c := range map[string]struct {
		settings string
		want     string
		code     int
	}{
		"an address without a script": {settingsAt("http://127.0.0.1:1", "t"), "no sandbox at http://127.0.0.1:1", exitNegative},
		"no address":                  {"api_token: t\n", "no sandbox: give its URL, or let the setting base_url hold it", exitUsage},
		"a setting that is none":      {settingsAt(sandbox.URL(), "t") + "api_tokne: hush\n", "the settings: api_tokne: unknown setting", exitUsage},
		"settings that are no map":    {"- a\n", "settings.yaml", exitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, fault := testPlugin(t, c.settings)
			if code != c.code || !strings.Contains(fault, c.want) {
				t.Errorf("exit code %d: %s", code, fault)
			}
		})
	}
	if diff := cmp.Diff(0, len(sandbox.State().Transactions)); diff != "" {
		t.Errorf("transactions (-want +got):\n%s", diff)
	}
}
