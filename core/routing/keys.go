package routing

import (
	"slices"

	"github.com/paymux/paymux/core/yamlfile"
)

// The keys of the language by place. The schema names the same ones.
var (
	rootKeys     = []string{"version", "rules", "default", "tests"}
	ruleKeys     = []string{"name", "match", "when", "use", "failover"}
	matchKeys    = []string{"kind", "country", "currency", "method", "network", "amount", "merchant", "customer", "metadata", "hours", "percent"}
	amountKeys   = []string{"min", "max"}
	customerKeys = []string{"id"}
	hoursKeys    = []string{"tz", "from", "to"}
	useKeys      = []string{"order", "split", "cheapest", "best", "deny", "sticky", "window", "explore"}
	failoverKeys = []string{"max_attempts", "deadline", "late", "on"}
	defaultKeys  = append(slices.Clip(useKeys), "failover")
	testKeys     = []string{"name", "given", "expect"}
	givenKeys    = []string{
		"id", "merchant", "kind", "country", "currency", "amount", "method", "network",
		"provider", "customer", "metadata", "at",
	}
)

// read returns the values of a mapping by key. It reports the keys that are none of known.
func read(node yamlfile.Node, known []string) map[string]yamlfile.Node {
	values := map[string]yamlfile.Node{}
	for _, entry := range node.Entries() {
		if !slices.Contains(known, entry.Name) {
			entry.Unknown(known)
			continue
		}
		values[entry.Name] = entry.Value
	}
	return values
}
