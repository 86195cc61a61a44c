package main

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
	"github.com/paymux/paymux/examples/demo/local"
	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// waitMax bounds every wait of these tests; none comes near it.
const waitMax = 60 * time.Second

// rules try the first account and then the second.
const rules = `version: 1
rules:
  - name: ivory-coast
    match: { kind: payment, country: CI, currency: XOF }
    use:   { order: [first, second] }
default: { deny: "only Ivory Coast is served" }
`

// shop is a merchant with a real engine, and two accounts at two CinetPays.
type shop struct {
	t             *testing.T
	setup         local.Setup
	engine        *local.Engine
	client        *client.Client
	first, second *sandbox.Server
	// environ is given to the engine beside its configuration.
	environ []string
}

// newShop writes the configuration; change it before open where a test must.
// Nothing is paid at the sandboxes but by who asks for it.
func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, first: newSandbox(t), second: newSandbox(t)}
	built := programs(t)
	key, err := built.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.setup = local.Setup{
		Programs: built, Dir: shortDir(t), Key: key, Rules: rules,
		Accounts: []local.Account{
			{Name: "first", URL: s.first.URL(), Timeout: 2 * time.Second},
			{Name: "second", URL: s.second.URL(), Timeout: 2 * time.Second},
		},
		Poll: soon(), Deadline: 5 * time.Second,
	}
	return s
}

// soon are ages at which CinetPay is asked, close together and without a near end.
func soon() []time.Duration {
	ages := []time.Duration{200 * time.Millisecond, 500 * time.Millisecond, time.Second}
	for age := 2 * time.Second; age < time.Hour; age += max(time.Second, age/4) {
		ages = append(ages, age)
	}
	return ages
}

func newSandbox(t *testing.T) *sandbox.Server {
	t.Helper()
	server := sandbox.New(sandbox.Options{CompletionDelay: -1})
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// shortDir is a folder whose path leaves room for the path of a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", local.DirPrefix) //nolint:usetesting // Its paths are too long for sockets.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// openShop is newShop and open.
func openShop(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	s.write()
	s.open()
	return s
}

func (s *shop) write() {
	s.t.Helper()
	if err := s.setup.Write(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// open starts the engine where it was before. The end of the test stops it.
func (s *shop) open() {
	s.t.Helper()
	address := ""
	if s.engine != nil {
		address = s.engine.Address
	}
	engine, err := s.setup.StartAt(s.t.Context(), address, s.environ...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { stop(s.t, engine) })
	if s.client != nil {
		s.client.Close()
	}
	s.engine = engine
	if s.client, err = engine.Client(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.client.Close)
}

// openBroken opens the shop, which is written, with an engine that is broken.
func (s *shop) openBroken(how string) {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	s.setup.Programs.Engine = self
	s.environ = append(s.environ, brokenVariable+"="+how)
	s.open()
}

// stop ends an engine that a test did not end, and shows what it said if the test failed.
func stop(t *testing.T, engine *local.Engine) {
	if t.Failed() {
		t.Log(engine.Output())
	}
	if err := engine.Kill(); err != nil {
		t.Error(err)
	}
}

// order is a payment as the merchant asks for it.
func order(reference string) api.Payment {
	return api.Payment{
		Reference: reference, Amount: "5000", Currency: "XOF", Country: "CI", Method: "mobile_money",
		Description: reference, Customer: api.PaymentCustomer{ID: "c-7", Phone: "+2250505998877"},
	}
}

// pay asks for a payment that must be accepted.
func (s *shop) pay(reference string) api.Transaction {
	s.t.Helper()
	answer, err := s.client.Pay(s.t.Context(), "key-"+reference, order(reference))
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.Transaction
}

// await waits until the payment is in one of the states.
func (s *shop) await(id string, states ...string) api.Transaction {
	s.t.Helper()
	var last api.Transaction
	s.until("the payment is "+states[0], func(ctx context.Context) (bool, error) {
		tx, err := s.client.Transaction(ctx, id)
		last = tx
		for _, state := range states {
			if tx.State == state {
				return true, err
			}
		}
		return false, err
	})
	return last
}

// until waits until done says so, or fails.
func (s *shop) until(what string, done func(context.Context) (bool, error)) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), waitMax)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done(ctx)
		if err != nil {
			s.t.Fatalf("until %s: %v", what, err)
		}
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.t.Fatalf("until %s: %v", what, ctx.Err())
		}
	}
}

// decide ends a payment at a sandbox as a customer would.
func decide(t *testing.T, at *sandbox.Server, tx api.Transaction, action sandbox.Action) {
	t.Helper()
	ref := tx.Attempts[len(tx.Attempts)-1].Ref
	if err := at.Decide(ref, sandbox.Decision{Action: action}); err != nil {
		t.Fatal(err)
	}
}

// inject makes the next answers of a sandbox go wrong.
func inject(t *testing.T, at *sandbox.Server, faults ...sandbox.Fault) {
	t.Helper()
	for _, fault := range faults {
		if err := at.Inject(fault); err != nil {
			t.Fatal(err)
		}
	}
}
