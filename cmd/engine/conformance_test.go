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

	"github.com/paymux/paymux/examples/demo/local"
	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk/conformance"
)

// testEnovePay runs engine plugin test on EnovePay's real plugin with settings, and
// returns the exit code and what was printed.
func testEnovePay(t *testing.T, settings string, flags ...string) (code int, out, fault string) {
	t.Helper()
	return testPlugin(t, local.EnovePay, settings, flags...)
}

func testPlugin(t *testing.T, plugin, settings string, flags ...string) (code int, out, fault string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(filepath.Dir(programs(t).Engine), plugin)
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"plugin", "test", binary, "--settings", file}, flags...), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func settingsAt(url, token string) string {
	return fmt.Sprintf("base_url: %s\napi_token: %s\nclient_secret_key: %s\ntimeout: 20s\n", url, token, enovepay.ClientSecretKey)
}

func TestTheRealPluginsKeepTheContractAsBinaries(t *testing.T) {
	plugins := []account{atEnovePay("", started(t, enovepay.New(enovepay.Options{})))}
	if atLength() {
		plugins = append(plugins,
			atCinetPay("", started(t, cinetpay.New(cinetpay.Options{}))),
			atNumipay("", started(t, numipay.New(numipay.Options{}))).with(map[string]any{"currencies": "EUR, GBP", "payout_approval": "true"}),
			atCenoa("", started(t, cenoa.New(cenoa.Options{}))).with(map[string]any{"call_gap": "1ns"}),
		)
	}
	kept := 0
	for _, one := range plugins {
		settings, err := json.Marshal(one.with(map[string]any{"timeout": "20s"}).settings) // JSON is YAML too.
		if err != nil {
			t.Fatal(err)
		}
		code, out, fault := testPlugin(t, one.plugin, string(settings), "--json")
		var report conformance.Report
		if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || report.Plugin != one.plugin || len(report.Findings) < 25 {
			t.Errorf("%s: exit code %d, %v\n%s%s", one.plugin, code, err, out, fault)
			continue
		}
		kept++
	}
	t.Logf("chaos 39: %d of %d real plugins keep every clause of the contract as binaries", kept, len(plugins))
}

func TestAPluginThatBreaksTheContractEndsWithOne(t *testing.T) {
	sandbox := started(t, enovepay.New(enovepay.Options{}))
	code, out, fault := testEnovePay(t, settingsAt("http://127.0.0.1:1", "not-the-token"), "--sandbox", sandbox.URL())
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
			code, _, fault := testEnovePay(t, c.settings)
			if code != c.code || !strings.Contains(fault, c.want) {
				t.Errorf("exit code %d: %s", code, fault)
			}
		})
	}
	if diff := cmp.Diff(0, len(sandbox.State().Transactions)); diff != "" {
		t.Errorf("transactions (-want +got):\n%s", diff)
	}
}
