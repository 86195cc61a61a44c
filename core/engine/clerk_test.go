package engine_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// clerk is a plugin that does what its settings say: it declines, or it takes a
// payment that nobody ever pays.
type clerk struct{}

func (clerk) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "clerk", Version: "1.0.0", Doc: "A plugin of a test.",
		Settings: sdk.Schema{
			{Name: "declines", Kind: sdk.FieldBool, Doc: "declines every payment"},
			{Name: "ends", Kind: sdk.FieldBool, Doc: "says of every payment that it was declined for good"},
			{Name: "secret", Kind: sdk.FieldString, Secret: true, Doc: "nobody needs it"},
		},
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {
			Idempotency: sdk.IdempotencyUniqueReference, QueryBy: sdk.QueryByOurRef, TellsCurrency: true, Poll: []time.Duration{time.Hour},
		}},
		Capabilities: new(counter).Capabilities(),
	}
}

func (clerk) Open(settings sdk.Settings) (sdk.Provider, error) {
	return &counter{settings.Bool("declines"), settings.Bool("ends")}, nil
}

type counter struct{ declines, ends bool }

func (c *counter) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Operations: sdk.OperationsOf(c), Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}}
}

func (c *counter) CreatePayment(_ context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	if c.declines {
		return sdk.Result{Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonDeclined}, nil
	}
	return sdk.Result{
		Outcome: sdk.OutcomeRequiresAction, ProviderRef: "P" + req.Ref,
		NextAction: &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://pay.example/" + req.Ref},
	}, nil
}

func (c *counter) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) {
	if c.ends {
		return sdk.Result{Outcome: sdk.OutcomeDeclinedFinal, Reason: sdk.ReasonDeclined}, nil
	}
	return sdk.Result{}, nil
}

// works is an engine that lives from files in a folder, with a plugin process.
type works struct {
	testing.TB
	dir    string
	engine *engine.Engine
	log    *strings.Builder
	lock   sync.Mutex
	serial int
}

// accounts are two accounts of which the first declines; a timeout of theirs.
const accounts = `
  first:  { plugin: clerk, settings: { declines: true, secret: canary-in-clear }, limits: { timeout: %[1]s } }
  second: { plugin: clerk, limits: { timeout: %[1]s } }
`

// setting is a whole configuration: what stands at each place.
type setting struct{ head, timeout, deadline, attempts, more string }

func usual() setting { return setting{timeout: "11s", deadline: "10s", attempts: "2"} }

func (s setting) text(t testing.TB) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return s.head + "store: { path: data/paymux.db }\nlog: { level: warn }\nplugins: { clerk: { path: " + self + ", dev: true } }\nproviders:" +
		fmt.Sprintf(accounts, s.timeout) + s.more + "payments: { deadline: " + s.deadline + ", max_attempts: " + s.attempts + " }\n"
}

// routes are rules that try both accounts; the rule's name tells which they are.
func routes(name string) string {
	return "version: 1\nrules:\n  - name: " + name + "\n    match: { kind: payment }\n    use: { order: [first, second] }\n" +
		"default: { order: [second] }\n"
}

// newWorks writes the files and starts the engine.
func newWorks(t testing.TB, change ...func(engine.Options) engine.Options) *works {
	t.Helper()
	w := &works{TB: t, dir: t.TempDir(), log: &strings.Builder{}}
	w.write("paymux.yaml", usual().text(t))
	w.write("routes.yaml", routes("odd"))
	w.start(change...)
	return w
}

func (w *works) path(name string) string { return filepath.Join(w.dir, name) }

func (w *works) write(name, text string) {
	w.Helper()
	if err := os.WriteFile(w.path(name), []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
}

func (w *works) read(name string) string {
	w.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// start starts the engine on the files; the end of the test stops it.
func (w *works) start(change ...func(engine.Options) engine.Options) {
	w.Helper()
	cfg, found := config.Load(config.Options{Path: w.path("paymux.yaml")})
	if core.Failed(found) {
		w.Fatal(found)
	}
	options := engine.Options{Config: cfg, Logger: hclog.New(&hclog.LoggerOptions{Output: w.log, Level: hclog.Warn, Mutex: &w.lock})}
	for _, c := range change {
		options = c(options)
	}
	e, err := engine.New(context.Background(), options)
	if err != nil {
		w.Fatal(err)
	}
	w.engine = e
	w.Cleanup(w.stop)
}

func (w *works) stop() {
	if err := w.engine.Close(context.Background()); err != nil {
		w.Error(err)
	}
}

// pay makes a payment that nobody pays.
func (w *works) pay() core.Transaction {
	w.Helper()
	w.serial++
	answer, err := w.engine.Pay(w.Context(), core.PaymentRequest{
		IdempotencyKey: fmt.Sprintf("key %d", w.serial), Amount: money.Of(5000, money.XOF),
	})
	if err != nil {
		w.Fatal(err)
	}
	return answer.Transaction
}

func (w *works) reload(why string) (core.Reloaded, error) {
	return w.engine.Reload(w.Context(), operator, why)
}

// mustReload reloads, and wants another generation.
func (w *works) mustReload() core.Generation {
	w.Helper()
	reloaded, err := w.reload("a test")
	if err != nil || !reloaded.Changed {
		w.Fatalf("want another generation, got %+v, %v", reloaded, err)
	}
	return reloaded.Generation
}

func (w *works) live() uint64 { return w.engine.ReloadStatus().Live.Number }

func keyLine(id, secret string, scopes string) string {
	sum := sha256.Sum256([]byte(secret))
	return fmt.Sprintf("    - { id: %s, sha256: %q, scopes: [%s] }\n", id, hex.EncodeToString(sum[:]), scopes)
}
