package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/sdk/scaffold"
)

// newPluginIn runs engine plugin new, in this checkout.
func newPluginIn(dir string, args ...string) (code int, out, fault string) {
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"plugin", "new", "my-bank", "--dir", dir}, args...), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// goCommand runs go in a module, as its author does: without flags, and without a
// network, because all that it needs was needed to build the engine.
func goCommand(t *testing.T, dir string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOPROXY=off")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}

// sandboxOf runs a module's sandbox on a free port, and returns its address.
func sandboxOf(t *testing.T, dir string) string {
	t.Helper()
	goCommand(t, dir, "build", "-o", "bin/sandbox", "./sandbox/run")
	command := exec.CommandContext(t.Context(), filepath.Join(dir, "bin", "sandbox"), "-addr", "127.0.0.1:0")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // It was killed.
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	found := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(line)
	if err != nil || found == "" {
		t.Fatalf("the sandbox says %q: %v", line, err)
	}
	return found
}

// TestANewPluginKeepsTheContract begins a plugin of each flavour, and does with it
// what its author does first.
func TestANewPluginKeepsTheContract(t *testing.T) {
	t.Parallel()
	lookAt(t, filepath.Join("..", "..", "sdk"))
	for _, flavour := range scaffold.Flavours() {
		t.Run(string(flavour), func(t *testing.T) {
			t.Parallel()
			began, dir := time.Now(), filepath.Join(t.TempDir(), "my-bank")
			if code, _, fault := newPluginIn(dir, "--flavour", string(flavour)); code != 0 {
				t.Fatalf("engine plugin new: exit code %d: %s", code, fault)
			}
			goCommand(t, dir, "vet", "./...")
			goCommand(t, dir, "build", "-o", "bin/my-bank", ".")
			built := time.Since(began)
			goCommand(t, dir, "test", "./...")
			tested := time.Since(began)
			holdsAsBinary(t, dir)
			t.Logf("%s: begun, vetted and built after %.1f s, its tests green after %.1f s, the binary's contract after %.1f s",
				flavour, built.Seconds(), tested.Seconds(), time.Since(began).Seconds())
		})
	}
}

// holdsAsBinary is engine plugin test on what was built, at the module's sandbox.
func holdsAsBinary(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "sandbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	settings := strings.Replace(string(text), "http://127.0.0.1:7100", sandboxOf(t, dir), 1)
	if err := os.WriteFile(filepath.Join(dir, "bin", "free.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code := run([]string{
		"plugin", "test", filepath.Join(dir, "bin", "my-bank"), "--settings", filepath.Join(dir, "bin", "free.yaml"),
	}, &stdout, &stderr)
	if code != 0 || !strings.Contains(stdout.String(), ", 0 failed") {
		t.Errorf("engine plugin test: exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
}

// lookAt looks into every folder: the go command repeats the result of a test until
// something changes that the test itself looked at.
func lookAt(t *testing.T, dir string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(_ string, _ os.DirEntry, err error) error { return err }); err != nil {
		t.Fatal(err)
	}
}

func TestAPluginThatCannotBeBegunLeavesNothing(t *testing.T) {
	t.Parallel()
	there := t.TempDir()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a folder that is there": {[]string{"new", "acme", "--dir", there}, there + " is there already, and nothing was written"},
		"a bad name":             {[]string{"new", "Acme Pay", "--dir", filepath.Join(there, "x")}, `the name "Acme Pay": give 2 to 32 of a-z`},
		"a bad flavour":          {[]string{"new", "acme", "--flavour", "cash", "--dir", filepath.Join(there, "x")}, "give one of [redirect prompt transfer payout]"},
		"a bad module":           {[]string{"new", "acme", "--module", "/x", "--dir", filepath.Join(there, "x")}, "give the path of a Go module"},
		"no checkout":            {[]string{"new", "acme", "--replace", there, "--dir", filepath.Join(there, "x")}, there + " is no checkout of Paymux"},
		"no name":                {[]string{"new"}, "accepts 1 arg(s)"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(append([]string{"plugin"}, c.args...), &stdout, &stderr)
			if code != exitUsage || !strings.Contains(stderr.String(), c.want) {
				t.Errorf("exit code %d: %s", code, stderr.String())
			}
			if left, err := os.ReadDir(there); err != nil || len(left) != 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}

func TestAFolderThatCannotBeMadeIsNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(file, "my-bank")
	code, out, fault := newPluginIn(dir)
	if code != exitNegative || out != "" || !strings.Contains(fault, dir+" was not made: ") {
		t.Errorf("exit code %d: %s%s", code, out, fault)
	}
}

func TestANewPluginSaysWhatToDoNext(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "my-bank")
	code, out, fault := newPluginIn(dir)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, fault)
	}
	for _, want := range []string{"has a plugin (redirect)", "cd " + dir, "go test ./...", "go run ./sandbox/run &", "plugin test bin/my-bank", "serve -c paymux.yaml"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if lines := strings.Count(strings.TrimSpace(out), "\n  "); lines != 5 {
		t.Errorf("%d lines of commands in\n%s", lines, out)
	}
}
