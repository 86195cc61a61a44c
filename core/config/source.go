package config

import (
	"path/filepath"
	"strings"

	"github.com/paymux/paymux/core"
)

// source is where values came from. It is behind a pointer, so that no print of
// a Config shows the settings it holds.
type source struct {
	file string
	// options and text are what it was read from. Kept says that the text was given,
	// so that there is no file to read again.
	options Options
	text    []byte
	kept    bool
	environ map[string]string
	places  map[string]place
	// outside names, by path, the variable or flag that gave a value.
	outside map[string]string
	// settings holds the settings of each account, references unresolved.
	settings map[string]map[string]any
	found    []core.Diagnostic
}

type place struct{ line, column int }

func (s *source) locate(path string) place {
	for path != "" {
		if at, ok := s.places[path]; ok {
			return at
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return place{}
}

func (s *source) diagnostic(path, message string, warning bool) core.Diagnostic {
	d := core.Diagnostic{File: s.file, Path: path, Message: message, Warning: warning}
	if name, ok := s.outside[path]; ok {
		d.File = name
		return d
	}
	at := s.locate(path)
	d.Line, d.Column = at.line, at.column
	return d
}

func (s *source) errorf(path, message string) {
	s.found = append(s.found, s.diagnostic(path, message, false))
}

func (s *source) warnf(path, message string) {
	s.found = append(s.found, s.diagnostic(path, message, true))
}

// absolute resolves the path at a key: relative to the file's folder if it
// stands in the file or is a default, else to the working directory.
func (s *source) absolute(key, path string) string {
	if _, outside := s.outside[key]; outside || path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(s.file), path)
}
