package host_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

func TestAPluginThatStartsBadlyIsNotReady(t *testing.T) {
	tests := map[string]struct {
		start   string
		options func(host.Options) host.Options
		say     string // Empty means that it is ready.
	}{
		"well":                       {},
		"slowly":                     {start: "slow"},
		"too slowly":                 {start: "slow", options: impatient, say: "it answered no handshake within 100ms"},
		"it ends at once":            {start: "exit", say: "start:"},
		"it prints to stdout":        {start: "noise", say: "printed something to stdout"},
		"it freezes after handshake": {start: "frozen", say: "connect: it does not take connections"},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Setenv(startVariable, test.start)
			o := options(t)
			if test.options != nil {
				o = test.options(o)
			} else if test.say != "" {
				o = host.Resting(o)
			}
			started := time.Now()
			h := mustStart(t, o)
			if took := time.Since(started); took > 5*time.Second {
				t.Errorf("the start took %v", took)
			}
			if test.say == "" {
				if standing := h.standing(t, "a"); standing.Health != core.HealthReady {
					t.Errorf("it is %s: %s, want ready", standing.Health, standing.Detail)
				}
				return
			}
			eventually(t, "it waits for the next try", func() bool { return h.standing(t, "a").Health == core.HealthBackoff })
			if detail := h.standing(t, "a").Detail; !strings.Contains(detail, test.say) {
				t.Errorf("the standing says %q, want something with %q", detail, test.say)
			}
			if got := names(t, o.SocketDir); len(got) != 0 {
				t.Errorf("a failed start left %v", got)
			}
			if got := h.pids(t); len(got) != 0 {
				t.Errorf("a failed start left processes %v", got)
			}
		})
	}
}

func impatient(o host.Options) host.Options {
	o = host.Resting(o)
	return host.Impatient(o, 100*time.Millisecond)
}

func TestLastWordsOfAPluginThatDoesNotStartAreLogged(t *testing.T) {
	t.Setenv(startVariable, "exit")
	h := mustStart(t, host.Resting(options(t)))
	if !strings.Contains(h.log.String(), "no reason to live") {
		t.Error("the log does not hold what it said on stderr")
	}
}

func TestClosingDuringAStartLeavesNothing(t *testing.T) {
	t.Setenv(startVariable, "slow")
	o := options(t)
	h, err := host.New(o)
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := h.Start(ctx); err == nil {
		t.Error("the start did not say that it was cut short")
	}
	house{Host: h, options: o, log: &logBuffer{}}.mustLeaveNothing(t)
}

