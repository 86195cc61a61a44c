package paymux_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/paymux/paymux/"

// listed is a package as go list tells it. Deps are all that it depends on, Imports what its own
// files name; the imports of its tests are in neither.
type listed struct {
	ImportPath    string
	Imports, Deps []string
}

// A folder below is one package, "x/..." is x and all below it, and "*" is any one name.

// nouns are what every package of the engine may know.
var nouns = []string{"core", "sdk", "sdk/money"}

// directions says which of our own packages a package may depend on, directly or not. The first
// line that fits it counts. A folder need not exist to have its rule.
var directions = []struct {
	who string
	may []string
}{
	{"sdk/money", nil},
	{"sdk/proto/...", nil},
	{"sdk", []string{"sdk/money"}},
	{"sdk/wire", []string{"sdk", "sdk/money", "sdk/proto/..."}},
	{"sdk/serve", []string{"sdk", "sdk/money", "sdk/proto/...", "sdk/wire"}},
	{"sdk/plugintest", []string{"sdk", "sdk/money", "sdk/proto/...", "sdk/wire", "sdk/serve"}},
	{"sdk/conformance/...", []string{"sdk/..."}},
	{"sdk/sandboxkit/...", []string{"sdk/money"}},
	// A template is a plugin: see the lines of plugins below.
	{"sdk/scaffold/*/sandbox/run", []string{"sdk/money", "sdk/sandboxkit", "sdk/scaffold/*/sandbox"}},
	{"sdk/scaffold/*/sandbox/...", []string{"sdk/money", "sdk/sandboxkit"}},
	{"sdk/scaffold/*", []string{"sdk", "sdk/money", "sdk/httpx", "sdk/proto/...", "sdk/serve", "sdk/wire"}},
	{"sdk/...", []string{"sdk", "sdk/money"}},

	{"plugins/*/sandbox/...", []string{"sdk/money", "sdk/sandboxkit"}},
	{"plugins/...", []string{"sdk/..."}},

	{"core", []string{"sdk", "sdk/money"}},
	{"core/config/...", append(nouns, "core/yamlfile")},
	{"core/routing/backtest", append(nouns, "core/routing", "core/yamlfile")},
	{"core/routing/...", append(nouns, "core/yamlfile")},
	{"core/store/boltstore", append(nouns, "core/store", "core/store/record/...")},
	{"core/store/pgstore", append(nouns, "core/store", "core/store/record/...")},
	{"core/store/storetest", append(nouns, "core/store", "core/store/record/...")},
	{"core/store/record/...", append(nouns, "core/store/record/...")},
	{"core/host/...", append(nouns, "sdk/wire", "sdk/proto/...", "core/host/...")},
	{"core/orchestrator", append(nouns, "core/machine", "core/failpoint")},
	{"core/reconcile", append(nouns, "core/failpoint")},
	{"core/webhook", append(nouns, "core/failpoint")},
	{"core/httpapi/httpapitest", append(nouns, "core/api", "core/httpapi")},
	{"core/httpapi", append(nouns, "core/api")},
	{"core/notify", append(nouns, "core/api")},
	{"core/client", append(nouns, "core/api")},
	{"core/console/...", append(nouns, "core/api", "core/console/...")},
	{"core/engine", []string{"core/...", "sdk", "sdk/money", "sdk/proto/...", "sdk/wire"}},
	{"core/coretest/...", []string{"core/...", "sdk/..."}},
	{"core/...", nouns}, // Siblings never import siblings.

	{"cmd/engine/...", []string{"core/...", "sdk/...", "plugins/*/sandbox/...", "cmd/engine/..."}},
	{"examples/...", []string{"core/...", "sdk/...", "plugins/*/sandbox/...", "examples/..."}},
}

// forTests are packages that tests import, ours and an embedder's; onlyTests may do so outside of one.
var (
	forTests = []string{
		"core/coretest/...", "core/httpapi/httpapitest", "core/store/storetest", "sdk/plugintest", "sdk/sandboxkit/...",
	}
	onlyTests = append([]string{"cmd/engine/...", "examples/...", "plugins/*/sandbox/...", "sdk/conformance/...", "sdk/scaffold/*/sandbox/..."}, forTests...)
)

