package config

import (
	"maps"
	"slices"
)

// StaleDocs returns the paths that are documented and read nowhere.
func StaleDocs() []string {
	read := map[string]bool{}
	var walk func(at string, list []key)
	walk = func(at string, list []key) {
		for _, k := range list {
			path := join(at, k.name)
			read[path], read[join(at, anyName)] = true, true
			walk(path, k.spec.section)
			walk(join(path, anyName), slices.Concat(k.spec.items, k.spec.some))
			if k.spec.each != nil {
				walk(join(path, anyName), k.spec.each.section)
			}
		}
	}
	walk("", keys())
	return slices.DeleteFunc(slices.Sorted(maps.Keys(documented())), func(path string) bool { return read[path] })
}
