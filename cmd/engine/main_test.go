package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/examples/demo/local"
	"github.com/paymux/paymux/sdk"
	plugin "github.com/paymux/paymux/sdk/serve"
	"github.com/paymux/paymux/sdk/wire"
)

// TestMain builds the programs at most once, and removes them. Started with the
// name of a broken engine this binary is that engine: see broken_test.go. Started
// by an engine it is the plugin whose name it was given: see putSelf.
func TestMain(m *testing.M) {
	if os.Getenv(wire.Handshake.MagicCookieKey) != "" {
		plugin.Main(map[string]sdk.Plugin{bankName: bank{}, tellerName: teller{}, gossipName: gossip{}}[filepath.Base(os.Args[0])])
		return
	}
	if how := os.Getenv(brokenVariable); how != "" {
		os.Exit(serveBroken(how))
	}
	// Most of the time these tests wait for the timers of programs. -parallel goes before.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := os.RemoveAll(builtIn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}))
}

// builtIn is where the programs are, once somebody needed them.
var builtIn string

var build = sync.OnceValues(func() (local.Programs, error) {
	dir, err := os.MkdirTemp("", local.DirPrefix)
	if err != nil {
		return local.Programs{}, err
	}
	builtIn = dir
	return local.Build(context.Background(), dir, local.EnovePay, local.Numipay, local.Cenoa)
})

// programs returns the real programs.
func programs(t *testing.T) local.Programs {
	t.Helper()
	built, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return built
}

var selves sync.Mutex

// putSelf puts this test's binary beside the programs, as the plugin of a name.
func putSelf(t *testing.T, name string) {
	t.Helper()
	programs(t)
	selves.Lock()
	defer selves.Unlock()
	path := filepath.Join(builtIn, name)
	if _, err := os.Stat(path); err == nil {
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o700); err != nil { //nolint:gosec // A plugin must be executable.
		t.Fatal(err)
	}
}
