package config

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// hidden stands for a value that nobody needs to see.
const hidden = "(hidden)"

// secretWords are parts of the names of keys whose values are secrets, wherever they stand.
func secretWords() []string { return []string{"secret", "password", "token", "dsn", "private"} }

// Shown is the text of the file as it may be kept and compared: without comments,
// and without the values of settings that are no references. What it refers to is
// not looked up.
func (c *Config) Shown() string {
	var document yaml.Node
	if err := yaml.Unmarshal(c.source.text, &document); err != nil || len(document.Content) == 0 {
		return "" // It was read before, so that it is empty.
	}
	hide(&document, false)
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return ""
	}
	return text.String()
}

// hide takes away what must not be seen of node and all below it.
func hide(node *yaml.Node, secret bool) {
	node.HeadComment, node.LineComment, node.FootComment = "", "", ""
	if node.Kind == yaml.ScalarNode && secret && !onlyReferences(node.Value) {
		node.Value, node.Tag, node.Style = hidden, "!!str", 0
	}
	if node.Kind != yaml.MappingNode {
		for _, child := range node.Content {
			hide(child, secret)
		}
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		hide(node.Content[i], false)
		hide(node.Content[i+1], secret || secretKey(node.Content[i].Value))
	}
}

func secretKey(name string) bool {
	return name == "settings" || slices.ContainsFunc(secretWords(), func(word string) bool { return strings.Contains(name, word) })
}

// onlyReferences reports whether a text is nothing but references. A command may
// hold a secret among its words, so that it is none of them.
func onlyReferences(text string) bool {
	list, wrong := parts(text)
	return wrong == "" && !slices.ContainsFunc(list, func(p part) bool { return p.text != "" || p.scheme == "exec" })
}
