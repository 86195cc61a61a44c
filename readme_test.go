package paymux_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/engine"
)

// pages are the documents that this file keeps true.
var pages = []string{
	"README.md", "core/README.md", "sdk/README.md", "examples/acmepay/README.md", "examples/plugin-python/README.md", "CHANGELOG.md",
}

// page is a Markdown document. Its links are relative to the folder of file.
type page struct{ file, text string }

func readPages(t *testing.T) []page {
	t.Helper()
	all := make([]page, len(pages))
	for i, file := range pages {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = page{file, string(text)}
	}
	return all
}

// code is a fenced block. From is the file that the comment before it names.
type code struct{ language, from, text string }

var fence = regexp.MustCompile("(?ms)^(?:<!-- from (\\S+) -->\\n)?```(\\w*)\\n(.*?)^```$")

func (p page) code(language string) []code {
	var all []code
	for _, found := range fence.FindAllStringSubmatch(p.text, -1) {
		if found[2] == language {
			all = append(all, code{found[2], found[1], found[3]})
		}
	}
	return all
}

// prose is the text without its blocks.
func (p page) prose() string { return fence.ReplaceAllString(p.text, "") }

func (p page) path(link string) string { return filepath.Join(filepath.Dir(p.file), link) }

var link = regexp.MustCompile(`\[([^\]]*)\]\(([^)#\s]*)(#[^)\s]*)?\)`)

// deadLinks names the links that lead nowhere: to no file, to no heading, or,
// where the words of the link are a test's name, to a file without that test.
func (p page) deadLinks() []string {
	var faults []string
	for _, found := range link.FindAllStringSubmatch(p.prose(), -1) {
		words, target, heading := found[1], found[2], strings.TrimPrefix(found[3], "#")
		if strings.Contains(target, "://") {
			continue
		}
		text := p.text
		if target != "" {
			var err error
			if text, err = readLinked(p.path(target)); err != nil {
				faults = append(faults, p.file+": "+target+": no such file")
				continue
			}
		}
		if heading != "" && !slices.Contains(headings(text), heading) {
			faults = append(faults, p.file+": "+target+"#"+heading+": no such heading")
		}
		if testName.MatchString(words) && !strings.Contains(text, "\nfunc "+words+"(") {
			faults = append(faults, p.file+": "+words+" is not in "+target)
		}
	}
	return faults
}

var testName = regexp.MustCompile(`^(Test|Fuzz|Benchmark)[A-Z]\w*$`)