func TestOptionsThatAreWrongAreAllNamed(t *testing.T) {
	t.Parallel()
	_, err := host.New(host.Options{
		SocketDir: "/" + strings.Repeat("d", 90),
		Plugins: map[string]host.Plugin{
			"Bad/Name": {Path: "x", Dev: true},
			"nohash":   {Path: "bin/nohash"},
			"nopath":   {Dev: true},
			"shorthash": {
				Path: "bin/shorthash", SHA256: "ab12",
			},
		},
		Accounts: map[string]host.Account{"a": {Plugin: "missing"}, "b": {Plugin: "nopath", Timeout: -1}},
	})
	if err == nil {
		t.Fatal("no error")
	}
	want := strings.Join([]string{
		"host: the directory for copies of plugins is not set",
		"socket directory: /" + strings.Repeat("d", 90) + " is too long by 25 bytes for the path of a socket in it; set a shorter one",
		"plugins.Bad/Name: the name must be of a-z, 0-9, - and _, at most 64 of them",
		"plugins.nohash: sha256 must be 64 hex digits; for development dev: true does without (checksum of nohash)",
		"plugins.nopath: path is missing",
		"plugins.shorthash: sha256 must be 64 hex digits; for development dev: true does without (checksum of shorthash)",
		`providers.a: there is no plugin "missing"`,
		"providers.b: timeout is -1ns, must be positive",
	}, "\n")
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestTheLongestSocketDirectoryWorks(t *testing.T) {
	t.Parallel()
	o := options(t)
	const most = 85 - len("/paymux-p") - 10
	o.SocketDir = filepath.Join(o.SocketDir, strings.Repeat("d", most-len(o.SocketDir)-1))
	check(t, os.Mkdir(o.SocketDir, 0o700))
	h := mustStart(t, o)
	h.pid(t, "a")

	o.SocketDir += "d"
	if _, err := host.New(o); err == nil || !strings.Contains(err.Error(), "too long by 1 bytes") {
		t.Errorf("one more: error is %v, want a refusal", err)
	}
}

func TestStandingTellsWhatRuns(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Accounts["a"] = host.Account{Plugin: "paper", Settings: settings(t, "site", "42"), Timeout: 7 * time.Second}
	h := mustStart(t, o)
	got := h.standing(t, "a")
	want := core.Standing{
		Account: "a", Plugin: "paper", Version: "1.2.3", Checksum: o.Plugins["paper"].SHA256, Protocol: 1,
		Health: core.HealthReady, Generation: 1, Timeout: 7 * time.Second,
		Capabilities: sdk.Capabilities{
			Operations: sdk.OperationsOf(paperAccount{}),
			Identity:   "42",
		},
	}
	if diff := cmp.Diff(sdk.IdempotencyKey, got.Facts[sdk.KindPayment].Idempotency); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	got.Facts = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("standing (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Capabilities, h.provider(t, "a").Capabilities()); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
	if manifest, ok := h.Manifest("paper"); !ok || manifest.Name != "paper" {
		t.Errorf("the manifest is %+v, %v", manifest, ok)
	}
}

// settings returns what an account says when it is asked for its settings.
func settings(t testing.TB, name, value string) func(context.Context, sdk.Schema) (sdk.Settings, error) {
	t.Helper()
	return func(_ context.Context, schema sdk.Schema) (sdk.Settings, error) {
		parsed, faults := schema.Parse(map[string]any{name: value})
		if faults.Failed() {
			return parsed, faults
		}
		return parsed, nil
	}
}

func TestSettingsThatThePluginRefusesHarmOneAccount(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Accounts["a"] = host.Account{Plugin: "paper", Settings: settings(t, "site", "wrong")}
	h := mustStart(t, o)
	standing := h.standing(t, "a")
	if standing.Health != core.HealthFailed || !strings.Contains(standing.Detail, "site: unknown site: see the provider's portal") {
		t.Errorf("it is %s: %s, want failed with the plugin's words", standing.Health, standing.Detail)
	}
	_, err := pay(t.Context(), h.provider(t, "a"), "", "")
	wantOutcome(t, err, sdk.OutcomeNotSent)
	if _, err := pay(t.Context(), h.provider(t, "b"), "", ""); err != nil {
		t.Errorf("the account beside it: %v", err)
	}
}

func TestSettingsAreReplayedAfterARestart(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Accounts["a"] = host.Account{Plugin: "paper", Settings: settings(t, "site", "42")}
	h := mustStart(t, o)
	h.mustKill(t, "a")
	h.awaitGeneration(t, "a", 2)
	h.pid(t, "a")
	if got := h.standing(t, "a").Capabilities.Identity; got != "42" {
		t.Errorf("identity is %q, want 42", got)
	}
}

func TestAnIsolatedAccountHasItsOwnProcess(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Accounts["alone"] = host.Account{Plugin: "paper", Isolated: true}
	h := mustStart(t, o)
	if h.pid(t, "a") != h.pid(t, "b") {
		t.Error("the shared accounts have two processes")
	}
	if h.pid(t, "a") == h.pid(t, "alone") {
		t.Error("the isolated account shares a process")
	}
}

func TestPluginsSeeOnlyTheAllowedEnvironment(t *testing.T) {
	t.Setenv("HOST_TEST_KEY_OF_ANOTHER", "hidden")
	t.Setenv("HOST_TEST_ALLOWED", "seen")
	o := twoPlugins(t)
	seen(o, "HOST_TEST_ALLOWED")
	o.Plugins["good"] = options(t).Plugins["paper"]
	h := mustStart(t, o)
	environment := sightOf(t, h, "a")
	for _, want := range []string{"HOST_TEST_ALLOWED=seen", "PATH=", "GOMAXPROCS=2", "GOMEMLIMIT=64MiB", wire.LifelineVariable + "=3", "TMPDIR=" + o.SocketDir} {
		if !strings.Contains(environment, "\n"+want) {
			t.Errorf("the plugin does not see %s", want)
		}
	}
	if strings.Contains(environment, "HOST_TEST_KEY_OF_ANOTHER") || strings.Contains(sightOf(t, h, "other"), "HOST_TEST_ALLOWED") {
		t.Error("a plugin sees what is not for it")
	}

	before, other := h.pid(t, "a"), h.pid(t, "other")
	o = changed(o)
	o.Plugins["paper"] = options(t).Plugins["paper"]
	h.mustReload(t, o)
	if h.pid(t, "a") == before || strings.Contains(sightOf(t, h, "a"), "HOST_TEST_ALLOWED") {
		t.Error("the plugin sees what the configuration took from it")
	}
	if h.pid(t, "other") != other {
		t.Error("the process of another plugin was replaced")
	}
}

// sightOf is the environment of the process that serves an account.
func sightOf(t *testing.T, h house, account string) string {
	t.Helper()
	result, err := pay(t.Context(), h.provider(t, account), "environment", "")
	check(t, err)
	return "\n" + result.Message
}

func TestInspectTellsWhatABinaryIs(t *testing.T) {
	path, checksum := self()
	found, err := host.Inspect(t.Context(), path, nil)
	check(t, err)
	if found.Manifest.Name != "paper" || found.Checksum != checksum || found.Protocol != 1 {
		t.Errorf("it found %+v", found)
	}
	if _, err := host.Inspect(t.Context(), filepath.Join(t.TempDir(), "nothing"), nil); err == nil {
		t.Error("a file that is not there was inspected")
	}
}

func siteSettings(t *testing.T, site string) sdk.Settings {
	t.Helper()
	parsed, err := settings(t, "site", site)(t.Context(), paper{}.Describe().Settings)
	check(t, err)
	return parsed
}

func TestAnAccountIsTriedWithoutAnEngine(t *testing.T) {
	path, _ := self()
	found, err := host.Try(t.Context(), host.Plugin{Path: path, Environment: []string{startVariable}}, map[string]sdk.Settings{
		"good": siteSettings(t, "paris"), "bad": siteSettings(t, "wrong"),
	}, nil)
	check(t, err)
	if found["good"].Wrong.Failed() || found["good"].Capabilities.Identity != "paris" {
		t.Errorf("the good account: %+v, want it opened", found["good"])
	}
	if wrong := found["bad"].Wrong; !wrong.Failed() || wrong[0].Path != "site" {
		t.Errorf("the bad account: %v, want its site to be wrong", wrong)
	}
}

// What is a name to the configuration is one here too.
func TestANameMayHave64Characters(t *testing.T) {
	t.Parallel()
	for length, fits := range map[int]bool{64: true, 65: false} {
		_, err := host.New(host.Options{
			CacheDir: t.TempDir(), Plugins: map[string]host.Plugin{strings.Repeat("a", length): {Path: "bin/a", Dev: true}},
		})
		if (err == nil) != fits {
			t.Errorf("a name of %d characters: %v", length, err)
		}
	}
}

func TestATemporaryFolderThatIsTooLongIsNamed(t *testing.T) {
	t.Setenv("TMPDIR", "/"+strings.Repeat("d", 90))
	_, err := host.New(host.Options{CacheDir: "cache"})
	if err == nil || !strings.Contains(err.Error(), "set TMPDIR to a shorter one") {
		t.Errorf("error %v, want what to set", err)
	}
}

// aloneAfterTheDebugger ends the process and wants the next host to say what to do.
func aloneAfterTheDebugger(t *testing.T, o host.Options, debugged *exec.Cmd) {
	t.Helper()
	check(t, debugged.Process.Kill())
	_ = debugged.Wait() // It was killed.
	h := mustStart(t, o)
	want := fmt.Sprintf("process %d, which %s names, is gone: start the plugin with -debug again", debugged.Process.Pid, wire.ReattachVariable)
	eventually(t, "it is told", func() bool { return strings.Contains(h.standing(t, "a").Detail, want) })
	if strings.Contains(h.log.String(), "plugin is attached") {
		t.Error("the log tells of a plugin that was never attached")
	}
}

func TestAPluginUnderADebuggerIsAttachedAndNotEnded(t *testing.T) {
	path, _ := self()
	debugged := exec.Command(path, "-debug")
	out, err := debugged.StdoutPipe()
	check(t, err)
	var said bytes.Buffer
	debugged.Stderr = &said
	check(t, debugged.Start())
	defer func() {
		_ = debugged.Process.Kill()
		_ = debugged.Wait()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
	if name != wire.ReattachVariable {
		t.Fatalf("it printed %q", line)
	}
	t.Setenv(wire.ReattachVariable, strings.Trim(value, "'"))

	o := options(t)
	o.AllowReattach = true
	h := mustStart(t, o)
	if got := h.pid(t, "a"); got != debugged.Process.Pid {
		t.Errorf("process %d serves, want the one that ran already, %d", got, debugged.Process.Pid)
	}
	check(t, debugged.Process.Signal(syscall.SIGSTOP)) // As at a breakpoint.
	eventually(t, "many health checks failed", func() bool { return strings.Contains(h.standing(t, "a").Detail, "7 of 3 health checks") })
	check(t, debugged.Process.Signal(syscall.SIGCONT))
	eventually(t, "it goes on", func() bool { return h.standing(t, "a").Health == core.HealthReady })
	if got := h.standing(t, "a"); got.Generation != 1 || h.pid(t, "a") != debugged.Process.Pid {
		t.Errorf("generation %d serves, want the one before the breakpoint", got.Generation)
	}
	check(t, h.Close(t.Context()))
	if err := debugged.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("it was ended: %v", err)
	}
	aloneAfterTheDebugger(t, o, debugged)
	o.AllowReattach = false
	refused := mustStart(t, o)
	if got := refused.pid(t, "a"); got == debugged.Process.Pid {
		t.Error("it was attached though that was not allowed")
	}
	if !strings.Contains(refused.log.String(), "it counts only with --allow-reattach") {
		t.Error("nobody was told that the variable is ignored")
	}
}
