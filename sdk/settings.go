package sdk

import (
	"encoding/json"
	"log/slog"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

const redacted = "[redacted]"

// Secret is a value that no output shows: String, GoString, MarshalJSON and
// slog print [redacted]. Reveal gives the value to the code that needs it.
//
// The value is behind a pointer because fmt does not ask the methods of what an
// unexported field holds: it would print the text, and of a pointer it prints
// the address. So two secrets are never compared with ==.
type Secret struct{ value *string }

// NewSecret returns value as a secret.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the value.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether there is no value.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// String keeps the value out of logs.
func (Secret) String() string { return redacted }

// GoString keeps the value out of %#v.
func (Secret) GoString() string { return redacted }

// MarshalJSON keeps the value out of JSON.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// LogValue keeps the value out of slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// FieldKind is the type of a setting.
type FieldKind string

// The kinds of settings.
const (
	FieldString   FieldKind = "string"
	FieldURL      FieldKind = "url"
	FieldDuration FieldKind = "duration"
	FieldBool     FieldKind = "bool"
	FieldInt      FieldKind = "int"
	FieldList     FieldKind = "list" // Of strings.
	FieldMap      FieldKind = "map"  // Of strings to strings.
)

// Field describes one setting.
type Field struct {
	Name     string
	Kind     FieldKind
	Required bool
	Secret   bool
	// Default is the value as an operator would write it; empty means none.
	Default string
	// Enum lists the allowed values of a string; empty means any.
	Enum []string
	Doc  string
}

// Schema lists the settings of an account.
type Schema []Field

// Diagnostic is one thing that is wrong, with the place and the cure.
type Diagnostic struct {
	// Warning says that it does not keep the account from working.
	Warning bool
	// Path is the setting's name, such as "site_id".
	Path string
	// Summary says what is wrong in a few words, such as "required".
	Summary string
	// Detail says what to do.
	Detail string
}

// String reads as "path: summary: detail".
func (d Diagnostic) String() string {
	parts := slices.DeleteFunc([]string{d.Path, d.Summary, d.Detail}, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// Diagnostics is a list of diagnostics; as an error it is all of them.
type Diagnostics []Diagnostic

// WrongValue is one fault of ValidateSettings: the setting at path has a value
// that cannot be, and detail says what it must be.
func WrongValue(path, detail string) Diagnostics {
	return Diagnostics{{Path: path, Summary: "wrong value", Detail: detail}}
}

// Warning is one thing that an operator should know and that keeps no account
// from working.
func Warning(path, summary, detail string) Diagnostics {
	return Diagnostics{{Warning: true, Path: path, Summary: summary, Detail: detail}}
}

// Error joins all diagnostics.
func (d Diagnostics) Error() string {
	lines := make([]string, len(d))
	for i, one := range d {
		lines[i] = one.String()
	}
	return strings.Join(lines, "; ")
}

// Failed reports whether any of d is more than a warning.
func (d Diagnostics) Failed() bool {
	return slices.ContainsFunc(d, func(one Diagnostic) bool { return !one.Warning })
}

// Settings are an account's settings, checked and completed by Schema.Parse.
//
// The values are behind a function for the reason that a Secret's is behind a
// pointer; behind a pointer to a map, fmt would still find them.
type Settings struct{ values func() map[string]any }

// Parse checks raw (as decoded from YAML or JSON) against the schema and fills
// in the defaults. It reports every fault at once: an unknown name, a missing
// required one, a wrong type, a value outside the enum.
func (s Schema) Parse(raw map[string]any) (Settings, Diagnostics) {
	values := make(map[string]any, len(s))
	var faults Diagnostics
	for _, field := range s {
		value, fault := field.parse(raw[field.Name])
		if fault != nil {
			faults = append(faults, *fault)
			continue
		}
		if value != nil {
			values[field.Name] = value
		}
	}
	return Settings{func() map[string]any { return values }}, append(faults, s.unknown(raw)...)
}

func (s Schema) unknown(raw map[string]any) Diagnostics {
	var faults Diagnostics
	for name := range raw {
		if !slices.ContainsFunc(s, func(f Field) bool { return f.Name == name }) {
			faults = append(faults, Diagnostic{Path: name, Summary: "unknown setting", Detail: "known are " + strings.Join(s.Names(), ", ")})
		}
	}
	sort.Slice(faults, func(i, j int) bool { return faults[i].Path < faults[j].Path })
	return faults
}

// Names returns the names of all settings, in the order of the schema.
func (s Schema) Names() []string {
	names := make([]string, len(s))
	for i, f := range s {
		names[i] = f.Name
	}
	return names
}

// Secrets returns the names of the secret settings.
func (s Schema) Secrets() []string {
	var names []string
	for _, f := range s {
		if f.Secret {
			names = append(names, f.Name)
		}
	}
	return names
}

func (f Field) parse(raw any) (any, *Diagnostic) {
	if raw == nil || raw == "" {
		if f.Default != "" {
			return f.convert(f.Default)
		}
		if f.Required {
			return nil, &Diagnostic{Path: f.Name, Summary: "required", Detail: f.Doc}
		}
		return nil, nil
	}
	return f.convert(raw)
}

func (f Field) convert(raw any) (any, *Diagnostic) {
	switch f.Kind {
	case FieldBool:
		return f.toBool(raw)
	case FieldInt:
		return f.toInt(raw)
	case FieldList:
		return f.toList(raw)
	case FieldMap:
		return f.toMap(raw)
	case FieldString, FieldURL, FieldDuration:
		return f.toText(raw)
	default:
		return nil, f.wrong("the schema names the kind " + string(f.Kind) + ", which does not exist")
	}
}

func (f Field) wrong(detail string) *Diagnostic {
	return &Diagnostic{Path: f.Name, Summary: "wrong value", Detail: detail}
}

func (f Field) toText(raw any) (any, *Diagnostic) {
	text, ok := raw.(string)
	if !ok {
		return nil, f.wrong("must be text; put it in quotes")
	}
	if len(f.Enum) > 0 && !slices.Contains(f.Enum, text) {
		return nil, f.wrong("must be one of " + strings.Join(f.Enum, ", "))
	}
	if f.Kind == FieldURL && !absolute(text) {
		return nil, f.wrong("must be an absolute http or https URL")
	}
	if d, err := time.ParseDuration(text); f.Kind == FieldDuration && (err != nil || d <= 0) {
		return nil, f.wrong("must be a positive duration with a unit, such as 20s")
	}
	return text, nil
}

func absolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func (f Field) toBool(raw any) (any, *Diagnostic) {
	if b, ok := raw.(bool); ok {
		return b, nil
	}
	if raw == "true" || raw == "false" {
		return raw == "true", nil
	}
	return nil, f.wrong("must be true or false")
}

// toInt reads the digits that JSON writes: they are the same for every type in
// which a decoder hands a whole number over.
func (f Field) toInt(raw any) (any, *Diagnostic) {
	digits, ok := raw.(string)
	if !ok {
		text, err := json.Marshal(raw)
		if err != nil {
			return nil, f.wrong("must be a whole number")
		}
		digits = string(text)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return nil, f.wrong("must be a whole number")
	}
	return n, nil
}

func (f Field) toList(raw any) (any, *Diagnostic) {
	var list []string
	switch v := raw.(type) {
	case string:
		for part := range strings.SplitSeq(v, ",") {
			list = append(list, strings.TrimSpace(part))
		}
	case []string:
		list = v
	case []any:
		for _, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil, f.wrong("must be a list of texts")
			}
			list = append(list, text)
		}
	default:
		return nil, f.wrong("must be a list of texts")
	}
	return list, nil
}

func (f Field) toMap(raw any) (any, *Diagnostic) {
	entries := map[string]string{}
	switch v := raw.(type) {
	case map[string]string:
		return v, nil
	case map[string]any:
		for key, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil, f.wrong("must map texts to texts; see " + key)
			}
			entries[key] = text
		}
		return entries, nil
	default:
		return nil, f.wrong("must map texts to texts")
	}
}

