package config

import (
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk/money"
)

// spec says what may stand at a key: exactly one of its fields is set.
type spec struct {
	// leaf is one value, list a list of such values.
	leaf, list *leaf
	// section is a mapping with these keys.
	section []key
	// each is a mapping of names that the operator chooses; name is what one is called.
	each *spec
	name string
	// items is a list of mappings with these keys.
	items []key
	// some is a mapping with these keys, or a list of such.
	some []key
	// settings is what only the plugin can judge.
	settings bool
	// refused says why the key has no effect in this build.
	refused string
}

type key struct {
	name string
	spec spec
}

// leaf is a value: how it must be written in YAML, and how its text is read.
type leaf struct {
	kind yamlfile.Kind
	// form says what is expected, for messages.
	form string
	read func(text string) (value any, wrong string)
	// shape is what a schema can say of the value besides its kind.
	shape shape
}

// shape is what holds of every text that a leaf reads. Zero fields say nothing.
type shape struct {
	words       []string
	least, most int
	pattern     string
}

// The whole language of paymux.yaml. To bring a refused key in, give it a value.
func keys() []key {
	return []key{
		{"mode", word(string(ModeTest), string(ModeLive))},
		{"server", section(
			key{"listen", text(readAddress)},
			key{"public_url", text(readPublicURL)},
			key{"trusted_proxies", number(0, 8)},
		)},
		{"store", section(
			key{"driver", text(readDriver)},
			key{"path", text(readPath)},
			key{"dsn", refused("this build has no PostgreSQL store; use store.path")},
		)},
		{"log", section(
			key{"level", word("trace", "debug", "info", "warn", "error")},
			key{"format", word("json", "text")},
		)},
		{"auth", section(key{"keys", spec{items: authKeys()}})},
		{"plugins", names("plugin", section(
			key{"path", text(readPath)},
			key{"sha256", text(readChecksum)},
			key{"dev", truth()},
			key{"environment", spec{list: variableLeaf()}},
		))},
		{"providers", names("provider account", section(providerKeys()...))},
		{"routing", section(key{"file", text(readPath)})},
		{"merchants", refused("this build sends no events to merchants; leave it out")},
		{"payments", section(key{"deadline", duration(100*millisecond, 5*minute)}, key{"max_attempts", number(1, 5)}, key{"open_max", number(1, 100_000_000)})},
		{"reconcile", section(key{"poll", durations(millisecond, 48*hour)})},
		{"payouts", section(key{"approval", section(
			key{"default", word(ApprovalNever, ApprovalAlways)},
			key{"above", section(currencyKeys()...)},
		)})},
		{"retention", section(
			key{"idempotency_keys", duration(24*hour, 365*24*hour)},
			key{"inbox", duration(hour, 365*24*hour)},
		)},
		{"telemetry", refused("this build exports no telemetry; leave it out")},
	}
}

// currencyKeys are amounts by the code of their currency.
func currencyKeys() []key {
	var keys []key
	for _, c := range money.Currencies() {
		keys = append(keys, key{c.String(), text(func(decimal string) (any, string) {
			if _, err := money.Parse(decimal, c); err != nil {
				return nil, err.Error()
			}
			return decimal, ""
		})})
	}
	return keys
}

func authKeys() []key {
	return []key{
		{"id", text(readName)},
		{"sha256", text(readKeyChecksum)},
		{"merchant", text(readName)},
		{"scopes", words(scopes()...)},
		{"rate", text(readRate)},
	}
}

// scopes lists what a key may be allowed.
func scopes() []string {
	return []string{
		"payments:write", "payouts:write", "refunds:write", "read", "provider:choose", "payments:card", "operator",
	}
}

func providerKeys() []key {
	return []key{
		{"plugin", text(readName)},
		{"settings", spec{settings: true}},
		{"limits", section(
			key{"concurrency", number(1, 10_000)},
			key{"rate", text(readRate)},
			key{"timeout", duration(100*millisecond, 5*minute)},
		)},
		{"fees", spec{some: feeKeys()}},
		{"enabled", truth()},
		{"required", truth()},
		{"isolation", word(IsolationShared, IsolationProcess)},
	}
}

func section(keys ...key) spec          { return spec{section: keys} }
func names(name string, each spec) spec { return spec{each: &each, name: name} }
func refused(why string) spec           { return spec{refused: why} }
func text(read func(string) (any, string)) spec {
	return spec{leaf: &leaf{kind: yamlfile.Text, form: "text: put it in quotes", read: read}}
}

func keyNames(list []key) []string {
	names := make([]string, len(list))
	for i, k := range list {
		names[i] = k.name
	}
	return names
}
