package host_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
)

// unfit is a binary, or what is configured of it, with which a plugin must not serve.
type unfit struct {
	spoil func(t *testing.T, o host.Options, path string)
	say   string // With what to do where a person can do something.
}

// script has the plugin be a program that writes the line and waits.
func script(line string) func(*testing.T, host.Options, string) {
	return func(t *testing.T, o host.Options, path string) {
		check(t, os.WriteFile(path, []byte("#!/bin/sh\nprintf '"+line+"'\nexec sleep 60\n"), 0o755))
		configure(t, o, path)
	}
}

// configure puts the binary at path, with its checksum, into the configuration.
func configure(t *testing.T, o host.Options, path string) {
	t.Helper()
	sum, err := host.Checksum(path)
	check(t, err)
	o.Plugins["paper"] = host.Plugin{Path: path, SHA256: sum, Environment: o.Plugins["paper"].Environment}
}

var unfits = map[string]unfit{
	"another checksum is configured": {func(_ *testing.T, o host.Options, path string) {
		o.Plugins["paper"] = host.Plugin{Path: path, SHA256: strings.Repeat("ab", 32)}
	}, "the configuration says abab"},
	"it was changed after its checksum was configured": {
		func(t *testing.T, _ host.Options, path string) { tamper(t, path) },
		"if the change is intended, put the new one there",
	},
	"it is a symlink":   {symlink, "is a symlink; name the file itself"},
	"it is missing":     {func(t *testing.T, _ host.Options, path string) { check(t, os.Remove(path)) }, "there is no file"},
	"it is a directory": {directory, "is no regular file"},
	"everybody may swap it": {
		func(t *testing.T, _ host.Options, path string) { check(t, os.Chmod(filepath.Dir(path), 0o777)) },
		"everybody may write to the directory of",
	},
	"it ends without a word":       {noExecutable, "it ended at once, is no Paymux plugin"},
	"it prints junk to stdout":     {script("hello\\n"), "printed something to stdout before it"},
	"it prints bytes":              {script("\\377\\376\\001\\n"), "printed something to stdout before it"},
	"it is too new":                {script("1|2|unix|/x|grpc\\n"), "it is too new: it speaks protocol 2, this engine 1: update the engine"},
	"it is too old":                {script("1|0|unix|/x|grpc\\n"), "it is too old: it speaks protocol 0, this engine 1: build it with a current sdk"},
	"its protocol is no number":    {script("1|x|unix|/x|grpc\\n"), "rror parsing protocol version"},
	"its core protocol is another": {script("2|1|unix|/x|grpc\\n"), "build it with a current sdk"},
	"it speaks net/rpc":            {script("1|1|tcp|127.0.0.1:9|netrpc\\n"), "unsupported plugin protocol"},
	"it serves elsewhere":          {script("1|1|tcp|192.0.2.1:443|grpc\\n"), "neither a socket in its directory"},
	"it says nothing":              {script(""), "it answered no handshake within"},
	"it is empty": {func(t *testing.T, o host.Options, path string) {
		check(t, os.WriteFile(path, nil, 0o755))
		configure(t, o, path)
	}, "it is no program for " + runtime.GOOS + "/" + runtime.GOARCH},
	"its interpreter is missing": {func(t *testing.T, o host.Options, path string) {
		check(t, os.WriteFile(path, []byte("#!/no/such/interpreter\n"), 0o755))
		configure(t, o, path)
	}, "the interpreter in its first line"},
}

func TestAnUnfitPluginIsRefusedInWords(t *testing.T) {
	t.Parallel()
	var started, changed, controls atomic.Int64
	t.Run("cases", func(t *testing.T) {
		for words, test := range unfits {
			t.Run(words, func(t *testing.T) {
				t.Parallel()
				if refusedAtStart(t, test) {
					started.Add(1)
				}
				if refusedAtReload(t, test, &controls) {
					changed.Add(1)
				}
			})
		}
	})
	swapped := refusedWhenSwapped(t)
	t.Logf("chaos 17: %d of %d unfit plugins did not serve at the start and %d of %d not as a change of what serves, each with its reason; one that was swapped after the check: refused %v; control, each before it was spoilt: %d started",
		started.Load(), len(unfits), changed.Load(), len(unfits), swapped, controls.Load())
}

// refusedAtStart starts a host with it and reports whether it did not serve and
// said why, while the plugin beside it served.
func refusedAtStart(t *testing.T, test unfit) bool {
	o := host.Impatient(host.Resting(twoPlugins(t)), 2*time.Second)
	test.spoil(t, o, ownBinary(t, o))
	h := mustStart(t, o)
	eventually(t, "it is decided", func() bool {
		health := h.standing(t, "a").Health
		return health == core.HealthFailed || health == core.HealthBackoff
	})
	detail := h.standing(t, "a").Detail
	if !strings.Contains(detail, test.say) {
		t.Errorf("the standing says %q, want %q", detail, test.say)
		return false
	}
	_, err := pay(t.Context(), h.provider(t, "a"), "", "")
	wantOutcome(t, err, sdk.OutcomeNotSent)
	h.pid(t, "other")
	return !t.Failed()
}

// refusedAtReload does the same to a host in which it served before it was spoilt.
func refusedAtReload(t *testing.T, test unfit, controls *atomic.Int64) bool {
	o := host.Impatient(twoPlugins(t), 5*time.Second)
	h := mustStart(t, o)
	before := h.pid(t, "a")
	controls.Add(1)
	next := changed(o)
	path := ownBinary(t, next)
	tamper(t, path) // So that it is another one.
	configure(t, next, path)
	test.spoil(t, next, path)
	prepared, err := h.Prepare(t.Context(), next)
	if err == nil {
		prepared.Discard()
		t.Error("it was prepared")
		return false
	}
	var faults host.Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != "plugins.paper" || !strings.Contains(err.Error(), test.say) {
		t.Errorf("error is %v, want one of plugins.paper with %q", err, test.say)
	}
	if got := h.pid(t, "a"); got != before {
		t.Error("what served before does not serve any more")
	}
	return !t.Failed()
}

// refusedWhenSwapped swaps the private copy of a plugin that serves, and its
// binary, and reports whether neither was started when the plugin crashed.
func refusedWhenSwapped(t *testing.T) bool {
	o := twoPlugins(t)
	path := ownBinary(t, o)
	h := mustStart(t, o)
	tamper(t, filepath.Join(o.CacheDir, o.Plugins["paper"].SHA256, "paper"))
	tamper(t, path)
	h.mustKill(t, "a")
	eventually(t, "it is refused", func() bool { return h.standing(t, "a").Health == core.HealthFailed })
	_, err := pay(t.Context(), h.provider(t, "a"), "", "")
	wantOutcome(t, err, sdk.OutcomeNotSent)
	return strings.Contains(h.standing(t, "a").Detail, "the configuration says")
}
