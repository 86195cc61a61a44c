package host_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

// givenUp starts a host whose account "a" is served by a process that dies at
// every start, and waits until it is given up.
func givenUp(t *testing.T) house {
	t.Helper()
	t.Setenv(startVariable, "exit")
	h := mustStart(t, host.Budgeted(twoPlugins(t), 5))
	eventually(t, "it is given up", func() bool { return h.standing(t, "a").Health == core.HealthFailed })
	return h
}

func TestAProcessThatCrashesAgainAndAgainIsGivenUp(t *testing.T) {
	h := givenUp(t)
	eventually(t, "so is the other", func() bool { return h.standing(t, "other").Health == core.HealthFailed })
	standing := h.standing(t, "a")
	if want := "it crashed 5 times within 10m0s and is not started again by itself"; !strings.Contains(standing.Detail, want) {
		t.Errorf("the standing says %q, want %q", standing.Detail, want)
	}
	if len(standing.Detail) > 600 {
		t.Errorf("the standing has %d bytes, want a few words", len(standing.Detail))
	}
	loud := 0
	for line := range strings.Lines(h.log.String()) {
		if strings.Contains(line, "[ERROR]") && strings.Contains(line, "plugin is given up: plugin=paper") {
			loud++
		}
	}
	if loud != 1 {
		t.Errorf("it is said %d times, want once", loud)
	}
	if _, after, _ := strings.Cut(h.log.String(), "plugin is given up"); !strings.Contains(after, "no reason to live") {
		t.Error("the log does not hold its last words")
	}
	incident, ok := h.Incident("a")
	if !ok || incident.Exit != "exit status 3" || strings.Join(incident.Lines, "\n") != "no reason to live" {
		t.Errorf("the incident is %+v, %v, want its exit and its last words", incident, ok)
	}
	if got := h.pids(t); len(got) != 0 {
		t.Errorf("processes %v run, want none", got)
	}
}

func TestARestartThatDoesNotComeUpChangesNothing(t *testing.T) {
	h := givenUp(t)
	if err := h.Restart("a"); err == nil || !strings.Contains(err.Error(), "plugins.paper: start:") {
		t.Errorf("error is %v, want that it still does not start", err)
	}
	if got := h.standing(t, "a").Health; got != core.HealthFailed {
		t.Errorf("it is %s, want failed as before", got)
	}
}

func TestAnotherConfigurationEndsAQuarantine(t *testing.T) {
	t.Parallel()
	o := host.Budgeted(withSite(t, options(t), "a", "42"), 2)
	h := mustStart(t, o)
	crash := func() {
		_, err := pay(t.Context(), h.provider(t, "a"), "exit", "")
		wantOutcome(t, err, sdk.OutcomeUnknown)
	}
	crash()
	h.awaitGeneration(t, "a", 2)
	crash()
	eventually(t, "it is given up", func() bool { return h.standing(t, "a").Health == core.HealthFailed })
	h.mustReload(t, withSite(t, o, "a", "42"))
	if got := h.standing(t, "a").Health; got != core.HealthFailed {
		t.Errorf("a configuration that is the same made it %s, want failed", got)
	}
	h.mustReload(t, withSite(t, o, "a", "43"))
	h.pid(t, "a")
	crash()
	h.awaitGeneration(t, "a", 3)
	check(t, h.Restart("a"))
	h.pid(t, "a")
}

func TestLastWordsHoldNoSecret(t *testing.T) {
	t.Parallel()
	const key = `sk"live/ÿ-31415926`
	o := options(t)
	o.Accounts["a"] = host.Account{Plugin: "paper", Settings: settings(t, "key", key)}
	h := mustStart(t, o)
	if _, err := pay(t.Context(), h.provider(t, "a"), "shout", ""); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{"stdout", "stderr"} {
		eventually(t, stream+" is logged", func() bool {
			return strings.Contains(h.log.String(), "the key is [redacted]: stream="+stream)
		})
	}
	_, err := pay(t.Context(), h.provider(t, "a"), "shout and die", "")
	wantOutcome(t, err, sdk.OutcomeUnknown)
	h.awaitGeneration(t, "a", 2)
	incident, ok := h.Incident("a")
	text := strings.Join(incident.Lines, "\n")
	const want = "panic: the key is [redacted]"
	if !ok || incident.Cause != want || !strings.Contains(text, "the key is [redacted]\n"+want) {
		t.Errorf("the incident is %q with %q, want the panic and what was said before, without the key", incident.Cause, text)
	}
	for name, said := range map[string]string{"incident": text + incident.Reason, "log": h.log.String(), "error": err.Error()} {
		if strings.Contains(said, "31415926") {
			t.Errorf("the %s shows the key", name)
		}
	}
}

