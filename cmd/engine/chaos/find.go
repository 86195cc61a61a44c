package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// shown says that a test of a folder shows a row, and in which file the test is.
type shown struct {
	folder, test, file string
	row                int
}

// suite are the tests of one package to run together, the files that they are in
// and the rows of those asked for that each should show.
type suite struct {
	folder string
	tests  []string
	files  map[string]string
	rows   map[string][]int
}

// source is a parsed file.
type source struct {
	name string
	tree *ast.File
}

// begins is how a line in a test's source begins that shows a row.
var begins = regexp.MustCompile("^[\"`]chaos ([0-9]+): ")

// find looks through all tests below root for the rows that they show.
func find(root string) ([]shown, error) {
	files := map[string][]source{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		files[folder] = append(files[folder], source{entry.Name(), file})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find the tests: %w", err)
	}
	var all []shown
	for folder, parsed := range files {
		all = append(all, showing(folder, parsed)...)
	}
	slices.SortFunc(all, func(a, b shown) int {
		return cmp.Or(cmp.Compare(a.folder, b.folder), cmp.Compare(a.test, b.test), cmp.Compare(a.row, b.row))
	})
	return all, nil
}

// showing are the tests of a package that show rows, themselves or through a
// function that they name.
func showing(folder string, files []source) []shown {
	rows := map[string][]int{} // By the name of a function.
	names, in := map[string][]string{}, map[string]string{}
	for _, file := range files {
		for _, declared := range file.tree.Decls {
			if function, ok := declared.(*ast.FuncDecl); ok {
				name := function.Name.Name
				in[name] = file.name
				names[name] = append(names[name], mentioned(function)...)
				rows[name] = append(rows[name], rowsIn(function)...)
			}
		}
	}
	var all []shown
	for name := range names {
		if !strings.HasPrefix(name, "Test") || name == "TestMain" {
			continue
		}
		for _, number := range reached(name, names, rows) {
			all = append(all, shown{folder, name, in[name], number})
		}
	}
	return all
}

// reached are the rows of a function and of all that it names.
func reached(name string, names map[string][]string, rows map[string][]int) []int {
	var found []int
	seen := map[string]bool{name: true}
	for next := []string{name}; len(next) > 0; next = next[1:] {
		found = append(found, rows[next[0]]...)
		for _, other := range names[next[0]] {
			if !seen[other] {
				seen[other] = true
				next = append(next, other)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// mentioned are the names in a function.
func mentioned(function *ast.FuncDecl) []string {
	var all []string
	ast.Inspect(function, func(node ast.Node) bool {
		if name, ok := node.(*ast.Ident); ok {
			all = append(all, name.Name)
		}
		return true
	})
	return all
}

// rowsIn are the rows that a function shows by itself.
func rowsIn(function *ast.FuncDecl) []int {
	var all []int
	ast.Inspect(function, func(node ast.Node) bool {
		text, ok := node.(*ast.BasicLit)
		if !ok || text.Kind != token.STRING {
			return true
		}
		if match := begins.FindStringSubmatch(text.Value); match != nil {
			number, _ := strconv.Atoi(match[1]) // The pattern lets nothing else through.
			all = append(all, number)
		}
		return true
	})
	return all
}

// suites are the tests that show any of the rows, by package.
func suites(all []shown, rows []row) []suite {
	var wanted []suite
	for _, one := range all {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.number == one.row }) {
			continue
		}
		if len(wanted) == 0 || wanted[len(wanted)-1].folder != one.folder {
			wanted = append(wanted, suite{folder: one.folder, files: map[string]string{}, rows: map[string][]int{}})
		}
		last := &wanted[len(wanted)-1]
		last.rows[one.test] = append(last.rows[one.test], one.row)
		if !slices.Contains(last.tests, one.test) {
			last.tests = append(last.tests, one.test)
			last.files[one.test] = one.file
		}
	}
	return wanted
}
