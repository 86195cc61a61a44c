package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
)

const (
	environmentPrefix = "PAYMUX_"
	environmentDelim  = "__"
	// delim parts the names of a path inside koanf. No key of ours holds it.
	delim = "/"
)

// overlay finds the key that a variable or a flag means, and reads its value.
type overlay struct {
	source *source
	// file is what the file holds: names of plugins and accounts are looked up in it.
	file map[string]any
}

// variable returns koanf's path and the value of an environment variable; an
// empty path for one that is no configuration or was reported.
func (o overlay) variable(name, text string) (string, any) {
	inner := strings.TrimPrefix(name, environmentPrefix)
	if !strings.Contains(inner, environmentDelim) {
		return "", nil
	}
	return o.set(name, strings.Split(strings.ToLower(inner), environmentDelim), text)
}

// flag is variable for an override such as "server.listen".
func (o overlay) flag(path, text string) (string, any) {
	return o.set("command line", strings.Split(path, "."), text)
}

func (o overlay) set(origin string, names []string, text string) (string, any) {
	found, wrong := o.find(names)
	if wrong != "" {
		o.report(origin, strings.Join(names, "."), wrong)
		return "", nil
	}
	path := strings.Join(found.names, ".")
	if found.setting != "" {
		o.setting(origin, found, text)
		return "", nil
	}
	value, wrong := found.spec.fromText(text)
	if wrong != "" {
		o.report(origin, path, wrong)
		return "", nil
	}
	o.source.outside[path] = origin
	return strings.Join(found.names, delim), value
}

func (o overlay) report(origin, path, message string) {
	o.source.found = append(o.source.found, core.Diagnostic{File: origin, Path: path, Message: message})
}

func (o overlay) setting(origin string, found target, text string) {
	account := found.names[1]
	if o.source.settings[account] == nil {
		o.source.settings[account] = map[string]any{}
	}
	o.source.settings[account][found.setting] = text
	path := strings.Join(found.names, ".")
	o.source.outside[path] = origin
	if wrong := checkReferences(text); wrong != "" {
		o.report(origin, path, wrong)
	}
}

// target is a key that was found: its path, what may stand there, and for a
// setting of an account its name.
type target struct {
	names   []string
	spec    spec
	setting string
}

// find walks the language along names.
func (o overlay) find(names []string) (target, string) {
	t := target{spec: spec{section: keys()}}
	for i, name := range names {
		switch {
		case t.spec.refused != "":
			return t, t.spec.refused
		case t.spec.settings && i == len(names)-1:
			t.setting = name
			t.names = append(t.names, name)
			return t, ""
		case t.spec.each != nil:
			entry, ok := o.entry(t.names[0], name)
			if !ok {
				return t, "is not in the file: a variable or flag can change it, not make it"
			}
			t.names, t.spec = append(t.names, entry), *t.spec.each
		case t.spec.section != nil:
			at := slices.IndexFunc(t.spec.section, func(k key) bool { return k.name == name })
			if at < 0 {
				return t, "unknown key" + yamlfile.Hint(name, keyNames(t.spec.section))
			}
			t.names, t.spec = append(t.names, name), t.spec.section[at].spec
		default:
			return t, "unknown key"
		}
	}
	return t, ""
}

// entry returns the entry of the file that name means. Variables cannot hold a
// dash, so that an underscore in them may mean one.
func (o overlay) entry(group, name string) (string, bool) {
	entries, _ := o.file[group].(map[string]any)
	if _, ok := entries[name]; ok {
		return name, true
	}
	for _, known := range slices.Sorted(maps.Keys(entries)) {
		if strings.ReplaceAll(known, "-", "_") == strings.ReplaceAll(name, "-", "_") {
			return known, true
		}
	}
	return "", false
}

// fromText reads a value that is text by nature. A list is written with commas.
func (s spec) fromText(text string) (any, string) {
	switch {
	case s.refused != "":
		return nil, s.refused
	case s.leaf != nil:
		return s.leaf.read(text)
	case s.list != nil:
		return s.list.split(text)
	default:
		return nil, "holds several keys: set one of them, or write it in the file"
	}
}

func (l *leaf) split(text string) (any, string) {
	values := []any{}
	if text == "" {
		return values, ""
	}
	for part := range strings.SplitSeq(text, ",") {
		value, wrong := l.read(strings.TrimSpace(part))
		if wrong != "" {
			return nil, wrong
		}
		values = append(values, value)
	}
	return values, ""
}
