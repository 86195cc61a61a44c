package config

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk"
)

// settings keeps the settings of the account that node belongs to.
func (r reader) settings(node yamlfile.Node) {
	account := strings.TrimSuffix(strings.TrimPrefix(node.Path(), "providers."), ".settings")
	values := map[string]any{}
	for _, entry := range node.Entries() {
		values[entry.Name] = r.setting(entry.Value)
	}
	r.source.settings[account] = values
}

func (r reader) setting(node yamlfile.Node) any {
	r.keep(node)
	switch node.Kind() {
	case yamlfile.Absent:
		return nil
	case yamlfile.Text:
		if wrong := checkReferences(node.Raw()); wrong != "" {
			node.Errorf("%s", wrong)
		}
		return node.Raw()
	case yamlfile.Bool:
		return strings.EqualFold(node.Raw(), "true")
	case yamlfile.List:
		list := []any{}
		for _, item := range node.Items() {
			list = append(list, r.setting(item))
		}
		return list
	case yamlfile.Map:
		values := map[string]any{}
		for _, entry := range node.Entries() {
			values[entry.Name] = r.setting(entry.Value)
		}
		return values
	default:
		// A number as it was written, and no string, so that a schema that wants
		// text says to put it in quotes: 0123 without them is not what it looks like.
		return json.Number(node.Raw())
	}
}

// CheckSettings checks the settings of an account against its plugin's schema,
// each fault at its line. References are not resolved: a setting that holds one
// is only checked for its name.
func (c *Config) CheckSettings(account string, schema sdk.Schema) []core.Diagnostic {
	plain, open := maps.Clone(c.source.settings[account]), slices.Clone(schema)
	for i, field := range open {
		if refers(plain[field.Name]) {
			delete(plain, field.Name)
			open[i].Required = false
		}
	}
	_, faults := open.Parse(plain)
	return c.PlaceSettings(account, faults)
}

// ResolveSettings resolves the references in the settings of an account and
// checks the result against its plugin's schema. It reads files and runs
// commands. What is wrong is named by its reference or its key, never by its value.
// A reference that cannot be resolved hides no fault of the other settings.
func (c *Config) ResolveSettings(ctx context.Context, account string, schema sdk.Schema) (sdk.Settings, []core.Diagnostic) {
	resolver := resolver{ctx: ctx, source: c.source}
	raw := resolver.entries("providers."+account+".settings", c.source.settings[account])
	if len(resolver.found) > 0 {
		return sdk.Settings{}, byLine(append(resolver.found, c.CheckSettings(account, schema)...))
	}
	settings, faults := schema.Parse(raw)
	found := c.PlaceSettings(account, faults)
	for _, name := range c.loopbackURLs(raw) {
		found = append(found, c.At("providers."+account+".settings."+name, liveLoopback))
	}
	if core.Failed(found) {
		return sdk.Settings{}, found
	}
	return settings, found
}

// PlaceSettings gives each diagnostic of a plugin about an account's settings
// its line in the file.
func (c *Config) PlaceSettings(account string, faults sdk.Diagnostics) []core.Diagnostic {
	var placed []core.Diagnostic
	for _, fault := range faults {
		path := strings.TrimSuffix("providers."+account+".settings."+fault.Path, ".")
		placed = append(placed, c.source.diagnostic(path, wording(fault), fault.Warning))
	}
	return byLine(placed)
}

func byLine(list []core.Diagnostic) []core.Diagnostic {
	slices.SortStableFunc(list, func(a, b core.Diagnostic) int { return cmp.Compare(a.Line, b.Line) })
	return list
}

// wording drops the detail of what is only missing: the name says it all.
func wording(fault sdk.Diagnostic) string {
	if fault.Summary == "required" || fault.Detail == "" {
		return fault.Summary
	}
	return fault.Summary + ": " + fault.Detail
}