func TestAProcessIsConfined(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/limits"); err != nil {
		unable(t, "there is no /proc/self/limits")
	}
	h := mustStart(t, options(t))
	result, err := pay(t.Context(), h.provider(t, "a"), "limits", "")
	check(t, err)
	got := map[string]string{}
	for line := range strings.Lines(result.Message) {
		if len(line) > 66 {
			got[strings.TrimSpace(line[:26])] = strings.Join(strings.Fields(line[26:66]), " ")
		}
	}
	want := map[string]string{"Max open files": "1024 1024", "Max core file size": "0 0", "Max data size": "1073741824 1073741824"}
	if raced() {
		want["Max data size"] = "unlimited unlimited"
	}
	for name, bounds := range want {
		if got[name] != bounds {
			t.Errorf("%s is %s, want %s", name, got[name], bounds)
		}
	}
}

func TestALeakEndsInItsOwnProcess(t *testing.T) {
	t.Parallel()
	if raced() {
		t.Skip("the race detector's shadow of the memory has no bound")
	}
	h := mustStart(t, host.Patient(twoPlugins(t)))
	_, err := pay(t.Context(), h.provider(t, "a"), "leak", "")
	wantOutcome(t, err, sdk.OutcomeUnknown)
	h.awaitGeneration(t, "a", 2)
	incident, _ := h.Incident("a")
	if !strings.HasPrefix(incident.Cause, "fatal error: ") || !strings.Contains(incident.Cause, "memory") {
		t.Errorf("the cause is %q, want that it ran out of memory", incident.Cause)
	}
	h.pid(t, "a")
}

// Not parallel: others that start a plugin would mend the descriptor.
func TestAProcessInheritsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "of the engine alone")
	file, err := os.Create(path)
	check(t, err)
	defer file.Close()
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, file.Fd(), syscall.F_SETFD, 0); errno != 0 {
		t.Fatal(errno)
	}
	seen, err := exec.Command("ls", "-l", "/proc/self/fd").Output()
	if err != nil || !strings.Contains(string(seen), path) {
		unable(t, "the control does not see the file, in a child that does inherit it")
	}
	h := mustStart(t, options(t))
	result, err := pay(t.Context(), h.provider(t, "a"), "open", "")
	check(t, err)
	if strings.Contains(result.Message, path) {
		t.Errorf("the plugin has the engine's file open:\n%s", result.Message)
	}
	if !strings.Contains(result.Message, "3 pipe:") {
		t.Errorf("the plugin has no lifeline:\n%s", result.Message)
	}
}

// raced reports whether this binary, which is the plugin's too, has the race detector.
func raced() bool {
	path, _ := self()
	return host.RaceDetector(path)
}

