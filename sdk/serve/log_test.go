//go:build unix

package serve_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/wire"
)

// lines returns what the engine logged of the plugin, by message.
func (p *process) lines(t *testing.T) map[string]map[string]any {
	t.Helper()
	byMessage := map[string]map[string]any{}
	for line := range strings.Lines(p.logged.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		byMessage[fields["@message"].(string)] = fields
	}
	return byMessage
}

// told makes the plugin log everything, and returns the lines once the last one is there.
func told(t *testing.T, env ...string) (*process, map[string]map[string]any) {
	t.Helper()
	p := start(t, env...)
	if _, err := p.account(t).CreatePayment(t.Context(), payment("log")); err != nil {
		t.Fatalf("call: %v", err)
	}
	p.logged.awaitText(t, "old log with")
	return p, p.lines(t)
}

func TestNoSecretIsInAnyLogLine(t *testing.T) {
	p, lines := told(t)
	for what, text := range map[string]string{"the engine's log": p.logged.String(), "stderr": p.stderr.String()} {
		for _, secret := range []string{apiKey, url.QueryEscape(apiKey), "pin#94x17"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %q", what, secret)
			}
		}
	}
	fields := map[string]string{
		"text": "text", "kept inside": "value", "escaped": "url", "listed": "pin",
		"grouped": "group.deep.er", "error": "error",
	}
	for message, field := range fields {
		if value, _ := lines[message][field].(string); !strings.Contains(value, "[redacted]") {
			t.Errorf("%s: %s = %q, want [redacted] in it", message, field, value)
		}
	}
	for _, message := range []string{"message with [redacted]", "old log with [redacted]"} {
		if lines[message] == nil {
			t.Errorf("there is no line %q", message)
		}
	}
}

func TestLinesCarryLevelsNumbersAndTheIDsOfTheCall(t *testing.T) {
	_, lines := told(t)
	keep := func(fields map[string]any, names ...string) map[string]any {
		kept := map[string]any{}
		for _, name := range names {
			kept[name] = fields[name]
		}
		return kept
	}
	tests := map[string]struct{ got, want map[string]any }{
		"ids": {
			keep(lines["message with [redacted]"], "@level", "transaction", "attempt"),
			map[string]any{"@level": "info", "transaction": "pay_01J0000000000000000000000A", "attempt": "0abcdefghijklmnopqrstuvw1"},
		},
		"numbers": {keep(lines["text"], "number", "truth"), map[string]any{"number": 7.0, "truth": true}},
		"levels":  {keep(lines["error"], "@level"), map[string]any{"@level": "error"}},
		"groups": {
			keep(lines["grouped"], "with", "group.inner"),
			map[string]any{"with": "[redacted]", "group.inner": "[redacted]"},
		},
		"reserved names": {
			keep(lines["reserved"], "@level", "field.level", "field.message", "field.timestamp"),
			map[string]any{"@level": "info", "field.level": 5.0, "field.message": 6.0, "field.timestamp": 8.0},
		},
		"debug lines are left out by default": {lines["debug line"], nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALongLineArrivesInOnePieceWithItsLevel(t *testing.T) {
	_, lines := told(t)
	long := lines["long"]
	if long == nil || long["@level"] != "info" {
		t.Fatalf("the line did not arrive whole: %v", long["@level"])
	}
	// Zero bytes are six times as long as JSON: with the second field the line is full.
	for name, want := range map[string]int{"one": 8 << 10, "two": 8 << 10, "three": len("... (cut)")} {
		text, _ := long[name].(string)
		if len(text) != want || !strings.HasSuffix(text, "... (cut)") {
			t.Errorf("%s has %d bytes, want %d with a mark at the end", name, len(text), want)
		}
	}
}

func TestTheLevelComesFromTheEnvironment(t *testing.T) {
	_, lines := told(t, wire.LogVariable+"=debug")
	if lines["debug line"]["@level"] != "debug" {
		t.Errorf("the debug line = %v", lines["debug line"])
	}
	p := start(t, wire.LogVariable+"=error")
	if _, err := p.account(t).CreatePayment(t.Context(), payment("log")); err != nil {
		t.Fatalf("call: %v", err)
	}
	p.logged.awaitText(t, "bad [redacted]")
	if lines := p.lines(t); lines["text"] != nil || lines["error"] == nil {
		t.Errorf("with level error: text = %v, error = %v", lines["text"], lines["error"])
	}
}
