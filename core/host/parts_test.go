package host

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/wire"
)

func TestARecordThatIsClosedLetsNobodyIn(t *testing.T) {
	t.Parallel()
	r := newRecord()
	for range 2 {
		if !r.enter() {
			t.Fatal("an open record refused a call")
		}
	}
	r.close()
	r.close()
	if r.enter() {
		t.Error("a closed record let a call in")
	}
	r.leave()
	if within(r.idle, 0) {
		t.Error("it is idle with a call in flight")
	}
	r.leave()
	if !within(r.idle, time.Second) {
		t.Error("it is not idle without a call")
	}
}

// The folders of two processes are told apart by digits alone.
func TestOnlyWhatHasTheWholeFolderIsAStray(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells the environment of a process")
	}
	folder := filepath.Join(t.TempDir(), folderPrefix+"1")
	tests := map[string]struct {
		temporary string
		stray     bool
	}{
		"its folder":          {folder, true},
		"a folder in it":      {folder + "/more", true},
		"a folder of another": {folder + "2", false},
	}
	for words, test := range tests {
		sleeper := exec.Command("sleep", "60")
		sleeper.Env = []string{"TMPDIR=" + test.temporary}
		if err := sleeper.Start(); err != nil {
			t.Fatal(err)
		}
		found, err := killStrays(folder, noGroup, time.Second)
		_ = sleeper.Process.Kill()
		if _ = sleeper.Wait(); found != test.stray || err != nil {
			t.Errorf("with %s it is a stray: %t, %v, want %t", words, found, err, test.stray)
		}
	}
}

func TestPausesDoubleUpToTheMost(t *testing.T) {
	t.Parallel()
	b := backoff{least: 250 * time.Millisecond, most: 30 * time.Second}
	bounds := func(n int) []time.Duration {
		var all []time.Duration
		for range n {
			if pause := b.next(); pause <= 0 || pause > b.bound {
				t.Errorf("the pause %v is outside of (0, %v]", pause, b.bound)
			}
			all = append(all, b.bound)
		}
		return all
	}
	want := []time.Duration{
		250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
		8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second,
	}
	if diff := cmp.Diff(want, bounds(len(want))); diff != "" {
		t.Errorf("bounds (-want +got):\n%s", diff)
	}
	b.reset()
	if diff := cmp.Diff(want[:2], bounds(2)); diff != "" {
		t.Errorf("bounds after a reset (-want +got):\n%s", diff)
	}
}

func TestLinesArriveWholeAndBounded(t *testing.T) {
	t.Parallel()
	var got []string
	w := &lineWriter{each: func(line string) { got = append(got, line) }}
	for _, part := range []string{"one\ntw", "o\r\n\nthr", "ee\n", strings.Repeat("x", lineMax+9) + "\nlast"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
	}
	want := []string{"one", "two", "three", strings.Repeat("x", lineMax)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestTheLastLinesAreKept(t *testing.T) {
	t.Parallel()
	var kept lastLines
	for i := range lastLinesMax + 5 {
		kept.add(strings.Repeat("i", i))
	}
	got := strings.Split(kept.text(), "\n")
	if len(got) != lastLinesMax || len(got[0]) != 5 || len(got[lastLinesMax-1]) != lastLinesMax+4 {
		t.Errorf("%d lines are kept, from %d to %d", len(got), len(got[0]), len(got[len(got)-1]))
	}
}

func TestLinesAreNotGatheredBeforeTheyArePassedOn(t *testing.T) {
	text := []byte(strings.Repeat("ab\n", 1<<20))
	heap := func() int64 {
		var now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&now)
		return int64(now.HeapAlloc)
	}
	before, count := heap(), 0
	w := &lineWriter{each: func(string) {
		if count++; count != 1<<20 {
			return
		}
		if grown := heap() - before; grown > 4<<20 {
			t.Errorf("at the last line %d bytes more are in use", grown)
		}
	}}
	if _, err := w.Write(text); err != nil || count != 1<<20 {
		t.Errorf("%d lines, %v", count, err)
	}
	runtime.KeepAlive(text)
}

func TestALongLineIsCutAndTheNextOneIsRead(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", saidMax)
	in := io.NopCloser(strings.NewReader("one\r\n" + long + "\n\n" + long + "\ntwo\x00\xff\nlast"))
	got, err := io.ReadAll(newLineReader(in, plainLine))
	if err != nil {
		t.Fatal(err)
	}
	cut := long[:saidMax]
	want := "one\n" + cut + "\n\n" + cut + "\ntwo \uFFFD\nlast\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("text differs: %d bytes, want %d", len(got), len(want))
	}
}

