package routing

import (
	"slices"

	"github.com/paymux/paymux/core/yamlfile"
)

// checkNames reports rules of the same name: a name must say which rule decided.
func (f *File) checkNames() {
	first := map[string]int{}
	for _, r := range f.rules {
		if r.name == "" {
			continue
		}
		if line, twice := first[r.name]; twice {
			r.node.Errorf("the name %s is taken by the rule in line %d", yamlfile.Quote(r.name), line)
			continue
		}
		first[r.name] = r.node.Line()
	}
}

// checkShadows reports rules that can never match, because one earlier rule
// matches all that they do. It is an error and no warning: somebody who wrote a
// rule that denies believes that it denies.
func (f *File) checkShadows() {
	for i := range f.rules {
		for j := range i {
			if f.shadows(j, i) {
				f.rules[i].node.Errorf("can never match: rule %s in line %d matches all of it before",
					yamlfile.Quote(f.rules[j].name), f.rules[j].node.Line())
				break
			}
		}
	}
}

func (f *File) shadows(earlier, later int) bool {
	a, b := &f.rules[earlier], &f.rules[later]
	return a.sound && b.sound && a.match.covers(&b.match)
}

// covers reports whether m matches whatever other matches.
func (m *match) covers(other *match) bool {
	return coversSet(m.kinds, other.kinds, kinds.all()) &&
		coversSet(m.methods, other.methods, methods.all()) &&
		// A request may have no network, so all of them together are not everything.
		coversSet(m.networks, other.networks, ^set(0)) &&
		coversList(m.countries, other.countries) &&
		coversList(m.merchants, other.merchants) &&
		m.coversMoney(other)
}

func coversSet(a, b, all set) bool {
	return a == 0 || a == all || b != 0 && b&^a == 0
}

func coversList[T comparable](a, b []T) bool {
	if len(a) == 0 {
		return true
	}
	missing := func(item T) bool { return !slices.Contains(a, item) }
	return len(b) > 0 && !slices.ContainsFunc(b, missing)
}

func (m *match) coversMoney(other *match) bool {
	if len(m.currencies) == 0 {
		return true
	}
	open := func(b span) bool {
		a, ok := m.of(b.currency)
		return !ok || !a.covers(b)
	}
	return len(other.currencies) > 0 && !slices.ContainsFunc(other.currencies, open)
}

func (s span) covers(other span) bool {
	if !s.bounded {
		return true
	}
	return other.bounded && s.min <= max(other.min, 1) && s.max >= other.max
}
