package host_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
)

func TestNothingThatAPluginLogsHarmsTheEngine(t *testing.T) {
	t.Setenv(startVariable, "log")
	h := mustStart(t, options(t))
	h.pid(t, "a")
	eventually(t, "the log has the last line", func() bool { return strings.Contains(h.log.String(), "the last word") })
	log := h.log.String()
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, "2000-01-01") || !utf8.ValidString(line) || strings.ContainsAny(line, "\x00\r") {
			t.Errorf("the log has the line %.100q", line)
		}
		if len(line) > 64<<10 {
			t.Errorf("the log has a line of %d bytes", len(line))
		}
		if strings.Contains(line, "the last word") && (!strings.Contains(line, "[WARN]") || !strings.Contains(line, "n=7")) {
			t.Errorf("a good line became %q", line)
		}
	}
}

func TestABadHandshakeFailsAStartInWords(t *testing.T) {
	for words, bad := range badHandshakes() {
		t.Run(words, func(t *testing.T) {
			t.Setenv(startVariable, words)
			o := host.Resting(options(t))
			delete(o.Accounts, "b")
			h := mustStart(t, o)
			eventually(t, "it waits for the next try", func() bool { return h.standing(t, "a").Health == core.HealthBackoff })
			standing := h.standing(t, "a")
			if !strings.Contains(standing.Detail, bad.say) {
				t.Errorf("it says %.200s, want %q", standing.Detail, bad.say)
			}
			if len(standing.Detail) > 600 || strings.ContainsFunc(standing.Detail, unicode.IsControl) {
				t.Errorf("it says %d bytes: %.200q", len(standing.Detail), standing.Detail)
			}
		})
	}
}

func TestAPluginThatFloodsStdoutIsNotBlocked(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := pay(ctx, h.provider(t, "a"), "flood", ""); err != nil {
		t.Errorf("the call: %v", err)
	}
}

func TestTheEngineOpensNoBroker(t *testing.T) {
	t.Setenv(startVariable, "broker")
	dir := t.TempDir()
	t.Setenv(markVariable, filepath.Join(dir, "opened"))
	o := options(t)
	seen(o, markVariable)
	h := mustStart(t, o)
	eventually(t, "the stream of stdout is open", func() bool { return len(names(t, dir)) > 0 })
	h.pid(t, "a")
	want := []string{"opened-plugin.GRPCStdio-StreamStdio"}
	if diff := cmp.Diff(want, names(t, dir)); diff != "" {
		t.Errorf("streams (-want +got):\n%s", diff)
	}
}

func TestWhatLeavesItsGroupEndsWithThePlugin(t *testing.T) {
	t.Parallel()
	h := mustStart(t, options(t))
	for range 3 {
		if _, err := pay(t.Context(), h.provider(t, "a"), "daemon", ""); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.pids(t); len(got) != 4 {
		t.Errorf("processes %v run, want the plugin and three that left it", got)
	}
	h.mustKill(t, "a")
	h.awaitGeneration(t, "a", 2)
	after := h.pid(t, "a")
	if got := h.pids(t); len(got) != 1 || got[0] != after {
		t.Errorf("processes %v run, want only the new one, %d", got, after)
	}
	if want := "the plugin left processes behind, they were ended"; !strings.Contains(h.log.String(), want) {
		t.Errorf("the log does not say %q", want)
	}
}
