package routing

import (
	"slices"

	"github.com/paymux/paymux/core/yamlfile"
)

// The keys of the rules language that this release refuses in words. To bring
// one in, move it to the keys that are read.
var (
	laterRuleKeys  = []string{"when", "failover"}
	laterMatchKeys = []string{"customer", "metadata", "hours", "percent"}
	laterUseKeys   = []string{"split", "cheapest", "best", "sticky", "window", "explore"}
	laterGivenKeys = []string{"customer", "metadata", "at", "id"}
)

// read returns the values of a mapping by key. It reports the keys that this
// release does not have and those that no release has.
func read(node yamlfile.Node, known, later []string) map[string]yamlfile.Node {
	values := map[string]yamlfile.Node{}
	for _, entry := range node.Entries() {
		switch {
		case slices.Contains(known, entry.Name):
			values[entry.Name] = entry.Value
		case slices.Contains(later, entry.Name):
			entry.Key.Errorf("this release does not have %s", entry.Name)
		default:
			entry.Unknown(known)
		}
	}
	return values
}
