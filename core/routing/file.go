package routing

import (
	"unicode"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
)

const (
	// rulesMax bounds the rules of a file: a decision walks them in order.
	rulesMax = 1000
	// nameMax bounds a rule's name in bytes: it is stored with every transaction.
	nameMax = 64
	// nameDefault is what the rule used when no other matched is called.
	nameDefault = "default"
)

// File is routes.yaml as it was written. A File with faults cannot become Rules.
type File struct {
	source   *yamlfile.File
	rules    []rule
	fallback use
	tests    []test
}

// rule is one entry of the file.
type rule struct {
	name  string
	node  yamlfile.Node
	match match
	// when is where the condition stands.
	when yamlfile.Node
	use  use
	// sound says that the matchers were read without a fault, so that they can be analysed.
	sound bool
}

// Parse reads the rules in text; name is what diagnostics call the file. It
// returns every fault that the file shows by itself, at once, with line and
// column. The File is never nil, so that Compile can add what it finds.
func Parse(name string, text []byte) (*File, []core.Diagnostic) {
	f := &File{source: yamlfile.Parse(name, text)}
	if !f.source.Readable() {
		return f, f.source.Faults()
	}
	root := f.source.Root()
	if !root.Exists() {
		root.Errorf("the file is empty: it needs version, rules and default")
		return f, f.source.Faults()
	}
	if root.Kind() != yamlfile.Map {
		root.Errorf("must hold the keys version, rules, default and tests")
		return f, f.source.Faults()
	}
	f.read(read(root, rootKeys))
	f.checkNames()
	f.checkReach()
	return f, f.source.Faults()
}

func (f *File) read(values map[string]yamlfile.Node) {
	root := f.source.Root()
	if version, ok := values["version"]; !ok {
		root.Missing("version", "required, write version: 1")
	} else if version.Raw() != "1" {
		version.Errorf("must be 1, the one version of this language")
	}
	f.readRules(values["rules"])
	if fallback, ok := values["default"]; ok {
		f.fallback = readUse(fallback, defaultKeys)
	} else {
		root.Missing("default", "required, such as default: { order: [an-account] } or default: { deny: \"not served\" }")
	}
	for _, node := range listed(values["tests"]) {
		f.tests = append(f.tests, readTest(node))
	}
}

func (f *File) readRules(node yamlfile.Node) {
	list := listed(node)
	if len(list) > rulesMax {
		node.Errorf("%d rules, at most %d are read", len(list), rulesMax)
		return
	}
	for _, item := range list {
		f.rules = append(f.rules, f.readRule(item))
	}
}

func (f *File) readRule(node yamlfile.Node) rule {
	if node.Kind() != yamlfile.Map {
		node.Errorf("must be a rule, with the keys name, match and use")
		return rule{node: node}
	}
	values := read(node, ruleKeys)
	r := rule{node: node, when: values["when"], name: readName(node, values["name"])}
	before := f.source.Errors()
	r.match = readMatch(values["match"], values["when"], r.name)
	r.sound = f.source.Errors() == before
	if use, ok := values["use"]; ok {
		r.use = readUse(use, useKeys)
	} else {
		node.Missing("use", "required, such as use: { order: [an-account] } or use: { deny: \"not served\" }")
	}
	if failover, ok := values["failover"]; ok {
		r.use.readFailover(failover, &r.match)
	}
	return r
}

func readName(owner, node yamlfile.Node) string {
	if !node.Exists() {
		owner.Missing("name", "required, it is stored with each transaction")
		return ""
	}
	name, ok := node.Text()
	if !ok {
		return ""
	}
	switch {
	case name == "" || len(name) > nameMax:
		node.Errorf("must have 1 to %d bytes", nameMax)
	case name == nameDefault:
		node.Errorf("is taken: the default below the rules has this name")
	case !printable(name):
		node.Errorf("holds a character that cannot be printed")
	}
	return name
}

func printable(text string) bool {
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

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

// listed returns the elements of a key that must be a list, if it is there.
func listed(node yamlfile.Node) []yamlfile.Node {
	switch node.Kind() {
	case yamlfile.Absent, yamlfile.List:
		return node.Items()
	default:
		node.Errorf("must be a list")
		return nil
	}
}
