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
	use   use
	// sound says that the matchers were read without a fault, so that they can be analysed.
	sound bool
}

// use is what a rule does: deny in words, or ask accounts in their order.
type use struct {
	node  yamlfile.Node
	deny  string
	order []choice
}

// choice is one account of an order and where it stands.
type choice struct {
	account string
	node    yamlfile.Node
}

// Parse reads the rules in text; name is what diagnostics call the file. It
// returns every fault that the file shows by itself, at once, with line and
// column. The File is never nil, so that Compile can add what it finds.
func Parse(name string, text []byte) (*File, []core.Diagnostic) {
	f := &File{source: yamlfile.Parse(name, text)}
	if core.Failed(f.source.Faults()) {
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
	f.read(read(root, []string{"version", "rules", "default", "tests"}, nil))
	f.checkNames()
	f.checkShadows()
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
		f.fallback = readUse(fallback)
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
	before := f.source.Errors()
	values := read(node, []string{"name", "match", "use"}, laterRuleKeys)
	r := rule{node: node, match: readMatch(values["match"])}
	r.sound = f.source.Errors() == before
	r.name = readName(node, values["name"])
	if use, ok := values["use"]; ok {
		r.use = readUse(use)
	} else {
		node.Missing("use", "required, such as use: { order: [an-account] } or use: { deny: \"not served\" }")
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

func readUse(node yamlfile.Node) use {
	u := use{node: node}
	if node.Kind() != yamlfile.Map {
		node.Errorf("must be { order: [an-account] } or { deny: \"not served\" }")
		return u
	}
	known := []string{"order", "deny"}
	values := read(node, known, laterUseKeys)
	order, ordered := values["order"]
	deny, denied := values["deny"]
	switch {
	case ordered && denied:
		node.Errorf("order and deny exclude each other: keep one")
	case ordered:
		u.order = readOrder(order)
	case denied:
		u.deny = readDeny(deny)
	case !hasAny(node, laterUseKeys):
		node.Errorf("needs order or deny")
	}
	return u
}

func hasAny(node yamlfile.Node, names []string) bool {
	for _, entry := range node.Entries() {
		for _, name := range names {
			if entry.Name == name {
				return true
			}
		}
	}
	return false
}

func readDeny(node yamlfile.Node) string {
	text, ok := node.Text()
	if ok && text == "" {
		node.Errorf("is empty: say why, the merchant reads it")
	}
	return text
}

func readOrder(node yamlfile.Node) []choice {
	var order []choice
	seen := map[string]bool{}
	for _, item := range items(node) {
		account, ok := item.Text()
		if !ok {
			continue
		}
		if seen[account] {
			item.Errorf("%s is listed twice", yamlfile.Quote(account))
			continue
		}
		seen[account] = true
		order = append(order, choice{account: account, node: item})
	}
	return order
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
