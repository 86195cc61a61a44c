package config

import (
	"context"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk"
)

// LoadSettings reads a file that holds the settings of one account and nothing
// else, as they stand under settings in a configuration: it resolves references
// and checks the result against the plugin's schema. What is wrong is named by its
// line and its key or reference, never by its value.
func LoadSettings(ctx context.Context, options Options, schema sdk.Schema) (sdk.Settings, []core.Diagnostic) {
	text, err := readFile(options.Path, yamlfile.SizeMax+1)
	if err != nil {
		return sdk.Settings{}, []core.Diagnostic{{File: options.Path, Message: "cannot be read: " + cause(err)}}
	}
	s := &source{file: options.Path, environ: environment(options.Environ), places: map[string]place{}}
	file := yamlfile.Parse(options.Path, text)
	resolver, raw := resolver{ctx: ctx, source: s}, map[string]any{}
	for _, entry := range file.Root().Entries() {
		raw[entry.Name] = resolver.value(entry.Name, reader{s}.setting(entry.Value))
	}
	if found := append(file.Faults(), resolver.found...); core.Failed(found) {
		return sdk.Settings{}, byLine(found)
	}
	settings, faults := schema.Parse(raw)
	var found []core.Diagnostic
	for _, fault := range faults {
		found = append(found, s.diagnostic(fault.Path, wording(fault), fault.Warning))
	}
	if core.Failed(found) {
		return sdk.Settings{}, byLine(found)
	}
	return settings, byLine(found)
}
