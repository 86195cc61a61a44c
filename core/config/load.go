package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/v2"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
)

// Options say where a configuration comes from.
type Options struct {
	// Path is the file.
	Path string
	// Environ holds NAME=value, as os.Environ returns it. References to the
	// environment are looked up in it too.
	Environ []string
	// Overrides are what flags set: values by path, such as "server.listen".
	Overrides map[string]string
}

// Load reads the file and what goes before it. It returns everything that is
// wrong, warnings among it, in the order of the lines; the Config is nil if any
// of it is an error.
func Load(options Options) (*Config, []core.Diagnostic) {
	text, err := readFile(options.Path, yamlfile.SizeMax+1)
	if err != nil {
		message := "cannot be read: " + cause(err)
		return nil, []core.Diagnostic{{File: options.Path, Message: message}}
	}
	return read(options, text, false)
}

// Parse is Load for a text that was read already; name is what it is called, and
// what relative paths in it are relative to.
func Parse(name string, text []byte, environ []string) (*Config, []core.Diagnostic) {
	return read(Options{Path: name, Environ: environ}, text, true)
}

// readFile returns at most limit bytes of a file.
func readFile(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit))
}

// cause returns an error of the file system without the path, which the reader knows.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

func read(options Options, text []byte, kept bool) (*Config, []core.Diagnostic) {
	s := &source{
		file: options.Path, options: options, text: text, kept: kept,
		environ:  environment(options.Environ),
		places:   map[string]place{},
		outside:  map[string]string{},
		settings: map[string]map[string]any{},
	}
	file := yamlfile.Parse(options.Path, text)
	values := reader{s}.section(file.Root(), keys())
	merged, err := merge(overlay{source: s, file: values}, options)
	if err != nil {
		s.found = append(s.found, core.Diagnostic{File: s.file, Message: err.Error()})
	}
	s.found = append(s.found, file.Faults()...)
	c := &Config{source: s}
	if err := merged.Unmarshal("", c); err != nil {
		s.found = append(s.found, core.Diagnostic{File: s.file, Message: err.Error()})
	}
	if file.Readable() {
		c.check()
	}
	s.sort()
	if core.Failed(s.found) {
		return nil, s.found
	}
	return c, s.found
}

// merge lays defaults, file, environment and flags over each other.
func merge(o overlay, options Options) (*koanf.Koanf, error) {
	merged := koanf.New(delim)
	flags := map[string]any{}
	for _, path := range slices.Sorted(maps.Keys(options.Overrides)) {
		if at, value := o.flag(path, options.Overrides[path]); at != "" {
			flags[at] = value
		}
	}
	variables := env.Provider(delim, env.Opt{
		Prefix:        environmentPrefix,
		TransformFunc: o.variable,
		EnvironFunc:   func() []string { return options.Environ },
	})
	for _, layer := range []koanf.Provider{
		confmap.Provider(defaults(o.file), ""), confmap.Provider(o.file, ""), variables, confmap.Provider(flags, delim),
	} {
		if err := merged.Load(layer, nil); err != nil {
			return merged, fmt.Errorf("merge: %w", err)
		}
	}
	return merged, nil
}

// defaults are the values of keys that nobody set.
func defaults(file map[string]any) map[string]any {
	accounts := map[string]any{}
	configured, _ := file["providers"].(map[string]any)
	for name := range configured {
		accounts[name] = map[string]any{
			"enabled": true, "required": false, "isolation": IsolationShared,
			"limits": map[string]any{"concurrency": 64, "timeout": 30 * time.Second},
		}
	}
	return map[string]any{
		"mode":      string(ModeTest),
		"server":    map[string]any{"listen": "127.0.0.1:8080", "trusted_proxies": 0},
		"store":     map[string]any{"driver": "bolt", "path": "data/paymux.db"},
		"log":       map[string]any{"level": "info", "format": "json"},
		"providers": accounts,
		"routing":   map[string]any{"file": "routes.yaml"},
		"payouts":   map[string]any{"approval": map[string]any{"default": ApprovalNever}},
		"payments":  map[string]any{"deadline": 25 * time.Second, "max_attempts": 3, "open_max": 1_000_000},
		"retention": map[string]any{"idempotency_keys": 72 * hour, "inbox": 720 * hour},
	}
}

func environment(list []string) map[string]string {
	values := make(map[string]string, len(list))
	for _, entry := range list {
		if name, value, ok := strings.Cut(entry, "="); ok {
			values[name] = value
		}
	}
	return values
}

// sort puts what was found into the order of the lines, what has none behind.
func (s *source) sort() {
	slices.SortStableFunc(s.found, func(a, b core.Diagnostic) int {
		return cmp.Or(
			cmp.Compare(boolOrder(a.Line == 0), boolOrder(b.Line == 0)),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Path, b.Path),
		)
	})
}

func boolOrder(last bool) int {
	if last {
		return 1
	}
	return 0
}
