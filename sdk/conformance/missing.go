package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
)

func missingSettingIsNamed() clause {
	return clause{
		name:    "a missing setting is named",
		demands: "Without a setting that it needs no account opens, and the diagnostic has the setting's name as its path.",
		mend:    "Mark the setting as Required, or return sdk.Diagnostics with its Path from Open or ValidateSettings.",
		check:   checkMissing,
	}
}

func checkMissing(ctx context.Context, b *bench) (string, error) {
	var needed, left []string
	for _, field := range b.manifest.Settings {
		given := b.Settings[field.Name] != nil || slices.Contains(b.BaseURL, field.Name)
		if field.Default != "" || !given && !field.Required {
			continue
		}
		named, err := b.without(ctx, field)
		if err != nil {
			return "", err
		}
		if named {
			needed = append(needed, field.Name)
			continue
		}
		left = append(left, field.Name)
	}
	if len(needed) == 0 {
		return "", moot("no setting is needed")
	}
	seen := "named: " + strings.Join(needed, ", ")
	if len(left) > 0 {
		seen += "; not needed: " + strings.Join(left, ", ")
	}
	return seen, nil
}

// without opens an account that lacks a setting, and reports whether the setting
// was named. It is broken where the account opens though it is required, or where
// nothing says what is missing.
func (b *bench) without(ctx context.Context, field sdk.Field) (bool, error) {
	raw := b.settingsAt(b.proxy.url())
	delete(raw, field.Name)
	settings, wrong := lenient(b.manifest.Settings).Parse(raw)
	if wrong.Failed() {
		return false, broken("the settings do not parse: %v", wrong)
	}
	found, err := b.ValidateSettings(ctx, settings)
	if err != nil {
		return false, broken("ValidateSettings without %s: %v", field.Name, err)
	}
	_, err = b.Configure(ctx, accountName, settings)
	if err == nil && !found.Failed() {
		if field.Required {
			return false, broken("an account opens without %s, which is required", field.Name)
		}
		return false, nil
	}
	var refused sdk.Diagnostics
	errors.As(err, &refused)
	if !names(append(found, refused...), field.Name) {
		return false, broken("without %s nothing names it: %v", field.Name, orError(err, found))
	}
	return true, nil
}

// lenient is a schema that needs nothing and has no defaults, so that what is
// missing stays missing on the way to the plugin.
func lenient(schema sdk.Schema) sdk.Schema {
	easy := slices.Clone(schema)
	for i := range easy {
		easy[i].Required, easy[i].Default = false, ""
	}
	return easy
}
