package httpapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// secretWords are in the names of what only its owner knows or can make.
var secretWords = []string{"signature", "token", "secret", "hmac", "mac", "apikey", "password", "digest"}

// carelessly returns where a source compares something whose name says that it is a
// secret with == or !=, or by bytes.Equal, which take as long as the two agree. To
// compare with a constant, such as "" or nil, tells nothing.
func carelessly(files *token.FileSet, file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			equality := n.Op == token.EQL || n.Op == token.NEQ
			if equality && (secret(n.X) && !harmless(n.X, n.Y) || secret(n.Y) && !harmless(n.Y, n.X)) {
				found = append(found, files.Position(n.Pos()).String())
			}
		case *ast.CallExpr:
			called, ok := n.Fun.(*ast.SelectorExpr)
			if ok && len(n.Args) == 2 && (called.Sel.Name == "Equal" || called.Sel.Name == "Compare" || called.Sel.Name == "EqualFold") && !constantTime(called) && (secret(n.Args[0]) || secret(n.Args[1])) {
				found = append(found, files.Position(n.Pos()).String())
			}
		}
		return true
	})
	return found
}

func constantTime(called *ast.SelectorExpr) bool {
	from, ok := called.X.(*ast.Ident)
	return ok && (from.Name == "hmac" || from.Name == "subtle")
}

// secret reports whether an expression is a name, field or call whose last word is one of secretWords.
func secret(e ast.Expr) bool {
	var name string
	switch e := e.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	case *ast.CallExpr:
		return !constantTimeCall(e) && secret(e.Fun)
	case *ast.SliceExpr:
		return secret(e.X)
	}
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "code") { // A provider's code that says something of one.
		return false
	}
	for _, word := range secretWords {
		if strings.HasSuffix(name, word) {
			return true
		}
	}
	return false
}

func constantTimeCall(e *ast.CallExpr) bool {
	called, ok := e.Fun.(*ast.SelectorExpr)
	return ok && constantTime(called)
}

// harmless reports whether what a secret is compared with is a constant, or made of
// the secret itself, such as its trimmed text.
func harmless(secret, with ast.Expr) bool {
	switch with := with.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return with.Name == "nil"
	case *ast.CallExpr:
		name, ok := secret.(*ast.Ident)
		if !ok || len(with.Args) != 1 {
			return false
		}
		of, ok := with.Args[0].(*ast.Ident)
		return ok && of.Name == name.Name
	}
	return false
}

// Keys, tokens and signatures are compared in constant time wherever they are
// compared. The control is a source that does not.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	t.Parallel()
	files, looked := token.NewFileSet(), 0
	for _, root := range []string{"../../core", "../../sdk", "../../plugins", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".pb.go") || strings.Contains(path, "/sandbox/") {
				return err // A sandbox has nothing to guard.
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			looked++
			for _, place := range carelessly(files, file) {
				t.Errorf("%s: compare it with hmac.Equal or subtle.ConstantTimeCompare", place)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	const bad = `package p
func f(a, token, signature string, m h) bool {
	return token == a || a != m.Secret || bytes.Equal(sign(a), m.signature) || strings.EqualFold(a, signature) || token == "" || m.secret != nil || hmac.Equal(token, a)
}`
	file, err := parser.ParseFile(files, "bad.go", bad, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if got := carelessly(files, file); len(got) != 4 {
		t.Errorf("of four careless comparisons %d are found: %v", len(got), got)
	}
	if looked < 100 {
		t.Errorf("only %d files were looked at", looked)
	}
}
