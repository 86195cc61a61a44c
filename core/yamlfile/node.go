package yamlfile

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/paymux/paymux/core"
)

// The tags of the scalars and collections that are read.
const (
	tagText  = "!!str"
	tagInt   = "!!int"
	tagFloat = "!!float"
	tagBool  = "!!bool"
	tagNull  = "!!null"
	tagMap   = "!!map"
	tagList  = "!!seq"
	tagTime  = "!!timestamp"
	tagMerge = "!!merge"
)

func knownTag(tag string) bool {
	switch tag {
	case tagText, tagInt, tagFloat, tagBool, tagNull, tagMap, tagList, tagTime:
		return true
	}
	return false
}

// Kind is what a node holds.
type Kind uint8

// The kinds of nodes. Absent is a key that is not there or has no value; Number
// and Other are scalars without quotes that YAML does not read as text.
const (
	Absent Kind = iota
	Text
	Number
	Bool
	Other
	List
	Map
)

// Node is one place of a file. The zero Node is absent and reports nothing.
type Node struct {
	file *File
	node *yaml.Node
	path string
}

// Entry is one key of a mapping with its value.
type Entry struct {
	Name string
	// Key is where the name stands, Value what it holds; both have the path of the value.
	Key, Value Node
}

// Kind returns what the node holds.
func (n Node) Kind() Kind {
	if n.node == nil {
		return Absent
	}
	switch n.node.ShortTag() {
	case tagNull:
		return Absent
	case tagText:
		return Text
	case tagInt, tagFloat:
		return Number
	case tagBool:
		return Bool
	case tagMap:
		return Map
	case tagList:
		return List
	default:
		return Other
	}
}

// Exists reports whether the node stands in the file, be it without a value.
func (n Node) Exists() bool { return n.node != nil }

// Path returns where the node is, such as "rules[2].match.currency".
func (n Node) Path() string { return n.path }

// Line returns the node's line, from 1; zero for one that is absent.
func (n Node) Line() int {
	if n.node == nil {
		return 0
	}
	return n.node.Line
}

// Column returns the node's column, from 1; zero for one that is absent.
func (n Node) Column() int {
	if n.node == nil {
		return 0
	}
	return n.node.Column
}

// Raw returns a scalar as it was written, without its quotes; "" for any other node.
func (n Node) Raw() string {
	if n.node == nil || n.node.Kind != yaml.ScalarNode {
		return ""
	}
	return n.node.Value
}

// Errorf reports a fault at the node.
func (n Node) Errorf(format string, args ...any) { n.report(false, format, args) }

// Warnf reports at the node what does not keep the file from being used.
func (n Node) Warnf(format string, args ...any) { n.report(true, format, args) }

func (n Node) report(warning bool, format string, args []any) {
	if n.file != nil {
		n.file.report(n.Diagnostic(warning, fmt.Sprintf(format, args...)))
	}
}

// Missing reports, at the mapping that should hold it, a key that is not there.
func (n Node) Missing(name, format string, args ...any) {
	absent := n
	absent.path = join(n.path, name)
	absent.report(false, format, args)
}

// Diagnostic returns message as said of the node, for what is found after the file was read.
func (n Node) Diagnostic(warning bool, message string) core.Diagnostic {
	d := core.Diagnostic{Line: n.Line(), Column: n.Column(), Path: n.path, Message: message, Warning: warning}
	if n.file != nil {
		d.File = n.file.name
	}
	return d
}

// ErrorWithin reports a fault at a character inside a text, which has the given
// number of bytes before it. Where the file writes the text in another way, such
// as with escapes, the place is that of the whole text.
func (n Node) ErrorWithin(before int, format string, args ...any) {
	switch {
	case n.file == nil || before < 0 || before > len(n.Raw()):
	case n.file.errors >= faultsMax:
		n.Errorf(format, args...) // It is only counted, and its place costs a walk over the text.
	default:
		n.file.report(n.within(before, fmt.Sprintf(format, args...)))
	}
}

func (n Node) within(before int, message string) core.Diagnostic {
	d := n.Diagnostic(false, message)
	above := strings.Count(n.Raw()[:before], "\n")
	start := strings.LastIndexByte(n.Raw()[:before], '\n') + 1
	text, _, _ := strings.Cut(n.Raw()[start:], "\n")
	// The first line of a block begins below its mark.
	for _, number := range []int{n.Line() + above, n.Line() + above + 1} {
		left := 1
		if number == n.Line() {
			left = n.Column()
		}
		if column := n.file.column(number, left, text); column > 0 {
			d.Line, d.Column = number, column+utf8.RuneCountInString(n.Raw()[start:before])
			return d
		}
	}
	return d
}

// Entries returns the keys of a mapping in the order of the file, a repeated one
// once. It reports a node that is no mapping.
func (n Node) Entries() []Entry {
	switch n.Kind() {
	case Absent:
		return nil
	case Map:
	default:
		n.Errorf("must hold keys and values")
		return nil
	}
	content := n.node.Content
	entries := make([]Entry, 0, len(content)/2)
	seen := make(map[string]bool, len(content)/2)
	for i := 0; i+1 < len(content); i += 2 {
		name := content[i].Value
		if seen[name] {
			continue
		}
		seen[name] = true
		path := join(n.path, name)
		entries = append(entries, Entry{
			Name:  name,
			Key:   Node{file: n.file, node: content[i], path: path},
			Value: Node{file: n.file, node: content[i+1], path: path},
		})
	}
	return entries
}

// Items returns the elements of a list; one value stands for a list of one.
func (n Node) Items() []Node {
	switch n.Kind() {
	case Absent:
		return nil
	case List:
	default:
		return []Node{n}
	}
	items := make([]Node, len(n.node.Content))
	for i, item := range n.node.Content {
		items[i] = Node{file: n.file, node: item, path: n.path + "[" + strconv.Itoa(i) + "]"}
	}
	return items
}

// Text returns a text. It reports any other node, also a number without quotes.
func (n Node) Text() (string, bool) {
	switch n.Kind() {
	case Text:
		return n.node.Value, true
	case Absent:
		n.Errorf("has no value")
	case List, Map:
		n.Errorf("must be one text")
	default:
		n.Errorf("must be text: put it in quotes")
	}
	return "", false
}

// Decimal returns the digits of a number as they were written, with quotes or
// without; they never become a float. It reports any other node.
func (n Node) Decimal() (string, bool) {
	switch n.Kind() {
	case Text, Number:
		return n.node.Value, true
	case Absent:
		n.Errorf("has no value")
	default:
		n.Errorf("must be an amount, such as \"1500\"")
	}
	return "", false
}

// Unknown reports a key that is none of known, with the nearest one.
func (e Entry) Unknown(known []string) {
	e.Key.Errorf("unknown key%s", Hint(e.Name, known))
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