// Text returns a text setting, empty if not set.
func (s Settings) Text(name string) string { text, _ := s.Raw()[name].(string); return text }

// Secret returns a text setting as a secret.
func (s Settings) Secret(name string) Secret { return NewSecret(s.Text(name)) }

// Duration returns a duration setting, zero if not set.
func (s Settings) Duration(name string) time.Duration {
	d, err := time.ParseDuration(s.Text(name))
	if err != nil {
		return 0
	}
	return d
}

// Bool returns a bool setting, false if not set.
func (s Settings) Bool(name string) bool { b, _ := s.Raw()[name].(bool); return b }

// Int returns a whole number, zero if not set.
func (s Settings) Int(name string) int64 { n, _ := s.Raw()[name].(int64); return n }

// List returns a list setting, nil if not set.
func (s Settings) List(name string) []string { l, _ := s.Raw()[name].([]string); return l }

// Map returns a map setting, nil if not set.
func (s Settings) Map(name string) map[string]string {
	m, _ := s.Raw()[name].(map[string]string)
	return m
}

// Raw returns the values as Parse accepts them again. It holds secrets: it is
// for the wire to a plugin and for nothing else.
func (s Settings) Raw() map[string]any {
	if s.values == nil {
		return nil
	}
	return s.values()
}

// String keeps secrets out of logs and errors.
func (Settings) String() string { return redacted }

// GoString keeps secrets out of %#v.
func (Settings) GoString() string { return "sdk.Settings{" + redacted + "}" }

// MarshalJSON keeps secrets out of JSON.
func (Settings) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// LogValue keeps secrets out of slog.
func (Settings) LogValue() slog.Value { return slog.StringValue(redacted) }
