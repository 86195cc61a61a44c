package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/sdk"
)

func TestAHarmfulTextIsRefusedInWords(t *testing.T) {
	t.Parallel()
	const tooLarge = "paymux.yaml:1: the file is larger than 1048576 bytes, which is the most that is read\n"
	bomb := "a: &a [x, x, x]\n"
	for i := range 20 {
		bomb += string(rune('b'+i)) + ": &" + string(rune('b'+i)) + " [*" + string(rune('a'+i)) + ", *" + string(rune('a'+i)) + "]\n"
	}
	tests := map[string]struct{ text, want string }{
		"5 MB of keys":        {strings.Repeat("mode: test\n", 5<<20/11), tooLarge},
		"10 MB of (":          {strings.Repeat("(", 10<<20), tooLarge},
		"1 MiB of (":          {strings.Repeat("(", 1<<20), "paymux.yaml:1: must hold keys and values\n"},
		"1 MiB of [":          {strings.Repeat("[", 1<<20), "paymux.yaml:1: not YAML: exceeded max depth of 10000\n"},
		"nesting of 40":       {strings.Repeat("[", 40) + strings.Repeat("]", 40), "paymux.yaml:1: nested deeper than 32 levels\n"},
		"an alias bomb":       {bomb, ""},
		"a tag":               {"mode: !!binary dGVzdA==\n", "paymux.yaml:1: tags are not read: leave it out, or put the text in quotes\n"},
		"a mapping as key":    {"{a: b}: c\n", "paymux.yaml:1: a key must be one word\n"},
		"bytes that are none": {"mode: \xff\xfe\n", "paymux.yaml:1: not YAML: invalid leading UTF-8 octet\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, found := config.Parse("paymux.yaml", []byte(test.text), nil)
			if cfg != nil || !core.Failed(found) {
				t.Error("the text was accepted")
			}
			if diff := cmp.Diff(test.want, text(found)); test.want != "" && diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("mode: test\nserver: { listen: \"127.0.0.1:0\" }\n"), "PAYMUX_LOG__LEVEL=info")
	f.Add([]byte("providers: { a: { plugin: b, settings: { c: \"${env:X}\" } } }"), "PAYMUX_PROVIDERS__A__SETTINGS__C=${file:y}")
	f.Add([]byte("auth: { keys: [ { id: a, scopes: read } ] }"), "PAYMUX_AUTH__KEYS=x")
	f.Add([]byte("a: &a [*a]"), "PAYMUX___=")
	f.Fuzz(func(t *testing.T, content []byte, variable string) {
		cfg, found := config.Parse("paymux.yaml", content, []string{variable})
		if (cfg == nil) != core.Failed(found) {
			t.Fatalf("a configuration and an error exclude each other: %s", text(found))
		}
		if cfg == nil {
			return
		}
		for account := range cfg.Providers {
			cfg.CheckSettings(account, sdk.Schema{{Name: "c", Kind: sdk.FieldString, Required: true}})
		}
	})
}