func unable(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("PAYMUX_REQUIRE_ALL") == "1" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

func TestFoldersOfAKilledEngineAreSweptByTheNext(t *testing.T) {
	t.Parallel()
	o := options(t)
	dir := t.TempDir()
	engine := startEngine(t, dir, o.SocketDir)
	if got := names(t, o.SocketDir); len(got) != 1 {
		t.Fatalf("the engine has folders %v, want one", got)
	}
	check(t, engine.Kill())
	_, err := engine.Wait()
	check(t, err)
	left := names(t, o.SocketDir)
	if len(left) != 1 {
		t.Fatalf("the killed engine left %v, want its folder", left)
	}
	foreign := filepath.Join(o.SocketDir, "paymux-plans")
	check(t, os.Mkdir(foreign, 0o700))
	living := mustStart(t, o) // It sweeps.
	if exists(filepath.Join(o.SocketDir, left[0])) {
		t.Error("the folder of the killed engine is still there")
	}
	if !exists(foreign) {
		t.Error("a folder that is nobody's was removed")
	}
	check(t, os.Remove(foreign))

	second := options(t)
	second.SocketDir = o.SocketDir
	h, err := host.New(second)
	check(t, err)
	check(t, h.Start(t.Context()))
	living.pid(t, "a")
	if got := names(t, o.SocketDir); len(got) != 2 {
		t.Errorf("folders %v, want one of each engine", got)
	}
	check(t, h.Close(t.Context()))
}

// What a plugin started, or one that does not watch its lifeline, outlives an engine
// that is killed. It must not act unseen by the next one.
func TestTheNextEngineEndsWhatAKilledOneLeftRunning(t *testing.T) {
	t.Parallel()
	o := options(t)
	engine := startEngine(t, t.TempDir(), o.SocketDir)
	stray := exec.Command("sleep", "60")
	stray.Env = []string{"TMPDIR=" + filepath.Join(o.SocketDir, names(t, o.SocketDir)[0])}
	check(t, stray.Start())
	defer func() {
		_ = stray.Process.Kill()
		_ = stray.Wait()
	}()
	o.Plugins, o.Accounts = nil, nil
	beside := mustStart(t, o)
	if left := beside.pids(t); len(left) != 2 {
		t.Errorf("processes %v are left beside an engine that lives, want two", left)
	}
	check(t, engine.Kill())
	_, err := engine.Wait()
	check(t, err)
	h := mustStart(t, o)
	if left := h.pids(t); len(left) != 0 {
		t.Errorf("processes %v of the killed engine are left", left)
	}
}

// startEngine starts an engine that is going to be killed, and waits until its plugin runs.
func startEngine(t testing.TB, dir, sockets string) *os.Process {
	t.Helper()
	path, _ := self()
	engine, err := os.StartProcess(path, []string{path}, &os.ProcAttr{
		Env:   append(os.Environ(), engineVariable+"="+dir, "HOST_TEST_SOCKETS="+sockets),
		Files: []*os.File{nil, nil, os.Stderr},
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the engine runs", func() bool { return exists(filepath.Join(dir, "ready")) })
	return engine
}

func TestCrashesAreForgottenInTime(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		minutes []int
		spent   bool
	}{
		"four in ten minutes":      {[]int{0, 1, 2, 9}, false},
		"five in ten minutes":      {[]int{0, 1, 2, 3, 9}, true},
		"the fifth a little later": {[]int{0, 1, 2, 3, 10}, false},
		"one every three minutes":  {[]int{0, 3, 6, 9, 12, 15, 18}, false},
		"five after a long time":   {[]int{0, 100, 101, 102, 103, 104}, true},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			spent := host.NewBudget(5, 10*time.Minute)
			var got bool
			for _, minute := range test.minutes {
				got = spent(start.Add(time.Duration(minute) * time.Minute))
			}
			if got != test.spent {
				t.Errorf("too many: %v, want %v", got, test.spent)
			}
		})
	}
}

// A secret that cannot be read for a while costs its account no more than that while.
func TestAnAccountOpensWhenItsSettingsAreToBeHadAgain(t *testing.T) {
	t.Parallel()
	o := options(t)
	var gone atomic.Bool
	had := settings(t, "site", "42")
	o.Accounts["a"] = host.Account{Plugin: "paper", Settings: func(ctx context.Context, schema sdk.Schema) (sdk.Settings, error) {
		if gone.Load() {
			return sdk.Settings{}, errors.New("the vault is down")
		}
		return had(ctx, schema)
	}}
	h := mustStart(t, o)
	gone.Store(true)
	h.mustKill(t, "a")
	eventually(t, "a is not ready", func() bool { return strings.Contains(h.standing(t, "a").Detail, "the vault is down") })
	beside := h.pid(t, "b")
	gone.Store(false)
	eventually(t, "a serves again", func() bool {
		result, err := pay(t.Context(), h.provider(t, "a"), "site", "")
		return err == nil && result.Message == "42"
	})
	if h.pid(t, "a") != beside || h.pid(t, "b") != beside {
		t.Error("the account beside it was moved to another process")
	}
}

// What the engine itself is short of says nothing of a plugin.
func TestAnEngineShortOfDescriptorsGivesNoPluginUp(t *testing.T) {
	h := mustStart(t, host.Budgeted(options(t), 5))
	pid := h.pid(t, "a")
	var usual syscall.Rlimit
	check(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &usual))
	check(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 4, Max: usual.Max}))
	check(t, syscall.Kill(pid, syscall.SIGKILL))
	short := time.NewTimer(time.Second) // Some twenty starts long.
	for over := false; !over; {
		select {
		case <-short.C:
			over = true
		default:
			over = h.standing(t, "a").Health == core.HealthFailed
		}
	}
	detail := h.standing(t, "a").Detail
	check(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &usual))
	if !strings.Contains(detail, "too many open files") {
		t.Errorf("the standing said %q, want that descriptors are short", detail)
	}
	h.awaitGeneration(t, "a", 2)
	prepared, err := h.Prepare(t.Context(), h.options)
	check(t, err)
	prepared.Discard() // It sweeps what could not be removed then.
}