// readLinked returns the text of a file, nothing for a folder.
func readLinked(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return "", err
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

// headings returns the anchors that GitHub gives to a text's headings.
func headings(text string) []string {
	var all []string
	for line := range strings.Lines(fence.ReplaceAllString(text, "")) {
		if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && line[0] == '#' {
			plain := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			all = append(all, strings.ReplaceAll(plain, " ", "-"))
		}
	}
	return all
}

// driftedSnippets names the blocks that are not, line by line, in the file that
// they say they are from. A block of Go must say so.
func (p page) driftedSnippets() []string {
	var faults []string
	for _, found := range fence.FindAllStringSubmatch(p.text, -1) {
		from, language, text := found[1], found[2], found[3]
		title, _, _ := strings.Cut(text, "\n")
		if from == "" {
			if language == "go" {
				faults = append(faults, p.file+": the block that begins with "+title+" is from no file")
			}
			continue
		}
		source, err := os.ReadFile(p.path(from))
		if err != nil || !holds(unindented(string(source)), unindented(text)) {
			faults = append(faults, p.file+": the block that begins with "+title+" is not in "+from)
		}
	}
	return faults
}

// holds reports whether a snippet is in a source. One that is to be saved as a
// file, because it names its package or module, must be all of it.
func holds(source, snippet string) bool {
	if regexp.MustCompile(`(?m)^(package|module) `).MatchString(snippet) {
		return source == snippet
	}
	return strings.Contains(source, snippet)
}

// unindented is text between line breaks, each line without the space around it.
func unindented(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

// shell knows which commands there are.
type shell struct {
	makefile string
	engine   string // The built binary.
}

var inline = regexp.MustCompile("`((?:bin/)?(?:engine|make|go run) [^`]+)`")

// wrongCommands names the commands of a page's sh blocks and of its prose that do
// not exist, or lack a flag that they are given.
func (s shell) wrongCommands(p page) []string {
	var commands [][]string
	for _, block := range p.code("sh") {
		commands = append(commands, shellWords(block.text)...)
	}
	for _, found := range inline.FindAllStringSubmatch(p.prose(), -1) {
		commands = append(commands, shellWords(found[1])...)
	}
	var faults []string
	for _, words := range commands {
		if wrong := s.wrong(words); wrong != "" {
			faults = append(faults, p.file+": "+strings.Join(words, " ")+": "+wrong)
		}
	}
	return faults
}

// shellWords returns the commands of a script, each as its words. It knows
// quotes, comments, lines that go on, and ampersands.
func shellWords(script string) [][]string {
	var commands [][]string
	var words []string
	end := func() {
		if n := len(words); n > 0 && words[n-1] == "&" {
			words = words[:n-1]
		}
		if len(words) > 0 {
			commands = append(commands, words)
		}
		words = nil
	}
	script = strings.ReplaceAll(script, "\\\n", " ")
	for _, token := range regexp.MustCompile(`\n|#[^\n]*|(?:'[^']*'|"[^"]*"|[^\s'"])+`).FindAllString(script, -1) {
		switch {
		case token == "\n" || token == "&&":
			end()
		case token[0] == '#':
		default:
			words = append(words, regexp.MustCompile(`(?s)'([^']*)'|"([^"]*)"`).ReplaceAllString(token, "$1$2"))
		}
	}
	end()
	return commands
}

func (s shell) wrong(words []string) string {
	name := filepath.Base(words[0])
	if filepath.Ext(name) == ".py" {
		return wrongScript(words[0])
	}
	switch name {
	case "make":
		return s.wrongTarget(words[1:])
	case "engine":
		return s.wrongSubcommand(words[1:])
	case "go":
		return wrongRun(words[1:])
	case "sandbox":
		return wrongRun(append([]string{"run", "examples/sandbox"}, words[1:]...))
	case "acme", "apt-get", "cd", "curl", "export":
		return ""
	default:
		return "a command that nobody checks"
	}
}

func wrongScript(path string) string {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&0o111 == 0 {
		return "there is no script " + path
	}
	return ""
}

func (s shell) wrongTarget(words []string) string {
	for _, word := range words {
		variable, _, assigned := strings.Cut(word, "=")
		if assigned && !strings.Contains(s.makefile, "$("+variable+")") && !strings.Contains(s.makefile, "$(if $("+variable+")") {
			return "make knows no variable " + variable
		}
		if !assigned && !strings.Contains(s.makefile, "\n"+word+": ") {
			return "make knows no target " + word
		}
	}
	return ""
}

func wrongRun(words []string) string {
	if words[0] != "run" {
		return ""
	}
	if words[1] == "./sandbox/run" { // Of a new plugin.
		words = append([]string{"run", "sdk/scaffold/redirect/sandbox/run"}, words[2:]...)
	}
	sources, err := filepath.Glob(filepath.Join(words[1], "*.go"))
	if err != nil || len(sources) == 0 {
		return "there is no command in " + words[1]
	}
	var text strings.Builder
	for _, source := range sources {
		if read, err := os.ReadFile(source); err == nil {
			text.Write(read)
		}
	}
	for _, word := range words[2:] {
		if flag, ok := strings.CutPrefix(word, "-"); ok && !strings.Contains(text.String(), `("`+flag+`"`) {
			return words[1] + " has no flag " + word
		}
	}
	return ""
}

// wrongSubcommand asks the engine itself, by its help.
func (s shell) wrongSubcommand(words []string) string {
	var path []string
	help := s.help()
	for _, word := range words {
		if strings.HasPrefix(word, "-") {
			break
		}
		more := s.help(append(slices.Clone(path), word)...)
		if !strings.Contains(more, "Usage:\n  engine "+strings.Join(append(slices.Clone(path), word), " ")) {
			if strings.Contains(help, "Available Commands:") {
				return "engine has no such command"
			}
			break
		}
		path, help = append(path, word), more
	}
	for _, word := range words {
		flag, _, _ := strings.Cut(word, "=")
		if strings.HasPrefix(flag, "-") && !regexp.MustCompile(`(?m)^ +(-\w, )?`+flag+`\b|^ +`+flag+`, `).MatchString(help) {
			return "engine " + strings.Join(path, " ") + " has no flag " + flag
		}
	}
	return ""
}

func (s shell) help(path ...string) string {
	output, err := exec.Command(s.engine, append(path, "--help")...).CombinedOutput()
	if err != nil {
		return err.Error()
	}
	return string(output)
}

func newShell(t *testing.T) shell {
	t.Helper()
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	return shell{"\n" + string(makefile), build(t, t.TempDir(), "cmd/engine")}
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	readFolders(t)
	for _, p := range readPages(t) {
		for _, fault := range p.deadLinks() {
			t.Error(fault)
		}
	}
}

func TestEverySnippetIsInTheFileThatItIsFrom(t *testing.T) {
	t.Parallel()
	for _, p := range readPages(t) {
		for _, fault := range p.driftedSnippets() {
			t.Error(fault)
		}
	}
}

func TestEveryCommandExists(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	for _, p := range readPages(t) {
		for _, fault := range s.wrongCommands(p) {
			t.Error(fault)
		}
	}
}

// The control: each of these faults must be found.
func TestAPageThatIsNotTrueIsReported(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	tests := map[string]struct{ text, want string }{
		"a dead link":         {"[x](core/nothing.go)", "p.md: core/nothing.go: no such file"},
		"a dead heading":      {"# A\n[x](#b)", "p.md: #b: no such heading"},
		"a test that is gone": {"[TestGone](readme_test.go)", "p.md: TestGone is not in readme_test.go"},
		"a snippet of nobody": {"```go\nx := 1\n```", "p.md: the block that begins with x := 1 is from no file"},
		"a snippet of old":    {"<!-- from embed_test.go -->\n```go\nx := 1\n```", "p.md: the block that begins with x := 1 is not in embed_test.go"},
		"half of a file":      {"<!-- from go.mod -->\n```text\nmodule github.com/paymux/paymux\n```", "p.md: the block that begins with module github.com/paymux/paymux is not in go.mod"},
		"a target":            {"```sh\nmake coffee\n```", "p.md: make coffee: make knows no target coffee"},
		"a variable of make":  {"`make demo MILK=1`", "p.md: make demo MILK=1: make knows no variable MILK"},
		"a command":           {"```sh\nbin/engine fly &\n```", "p.md: bin/engine fly: engine has no such command"},
		"a subcommand":        {"`engine tx fly`", "p.md: engine tx fly: engine has no such command"},
		"a flag":              {"`engine tx list --colour red`", "p.md: engine tx list --colour red: engine tx list has no flag --colour"},
		"a short flag":        {"`engine serve -x`", "p.md: engine serve -x: engine serve has no flag -x"},
		"an example":          {"`go run ./examples/nothing`", "p.md: go run ./examples/nothing: there is no command in ./examples/nothing"},
		"an example's flag":   {"`go run ./examples/sandbox -x`", "p.md: go run ./examples/sandbox -x: ./examples/sandbox has no flag -x"},
		"a script":            {"```sh\nexamples/nothing.py\n```", "p.md: examples/nothing.py: there is no script examples/nothing.py"},
		"a strange command":   {"```sh\nrm x # all\n```", "p.md: rm x: a command that nobody checks"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := page{"p.md", test.text}
			found := slices.Concat(p.deadLinks(), p.driftedSnippets(), s.wrongCommands(p))
			if diff := cmp.Diff([]string{test.want}, found); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheReadmeNamesEveryState(t *testing.T) {
	t.Parallel()
	_, section, _ := strings.Cut(readPages(t)[0].text, "\n## States\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, state := range core.States() {
		if !strings.Contains(section, "**"+state.String()+"**") {
			t.Errorf("the states lack %s", state)
		}
	}
}

func TestTheChangelogNamesThisVersion(t *testing.T) {
	t.Parallel()
	text := readPages(t)[slices.Index(pages, "CHANGELOG.md")].text
	if heading := fmt.Sprintf("\n## [%s]", engine.Version); !strings.Contains(text, heading) {
		t.Errorf("there is no heading %q", heading)
	}
}
