//go:build unix

package serve_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// patience bounds every wait for another process.
const patience = 20 * time.Second

// output is what another process wrote, safe to read while it writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// awaitText waits until the process wrote text.
func (o *output) awaitText(t testing.TB, text string) {
	t.Helper()
	t.Logf("awaiting %q", text)
	awaitTrue(t, func() bool { return strings.Contains(o.String(), text) })
}

// awaitTrue asks until the answer is yes.
func awaitTrue(t testing.TB, ask func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ask(); {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
		time.Sleep(time.Millisecond)
	}
}

// process is a plugin in a process of its own, started as an engine starts one.
type process struct {
	*wire.Client
	cmd      *exec.Cmd
	logged   *output // What the engine logs of it, as JSON.
	stderr   *output // What it wrote on stderr.
	stdout   *output // What it wrote on stdout once it was served.
	lifeline *os.File
}

// start starts the plugin and ends it with the test.
func start(t testing.TB, env ...string) *process {
	t.Helper()
	reading, writing, err := os.Pipe()
	if err != nil {
		t.Fatalf("pipe: %v", err)
	}
	p := &process{cmd: exec.Command(os.Args[0]), logged: &output{}, stderr: &output{}, stdout: &output{}, lifeline: writing}
	p.cmd.Env = append(env, pluginVariable+"=1", "TMPDIR="+t.TempDir(), wire.LifelineVariable+"=3")
	p.cmd.ExtraFiles = []*os.File{reading}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: wire.Handshake, VersionedPlugins: wire.ClientSets(),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Cmd:              p.cmd, SkipHostEnv: true, AutoMTLS: true, StartTimeout: patience,
		SecureConfig: &plugin.SecureConfig{Checksum: checksum(t), Hash: sha256.New()},
		Logger:       hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: p.logged, JSONFormat: true}),
		Stderr:       p.stderr, SyncStdout: p.stdout, SyncStderr: io.Discard,
	})
	t.Cleanup(func() {
		client.Kill()
		_ = writing.Close()
	})
	connected, err := client.Client()
	if err := reading.Close(); err != nil {
		t.Fatalf("lifeline: %v", err)
	}
	if err != nil {
		t.Fatalf("start: %v\n%s", err, p.stderr)
	}
	dispensed, err := connected.Dispense(wire.PluginName)
	if err != nil {
		t.Fatalf("dispense: %v", err)
	}
	p.Client = dispensed.(*wire.Client)
	return p
}

func checksum(t testing.TB) []byte {
	t.Helper()
	binary, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatalf("checksum: %v", err)
	}
	sum := sha256.Sum256(binary)
	return sum[:]
}

// account configures an account and returns it.
func (p *process) account(t testing.TB) sdk.FullProvider {
	t.Helper()
	return account(t, p.Client, "7")
}

func account(t testing.TB, client *wire.Client, site string) sdk.FullProvider {
	t.Helper()
	settings := settingsOf(t, site)
	if _, err := client.Configure(t.Context(), "actor-ci", settings); err != nil {
		t.Fatalf("configure: %v", err)
	}
	return client.Account("actor-ci", wire.SettingsHash(settings))
}

func settingsOf(t testing.TB, site string) sdk.Settings {
	t.Helper()
	settings, diagnostics := actor{}.Describe().Settings.Parse(map[string]any{
		"site_id": site, "api_key": apiKey, "pins": map[string]string{"CI": "pin#94x17"},
	})
	if diagnostics.Failed() {
		t.Fatalf("settings: %v", diagnostics)
	}
	return settings
}

func (p *process) signal(t testing.TB, signals ...os.Signal) {
	t.Helper()
	for _, s := range signals {
		if err := p.cmd.Process.Signal(s); err != nil {
			t.Fatalf("signal %v: %v", s, err)
		}
	}
}

// awaitEnd waits until the process has ended.
func (p *process) awaitEnd(t testing.TB) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(patience):
		t.Fatal("the process lives on")
	}
}

