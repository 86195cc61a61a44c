package conformance

import (
	"context"
	"slices"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

func schemaRoundTrips() clause {
	return clause{
		name:    "the schema round-trips",
		demands: "Every setting has a name of its own, a kind and a default of that kind; what was parsed parses again to the same; an unknown setting is named.",
		mend:    "Write each default as an operator would, such as 20s for a duration, and refuse names that the schema does not have.",
		check:   checkSchema,
	}
}

func checkSchema(ctx context.Context, b *bench) (string, error) {
	schema := b.manifest.Settings
	if err := fieldsAreWhole(schema); err != nil {
		return "", err
	}
	settings, wrong := schema.Parse(b.settingsAt(b.proxy.url()))
	if wrong.Failed() {
		return "", broken("the settings do not parse: %v", wrong)
	}
	again, wrong := schema.Parse(settings.Raw())
	if wrong.Failed() || wire.SettingsHash(again) != wire.SettingsHash(settings) {
		return "", broken("parsed settings do not parse again to the same")
	}
	found, err := b.ValidateSettings(ctx, again)
	if err != nil || found.Failed() {
		return "", broken("ValidateSettings finds fault with good settings: %v", orError(err, found))
	}
	if err := b.unknownIsNamed(ctx); err != nil {
		return "", err
	}
	return plural(len(schema), "setting"), nil
}

func fieldsAreWhole(schema sdk.Schema) error {
	for i, field := range schema {
		if field.Name == "" || slices.Contains(schema[:i].Names(), field.Name) {
			return broken("setting %d has the name %q, which is empty or taken", i+1, field.Name)
		}
		if field.Doc == "" {
			return broken("the setting %s says nothing in Doc", field.Name)
		}
		if field.Default == "" {
			continue
		}
		if _, wrong := (sdk.Schema{field}).Parse(nil); wrong.Failed() {
			return broken("the default of a setting cannot be: %v", wrong)
		}
	}
	return nil
}

// strangeSetting is a name that no schema has.
const strangeSetting = "paymux_no_such_setting"

func (b *bench) unknownIsNamed(ctx context.Context) error {
	wider := append(slices.Clone(b.manifest.Settings), sdk.Field{Name: strangeSetting, Kind: sdk.FieldString})
	raw := b.settingsAt(b.proxy.url())
	raw[strangeSetting] = "x"
	settings, wrong := wider.Parse(raw)
	if wrong.Failed() {
		return broken("the settings do not parse: %v", wrong)
	}
	found, err := b.ValidateSettings(ctx, settings)
	if err != nil {
		return broken("ValidateSettings: %v", err)
	}
	if !names(found, strangeSetting) {
		return broken("an unknown setting is taken in silence")
	}
	return nil
}

// names reports whether a failure among the diagnostics is about a setting.
func names(found sdk.Diagnostics, setting string) bool {
	return slices.ContainsFunc(found, func(d sdk.Diagnostic) bool { return !d.Warning && d.Path == setting })
}

func orError(err error, found sdk.Diagnostics) error {
	if err != nil {
		return err
	}
	return found
}
