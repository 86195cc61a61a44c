package routing_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/routing"
)

func readSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var schema jsonschema.Schema
	if err := json.Unmarshal(routing.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	return &schema
}

// beyondTheSchema are the cases whose faults only the whole file shows, or a table
// that the schema does not repeat.
var beyondTheSchema = []string{
	"failover-late-of-payments", "find-deny-too-late", "find-impossible-amounts", "find-names",
	"find-shadowed-by-amounts", "find-shadowed-by-hours", "find-shadowed-by-labels", "find-shadowed-by-methods",
	"find-shadowed-by-one", "find-shadowed-by-several", "find-shadowed-by-the-same-condition",
	"find-when-calculation", "find-when-constant", "find-when-contradiction", "find-when-contradicts-the-match", "find-when-function",
	"find-when-in-a-block", "find-when-kind", "find-when-money", "find-when-number", "find-when-structure",
	"find-when-syntax", "find-when-two-currencies", "find-when-variable", "find-when-word", "find-zero-weights",
}

// TestTheSchemaAgreesWithTheParser holds both against every case in writing: what
// the parser accepts validates, and what it refuses does not, but for the faults
// that a schema cannot see.
func TestTheSchemaAgreesWithTheParser(t *testing.T) {
	t.Parallel()
	resolved, err := readSchema(t).Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("testdata/cases/*.txtar")
	good := 0
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		name = strings.TrimSuffix(filepath.Base(name), ".txtar")
		_, found := routing.Parse("routes.yaml", archive.Files[0].Data)
		if !core.Failed(found) {
			good++
		}
		document, ok := asJSON(t, archive.Files[0].Data)
		if !ok {
			continue // Not even YAML.
		}
		valid := resolved.Validate(document)
		switch {
		case !core.Failed(found) && valid != nil:
			t.Errorf("%s: the parser accepts it, the schema does not: %v", name, valid)
		case core.Failed(found) && valid == nil && !slices.Contains(beyondTheSchema, name):
			t.Errorf("%s: the parser refuses it, the schema does not: %s", name, text(found))
		case valid != nil && slices.Contains(beyondTheSchema, name):
			t.Errorf("%s: the schema sees it after all: %v", name, valid)
		}
	}
	if good < 40 || len(files)-good < 20 {
		t.Errorf("%d good files and %d bad ones are too few", good, len(files)-good)
	}
}

// asJSON returns a YAML document as JSON would have it.
func asJSON(t *testing.T, content []byte) (any, bool) {
	t.Helper()
	var document any
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, false
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded, true
}

func TestTheSchemaKnowsTheKeysAndWordsOfTheParser(t *testing.T) {
	t.Parallel()
	schema := readSchema(t)
	for place, keys := range routing.Keys() {
		part := schema
		for i, step := range strings.Split(place, ".") {
			switch {
			case step == "":
			case i == 0:
				part = schema.Definitions[step]
			default:
				part = part.Properties[step]
			}
		}
		known := slices.Sorted(slices.Values(keys))
		if diff := cmp.Diff(known, slices.Sorted(maps.Keys(part.Properties))); diff != "" {
			t.Errorf("keys of %q (-parser +schema):\n%s", place, diff)
		}
		for name, property := range part.Properties {
			if property.Description == "" && property.Ref == "" && !strings.HasPrefix(place, "given") {
				t.Errorf("%s of %q has no description", name, place)
			}
		}
	}
	for name, words := range routing.Words() {
		var listed []string
		for _, word := range schema.Definitions[name].Enum {
			listed = append(listed, word.(string))
		}
		if diff := cmp.Diff(words, listed); diff != "" {
			t.Errorf("words of %s (-parser +schema):\n%s", name, diff)
		}
	}
}
