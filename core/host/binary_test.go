package host_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
)

// ownBinary gives "paper" a copy of the binary that the test may spoil.
func ownBinary(t testing.TB, o host.Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "plugins")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "paper")
	mustCopy(t, path)
	plugin := o.Plugins["paper"]
	plugin.Path = path
	o.Plugins["paper"] = plugin
	return path
}

// mustCopy writes a copy of the binary to path.
func mustCopy(t testing.TB, path string) {
	t.Helper()
	source, _ := self()
	in, err := os.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// tamper changes the binary at path without ending what executes it.
func tamper(t testing.TB, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, "changed"...), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestABinaryThatIsNotAsConfiguredIsNotStarted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(t *testing.T, o host.Options, path string)
		say   string // Empty means that it is started all the same.
	}{
		"as configured":       {spoil: func(*testing.T, host.Options, string) {}},
		"missing":             {spoil: func(t *testing.T, _ host.Options, path string) { check(t, os.Remove(path)) }, say: "there is no file"},
		"changed after hash":  {spoil: func(t *testing.T, _ host.Options, path string) { tamper(t, path) }, say: "the configuration says"},
		"no executable":       {spoil: noExecutable, say: "it answered no handshake"},
		"a symlink":           {spoil: symlink, say: "is a symlink"},
		"a directory":         {spoil: directory, say: "is no regular file"},
		"everybody may write": {spoil: func(t *testing.T, _ host.Options, path string) { check(t, os.Chmod(filepath.Dir(path), 0o777)) }, say: "everybody may write"},
		"the group may write": {spoil: func(t *testing.T, _ host.Options, path string) { check(t, os.Chmod(filepath.Dir(path), 0o775)) }},
		"another checksum": {
			spoil: func(_ *testing.T, o host.Options, path string) {
				o.Plugins["paper"] = host.Plugin{Path: path, SHA256: strings.Repeat("ab", 32)}
			},
			say: "the configuration says abab",
		},
	}
	for words, test := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			o := twoPlugins(t)
			test.spoil(t, o, ownBinary(t, o))
			h := mustStart(t, o)
			standing := h.standing(t, "a")
			if test.say == "" {
				if standing.Health != core.HealthReady {
					t.Errorf("it is %s: %s, want ready", standing.Health, standing.Detail)
				}
				return
			}
			if ready, _ := standing.Ready(); ready {
				t.Fatal("it was started")
			}
			if !strings.Contains(standing.Detail, test.say) {
				t.Errorf("the standing says %q, want something with %q", standing.Detail, test.say)
			}
			if !strings.Contains(h.log.String(), test.say) || !strings.Contains(h.log.String(), "[ERROR]") {
				t.Error("the log does not say so loudly")
			}
			if other := h.standing(t, "other"); other.Health != core.HealthReady {
				t.Errorf("the account of another plugin is %s: %s", other.Health, other.Detail)
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func noExecutable(t *testing.T, o host.Options, path string) {
	check(t, os.WriteFile(path, []byte("#!/bin/sh\nexit 0\n"), 0o755))
	sum, err := host.Checksum(path)
	check(t, err)
	o.Plugins["paper"] = host.Plugin{Path: path, SHA256: sum}
}

func symlink(t *testing.T, o host.Options, path string) {
	link := path + "-link"
	check(t, os.Symlink(path, link))
	o.Plugins["paper"] = host.Plugin{Path: link, SHA256: o.Plugins["paper"].SHA256}
}

func directory(t *testing.T, _ host.Options, path string) {
	check(t, os.Remove(path))
	check(t, os.Mkdir(path, 0o755))
}

func TestARestartUsesTheBinaryThatWasConfigured(t *testing.T) {
	t.Parallel()
	o := options(t)
	path := ownBinary(t, o)
	h := mustStart(t, o)
	tamper(t, path)
	h.mustKill(t, "a")
	h.awaitGeneration(t, "a", 2)
	if got, want := h.standing(t, "a").Checksum, o.Plugins["paper"].SHA256; got != want {
		t.Errorf("it runs with sha256 %s, want %s", got, want)
	}
}

// Nor does what lies at the path by now count for a process that is put beside it.
func TestAnotherProcessUsesTheBinaryThatWasConfigured(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, h house, o host.Options) error{
		"an operator's restart": func(_ *testing.T, h house, _ host.Options) error { return h.Restart("a") },
		"an account gets a process of its own": func(t *testing.T, h house, o host.Options) error {
			o = changed(o)
			o.Accounts["a"] = host.Account{Plugin: "paper", Isolated: true}
			prepared, err := h.Prepare(t.Context(), o)
			if err == nil {
				prepared.Commit()
			}
			return err
		},
	}
	for words, change := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			path := ownBinary(t, o)
			h := mustStart(t, o)
			before := h.pid(t, "a")
			tamper(t, path)
			if err := change(t, h, o); err != nil {
				t.Fatal(err)
			}
			if got, want := h.standing(t, "a").Checksum, o.Plugins["paper"].SHA256; got != want || h.pid(t, "a") == before {
				t.Errorf("process %d runs with sha256 %s, want another one with %s", h.pid(t, "a"), got, want)
			}
		})
	}
}

