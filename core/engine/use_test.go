package engine_test

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	plugin "github.com/paymux/paymux/sdk/serve"
	"github.com/paymux/paymux/sdk/wire"
)

// TestMain is the plugin "clerk" where an engine starts this binary: see clerk_test.go.
func TestMain(m *testing.M) {
	if os.Getenv(wire.Handshake.MagicCookieKey) != "" {
		plugin.Main(clerk{})
		return
	}
	goleak.VerifyTestMain(m)
}

// silent is a provider that gives no answer to a create call, and says whether
// it was paid only to the one who asks.
type silent struct {
	paid atomic.Bool
}

func (s *silent) Describe() sdk.Manifest {
	return sdk.Manifest{Name: "silent", Version: "1.0.0", Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {PaidByLink: true}}}
}

func (s *silent) Open(sdk.Settings) (sdk.Provider, error) { return s, nil }

func (s *silent) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}}
}

func (s *silent) CreatePayment(context.Context, sdk.PaymentRequest) (sdk.Result, error) {
	return sdk.Result{}, nil
}

func (s *silent) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) {
	if s.paid.Load() {
		return sdk.Result{Outcome: sdk.OutcomeSucceeded, Told: sdk.Told{Amount: "5000", Currency: "XOF"}}, nil
	}
	return sdk.Result{}, nil
}

// unknown runs an engine in virtual time and leads one payment to unknown.
func unknown(t *testing.T, test func(*engine.Engine, *silent, core.Transaction)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		provider := &silent{}
		e, err := engine.New(t.Context(), engine.Options{
			Config: coretest.MustConfig(t, t.TempDir()), Rules: coretest.Rules("one", "two"),
			Providers: map[string]engine.Provider{"one": {Plugin: provider}, "two": {Plugin: &silent{}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := e.Pay(t.Context(), core.PaymentRequest{IdempotencyKey: "key", Amount: money.Of(5000, money.XOF)})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		test(e, provider, answer.Transaction)
		if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
}

var operator = core.Caller{Actor: "ops", Merchant: "default", Operator: true}

func TestTheProviderIsAskedBeforeACancel(t *testing.T) {
	unknown(t, func(e *engine.Engine, provider *silent, tx core.Transaction) {
		provider.paid.Store(true)
		if tx, err := e.Cancel(context.Background(), operator, tx.ID, "no stock"); !errors.Is(err, core.ErrAlreadyFinal) {
			t.Errorf("it is %s and %v, want it paid", tx.State, err)
		}
	})
}

func TestTheProviderIsAskedBeforeAnotherAttempt(t *testing.T) {
	unknown(t, func(e *engine.Engine, provider *silent, tx core.Transaction) {
		provider.paid.Store(true)
		how := core.Resolution{Verb: "retry", Reason: "no answer"}
		if tx, err := e.Resolve(context.Background(), operator, tx.ID, how); !errors.Is(err, core.ErrNotAllowed) {
			t.Errorf("it has %d attempts and %v, want it paid", len(tx.Attempts), err)
		}
	})
}

func TestWhatNobodyPaidIsCanceled(t *testing.T) {
	unknown(t, func(e *engine.Engine, _ *silent, tx core.Transaction) {
		tx, err := e.Cancel(context.Background(), operator, tx.ID, "no stock")
		if err != nil || tx.State != core.StateCanceled {
			t.Errorf("it is %s and %v, want it canceled", tx.State, err)
		}
	})
}
