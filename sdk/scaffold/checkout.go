package scaffold

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Checkout is a folder with Paymux's source, which a new module is built with as
// long as there is no release.
type Checkout struct {
	dir      string
	goLine   string   // Such as "go 1.26.0".
	required []string // Lines such as "google.golang.org/grpc v1.85.0".
	sums     string
}

// ReadCheckout reads what a module needs of the checkout in a folder, so that it
// builds at once and without a network: its modules and their checksums.
func ReadCheckout(dir string) (*Checkout, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !isOurs(string(text)) {
		return nil, fmt.Errorf("%s is no checkout of Paymux: give the folder that has its go.mod", dir)
	}
	c := &Checkout{dir: dir}
	c.readModules(string(text))
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return nil, err
	}
	c.sums = kitSums(string(sums))
	return c, nil
}

// FindCheckout looks for a checkout in the folders and above each of them. It
// returns nil where there is none.
func FindCheckout(folders ...string) (*Checkout, error) {
	for _, dir := range folders {
		for {
			text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
			if err == nil && isOurs(string(text)) {
				return ReadCheckout(dir)
			}
			if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, os.ErrPermission) {
				return nil, err
			}
			above := filepath.Dir(dir)
			if above == dir {
				break
			}
			dir = above
		}
	}
	return nil, nil
}

// Dir is the folder of the checkout, absolute.
func (c *Checkout) Dir() string { return c.dir }

func isOurs(goMod string) bool {
	line, _, _ := strings.Cut(goMod, "\n")
	return strings.TrimSpace(line) == "module "+ours
}

// kit are the modules that a plugin and its tests are built with.
func kit() []string {
	return []string{
		"github.com/fatih/color", "github.com/golang/protobuf", "github.com/hashicorp/go-hclog", "github.com/hashicorp/go-plugin",
		"github.com/hashicorp/yamux", "github.com/mattn/go-colorable", "github.com/mattn/go-isatty", "github.com/oklog/run",
		"golang.org/x/net", "golang.org/x/sys", "golang.org/x/text", "google.golang.org/genproto/googleapis/rpc",
		"google.golang.org/grpc", "google.golang.org/protobuf",
	}
}

// readModules keeps the language's version, and the version of each module of the kit.
func (c *Checkout) readModules(goMod string) {
	for line := range strings.Lines(goMod) {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "go":
			c.goLine = words[0] + " " + words[1]
		case len(words) >= 2 && slices.Contains(kit(), words[0]):
			c.required = append(c.required, words[0]+" "+words[1])
		}
	}
	slices.Sort(c.required)
}

// kitSums keeps the checksums of the kit's modules. The go command reads no other
// one while it finds every package in them.
func kitSums(goSum string) string {
	var kept strings.Builder
	for line := range strings.Lines(goSum) {
		name, _, _ := strings.Cut(line, " ")
		if slices.Contains(kit(), name) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// goMod is the module's go.mod. Without a checkout the go command completes it.
func (o Options) goMod() string {
	var text strings.Builder
	line := "go 1.26.0"
	if o.Checkout != nil {
		line = o.Checkout.goLine
	}
	fmt.Fprintf(&text, "module %s\n\n%s\n\nrequire %s v%s\n", o.Module, line, ours, o.Version)
	if o.Checkout == nil {
		return text.String()
	}
	text.WriteString("\nrequire (\n")
	for _, required := range o.Checkout.required {
		text.WriteString("\t" + required + " // indirect\n")
	}
	fmt.Fprintf(&text, ")\n\n// Until there is a release: the checkout that this plugin was begun with.\nreplace %s => %s\n", ours, quoted(o.Checkout.dir))
	return text.String()
}

// quoted is a path as go.mod takes it.
func quoted(dir string) string {
	if strings.ContainsAny(dir, " \t\"'`(),") {
		return "`" + dir + "`"
	}
	return dir
}