// doors says which of our packages may name a library, or a part of the standard library.
var doors = []struct {
	library string
	only    []string
}{
	{"go.etcd.io/bbolt/...", []string{"core/store/boltstore", "cmd/engine/bench/..."}},
	{"github.com/jackc/pgx/...", []string{"core/store/pgstore"}},
	{"github.com/knadh/koanf/...", []string{"core/config/..."}},
	{"github.com/hashicorp/go-plugin/...", []string{"core/host/...", "sdk/wire", "sdk/serve", "sdk/plugintest"}},
	{"google.golang.org/grpc/...", []string{"core/host/...", "sdk/proto/...", "sdk/wire", "sdk/serve", "sdk/plugintest"}},
	{"github.com/failsafe-go/...", []string{"core/account/..."}},
	{"go.opentelemetry.io/otel/...", []string{"core/account", "core/engine", "cmd/engine/..."}},
	{"go.opentelemetry.io/otel/sdk/...", []string{"cmd/engine/..."}},
	{"go.opentelemetry.io/otel/exporters/...", []string{"cmd/engine/..."}},
	{"github.com/prometheus/...", []string{"cmd/engine/..."}},
	{"github.com/expr-lang/expr/...", []string{"core/routing"}},
	{"github.com/danielgtaylor/huma/...", []string{"core/httpapi/..."}},
	{"github.com/fsnotify/...", []string{"core/watch"}},
	{"github.com/spf13/cobra/...", []string{"cmd/engine/..."}},
	{"github.com/nyaruka/phonenumbers/...", []string{"core/...", "cmd/engine/...", "examples/..."}},
}

// standardOnly are packages whose every import is of the standard library or ours.
var standardOnly = []string{"sdk", "sdk/money", "sdk/sandboxkit", "sdk/scaffold/...", "plugins/*/sandbox/..."}

// pure are packages that see no system; the time, the ids and the randomness are arguments.
// time.Now is left to the linter, because time itself is no fault.
var (
	pure   = []string{"core", "core/machine/...", "core/routing/..."}
	impure = []string{
		"crypto/rand", "log/...", "math/rand/...", "net", "net/http/...", "net/rpc/...", "net/smtp",
		"os/...", "syscall/...",
	}
)

// fits reports whether path is one of the folders that the patterns name.
func fits(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		below, tree := strings.CutSuffix(pattern, "/...")
		want, got := strings.Split(below, "/"), strings.Split(path, "/")
		if len(got) < len(want) || len(got) > len(want) && !tree {
			return false
		}
		for i := range want {
			if want[i] != "*" && want[i] != got[i] {
				return false
			}
		}
		return true
	})
}

// violations says, a line each, what p depends on and must not.
func violations(p listed) []string {
	who, ours := strings.CutPrefix(p.ImportPath, module)
	if !ours {
		return nil
	}
	var found []string
	for _, dependency := range p.Deps {
		if what, ours := strings.CutPrefix(dependency, module); ours && !mayDepend(who, what) {
			found = append(found, who+verb(p, dependency)+what)
		}
	}
	for _, library := range p.Imports {
		if !strings.HasPrefix(library, module) && !mayImport(who, library) {
			found = append(found, who+" imports "+library)
		}
	}
	return found
}

func verb(p listed, dependency string) string {
	if slices.Contains(p.Imports, dependency) {
		return " imports "
	}
	return " depends on "
}

func mayDepend(who, what string) bool {
	if fits(what, forTests) && !fits(who, onlyTests) {
		return false
	}
	for _, direction := range directions {
		if fits(who, []string{direction.who}) {
			return fits(what, direction.may)
		}
	}
	return false
}

func mayImport(who, library string) bool {
	for _, door := range doors {
		if fits(library, []string{door.library}) && !fits(who, door.only) {
			return false
		}
	}
	host, _, _ := strings.Cut(library, "/")
	if strings.Contains(host, ".") {
		return !fits(who, standardOnly)
	}
	return !fits(who, pure) || !fits(library, impure)
}