func payment(description string) sdk.PaymentRequest {
	return sdk.PaymentRequest{
		Attempt:     sdk.Attempt{TransactionID: "pay_01J0000000000000000000000A", Ref: "0abcdefghijklmnopqrstuvw1"},
		Description: description,
	}
}

// gate is a provider that answers when it is opened.
type gate struct {
	*httptest.Server
	entered, open chan struct{}
}

func newGate(t testing.TB) *gate {
	t.Helper()
	g := &gate{entered: make(chan struct{}), open: make(chan struct{})}
	g.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(g.entered)
		select {
		case <-g.open:
		case <-r.Context().Done(): // The plugin died.
		}
	}))
	t.Cleanup(g.Close)
	return g
}

// answered is the end of a call.
type answered struct {
	result sdk.Result
	err    error
}

// pay begins a payment that waits at the gate, and returns its answer once there is one.
func (g *gate) pay(t testing.TB, account sdk.FullProvider) <-chan answered {
	t.Helper()
	answers := make(chan answered, 1)
	ctx := t.Context()
	go func() {
		result, err := account.CreatePayment(ctx, payment("wait "+g.URL))
		answers <- answered{result, err}
	}()
	select {
	case <-g.entered:
	case <-time.After(patience):
		t.Fatal("the provider was not asked")
	}
	return answers
}

func TestNoiseOnStdoutDoesNotBreakTheHandshake(t *testing.T) {
	p := start(t)
	if manifest, err := p.Describe(t.Context()); err != nil || manifest.Name != "actor" {
		t.Errorf("describe = %q, %v", manifest.Name, err)
	}
	p.stderr.awaitText(t, "main prints before the plugin is served")
	p.stderr.awaitText(t, "the plugin prints while it is built")
	if _, err := p.account(t).CreatePayment(t.Context(), payment("print")); err != nil {
		t.Fatalf("call: %v", err)
	}
	p.stdout.awaitText(t, "printed in a call")
}

func TestStdinIsEmpty(t *testing.T) {
	result, err := start(t).account(t).CreatePayment(t.Context(), payment("stdin"))
	if err != nil || result.Message != "0 bytes" {
		t.Errorf("the plugin read %q, %v", result.Message, err)
	}
}

func TestSignalsDuringACallDoNotLoseIt(t *testing.T) {
	p := start(t)
	g := newGate(t)
	answers := g.pay(t, p.account(t))
	p.signal(t, syscall.SIGTERM, syscall.SIGINT, syscall.SIGTERM)
	p.stderr.awaitText(t, "signal ignored")
	close(g.open)
	if got := <-answers; got.err != nil || got.result.Outcome != sdk.OutcomePending {
		t.Errorf("answer = %s, %v, want PENDING", got.result.Outcome, got.err)
	}
}

func TestShutdown(t *testing.T) {
	p := start(t)
	g := newGate(t)
	account := p.account(t)
	answers := g.pay(t, account)

	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := p.Shutdown(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shutdown with a call in flight: %v, want DeadlineExceeded", err)
	}
	_, err := account.CreatePayment(t.Context(), payment(""))
	if !errors.Is(err, sdk.ErrUnavailable) || sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("a new call: %v, want ErrUnavailable that was not sent", err)
	}
	if err := p.CheckHealth(t.Context()); !errors.Is(err, sdk.ErrUnavailable) {
		t.Errorf("health: %v, want ErrUnavailable", err)
	}
	close(g.open)
	if got := <-answers; got.err != nil {
		t.Errorf("the call in flight: %v", got.err)
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	p.signal(t, syscall.SIGTERM)
	p.awaitEnd(t)
}

func TestTheProcessEndsWithTheEngine(t *testing.T) {
	p := start(t)
	g := newGate(t)
	answers := g.pay(t, p.account(t))
	if err := p.lifeline.Close(); err != nil {
		t.Fatalf("lifeline: %v", err)
	}
	p.awaitEnd(t)
	close(g.open)
	if got := <-answers; got.err == nil || sdk.CreateOutcome(got.err) != sdk.OutcomeUnknown {
		t.Errorf("answer = %v, want a lost one that is UNKNOWN", got.err)
	}
}