func FuzzALogLineIsOneLineThatCanBeRead(f *testing.F) {
	for _, seed := range []string{
		`{"@message":1}`, `{"@level":"info","@message":"a\nb","@timestamp":"2026-03-01T12:00:00.000000Z"}`,
		`{"@timestamp":"x"}`, `null`, `{"@message":"a","@message ":null}`, "\x00\xff", `{"a":1e300}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got := logLine(line)
		if !utf8.Valid(got) || bytes.ContainsFunc(got, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }) {
			t.Errorf("%q became %q", line, got)
		}
		var fields map[string]any
		if json.Unmarshal(got, &fields) != nil {
			return
		}
		for _, name := range []string{"@message", "@level", "@timestamp"} {
			if _, isText := fields[name].(string); fields[name] != nil && !isText {
				t.Errorf("%q became %q, where %s is no text", line, got, name)
			}
		}
	})
}

func TestABinaryThatWasChangedIsNotStarted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "paper")
	sum := func(text string) string {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sum, err := hashFile(t.Context(), path, false)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	c := &child{cmd: exec.Command(path), binary: &binary{path: path, checksum: sum("checked")}, folder: &folder{}, secrets: &wire.Secrets{}}
	if sum("changed"); c.binary.verify(t.Context()) == nil {
		t.Fatal("the change is not seen")
	}
	if _, err := c.run(nil, exec.Command(path), ""); err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Errorf("error is %v, want a refusal", err)
	}
	if sum("checked"); c.runner != nil {
		t.Error("it has a runner")
	}
	if _, err := c.run(nil, exec.Command(path), ""); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	c.runner.abandon()
}

func TestACopyIsHashedAgainOnlyWhenItMayHaveChanged(t *testing.T) {
	t.Parallel()
	if fingerprintOf("/") == (fingerprint{}) {
		t.Skip("files have no fingerprint here")
	}
	path := filepath.Join(t.TempDir(), "paper")
	if err := os.WriteFile(path, []byte("checked"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum, err := hashFile(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	b := &binary{path: path, checksum: sum}
	if b.verify(t.Context()) != nil || b.verified != (fingerprint{}) {
		t.Error("a copy that was just made must be hashed the next time")
	}
	tick := time.NewTimer(settledAfter + 100*time.Millisecond)
	<-tick.C
	if b.verify(t.Context()) != nil || b.verified == (fingerprint{}) {
		t.Error("a copy of a while ago need not be hashed the next time")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if b.verify(t.Context()) == nil {
		t.Error("a change of the same length that hides its time is not seen")
	}
}

func TestAPlatformWithoutProcessGroupsIsRefusedInWords(t *testing.T) {
	t.Parallel()
	for _, system := range []string{"linux", "darwin", "freebsd"} {
		if err := supported(system); err != nil {
			t.Errorf("%s: %v", system, err)
		}
	}
	err := supported("windows")
	if err == nil || !strings.Contains(err.Error(), "not supported on windows") || !strings.Contains(err.Error(), "run the engine on Linux") {
		t.Errorf("windows: %v, want why and what to do", err)
	}
}

// Whatever a plugin writes, no phone number and no e-mail address gets into the log.
func TestNobodyIsKnownByWhatAPluginLogs(t *testing.T) {
	t.Parallel()
	for words, test := range map[string]struct{ line, want string }{
		"text":     {"no such customer: +225 07 00 11 22 33, a.b@example.com", "no such customer: •••••2233, (e-mail)"},
		"a date":   {"panic at 2026-03-01 12:00:00: pid 12345", "panic at 2026-03-01 12:00:00: pid 12345"},
		"an entry": {`{"@level":"warn","@message":"ask 2250700112233","@timestamp":"2026-03-01T12:00:00.123456Z"}`, `{"@level":"warn","@message":"ask •••••2233","@timestamp":"2026-03-01T12:00:00.123456Z"}`},
		"fields":   {`{"@message":"x","deep":{"to":["2250700112233"]},"n":7,"to":2250700112233}`, `{"@message":"x","deep":"{\"to\":[\"•••••2233\"]}","n":7,"to":"•••••2233"}`},
		"no entry": {`{"@message":1,"to":"2250700112233"}`, `not a log entry: {"@message":1,"to":"•••••2233"}`},
	} {
		if got := string(logLine([]byte(test.line))); got != test.want {
			t.Errorf("%s: %s, want %s", words, got, test.want)
		}
	}
}
