package paymux_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The engine is told of its providers by a configuration: no text in it names one.
// Comments may, and tests.
func TestTheEngineNamesNoProvider(t *testing.T) {
	t.Parallel()
	names := []string{"acmepay"}
	entries, err := os.ReadDir("plugins")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	files := 0
	for _, root := range []string{"core", filepath.Join("cmd", "engine")} {
		files += eachText(t, root, func(place, text string) {
			for _, name := range names {
				if strings.Contains(strings.ToLower(text), name) {
					t.Errorf("%s: %s names a provider", place, text)
				}
			}
		})
	}
	if len(names) < 5 || files < 100 {
		t.Errorf("looked for %v in %d files", names, files)
	}
}

// eachText reads every text in the Go files below a folder that are no tests, and
// returns how many files those are.
func eachText(t *testing.T, root string, read func(place, text string)) (files int) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasSuffix(entry.Name(), "test")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				read(set.Position(literal.Pos()).String(), literal.Value)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
