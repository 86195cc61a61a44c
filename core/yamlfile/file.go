package yamlfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/paymux/paymux/core"
)

const (
	// SizeMax bounds a file in bytes: a thousand routing rules need about 200 KiB.
	SizeMax = 1 << 20
	// depthMax bounds the nesting; the deepest key of our own files has 6 levels.
	depthMax = 32
	// faultsMax bounds the errors, and the warnings, that are reported of one
	// file: more than a person reads.
	faultsMax = 200
)

// File is one parsed text and the faults found in it so far.
type File struct {
	name             string
	text             []byte
	root             Node
	faults           []core.Diagnostic
	errors, warnings int
}

// Parse reads text; name is what diagnostics call the file. A text that cannot
// be read gives a File with a fault and an absent root.
func Parse(name string, text []byte) *File {
	f := &File{name: name, text: text}
	if len(text) > SizeMax {
		f.report(core.Diagnostic{Line: 1, Message: fmt.Sprintf("the file is larger than %d bytes, which is the most that is read", SizeMax)})
		return f
	}
	document, err := decode(text)
	if err != nil {
		f.report(syntaxFault(err))
		return f
	}
	if document == nil {
		return f
	}
	if s := (shape{file: f}); s.sound(document.Content[0], 1) {
		f.root = Node{file: f, node: document.Content[0]}
	}
	return f
}

// Readable reports whether the text was read as YAML; if not, a fault says why.
func (f *File) Readable() bool { return f.root.file != nil || f.errors == 0 }

// Root returns the topmost node, absent for an empty or unreadable file.
func (f *File) Root() Node {
	if f.root.file == nil {
		return Node{file: f}
	}
	return f.root
}

// line returns a line of the text, from 1; "" for one that is not there.
func (f *File) line(number int) string {
	rest := f.text
	for range number - 1 {
		_, after, found := bytes.Cut(rest, []byte("\n"))
		if !found {
			return ""
		}
		rest = after
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return string(line)
}

// column returns where text begins in a line, at the column left or right of it;
// zero if it is not there.
func (f *File) column(number, left int, text string) int {
	line := []rune(f.line(number))
	if left > len(line) {
		return 0
	}
	tail := string(line[left-1:])
	at := strings.Index(tail, text)
	if at < 0 {
		return 0
	}
	return left + utf8.RuneCountInString(tail[:at])
}

// Errors counts the errors found so far.
func (f *File) Errors() int { return f.errors }

// Faults returns what was found so far, in the order of the lines.
func (f *File) Faults() []core.Diagnostic {
	sorted := slices.Clone(f.faults)
	slices.SortStableFunc(sorted, func(a, b core.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return sorted
}

func (f *File) report(fault core.Diagnostic) {
	count := &f.errors
	if fault.Warning {
		count = &f.warnings
	}
	if *count++; *count > faultsMax {
		return
	}
	fault.File = f.name
	if last := len(f.faults) - 1; last >= 0 && sameLine(f.faults[last], fault) {
		return
	}
	f.faults = append(f.faults, fault)
}

// sameLine reports whether b would print as a did, so that a line of many aliases is told once.
func sameLine(a, b core.Diagnostic) bool {
	b.Column = a.Column
	return a == b
}

var errDocuments = errors.New("the file holds more than one document; write one, without ---")

// decode returns nil for a text without content. The library panics on some
// malformed input instead of returning an error.
func decode(text []byte) (document *yaml.Node, err error) {
	defer func() {
		if recover() != nil {
			document, err = nil, errors.New("the file cannot be read as YAML")
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	document = &yaml.Node{}
	if err := decoder.Decode(document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := decoder.Decode(&yaml.Node{}); err == nil {
		return nil, errDocuments
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return document, nil
}

var syntaxError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntaxFault keeps the library's line and words, without the name of an anchor:
// an unquoted secret that begins with * is one to the library.
func syntaxFault(err error) core.Diagnostic {
	if errors.Is(err, errDocuments) {
		return core.Diagnostic{Line: 1, Message: err.Error()}
	}
	found := syntaxError.FindStringSubmatch(err.Error())
	if found == nil {
		return core.Diagnostic{Line: 1, Message: err.Error()}
	}
	line, _ := strconv.Atoi(found[1])
	return core.Diagnostic{Line: max(line, 1), Message: "not YAML: " + anchor.ReplaceAllString(found[2], "anchor")}
}

var anchor = regexp.MustCompile(`anchor '.*'`)

// shape checks that a tree is one that readers can walk without harm.
type shape struct{ file *File }

// sound reports whether node and all below it can be read. A repeated key is
// reported and does not keep the rest from being read.
func (s shape) sound(node *yaml.Node, depth int) bool {
	if problem := structural(node, depth); problem != "" {
		s.at(node, problem)
		return false
	}
	ok := true
	if node.Kind == yaml.MappingNode {
		ok = s.keys(node)
	}
	for _, child := range node.Content {
		if !s.sound(child, depth+1) {
			ok = false
		}
	}
	return ok
}

func structural(node *yaml.Node, depth int) string {
	switch {
	case depth > depthMax:
		return fmt.Sprintf("nested deeper than %d levels", depthMax)
	case node.Kind == yaml.AliasNode || node.ShortTag() == tagMerge:
		return "aliases (*name) and merge keys (<<) are not read: write it out, or put the text in quotes"
	case !knownTag(node.ShortTag()):
		return "tags are not read: leave it out, or put the text in quotes"
	}
	return ""
}

func (s shape) keys(node *yaml.Node) bool {
	ok := true
	first := make(map[string]int, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode {
			s.at(key, "a key must be one word")
			ok = false
			continue
		}
		if line, twice := first[key.Value]; twice {
			s.at(key, fmt.Sprintf("the key %s is there already, in line %d", Quote(key.Value), line))
			continue
		}
		first[key.Value] = key.Line
	}
	return ok
}

func (s shape) at(node *yaml.Node, message string) {
	s.file.report(core.Diagnostic{Line: node.Line, Column: node.Column, Message: message})
}
