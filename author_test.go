package paymux_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// author follows sdk/README.md in an empty folder.
type author struct {
	dir    string
	began  time.Time
	script *exec.Cmd
	// said are the lines that the commands print, each as it comes.
	said <-chan string
}

// TestAnAuthorIsLedFromNothingToAPayment does what the first section of
// sdk/README.md says, word for word but for the ports, for the place of the checkout,
// and for curl, which not every machine has.
func TestAnAuthorIsLedFromNothingToAPayment(t *testing.T) {
	t.Parallel()
	readFolders(t)
	a := &author{dir: t.TempDir()}
	build(t, filepath.Join(a.dir, "tools"), "cmd/engine")
	first, rest, call := a.commands(t)
	sandbox, address := freeAddress(t), freeAddress(t)

	a.began = time.Now()
	a.run(t, first+" --replace "+folder(t))
	begun := time.Since(a.began)
	a.putPorts(t, sandbox, address)
	a.start(t, rest)
	tested := a.await(t, "ok  \texample.com/acme\t")
	kept := a.await(t, "passed, 0 failed")
	served := a.await(t, "paymux: listening on http://"+address)
	tx := post(t, "http://"+address, call, nil)
	paid := time.Since(a.began)
	awaitSucceeded(t, "http://"+address, tx["id"].(string))
	a.run(t, "engine tx list --url http://"+address)
	t.Logf("the author's cycle, warm: begun after %.1f s, tests green after %.1f s, the binary's contract after %.1f s, the engine ready after %.1f s, "+
		"a payment made after %.1f s and succeeded after %.1f s", begun.Seconds(), tested.Seconds(), kept.Seconds(), served.Seconds(),
		paid.Seconds(), time.Since(a.began).Seconds())
}

// commands are those of the first block of the page: the first one, those up to the
// payment, and the payment.
func (a *author) commands(t *testing.T) (first, rest string, call []string) {
	t.Helper()
	page := readPages(t)[slices.Index(pages, "sdk/README.md")]
	block := page.code("sh")[0].text
	first, rest, _ = strings.Cut(block, "\n")
	rest, _, found := strings.Cut(rest, "\ncurl ")
	for _, words := range shellWords(block) {
		if words[0] == "curl" {
			call = words
		}
	}
	if !found || call == nil || !strings.HasPrefix(first, "engine plugin new ") {
		t.Fatalf("the first block of sdk/README.md begins no plugin, or makes no payment:\n%s", block)
	}
	return first, rest, call
}

func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// freeAddress is a port of this machine that nobody has.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// putPorts writes other ports into the new module, so that tests can run beside each other.
func (a *author) putPorts(t *testing.T, sandbox, engine string) {
	t.Helper()
	ports := strings.NewReplacer("127.0.0.1:7100", sandbox, "127.0.0.1:8080", engine)
	for _, name := range []string{"paymux.yaml", "sandbox.yaml", "sandbox/run/main.go"} {
		path := filepath.Join(a.dir, "acme", name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := ports.Replace(string(text))
		if changed == string(text) {
			t.Errorf("%s names no port", name)
		}
		if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// shell is a script of the author's, with the engine's command on the path.
func (a *author) shell(t *testing.T, script string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
	command.Dir = a.dir
	command.Env = append(os.Environ(), "PATH="+filepath.Join(a.dir, "tools")+string(os.PathListSeparator)+os.Getenv("PATH"), "GOWORK=off")
	// All of it ends together, what runs in the background too.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command
}

func (a *author) run(t *testing.T, script string) {
	t.Helper()
	if said, err := a.shell(t, script).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, said)
	}
}

// start runs a script, and ends with the test what it started.
func (a *author) start(t *testing.T, script string) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	a.script = a.shell(t, script)
	a.script.Stdout, a.script.Stderr = write, write
	if err := a.script.Start(); err != nil {
		t.Fatal(err)
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1000)
	a.said = said
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(read); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-a.script.Process.Pid, syscall.SIGTERM) // What has ended already needs no signal.
		for range a.said {                                       // The end of the last process that could write.
		}
		_ = a.script.Wait() // It was told to end.
		if err := read.Close(); err != nil {
			t.Error(err)
		}
	})
}

// authorWaits is how long all of it may take at the most.
const authorWaits = 2 * time.Minute

// await waits for a line that holds the words, and returns when it came.
func (a *author) await(t *testing.T, words string) time.Duration {
	t.Helper()
	var all []string
	timer := time.NewTimer(authorWaits)
	defer timer.Stop()
	for {
		select {
		case line, more := <-a.said:
			all = append(all, line)
			if strings.Contains(line, words) {
				return time.Since(a.began)
			}
			if !more {
				t.Fatalf("the commands ended without %q:\n%s", words, strings.Join(all, "\n"))
			}
		case <-timer.C:
			t.Fatalf("no %q within %s:\n%s", words, authorWaits, strings.Join(all, "\n"))
		}
	}
}

// The README of a new module has the commands of the page.
func TestANewModuleSaysWhatThePageSays(t *testing.T) {
	t.Parallel()
	page := readPages(t)[slices.Index(pages, "sdk/README.md")]
	text, err := os.ReadFile("sdk/scaffold/module/README.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	inModule := regexp.MustCompile(`\{\{[^}]*\.Name\}\}`).ReplaceAllString(string(text), "acme")
	for line := range strings.Lines(page.code("sh")[0].text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "engine plugin new") || strings.HasPrefix(line, "cd ") {
			continue
		}
		if !strings.Contains(inModule, line) {
			t.Errorf("the README of a new module has no %q", line)
		}
	}
}
