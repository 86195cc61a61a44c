package config

import (
	"slices"

	"github.com/paymux/paymux/core/yamlfile"
)

// reader turns the tree of the file into values, by the language of keys.
type reader struct{ source *source }

// section returns the values of a mapping by key, reporting what has no place in it.
func (r reader) section(node yamlfile.Node, known []key) map[string]any {
	values := map[string]any{}
	for _, entry := range node.Entries() {
		at := slices.IndexFunc(known, func(k key) bool { return k.name == entry.Name })
		if at < 0 {
			entry.Unknown(keyNames(known))
			continue
		}
		r.keep(entry.Key)
		if value := r.value(entry, known[at].spec); value != nil {
			values[entry.Name] = value
		}
	}
	return values
}

// value returns what a key holds; nil if it holds nothing or was reported.
func (r reader) value(entry yamlfile.Entry, s spec) any {
	node := entry.Value
	switch {
	case s.refused != "":
		entry.Key.Errorf("%s", s.refused)
		return nil
	case s.settings:
		r.settings(node)
		return nil
	case node.Kind() == yamlfile.Absent:
		return nil
	case s.leaf != nil:
		return scalar(node, s.leaf)
	case s.list != nil:
		return scalars(node, s.list)
	case s.each != nil:
		return r.each(node, s)
	case s.items != nil:
		return r.items(node, s.items)
	case s.some != nil && node.Kind() == yamlfile.List:
		return r.items(node, s.some)
	case s.some != nil:
		return []any{r.section(node, s.some)}
	default:
		return r.section(node, s.section)
	}
}

func scalar(node yamlfile.Node, l *leaf) any {
	if node.Kind() != l.kind {
		node.Errorf("must be %s", l.form)
		return nil
	}
	value, wrong := l.read(node.Raw())
	if wrong != "" {
		node.Errorf("%s", wrong)
		return nil
	}
	return value
}

func scalars(node yamlfile.Node, l *leaf) any {
	values := []any{}
	for _, item := range node.Items() {
		if value := scalar(item, l); value != nil {
			values = append(values, value)
		}
	}
	return values
}

func (r reader) each(node yamlfile.Node, s spec) any {
	values := map[string]any{}
	for _, entry := range node.Entries() {
		r.keep(entry.Key)
		if !namePattern.MatchString(entry.Name) {
			entry.Key.Errorf("the name of a %s %s", s.name, wrongName)
			continue
		}
		if entry.Value.Kind() == yamlfile.Absent {
			entry.Key.Errorf("has no keys")
			continue
		}
		values[entry.Name] = r.section(entry.Value, s.each.section)
	}
	return values
}

func (r reader) items(node yamlfile.Node, known []key) any {
	if node.Kind() != yamlfile.List {
		node.Errorf("must be a list")
		return nil
	}
	values := []any{}
	for _, item := range node.Items() {
		r.keep(item)
		values = append(values, r.section(item, known))
	}
	return values
}

// keep remembers where a path stands, for what is found later.
func (r reader) keep(node yamlfile.Node) {
	r.source.places[node.Path()] = place{line: node.Line(), column: node.Column()}
}
