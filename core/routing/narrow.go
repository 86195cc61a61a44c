package routing

import (
	"slices"
	"strings"

	"github.com/paymux/paymux/core/yamlfile"
)

// narrow holds the clauses that few rules have, so that the others stay small and quick to walk.
type narrow struct {
	customers []string // Sorted.
	metadata  []label
	hours     *hours
	percent   *percent
	when      *when
}

// label is a metadata key with the values that it may have.
type label struct {
	key    string
	values []string
}

// percent takes a share of the customers, always the same ones. The rule's name
// salts it, so that the shares of two rules have nothing to do with each other.
type percent struct {
	share share
	rule  string
}

func (l *label) holds(f *facts) bool {
	value := f.sample.Metadata[l.key]
	return value != "" && slices.Contains(l.values, value)
}

// holds is false where nothing is known of a customer, unless it takes everybody.
func (p *percent) holds(f *facts) bool {
	key, _ := byCustomer.of(f)
	if key == "" {
		return p.share == whole
	}
	return p.share.takes(hash("percent", p.rule, key))
}

// misses returns the first of these clauses that does not hold.
func (n *narrow) misses(f *facts) clause {
	for c := clauseCustomer; c <= clauseWhen; c++ {
		if !n.holds(c, f) {
			return c
		}
	}
	return clauseNone
}

// holds reports whether a clause holds; one that is not there does.
func (n *narrow) holds(c clause, f *facts) bool {
	switch c {
	case clauseCustomer:
		if len(n.customers) == 0 {
			return true
		}
		_, found := slices.BinarySearch(n.customers, f.sample.Customer)
		return found
	case clauseMetadata:
		return n.missing(f) == nil
	case clauseHours:
		return n.hours == nil || !f.sample.At.IsZero() && n.hours.hold(f.sample.At)
	case clausePercent:
		return n.percent == nil || n.percent.holds(f)
	case clauseWhen:
		return n.when == nil || n.when.holds(f)
	default:
		return true
	}
}

// missing returns the first label that does not hold, nil if all do.
func (n *narrow) missing(f *facts) *label {
	for i := range n.metadata {
		if !n.metadata[i].holds(f) {
			return &n.metadata[i]
		}
	}
	return nil
}

// readNarrow returns nil where a rule has none of these clauses.
func readNarrow(match map[string]yamlfile.Node, condition yamlfile.Node, rule string) *narrow {
	n := &narrow{}
	if node, ok := match["customer"]; ok {
		n.customers = readCustomers(node)
	}
	if node, ok := match["metadata"]; ok {
		n.metadata = readLabels(node)
	}
	if node, ok := match["hours"]; ok {
		n.hours = readHours(node)
	}
	if node, ok := match["percent"]; ok {
		n.percent = readPercent(node, rule)
	}
	if condition.Exists() {
		n.when = readWhen(condition)
	}
	if n.customers == nil && n.metadata == nil && n.hours == nil && n.percent == nil && n.when == nil {
		return nil
	}
	return n
}

func readCustomers(node yamlfile.Node) []string {
	if node.Kind() != yamlfile.Map {
		node.Errorf("must be { id: [c-7] }")
		return nil
	}
	values := read(node, customerKeys)
	ids, ok := values["id"]
	if !ok {
		node.Missing("id", "required, the customers' ids")
	}
	list := texts(ids)
	slices.Sort(list)
	return list
}

func readLabels(node yamlfile.Node) []label {
	if node.Kind() != yamlfile.Map || len(node.Entries()) == 0 {
		node.Errorf("must be { a-key: [a-value] }")
		return nil
	}
	var labels []label
	for _, entry := range node.Entries() {
		if strings.TrimSpace(entry.Name) == "" {
			entry.Key.Errorf("is an empty key")
			continue
		}
		if !entry.Value.Exists() || entry.Value.Kind() == yamlfile.Absent {
			entry.Key.Errorf("has no value: name at least one")
			continue
		}
		labels = append(labels, label{key: entry.Name, values: texts(entry.Value)})
	}
	return labels
}

func readPercent(node yamlfile.Node, rule string) *percent {
	part, ok := readShare(node)
	if !ok {
		return nil
	}
	if part == 0 {
		node.Warnf("the rule matches nobody as long as it is 0")
	}
	return &percent{share: part, rule: rule}
}
