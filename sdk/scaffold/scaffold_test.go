package scaffold_test

import (
	"errors"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/scaffold"
)

func render(t *testing.T, o scaffold.Options) scaffold.Files {
	t.Helper()
	files, err := scaffold.Render(o)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestNothingOfAcmeIsLeft(t *testing.T) {
	for _, flavour := range scaffold.Flavours() {
		files := render(t, scaffold.Options{Name: "my-bank", Flavour: flavour, Module: "git.example.org/pay/my-bank", Version: "0.1.0"})
		for name, text := range files {
			if strings.Contains(strings.ToLower(text), "acme") || strings.Contains(text, "sdk/scaffold") || strings.Contains(text, "{{") && strings.HasSuffix(name, ".md") {
				t.Errorf("%s: %s speaks of its template", flavour, name)
			}
			if formatted, err := format.Source([]byte(text)); strings.HasSuffix(name, ".go") && (err != nil || string(formatted) != text) {
				t.Errorf("%s: %s is not formatted: %v", flavour, name, err)
			}
		}
		if !strings.Contains(files["sandbox/run/main.go"], `"git.example.org/pay/my-bank/sandbox"`) {
			t.Errorf("%s: the sandbox is imported from elsewhere", flavour)
		}
		if !strings.Contains(files["provider.go"], `Name: "my-bank"`) || !strings.Contains(files["mapping.go"], "MyBank") {
			t.Errorf("%s: the plugin has another name", flavour)
		}
	}
}

func TestEveryFlavourHasTheSameFiles(t *testing.T) {
	common := []string{
		".gitignore", "Makefile", "README.md", "go.mod", "main.go", "mapping.go", "paymux.yaml", "provider.go", "provider_test.go",
		"routes.yaml", "sandbox.yaml", "sandbox/run/main.go", "sandbox/sandbox.go",
	}
	for _, flavour := range scaffold.Flavours() {
		files := render(t, scaffold.Options{Name: "acme", Flavour: flavour, Version: "0.1.0"})
		for _, name := range common {
			if files[name] == "" {
				t.Errorf("%s has no %s", flavour, name)
			}
		}
	}
}

// What is the same for all flavours is kept the same.
func TestFlavoursDoNotDrift(t *testing.T) {
	usual := render(t, scaffold.Options{Name: "acme", Flavour: scaffold.Redirect, Version: "0.1.0"})
	for _, flavour := range scaffold.Flavours() {
		files := render(t, scaffold.Options{Name: "acme", Flavour: flavour, Version: "0.1.0"})
		for _, name := range []string{"main.go", "notification.go", "sandbox/run/main.go", "Makefile", "routes.yaml"} {
			if flavour == scaffold.Transfer && name == "notification.go" {
				continue
			}
			if diff := cmp.Diff(usual[name], files[name]); diff != "" {
				t.Errorf("%s: %s (-redirect +%[1]s):\n%s", flavour, name, diff)
			}
		}
	}
}

// A provider that is shown first must be read at one glance.
func TestAMinimalProviderHasSixtyLines(t *testing.T) {
	for _, flavour := range scaffold.Flavours() {
		text := render(t, scaffold.Options{Name: "acme", Flavour: flavour, Version: "0.1.0"})["provider.go"]
		if lines := strings.Count(text, "\n"); lines > 60 {
			t.Errorf("%s: provider.go has %d lines", flavour, lines)
		}
		for _, word := range []string{"Required: true", "Secret: true", "Enum: ", "Default: ", "Doc: "} {
			if !strings.Contains(text, word) {
				t.Errorf("%s: no setting shows %s", flavour, word)
			}
		}
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	tests := map[string]struct {
		change func(*scaffold.Options)
		want   string
	}{
		"no name":                {func(o *scaffold.Options) { o.Name = "" }, `the name ""`},
		"capitals":               {func(o *scaffold.Options) { o.Name = "Acme" }, `the name "Acme"`},
		"a digit first":          {func(o *scaffold.Options) { o.Name = "3pay" }, "a letter first"},
		"two hyphens":            {func(o *scaffold.Options) { o.Name = "my--bank" }, "single hyphens"},
		"a hyphen last":          {func(o *scaffold.Options) { o.Name = "my-" }, "single hyphens"},
		"one letter":             {func(o *scaffold.Options) { o.Name = "a" }, "give 2 to 32"},
		"33 letters":             {func(o *scaffold.Options) { o.Name = strings.Repeat("a", 33) }, "give 2 to 32"},
		"a path for a name":      {func(o *scaffold.Options) { o.Name = "../acme" }, `the name "../acme"`},
		"no text in YAML":        {func(o *scaffold.Options) { o.Name = "null" }, `the name "null" means something else`},
		"a folder of Go's":       {func(o *scaffold.Options) { o.Name = "vendor" }, `the name "vendor" means something else`},
		"Paymux itself":          {func(o *scaffold.Options) { o.Module = "github.com/paymux/paymux" }, "is Paymux's own"},
		"a package of Paymux":    {func(o *scaffold.Options) { o.Module = "github.com/paymux/paymux/plugins/acme" }, "is Paymux's own"},
		"a flavour of tomorrow":  {func(o *scaffold.Options) { o.Flavour = "carrier-pigeon" }, "give one of [redirect prompt transfer payout]"},
		"a module with a blank":  {func(o *scaffold.Options) { o.Module = "example.com/my bank" }, "give the path of a Go module"},
		"a module with a parent": {func(o *scaffold.Options) { o.Module = "example.com/../x" }, "give the path of a Go module"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := scaffold.Options{Name: "acme", Flavour: scaffold.Redirect, Version: "0.1.0"}
			test.change(&o)
			if files, err := scaffold.Render(o); err == nil || !strings.Contains(err.Error(), test.want) || files != nil {
				t.Errorf("%d files, %v; want an error with %q", len(files), err, test.want)
			}
		})
	}
	for _, name := range []string{"ab", "acme", "my-bank", "bank24", "nulla", "no", strings.Repeat("a", 32)} {
		render(t, scaffold.Options{Name: name, Flavour: scaffold.Redirect, Version: "0.1.0"})
	}
}

func TestTheFolderAppearsWholeOrNotAtAll(t *testing.T) {
	above := t.TempDir()
	dir := filepath.Join(above, "new", "acme")
	if err := (scaffold.Files{"a/b.txt": "b", "c.txt": "c"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "a", "b.txt")); err != nil || string(text) != "b" {
		t.Errorf("%q, %v", text, err)
	}
	if err := (scaffold.Files{"c.txt": "other"}).Write(dir); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a folder that exists: %v", err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "c.txt")); err != nil || string(text) != "c" {
		t.Errorf("it was changed: %q, %v", text, err)
	}
	// A file where another one needs a folder fails in the middle.
	if err := (scaffold.Files{"a": "", "a/b": ""}).Write(filepath.Join(above, "half")); err == nil {
		t.Error("a file and a folder of one name were both written")
	}
	entries, err := os.ReadDir(above)
	if err != nil || len(entries) != 1 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

func TestACheckoutIsFoundFromInside(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	found, err := scaffold.FindCheckout(t.TempDir(), filepath.Join(root, "sdk", "scaffold"))
	if err != nil || found == nil || found.Dir() != root {
		t.Errorf("found %+v, %v; want %s", found, err, root)
	}
	if none, err := scaffold.FindCheckout(t.TempDir()); none != nil || err != nil {
		t.Errorf("outside: %+v, %v", none, err)
	}
	if _, err := scaffold.ReadCheckout(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no checkout of Paymux") {
		t.Errorf("a folder that is none: %v", err)
	}
}

// TestTheKitIsWhatAPluginIsBuiltWith fails when a package of the sdk needs another
// module: a new plugin would then not build.
func TestTheKitIsWhatAPluginIsBuiltWith(t *testing.T) {
	look(t)
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test", "-f", "{{with .Module}}{{.Path}}{{end}}",
		"github.com/paymux/paymux/sdk/scaffold/redirect")
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	used := slices.Compact(slices.Sorted(slices.Values(strings.Fields(string(output)))))
	used = slices.DeleteFunc(used, func(name string) bool { return name == "github.com/paymux/paymux" })
	checkout, err := scaffold.ReadCheckout(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	var required []string
	for line := range strings.Lines(render(t, scaffold.Options{Name: "acme", Flavour: scaffold.Redirect, Version: "0.1.0", Checkout: checkout})["go.mod"]) {
		if name, ok := strings.CutSuffix(strings.TrimSpace(line), " // indirect"); ok {
			required = append(required, strings.Fields(name)[0])
		}
	}
	if diff := cmp.Diff(used, required); diff != "" {
		t.Errorf("modules (-used +required):\n%s", diff)
	}
}

// look looks into the sdk: the go command repeats the result of a test until
// something changes that the test itself looked at.
func look(t *testing.T) {
	t.Helper()
	if err := filepath.WalkDir("..", func(_ string, _ os.DirEntry, err error) error { return err }); err != nil {
		t.Fatal(err)
	}
}

// TestTheExampleIsBuiltWithTheModulesOfANewPlugin keeps examples/acmepay, which has
// a go.mod of its own, at the versions of this repository.
func TestTheExampleIsBuiltWithTheModulesOfANewPlugin(t *testing.T) {
	root := filepath.Join("..", "..")
	checkout, err := scaffold.ReadCheckout(root)
	if err != nil {
		t.Fatal(err)
	}
	files := render(t, scaffold.Options{Name: "acmepay", Flavour: scaffold.Redirect, Version: "0.1.0", Checkout: checkout})
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, "examples", "acmepay", name))
		if err != nil {
			t.Fatal(err)
		}
		want, _, _ := strings.Cut(files[name], "\n// Until")
		got, _, _ := strings.Cut(string(text), "\n// In a repository")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("examples/acmepay/%s (-want +got):\n%s", name, diff)
		}
	}
}