func TestAPanicIsAFaultAndTheProcessLives(t *testing.T) {
	p := start(t)
	account := p.account(t)
	_, err := account.CreatePayment(t.Context(), payment("panic"))
	if !errors.Is(err, sdk.ErrPanic) || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
		t.Errorf("error = %v, want ErrPanic that is UNKNOWN", err)
	}
	const want = "panic: held [redacted] for +[number]"
	if err.Error() != want {
		t.Errorf("error = %q, want %q", err, want)
	}
	if _, err := account.CreatePayment(t.Context(), payment("")); err != nil {
		t.Errorf("the next call: %v", err)
	}
	p.stderr.awaitText(t, "main_test.go") // The stack.
	if text := p.stderr.String(); strings.Contains(text, apiKey) || strings.Contains(text, "0707123456") {
		t.Errorf("stderr shows what it must not:\n%s", text)
	}
}

func TestALifelineThatIsNoneIsRefused(t *testing.T) {
	for _, descriptor := range []string{"three", "-1", "999"} {
		t.Run(descriptor, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = []string{
				pluginVariable + "=1", wire.LifelineVariable + "=" + descriptor,
				wire.Handshake.MagicCookieKey + "=" + wire.Handshake.MagicCookieValue,
			}
			text, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(text), wire.LifelineVariable) {
				t.Errorf("%v, %s", err, text)
			}
		})
	}
}

func TestRunByHandItTellsWhatItIs(t *testing.T) {
	for name, args := range map[string][]string{
		"alone": nil, "for help": {"-h"}, "with what does not exist": {"-serve"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], args...)
			cmd.Env = []string{pluginVariable + "=1"}
			var stderr output
			cmd.Stderr = &stderr
			var failed *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &failed) || failed.ExitCode() != 1 {
				t.Errorf("run: %v, want exit code 1", err)
			}
			for _, want := range []string{"actor 1.2.3", "payment provider plugin for Paymux", "-debug", "paymux.yaml"} {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("it does not say %q:\n%s", want, &stderr)
				}
			}
		})
	}
}

func TestDebugServesAnEngineThatRunsAlready(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-debug")
	cmd.Env = []string{pluginVariable + "=1", "TMPDIR=" + t.TempDir()}
	var stdout output
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatalf("start: %v", err)
	}
	stdout.awaitText(t, "'\n")
	_, quoted, _ := strings.Cut(stdout.String(), wire.ReattachVariable+"='")
	running, err := wire.ParseReattach(strings.TrimSuffix(quoted, "'\n"))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, &stdout)
	}
	config := running["actor"]
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: wire.Handshake, Reattach: config, Plugins: wire.ClientSets()[config.ProtocolVersion],
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, Logger: hclog.NewNullLogger(),
	})
	connected, err := client.Client()
	if err != nil {
		t.Fatalf("reattach: %v", err)
	}
	dispensed, err := connected.Dispense(wire.PluginName)
	if err != nil {
		t.Fatalf("dispense: %v", err)
	}
	result, err := account(t, dispensed.(*wire.Client), "7").CreatePayment(t.Context(), payment(""))
	if err != nil || result.ProviderRef != "7" {
		t.Errorf("answer = %q, %v", result.ProviderRef, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("signal: %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("end: %v", err)
	}
	// go-plugin leaves the connection of a plugin it did not start to whoever made it.
	if err := connected.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	awaitTrue(t, client.Exited)
}

func BenchmarkProcess(b *testing.B) {
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			p := start(b)
			p.signal(b, os.Kill)
			p.awaitEnd(b)
		}
	})
	b.Run("call with TLS", func(b *testing.B) {
		account := start(b).account(b)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := account.CreatePayment(b.Context(), payment("")); err != nil {
				b.Fatal(err)
			}
		}
	})
}