// packages returns every package of the module. A package that does not compile is listed too:
// that is for the compiler to say.
func packages(t *testing.T) []listed {
	t.Helper()
	readFolders(t)
	command := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,Deps", "./...")
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

// readFolders looks at every file. The go command repeats the result of a test until something
// changes that the test itself looked at, and go list is a process of its own.
func readFolders(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (path == ".git" || path == "bin") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportsNeverTurnBack(t *testing.T) {
	all := packages(t)
	if len(all) < 2 {
		t.Fatalf("go list names %d packages", len(all))
	}
	for _, p := range all {
		for _, violation := range violations(p) {
			t.Error(violation)
		}
	}
}

// The control: each of these edges must be reported, and with both its ends.
func TestAnImportThatTurnsBackIsReported(t *testing.T) {
	edges := map[string]string{
		"sdk/money sdk":                                         "the amount knows no plugin",
		"sdk sdk/wire":                                          "an author sees no gRPC",
		"sdk core":                                              "the sdk never sees the engine",
		"sdk github.com/hashicorp/go-hclog":                     "the sdk is standard library only",
		"sdk/money golang.org/x/text/currency":                  "money is standard library only",
		"sdk/proto/provider/v1 sdk":                             "generated code knows nothing",
		"sdk/wire sdk/serve":                                    "wire is below serve",
		"sdk/serve sdk/plugintest":                              "serve is below plugintest",
		"sdk/plugintest sdk/conformance":                        "plugintest is below conformance",
		"sdk/conformance core":                                  "the sdk never sees the engine",
		"sdk/httpx sdk/wire":                                    "httpx sees sdk at most",
		"sdk/httpx google.golang.org/grpc":                      "only both ends of the border know grpc",
		"sdk/scaffold sdk/conformance":                          "scaffold sees sdk at most",
		"sdk/scaffold sdk/scaffold/redirect":                    "a template is read, not called",
		"sdk/scaffold/redirect core":                            "a plugin never sees the engine",
		"sdk/scaffold/redirect sdk/sandboxkit":                  "a plugin does not ship its sandbox",
		"sdk/scaffold/redirect sdk/scaffold/redirect/sandbox":   "a plugin does not ship its sandbox",
		"sdk/scaffold/redirect sdk/conformance":                 "a plugin does not ship its tests",
		"sdk/scaffold/redirect/sandbox sdk":                     "a sandbox knows no plugin",
		"sdk/sandboxkit sdk":                                    "a sandbox knows no plugin",
		"sdk/sandboxkit github.com/hashicorp/go-hclog":          "a sandbox is standard library only",
		"sdk/httpx github.com/nyaruka/phonenumbers":             "every plugin would carry it",
		"plugins/cinetpay core":                                 "a plugin never sees the engine",
		"plugins/cinetpay plugins/cenoa":                        "plugins are strangers",
		"plugins/cinetpay plugins/cinetpay/sandbox":             "a plugin does not ship its sandbox",
		"plugins/cinetpay sdk/sandboxkit":                       "a plugin does not ship its sandbox",
		"plugins/cenoa/sandbox sdk":                             "a sandbox knows no plugin",
		"plugins/cenoa/sandbox github.com/hashicorp/go-hclog":   "a sandbox is standard library only",
		"core sdk/wire":                                         "the nouns know no wire",
		"core core/api":                                         "the nouns are below all",
		"core os":                                               "the nouns are pure",
		"core/machine core/routing":                             "siblings",
		"core/machine core/store":                               "the law knows no memory",
		"core/machine os":                                       "pure",
		"core/machine os/exec":                                  "pure",
		"core/machine net":                                      "pure",
		"core/machine net/http/httptest":                        "pure",
		"core/machine log/slog":                                 "pure",
		"core/machine math/rand":                                "pure",
		"core/machine crypto/rand":                              "pure",
		"core/routing math/rand/v2":                             "pure",
		"core/routing core/account":                             "siblings",
		"core/routing core/config":                              "siblings",
		"core/config core/routing":                              "siblings",
		"core/api core/store":                                   "siblings",
		"core/store core/machine":                               "siblings",
		"core/store/record core/store":                          "bytes know no store",
		"core/store/boltstore core/store/pgstore":               "one store is not the other",
		"core/store/boltstore core/store/storetest":             "test support in the engine",
		"core/host core/account":                                "siblings",
		"core/host sdk/serve":                                   "the other end of the border",
		"core/account core/host":                                "asks through what it declares",
		"core/account go.etcd.io/bbolt":                         "only boltstore knows bbolt",
		"core/orchestrator core/store":                          "declares what it needs",
		"core/orchestrator core/host":                           "declares what it needs",
		"core/orchestrator core/routing":                        "declares what it needs",
		"core/reconcile core/machine":                           "needs no machine",
		"core/reconcile core/orchestrator":                      "hands Events over",
		"core/webhook core/orchestrator":                        "hands Events over",
		"core/notify core/store":                                "siblings",
		"core/httpapi core/orchestrator":                        "no business rule lives here",
		"core/client core/httpapi":                              "siblings",
		"core/console core/engine":                              "below the engine",
		"core/engine cmd/engine":                                "a library knows no command",
		"core/engine plugins/cenoa/sandbox":                     "the engine knows no provider",
		"core/engine core/coretest":                             "test support in the engine",
		"core/engine sdk/plugintest":                            "test support in the engine",
		"core/engine github.com/expr-lang/expr/vm":              "only routing knows expressions",
		"core/engine github.com/spf13/cobra":                    "only the command has a command line",
		"core/engine github.com/danielgtaylor/huma/v2":          "only httpapi knows huma",
		"core/engine github.com/hashicorp/go-plugin":            "only host knows it",
		"core/engine github.com/jackc/pgx/v5":                   "only pgstore knows PostgreSQL",
		"core/engine github.com/knadh/koanf/v2":                 "only config knows koanf",
		"core/engine go.opentelemetry.io/otel/sdk/metric":       "an embedder brings its own SDK",
		"core/engine github.com/prometheus/client_golang":       "an embedder brings its own exporter",
		"core/machine go.opentelemetry.io/otel/metric":          "the law measures nothing",
		"core/host github.com/failsafe-go/failsafe-go/bulkhead": "only account knows it",
		"core/somethingnew core/store":                          "siblings, before anyone has a rule for it",
		"cmd/engine plugins/cenoa":                              "the command knows no plugin",
		"cmd/engine examples/demo":                              "an example is no part",
		"examples/embed plugins/cenoa":                          "an example starts a plugin, it links none",
		"toplevel core":                                         "nothing else stands at the top",
	}
	for edge, why := range edges {
		t.Run(edge, func(t *testing.T) {
			p := edgeOf(edge)
			what := strings.TrimPrefix(p.Imports[0], module)
			want := []string{strings.TrimPrefix(p.ImportPath, module) + " imports " + what}
			if diff := cmp.Diff(want, violations(p)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", why, diff)
			}
		})
	}
	t.Run("through another package", func(t *testing.T) {
		p := listed{module + "core/machine", []string{module + "core/yamlfile"}, []string{module + "core/yamlfile", module + "core/store"}}
		want := []string{"core/machine imports core/yamlfile", "core/machine depends on core/store"}
		if diff := cmp.Diff(want, violations(p)); diff != "" {
			t.Errorf("violations (-want +got):\n%s", diff)
		}
	})
}

// The other control: the rules leave the house standing.
func TestAnImportThatGoesForwardIsNotReported(t *testing.T) {
	for _, edge := range []string{
		"sdk sdk/money", "sdk net/http", "sdk/wire sdk/proto/provider/v1", "sdk/wire google.golang.org/grpc/codes",
		"sdk/serve sdk/wire", "sdk/plugintest sdk/serve", "sdk/conformance sdk/plugintest", "sdk/httpx sdk",
		"plugins/cenoa sdk/serve", "plugins/cenoa os", "plugins/cenoa/sandbox sdk/money", "plugins/cenoa/sandbox net/http",
		"plugins/cenoa/sandbox sdk/sandboxkit",
		"sdk/scaffold/redirect sdk/serve", "sdk/scaffold/redirect/sandbox sdk/sandboxkit",
		"sdk/scaffold/redirect/sandbox/run sdk/scaffold/redirect/sandbox", "cmd/engine sdk/scaffold",
		"core sdk/money", "core/machine core", "core/machine math/big", "core/routing core/yamlfile",
		"core/routing net/netip", "core/routing github.com/expr-lang/expr/ast", "core/config github.com/knadh/koanf/v2", "core/store/record core",
		"core/store/boltstore core/store/record", "core/store/boltstore go.etcd.io/bbolt",
		"core/host sdk/wire", "core/host github.com/hashicorp/go-plugin", "core/account github.com/failsafe-go/failsafe-go",
		"core/orchestrator core/machine", "core/reconcile core", "core/httpapi core/api",
		"core/httpapi github.com/danielgtaylor/huma/v2", "core/client core/api", "core/engine core/orchestrator",
		"core/engine core/store/boltstore", "core/engine go.opentelemetry.io/otel/metric", "cmd/engine go.opentelemetry.io/otel/sdk/metric",
		"core/coretest core/engine", "cmd/engine core/engine",
		"cmd/engine sdk/conformance", "cmd/engine github.com/spf13/cobra", "cmd/engine/bench plugins/cenoa/sandbox",
		"cmd/engine/bench go.etcd.io/bbolt", "examples/embed core/engine", "examples/sandbox plugins/cenoa/sandbox",
	} {
		if found := violations(edgeOf(edge)); len(found) > 0 {
			t.Errorf("%s is reported: %s", edge, found)
		}
	}
}

// edgeOf returns the first package of an edge, as go list would tell it if it imported the second.
func edgeOf(edge string) listed {
	who, what, _ := strings.Cut(edge, " ")
	if top, _, _ := strings.Cut(what, "/"); slices.Contains([]string{"cmd", "core", "examples", "plugins", "sdk"}, top) {
		what = module + what
	}
	return listed{ImportPath: module + who, Imports: []string{what}, Deps: []string{what}}
}
