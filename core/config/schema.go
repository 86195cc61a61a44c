package config

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/paymux/paymux/core/yamlfile"
)

// Schema returns the JSON Schema, draft 7, of paymux.yaml. It is made of the keys
// that are read and says less than reading does: what one key means for another,
// and whether a file or a plugin is there, only Load tells.
func Schema() []byte {
	w := schemaWriter{docs: documented(), defaults: defaults(map[string]any{"providers": map[string]any{anyName: nil}})}
	root := w.section("", keys())
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "paymux.yaml"
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil // It is made of texts, numbers, lists and maps of them.
	}
	return text
}

// anyName stands in a path for a name that the operator chooses, or an element of a list.
const anyName = "*"

// node is one place of a schema.
type node = map[string]any

type schemaWriter struct {
	docs     map[string]doc
	defaults map[string]any
}

// section describes a mapping with known keys.
func (w schemaWriter) section(path string, keys []key) node {
	properties := node{}
	var required []string
	for _, k := range keys {
		at := join(path, k.name)
		properties[k.name] = w.documented(at, w.spec(at, k.spec))
		if w.docOf(at).required {
			required = append(required, k.name)
		}
	}
	section := node{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		section["required"] = required
	}
	return section
}

func (w schemaWriter) documented(path string, n node) node {
	d := w.docOf(path)
	if _, refused := n["not"]; !refused {
		n["description"] = d.about
	}
	if d.pattern != "" {
		n["pattern"] = d.pattern
	}
	if value := shown(lookUp(w.defaults, path)); value != nil {
		n["default"] = value
	}
	return n
}

// docOf returns what is written of a key. Currencies share what is written of anyName.
func (w schemaWriter) docOf(path string) doc {
	if d, ok := w.docs[path]; ok {
		return d
	}
	return w.docs[join(parent(path), anyName)]
}

func (w schemaWriter) spec(path string, s spec) node {
	switch {
	case s.refused != "":
		return node{"not": node{}, "description": s.refused}
	case s.settings:
		return node{"type": "object"}
	case s.leaf != nil:
		return s.leaf.schema()
	case s.list != nil:
		return node{"anyOf": []any{s.list.schema(), node{"type": "array", "items": s.list.schema()}}}
	case s.each != nil:
		return node{
			"type": "object", "propertyNames": node{"pattern": namePattern.String()},
			"additionalProperties": w.section(join(path, anyName), s.each.section),
		}
	case s.items != nil:
		return node{"type": "array", "items": w.section(join(path, anyName), s.items)}
	case s.some != nil:
		one := w.section(join(path, anyName), s.some)
		return node{"anyOf": []any{one, node{"type": "array", "items": one}}}
	default:
		return w.section(path, s.section)
	}
}

func (l *leaf) schema() node {
	switch l.kind {
	case yamlfile.Bool:
		return node{"type": "boolean"}
	case yamlfile.Number:
		return node{"type": "integer", "minimum": l.shape.least, "maximum": l.shape.most}
	case yamlfile.Text, yamlfile.Absent, yamlfile.Other, yamlfile.List, yamlfile.Map:
	}
	text := node{"type": "string"}
	if len(l.shape.words) > 0 {
		text["enum"] = l.shape.words
	}
	if l.shape.pattern != "" {
		text["pattern"] = l.shape.pattern
	}
	return text
}

// shown is a default as it is written in YAML; nil for none, and for a mapping.
func shown(value any) any {
	switch value := value.(type) {
	case time.Duration:
		return brief(value)
	case string, bool, int:
		return value
	default:
		return nil
	}
}

func lookUp(values map[string]any, path string) any {
	name, rest, _ := strings.Cut(path, ".")
	if rest == "" {
		return values[name]
	}
	below, _ := values[name].(map[string]any)
	return lookUp(below, rest)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func parent(path string) string { return path[:max(strings.LastIndexByte(path, '.'), 0)] }