func TestAPrivateCopyThatWasChangedIsMadeAgain(t *testing.T) {
	t.Parallel()
	o := options(t)
	h := mustStart(t, o)
	private := filepath.Join(o.CacheDir, o.Plugins["paper"].SHA256, "paper")
	tamper(t, private)
	h.mustKill(t, "a")
	h.awaitGeneration(t, "a", 2)
	if sum, err := host.Checksum(private); err != nil || sum != o.Plugins["paper"].SHA256 {
		t.Errorf("the copy has sha256 %s, %v", sum, err)
	}
	if !strings.Contains(h.log.String(), "private copy of a plugin is not what it was, it is made again") {
		t.Error("the log does not tell of it")
	}
}

// The copy of a process that runs is hashed before a restart has to, which also shows
// that somebody changed it.
func TestACopyIsHashedAheadOfARestart(t *testing.T) {
	t.Parallel()
	o := options(t)
	h := mustStart(t, o)
	tamper(t, filepath.Join(o.CacheDir, o.Plugins["paper"].SHA256, "paper"))
	eventually(t, "the log tells of it", func() bool {
		return strings.Contains(h.log.String(), "private copy of a plugin is not what it was, a restart makes it again")
	})
	if got := h.standing(t, "a"); got.Health != core.HealthReady || got.Generation != 1 {
		t.Errorf("it is %s in generation %d, want the first one ready", got.Health, got.Generation)
	}
}

func TestDevelopmentTakesTheBinaryAsItIs(t *testing.T) {
	t.Parallel()
	o := options(t)
	path := ownBinary(t, o)
	o.Plugins["paper"] = host.Plugin{Path: path, Dev: true}
	h := mustStart(t, o)
	before := h.standing(t, "a").Checksum
	tamper(t, path)
	h.mustKill(t, "a")
	h.awaitGeneration(t, "a", 2)
	if after := h.standing(t, "a").Checksum; after == before {
		t.Error("the changed binary was not taken")
	}
	if got := strings.Count(h.log.String(), "runs without a checksum"); got != 2 {
		t.Errorf("the log warns %d times, want once for each start", got)
	}
}

// A checksum counts also for a process that is being started again without one.
func TestAChecksumEndsTheStartsOfAnotherBinary(t *testing.T) {
	t.Parallel()
	o := options(t)
	path := ownBinary(t, o)
	configured := o.Plugins["paper"]
	o.Plugins["paper"] = host.Plugin{Path: path, Dev: true, Environment: configured.Environment}
	h := mustStart(t, o)
	starts := filepath.Join(t.TempDir(), "starts")
	check(t, os.Remove(path))
	check(t, os.WriteFile(path, []byte("#!/bin/sh\necho >>"+starts+"\nexit 1\n"), 0o755))
	h.mustKill(t, "a")
	eventually(t, "the other binary is started", func() bool { return exists(starts) })
	o = changed(o)
	o.Plugins["paper"] = configured
	h.mustReload(t, o)
	eventually(t, "the other binary is refused", func() bool { return h.standing(t, "a").Health == core.HealthFailed })
	if detail := h.standing(t, "a").Detail; !strings.Contains(detail, "the configuration says") {
		t.Errorf("the standing says %q, want that the checksum differs", detail)
	}
}

func TestAChecksumHoldsInDevelopmentToo(t *testing.T) {
	t.Parallel()
	o := options(t)
	path := ownBinary(t, o)
	o.Plugins["paper"] = host.Plugin{Path: path, Dev: true, SHA256: o.Plugins["paper"].SHA256}
	h := mustStart(t, o)
	if strings.Contains(h.log.String(), "runs without a checksum") {
		t.Error("the log says that a checksum which was checked was not")
	}
	check(t, h.Close(t.Context()))
	tamper(t, path)
	if got := mustStart(t, o).standing(t, "a").Health; got != core.HealthFailed {
		t.Errorf("the changed binary is %s, want failed", got)
	}
}

func TestCopiesThatNobodyUsesAreSwept(t *testing.T) {
	t.Parallel()
	used := options(t)
	mustStart(t, used)
	inUse := used.Plugins["paper"].SHA256
	stale := filepath.Join(used.CacheDir, strings.Repeat("ab", 32))
	check(t, os.Mkdir(stale, 0o700))
	check(t, os.WriteFile(filepath.Join(stale, "old"), []byte("old"), 0o500))
	draft := filepath.Join(used.CacheDir, inUse, ".draft-1")
	check(t, os.WriteFile(draft, []byte("half"), 0o500))
	foreign := filepath.Join(used.CacheDir, "notes.txt")
	check(t, os.WriteFile(foreign, []byte("mine"), 0o600))

	// A second engine on the same cache does not know the plugin of the first.
	second := options(t)
	second.CacheDir, second.Plugins, second.Accounts = used.CacheDir, nil, nil
	mustStart(t, second)
	if exists(stale) {
		t.Error("a copy that nobody uses is still there")
	}
	if !exists(filepath.Join(used.CacheDir, inUse, "paper")) || !exists(draft) {
		t.Error("a folder that another engine uses was touched")
	}
	if !exists(foreign) {
		t.Error("a file that is no copy was removed")
	}
}

func TestACacheThatOthersMayWriteToIsRefused(t *testing.T) {
	t.Parallel()
	o := options(t)
	check(t, os.MkdirAll(o.CacheDir, 0o700))
	check(t, os.Chmod(o.CacheDir, 0o777))
	h, err := host.New(o)
	check(t, err)
	defer func() { check(t, h.Close(t.Context())) }()
	if err := h.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "others may write to") {
		t.Errorf("error is %v, want a refusal", err)
	}
}
