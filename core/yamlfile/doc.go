// Package yamlfile reads a YAML file that a person wrote as a tree in which
// every node knows its line, its column and its path, so that each fault can be
// told where it is and all of them at once.
//
// What could harm the reader is refused before anything is looked at: a text
// that is too large, nesting that is too deep, aliases (the tool of the alias
// bomb), custom tags, more than one document. No message repeats a value of the
// file, because a value may be a secret; callers that know better quote with [Quote].
package yamlfile
