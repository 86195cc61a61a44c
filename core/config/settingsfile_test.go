package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/config"
)

func TestAFileOfSettingsAloneIsRead(t *testing.T) {
	t.Parallel()
	for words, test := range map[string]struct{ text, want, key string }{
		"well":            {"api_key: \"${env:KEY}!\"\nsite_id: \"445160\"\n", "", "t0ken!"},
		"it is empty":     {"", "f.yaml: api_key: required\nf.yaml: site_id: required\n", ""},
		"a wrong word":    {"api_kee: x\nsite_id: \"1\"\n", "f.yaml: api_key: required\nf.yaml:1: api_kee: unknown setting: known are api_key, site_id, base_url, channel, retries, paths\n", ""},
		"no such secret":  {"site_id: \"1\"\napi_key: ${env:ABSENT}\n", "f.yaml:2: api_key: ${env:ABSENT}: has no value\n", ""},
		"it is no YAML":   {"a: [\n", "f.yaml:1: not YAML: did not find expected node content\n", ""},
		"a number for it": {"api_key: k\nsite_id: 445160\n", "f.yaml:2: site_id: wrong value: must be text; put it in quotes\n", ""},
	} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "f.yaml")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			settings, found := config.LoadSettings(t.Context(), config.Options{Path: path, Environ: []string{"KEY=t0ken"}}, schema())
			got := ""
			for _, one := range found {
				one.File = filepath.Base(one.File)
				got += one.String() + "\n"
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if settings.Text("api_key") != test.key {
				t.Errorf("the key is %q, want %q", settings.Text("api_key"), test.key)
			}
		})
	}
	if _, found := config.LoadSettings(t.Context(), config.Options{Path: "absent.yaml"}, schema()); len(found) != 1 {
		t.Errorf("a file that is not there: %v", found)
	}
}
