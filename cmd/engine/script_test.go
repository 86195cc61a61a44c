package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/examples/demo/local"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// TestScripts runs testdata/script with the real command on the path. A script may
// open a shop, which is an engine beside a sandbox, and pay in it:
//
//	shop               start it; PAYMUX_URL and PAYMUX_KEY lead to it, $STORE is its file
//	pay NAME [FAULT]   pay 5000 XOF as order NAME, whose id is then $NAME; with a fault of the provider
//	paid NAME          the customer pays it
//	refused NAME       want that nobody can be paid for order NAME now
//	close              stop the engine
//	restart, crash     stop or kill the engine and start it again
//	admit FILE...      put the line that admits the plugin $PLUGIN in place of PLUGIN
//	code N PROGRAM...  run it and want the exit code N
func TestScripts(t *testing.T) {
	t.Parallel()
	built := programs(t)
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(built.Engine)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("PLUGIN", built.CinetPay)
			env.Setenv("CENOA", filepath.Join(filepath.Dir(built.Engine), local.Cenoa))
			env.Setenv("ENGINE", built.Engine)
			env.Setenv("TMPDIR", os.TempDir()) // The usual one is too long for sockets.
			env.Values[shopOfScript] = &scriptShop{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"shop": openScriptShop, "pay": payInScript, "paid": paidInScript, "close": closeScriptShop,
			"refused": refusedInScript, "restart": restartScriptShop, "crash": crashScriptShop,
			"elsewhere": moveStoreInScript, "admit": admitInScript, "code": wantCode,
		},
	})
}

// shopOfScript is the key of a script's shop among its values.
type scriptKey struct{}

var shopOfScript scriptKey

// scriptShop is the shop of one script.
type scriptShop struct {
	setup    local.Setup
	engine   *local.Engine
	client   *client.Client
	provider *sandbox.Server
	payments map[string]string // The references at the provider, by name.
}

func shopIn(ts *testscript.TestScript) *scriptShop { return ts.Value(shopOfScript).(*scriptShop) }

func openScriptShop(ts *testscript.TestScript, _ bool, _ []string) {
	built, err := build()
	ts.Check(err)
	key, err := built.NewKey(context.Background())
	ts.Check(err)
	dir, err := os.MkdirTemp("", local.DirPrefix)
	ts.Check(err)
	s := shopIn(ts)
	s.payments = map[string]string{}
	s.provider = sandbox.New(sandbox.Options{CompletionDelay: -1})
	ts.Check(s.provider.Start())
	ts.Defer(func() {
		ts.Check(s.provider.Close())
		ts.Check(os.RemoveAll(dir))
	})
	setup := local.Setup{
		Programs: built, Dir: dir, Key: key,
		Rules:    "version: 1\nrules: []\ndefault: { order: [first] }\n",
		Accounts: []local.Account{{Name: "first", URL: s.provider.URL(), Timeout: 2 * time.Second}},
		Poll:     []time.Duration{time.Hour}, Deadline: 5 * time.Second,
	}
	ts.Check(setup.Write(context.Background()))
	s.setup = setup
	s.start(ts)
	ts.Defer(func() { ts.Check(s.engine.Kill()) })
	ts.Setenv("PAYMUX_KEY", key.Secret)
	ts.Setenv("STORE", setup.Store())
	ts.Setenv("DIR", setup.Dir)
}

// start starts the engine. Its address is a new one each time.
func (s *scriptShop) start(ts *testscript.TestScript) {
	var err error
	s.engine, err = s.setup.Start(context.Background())
	ts.Check(err)
	s.client, err = s.engine.Client()
	ts.Check(err)
	ts.Defer(s.client.Close)
	ts.Setenv("PAYMUX_URL", s.engine.URL)
}

func restartScriptShop(ts *testscript.TestScript, _ bool, _ []string) {
	closeScriptShop(ts, false, nil)
	shopIn(ts).start(ts)
}

func crashScriptShop(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(shopIn(ts).engine.Kill())
	shopIn(ts).start(ts)
}

func refusedInScript(ts *testscript.TestScript, _ bool, args []string) {
	_, err := shopIn(ts).client.Pay(context.Background(), args[0], order(args[0]))
	if !errors.Is(err, core.ErrProviderUnavailable) {
		ts.Fatalf("order %s: %v, want provider_unavailable", args[0], err)
	}
}

func payInScript(ts *testscript.TestScript, _ bool, args []string) {
	s := shopIn(ts)
	if len(args) == 2 {
		ts.Check(s.provider.Inject(sandbox.Fault{Op: sandbox.OpPayment, Kind: sandbox.FaultKind(args[1])}))
	}
	answer, err := s.client.Pay(context.Background(), args[0], order(args[0]))
	ts.Check(err)
	s.payments[args[0]] = answer.Transaction.Attempts[0].Ref
	ts.Setenv(args[0], answer.Transaction.ID)
}

// paidInScript tells nobody: the script asks.
func paidInScript(ts *testscript.TestScript, _ bool, args []string) {
	s := shopIn(ts)
	ts.Check(s.provider.Decide(s.payments[args[0]], sandbox.Decision{Action: sandbox.Pay, Silent: true}))
}

func closeScriptShop(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), waitMax)
	defer cancel()
	ts.Check(shopIn(ts).engine.Stop(ctx))
}

// moveStoreInScript has the configuration name another store.
func moveStoreInScript(ts *testscript.TestScript, _ bool, _ []string) {
	path := filepath.Join(ts.Getenv("DIR"), "paymux.yaml")
	text := strings.ReplaceAll(ts.ReadFile(path), "data/paymux.db", "data/other.db")
	ts.Check(os.WriteFile(path, []byte(text), 0o600))
}

func admitInScript(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("engine", "plugin", "hash", ts.Getenv("PLUGIN")))
	line := strings.TrimSpace(ts.ReadFile("stdout"))
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "PLUGIN", line)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

func wantCode(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			ts.Fatalf("%v", err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("want exit code %d, got %d", want, got)
	}
}
