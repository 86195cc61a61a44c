package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v3"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
)

// schemaOf returns the schema ready to validate.
func schemaOf(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	var schema jsonschema.Schema
	if err := json.Unmarshal(config.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// valueOf is what an editor sees in a text.
func valueOf(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	if value == nil {
		return map[string]any{}
	}
	return value
}

func TestTheSchemaTakesWhatIsRead(t *testing.T) {
	t.Parallel()
	const plugin = `plugins: { p: { path: bin/p, sha256: "9f2c000000000000000000000000000000000000000000000000000000000000" } }` + "\n"
	for name, text := range map[string]string{
		"every key":             string(mustRead(t, "testdata/whole.yaml")),
		"the README's":          fromREADME(t, "# paymux.yaml"),
		"nothing":               "",
		"one fee":               plugin + `providers: { a: { plugin: p, fees: { percent: "2.5" } } }`,
		"a fee for a currency":  plugin + `providers: { a: { plugin: p, fees: [ { currency: XOF, percent: "1.9", fixed: "50" }, { percent: "3" } ] } }`,
		"long durations":        `payments: { deadline: 1m30s }` + "\n" + `retention: { inbox: 1.5h }`,
		"an address of a name":  `server: { listen: "localhost:8080" }`,
		"an address with IPv6":  `server: { listen: "[::1]:0" }`,
		"settings of all kinds": plugin + `providers: { a: { plugin: p, settings: { n: 1, on: true, list: [a], text: x } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, found := config.Parse("paymux.yaml", []byte(text), nil); core.Failed(found) {
				t.Fatal(found)
			}
			if err := schemaOf(t).Validate(valueOf(t, []byte(text))); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTheSchemaRefuses changes one value at a time; the loader refuses each too.
func TestTheSchemaRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"an unknown key":              `servr: {}`,
		"an unknown key below":        `server: { listn: "127.0.0.1:8080" }`,
		"a mode that is none":         `mode: lvie`,
		"a number for a word":         `mode: 1`,
		"text for a section":          `server: "127.0.0.1:8080"`,
		"a list for a section":        `log: [info]`,
		"an address without a port":   `server: { listen: "127.0.0.1" }`,
		"a URL of another kind":       `server: { public_url: "ftp://pay.example.com" }`,
		"too many proxies":            `server: { trusted_proxies: 9 }`,
		"a store that is none":        `store: { driver: sqlite }`,
		"an empty path":               `store: { path: "" }`,
		"a key without effect":        `telemetry: { otlp_endpoint: "" }`,
		"a duration without a unit":   `payments: { deadline: 20 }`,
		"a duration that is a text":   `payments: { deadline: "20" }`,
		"a duration in a list":        `reconcile: { poll: [5s, 15] }`,
		"too many attempts":           `payments: { max_attempts: 6 }`,
		"a name with a space":         `plugins: { "a b": { path: bin/p, dev: true } }`,
		"a plugin without a path":     `plugins: { p: { dev: true } }`,
		"a short checksum":            `plugins: { p: { path: bin/p, sha256: "9f2c" } }`,
		"truth in quotes":             `plugins: { p: { path: bin/p, dev: "true" } }`,
		"a variable with its value":   `plugins: { p: { path: bin/p, dev: true, environment: [HTTP_PROXY=http://proxy] } }`,
		"an account without a plugin": `providers: { a: {} }`,
		"a rate without a time":       `providers: { a: { plugin: p, limits: { rate: "100" } } }`,
		"a percentage as a number":    `providers: { a: { plugin: p, fees: { percent: 2.5 } } }`,
		"a fee with another key":      `providers: { a: { plugin: p, fees: { percent: "2.5", per: call } } }`,
		"a key without scopes":        `auth: { keys: [ { id: a, sha256: "cd34000000000000000000000000000000000000000000000000000000000000" } ] }`,
		"a scope that is none":        `auth: { keys: [ { id: a, sha256: "cd34000000000000000000000000000000000000000000000000000000000000", scopes: [root] } ] }`,
		"a currency that is none":     `payouts: { approval: { above: { XFO: "5" } } }`,
		"an amount as a number":       `payouts: { approval: { above: { XOF: 5 } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, found := config.Parse("paymux.yaml", []byte(text), nil); !core.Failed(found) {
				t.Fatal("the loader takes it: the schema must too")
			}
			if err := schemaOf(t).Validate(valueOf(t, []byte(text))); err == nil {
				t.Error("the schema takes it")
			}
		})
	}
}

// TestTheSchemaIsDocumented walks what was made: no key without words.
func TestTheSchemaIsDocumented(t *testing.T) {
	t.Parallel()
	var root map[string]any
	if err := json.Unmarshal(config.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	if root["$schema"] != "http://json-schema.org/draft-07/schema#" {
		t.Errorf("$schema is %v", root["$schema"])
	}
	seen := 0
	var walk func(path string, node any)
	walk = func(path string, node any) {
		switch node := node.(type) {
		case map[string]any:
			properties, _ := node["properties"].(map[string]any)
			for name, property := range properties {
				seen++
				if about, _ := property.(map[string]any)["description"].(string); about == "" {
					t.Errorf("%s.%s has no description", path, name)
				}
			}
			for name, below := range node {
				walk(strings.TrimPrefix(path+"."+name, "."), below)
			}
		case []any:
			for _, below := range node {
				walk(path, below)
			}
		}
	}
	walk("", root)
	if seen < 50 {
		t.Errorf("%d keys were seen", seen)
	}
}

func TestNoKeyIsDocumentedThatIsNotRead(t *testing.T) {
	t.Parallel()
	if stale := config.StaleDocs(); len(stale) > 0 {
		t.Errorf("documented and not read: %s", strings.Join(stale, ", "))
	}
}

// fromREADME returns the block of the README that begins with a line.
func fromREADME(t *testing.T, begin string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "```yaml\n"+begin)
	block, _, ended := strings.Cut(block, "```")
	if !found || !ended {
		t.Fatalf("the README has no block that begins with %s", begin)
	}
	return block
}
