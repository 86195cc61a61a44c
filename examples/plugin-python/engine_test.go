package pluginpython_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/examples/demo/local"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// waitMax bounds every wait for the engine; none comes near it.
const waitMax = 60 * time.Second

const configuration = `mode: test
server: { listen: "127.0.0.1:0" }
store:  { driver: bolt, path: data/paymux.db }
auth:
  keys: [{ id: shop, sha256: "%s", merchant: default, scopes: [payments:write, refunds:write, read] }]
plugins:
  %s
providers:
  tamarind-ci: { plugin: tamarind, settings: %s }
routing: { file: routes.yaml }
`

const rules = `version: 1
rules: [{ name: all, match: { currency: XOF }, use: { order: [tamarind-ci] } }]
default: { deny: "only XOF is served" }
`

// shop is a merchant with a real engine whose only account is at Tamarind.
type shop struct {
	*testing.T
	client *client.Client
}

func openShop(t *testing.T, tamarind sandbox) shop {
	t.Helper()
	programs := engine(t)
	key, err := programs.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	setup := local.Setup{Programs: programs, Dir: folder(t), Key: key}
	line := run(t, programs.Engine, "plugin", "hash", built(t))
	write(t, setup.Config(), fmt.Sprintf(configuration, key.SHA256, line, tamarind.settings()))
	write(t, filepath.Join(setup.Dir, "routes.yaml"), rules)
	running, err := setup.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), waitMax)
		defer cancel()
		if err := running.Stop(ctx); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(running.Output())
		}
	})
	shopper, err := running.Client()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shopper.Close)
	return shop{t, shopper}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// await waits until a transaction is in the state.
func (s shop) await(id, state string) api.Transaction {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), waitMax)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		tx, err := s.client.Transaction(ctx, id)
		if err != nil {
			s.Fatal(err)
		}
		if tx.State == state {
			return tx
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.Fatalf("%s is %s, want %s", id, tx.State, state)
		}
	}
}

func TestAPaymentIsMadeAndGivenBackThroughAnEngine(t *testing.T) {
	t.Parallel()
	needPython(t)
	tamarind := startSandbox(t)
	s := openShop(t, tamarind)
	asked, err := s.client.Pay(t.Context(), "key-1", api.Payment{
		Reference: "order-1", Amount: "5000", Currency: "XOF", Country: "CI", Method: "mobile_money",
		Customer: api.PaymentCustomer{Phone: "+2250707123456"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if tx := asked.Transaction; tx.State != "requires_action" || tx.NextAction == nil || tx.NextAction.Type != "prompt" {
		t.Fatalf("want a prompt on the phone, got %s with %+v", tx.State, tx.NextAction)
	}
	// Tamarind decides after two seconds and notifies; nobody asks it before 30.
	paid := s.await(asked.Transaction.ID, "succeeded")
	if paid.AmountReceived != "5000" || len(paid.Attempts) != 1 || paid.Attempts[0].Provider != "tamarind-ci" {
		t.Errorf("want 5000 received by one attempt, got %+v", paid)
	}
	given, err := s.client.Refund(t.Context(), "key-2", paid.ID, api.Refund{Amount: "1500"})
	if err != nil {
		t.Fatal(err)
	}
	s.await(given.Transaction.ID, "succeeded")
	got, err := tamarind.charges(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []sandboxkit.Charge{
		{Kind: "payment", Amount: "5000", Currency: "XOF", Paid: true},
		{Kind: "refund", Amount: "1500", Currency: "XOF", Paid: true},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(sandboxkit.Charge{}, "Ref")); diff != "" {
		t.Errorf("Tamarind's ledger (-want +got):\n%s", diff)
	}
}
