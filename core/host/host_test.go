package host_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

// self returns the path and the checksum of this test's binary, which is also the plugin's.
var self = sync.OnceValues(func() (path, checksum string) {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		panic(err)
	}
	if checksum, err = host.Checksum(path); err != nil {
		panic(err)
	}
	return path, checksum
})

// house is a host under test with all that it says.
type house struct {
	*host.Host

	options host.Options
	log     *logBuffer
}

type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// options are of a host with the plugin "paper" and its accounts "a" and "b".
func options(t testing.TB) host.Options {
	path, checksum := self()
	return host.Hurried(host.Options{
		Plugins:   map[string]host.Plugin{"paper": {Path: path, SHA256: checksum, Environment: []string{startVariable}}},
		Accounts:  map[string]host.Account{"a": {Plugin: "paper"}, "b": {Plugin: "paper"}},
		CacheDir:  filepath.Join(t.TempDir(), "cache"),
		SocketDir: socketDir(t),
	})
}

// seen lets every plugin see a variable too.
func seen(o host.Options, variable string) {
	for name, plugin := range o.Plugins {
		plugin.Environment = append(slices.Clone(plugin.Environment), variable)
		o.Plugins[name] = plugin
	}
}

// socketDir is short, which t.TempDir is not.
func socketDir(t testing.TB) string {
	dir, err := os.MkdirTemp("", "h") //nolint:usetesting // A socket's path would be too long in a t.TempDir.
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

// mustStart starts a host and, when the test ends, closes it and checks that
// no process and no file is left.
func mustStart(t testing.TB, o host.Options) house {
	t.Helper()
	h := house{options: o, log: &logBuffer{}}
	h.options.Logger = hclog.New(&hclog.LoggerOptions{Output: io.Writer(h.log), Level: hclog.Info})
	var err error
	if h.Host, err = host.New(h.options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.mustLeaveNothing(t) })
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := h.Start(ctx); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h house) mustLeaveNothing(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := h.Close(ctx); err != nil {
		t.Error(err)
	}
	if left := h.pids(t); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
	if left := names(t, h.options.SocketDir); len(left) > 0 {
		t.Errorf("files %v are left", left)
	}
	if t.Failed() {
		t.Logf("the host said:\n%s", h.log)
	}
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

// pids returns the processes that have this host's socket directory in their environment.
func (h house) pids(t testing.TB) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil || len(files) == 0 {
		if os.Getenv("PAYMUX_REQUIRE_ALL") == "1" {
			t.Fatal("there is no /proc to look for processes in")
		}
		return nil
	}
	var found []int
	for _, file := range files {
		environ, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(environ), h.options.SocketDir+"/") {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, pid)
	}
	return found
}

func (h house) provider(t testing.TB, account string) sdk.FullProvider {
	t.Helper()
	provider, ok := h.Provider(account)
	if !ok {
		t.Fatalf("account %s is absent", account)
	}
	return provider
}

func (h house) standing(t testing.TB, account string) core.Standing {
	t.Helper()
	standing, ok := h.Standing(account)
	if !ok {
		t.Fatalf("account %s is absent", account)
	}
	return standing
}

// pay makes a payment that goes wrong as the word says.
func pay(ctx context.Context, p sdk.FullProvider, word, mark string) (sdk.Result, error) {
	return p.CreatePayment(ctx, sdk.PaymentRequest{Description: word, ReturnURL: mark})
}

// pid returns the process that serves an account.
func (h house) pid(t testing.TB, account string) int {
	t.Helper()
	result, err := pay(t.Context(), h.provider(t, account), "", "")
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(result.ProviderRef)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func (h house) mustKill(t testing.TB, account string) {
	t.Helper()
	if err := syscall.Kill(h.pid(t, account), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// awaitGeneration waits until a process of a generation serves the account.
func (h house) awaitGeneration(t testing.TB, account string, generation uint64) {
	t.Helper()
	eventually(t, account+" is served by the next process", func() bool {
		standing := h.standing(t, account)
		return standing.Generation >= generation && standing.Health == core.HealthReady
	})
}

// eventually fails the test unless ok holds within 15 s.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(15 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("still not: %s", what)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func wantOutcome(t testing.TB, err error, want sdk.Outcome) {
	t.Helper()
	if err == nil {
		t.Errorf("the call was answered, want an error that means %v", want)
		return
	}
	if got := sdk.CreateOutcome(err); got != want {
		t.Errorf("the outcome of %q is %v, want %v", err, got, want)
	}
}
