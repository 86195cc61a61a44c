// Package pluginpython_test holds a plugin in Python against the contract, and
// lets an engine pay with it.
package pluginpython_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/examples/demo/local"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// python is Debian's, because the libraries are.
const python = "/usr/bin/python3"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// needPython ends a test where Python or one of its libraries is absent.
func needPython(t *testing.T) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), python, "-I", "-c", "import cryptography, google.protobuf, grpc").CombinedOutput()
	if err == nil {
		return
	}
	const lacks = "needs python3-grpcio, python3-protobuf and python3-cryptography of Debian: %v: %s"
	if os.Getenv("PAYMUX_REQUIRE_ALL") == "1" {
		t.Fatalf(lacks, err, said)
	}
	t.Skipf(lacks, err, said)
}

// folder is a short one, for the sockets in it, that nobody else may write to.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", local.DirPrefix) //nolint:usetesting // Its paths are too long for sockets.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// run runs a program that ends by itself, and returns what it printed.
func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, said)
	}
	return string(said)
}

// built builds the plugin, as its guide says.
func built(t *testing.T) string {
	t.Helper()
	plugin := filepath.Join(folder(t), "tamarind")
	run(t, "./build.py", plugin)
	return plugin
}

// engine builds the engine's command.
func engine(t *testing.T) local.Programs {
	t.Helper()
	path := filepath.Join(folder(t), "engine")
	run(t, "go", "build", "-o", path, "github.com/paymux/paymux/cmd/engine")
	return local.Programs{Engine: path}
}

// sandbox is a Tamarind that runs.
type sandbox struct{ url string }

// startSandbox starts the sandbox on a free port, and ends it with the test.
func startSandbox(t *testing.T) sandbox {
	t.Helper()
	cmd := exec.Command("./sandbox.py")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // It was killed.
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the sandbox says nothing: %v", err)
	}
	return sandbox{strings.TrimSpace(line)}
}

// settings are those of an account at the sandbox, as YAML on one line.
func (s sandbox) settings() string {
	return `{ base_url: "` + s.url + `", api_key: tamarind-key-4711, signing_key: tamarind-signing-0815, timeout: 5s }`
}

// charges are what was really made.
func (s sandbox) charges(ctx context.Context) ([]sandboxkit.Charge, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/_sandbox/charges", nil)
	if err != nil {
		return nil, err
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var told struct{ Charges []sandboxkit.Charge }
	err = json.NewDecoder(resp.Body).Decode(&told)
	return told.Charges, err
}
