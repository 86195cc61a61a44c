package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed redirect prompt transfer payout module
var templates embed.FS

// Flavour is what the provider of a new plugin does.
type Flavour string

// The flavours.
const (
	// Redirect takes payments on a page of the provider's.
	Redirect Flavour = "redirect"
	// Prompt takes payments that the customer confirms on a phone.
	Prompt Flavour = "prompt"
	// Transfer finds what customers sent in a list.
	Transfer Flavour = "transfer"
	// Payout pays out.
	Payout Flavour = "payout"
)

// Flavours returns all flavours, the usual one first.
func Flavours() []Flavour { return []Flavour{Redirect, Prompt, Transfer, Payout} }

// Options of a new plugin.
type Options struct {
	// Name is the plugin's, such as "acme" or "my-bank": 2 to 32 of a-z, 0-9 and
	// single hyphens, a letter first.
	Name    string
	Flavour Flavour
	// Module is the path of the Go module. Default: example.com/ and the name.
	Module string
	// Version is the release of Paymux that the module asks for, such as "0.1.0".
	Version string
	// Checkout is used in place of that release; nil for none.
	Checkout *Checkout
}

// Files are the files of a module: their text by their path, with slashes.
type Files map[string]string

var (
	nameShape   = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	moduleShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~-]*(/[A-Za-z0-9][A-Za-z0-9._~-]*)*$`)
)

const nameMax = 32

// takenNames have the shape of a name, and make files that cannot be read: the first
// three are no text in YAML, and the go command imports nothing from a vendor folder.
func takenNames() []string { return []string{"null", "true", "false", "vendor"} }

// Render returns the files of a new plugin. The errors say which option is wrong,
// and what it must be.
func Render(o Options) (Files, error) {
	if o.Module == "" {
		o.Module = "example.com/" + o.Name
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	files := Files{"go.mod": o.goMod()}
	if o.Checkout != nil {
		files["go.sum"] = o.Checkout.sums
	}
	return files, errors.Join(o.renderCode(files), o.renderText(files))
}

func (o Options) check() error {
	switch {
	case !nameShape.MatchString(o.Name) || len(o.Name) < 2 || len(o.Name) > nameMax:
		return fmt.Errorf("the name %q: give 2 to %d of a-z, 0-9 and single hyphens, a letter first, such as my-bank", o.Name, nameMax)
	case slices.Contains(takenNames(), o.Name):
		return fmt.Errorf("the name %q means something else in YAML or in the path of a Go module: give another one", o.Name)
	case !slices.Contains(Flavours(), o.Flavour):
		return fmt.Errorf("the flavour %q: give one of %v", o.Flavour, Flavours())
	case !moduleShape.MatchString(o.Module):
		return fmt.Errorf("the module %q: give the path of a Go module, such as example.com/%s", o.Module, o.Name)
	case o.Module == ours || strings.HasPrefix(o.Module, ours+"/"):
		return fmt.Errorf("the module %q is Paymux's own: give the path of yours, such as example.com/%s", o.Module, o.Name)
	}
	return nil
}

// ours is the module of Paymux.
const ours = "github.com/paymux/paymux"

// title is the name for people, and for identifiers: MyBank.
func (o Options) title() string {
	var title strings.Builder
	for part := range strings.SplitSeq(o.Name, "-") {
		title.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return title.String()
}

// upper is the name for environments: MY_BANK.
func (o Options) upper() string { return strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_")) }

// renderCode puts the name in the place of Acme's, and the module in that of the folder.
func (o Options) renderCode(files Files) error {
	folder := string(o.Flavour)
	names := strings.NewReplacer(ours+"/sdk/scaffold/"+folder+"/", o.Module+"/", "acme", o.Name, "Acme", o.title())
	return fs.WalkDir(templates, folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := templates.ReadFile(file)
		if err != nil {
			return err
		}
		// Names of another length are aligned otherwise, and imports sorted otherwise.
		formatted, err := format.Source([]byte(names.Replace(string(text))))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		files[strings.TrimPrefix(file, folder+"/")] = string(formatted)
		return nil
	})
}

// renderText fills in what is no Go. A file there is named as in the module, with
// .tmpl behind it and without the dot before it.
func (o Options) renderText(files Files) error {
	entries, err := templates.ReadDir("module")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		text, err := template.ParseFS(templates, path.Join("module", entry.Name()))
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := text.Execute(&out, o.words()); err != nil {
			return err
		}
		name := strings.TrimSuffix(entry.Name(), ".tmpl")
		if name == "gitignore" {
			name = ".gitignore"
		}
		files[name] = out.String()
	}
	return nil
}

// words are what the text templates may name.
func (o Options) words() map[string]any {
	return map[string]any{
		"Name": o.Name, "Title": o.title(), "Upper": o.upper(), "Module": o.Module,
		"Flavour": string(o.Flavour), "Released": o.Checkout == nil,
	}
}
