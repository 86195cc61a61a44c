package plugintest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/plugintest"
	"github.com/paymux/paymux/sdk/serve"
)

func TestMain(m *testing.M) {
	plugintest.ServeIfStarted(echoPlugin{})
	goleak.VerifyTestMain(m)
}

// echo answers with what it was asked.
type echo struct{ prefix string }

var (
	_ sdk.PaymentCreator      = (*echo)(nil)
	_ sdk.NotificationHandler = (*echo)(nil)
	_ sdk.BalanceReader       = (*echo)(nil)
)

type echoPlugin struct{}

func (echoPlugin) Describe() sdk.Manifest {
	return sdk.Manifest{Name: "echo", Version: "1.0.0", Settings: sdk.Schema{
		{Name: "prefix", Kind: sdk.FieldString, Required: true},
		{Name: "operators", Kind: sdk.FieldMap},
	}}
}

func (echoPlugin) Open(settings sdk.Settings) (sdk.Provider, error) {
	return &echo{settings.Text("prefix") + settings.Map("operators")["CI"]}, nil
}

func (e *echo) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Identity: e.prefix,
		Corridors: []sdk.Corridor{{
			Kind: sdk.KindPayment, Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF},
			Min: money.Of(100, money.XOF), Step: money.Of(5, money.XOF),
		}},
		Needs: map[sdk.Operation][]string{sdk.OperationPayment: {"customer.phone"}},
	}
}

func (e *echo) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	switch req.Description {
	case "refused":
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Message: "connection refused", Sent: sdk.NotSent}
	case "slow":
		<-ctx.Done()
		return sdk.Result{}, sdk.Errorf(sdk.KindUnavailable, "no answer: %w", ctx.Err())
	}
	return sdk.Result{
		Outcome: sdk.OutcomeRequiresAction, ProviderRef: e.prefix + req.Ref,
		Told: sdk.Told{Amount: req.Amount.Decimal(), Currency: req.Amount.Currency().String()},
		NextAction: &sdk.NextAction{
			Type: sdk.ActionTransfer, Amount: req.Amount, Until: req.ExpiresAt, Message: req.Customer.Phone,
		},
		ProviderData: []byte{},
	}, nil
}

func (e *echo) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	return sdk.Notification{
		Authenticity: sdk.Genuine, Ref: req.Header.Get("X-Ref"), DedupeKey: req.Query, Body: req.Body, Status: 202,
	}, nil
}

func (e *echo) GetBalance(context.Context) ([]sdk.Balance, error) {
	return []sdk.Balance{{Available: money.Of(1500, money.XOF)}}, nil
}

var settings = map[string]any{"prefix": "echo-", "operators": map[string]any{"CI": "om-"}}

// answer is what a call returned, with what its error means.
type answer struct {
	Value                             any
	Outcome                           sdk.Outcome
	Unavailable, Unsupported, TimeOut bool
	Text                              string
}

func answerOf[T any](value T, err error) answer {
	a := answer{Value: value}
	if err != nil {
		a.Outcome, a.Text = sdk.CreateOutcome(err), err.Error()
		a.Unavailable = errors.Is(err, sdk.ErrUnavailable)
		a.Unsupported = errors.Is(err, sdk.ErrNotSupported)
		a.TimeOut = errors.Is(err, context.DeadlineExceeded)
	}
	return a
}

func TestTheSameAnswersInThisProcessAndOverTheWire(t *testing.T) {
	inside, over := plugintest.Open(t, echoPlugin{}, settings), plugintest.Serve(t, echoPlugin{}, settings)
	pay := func(description string) func(sdk.FullProvider) answer {
		return func(p sdk.FullProvider) answer {
			return answerOf(p.CreatePayment(t.Context(), sdk.PaymentRequest{
				Attempt:     sdk.Attempt{Ref: "0abcdefghijklmnopqrstuvw1", Amount: money.Of(5000, money.XOF)},
				Description: description,
				Customer:    sdk.Customer{Phone: "+2250700000000"},
				ExpiresAt:   time.Date(2026, 3, 1, 12, 0, 0, 1, time.UTC),
			}))
		}
	}
	calls := map[string]func(sdk.FullProvider) answer{
		"capabilities": func(p sdk.FullProvider) answer { return answerOf(p.Capabilities(), nil) },
		"payment":      pay(""),
		"refused":      pay("refused"),
		"no interface": func(p sdk.FullProvider) answer { return answerOf(p.QueryStatus(t.Context(), sdk.Attempt{})) },
		"notification": func(p sdk.FullProvider) answer {
			return answerOf(p.HandleNotification(t.Context(), sdk.NotificationRequest{
				Method: "POST", Query: "a=%ff&b=1", Body: []byte("\xff\x00"),
				Header: map[string][]string{"X-Ref": {"r1"}},
			}))
		},
		"balance": func(p sdk.FullProvider) answer { return answerOf(p.GetBalance(t.Context())) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			want := call(inside)
			if diff := cmp.Diff(want, call(over), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("over the wire (-in this process +over the wire):\n%s", diff)
			}
			if want.Text == "" && want.Value == nil {
				t.Error("there is nothing to compare")
			}
		})
	}
}

func TestATimeOutIsOneOnBothSides(t *testing.T) {
	providers := map[string]sdk.FullProvider{
		"in this process": plugintest.Open(t, echoPlugin{}, settings),
		"over the wire":   plugintest.Serve(t, echoPlugin{}, settings),
	}
	for name, provider := range providers {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			got := answerOf(provider.CreatePayment(ctx, sdk.PaymentRequest{Description: "slow"}))
			if !got.TimeOut || got.Outcome != sdk.OutcomeUnknown {
				t.Errorf("answer = %+v, want a time-out that is UNKNOWN", got)
			}
		})
	}
}

// fatal is a test that stops where a test would fail.
type fatal struct {
	testing.TB
	failed bool
}

func (f *fatal) Fatalf(string, ...any) { f.failed = true; panic(f) }

func TestWrongSettingsFailTheTest(t *testing.T) {
	for name, run := range map[string]func(testing.TB){
		"open":  func(t testing.TB) { plugintest.Open(t, echoPlugin{}, nil) },
		"serve": func(t testing.TB) { plugintest.Serve(t, echoPlugin{}, map[string]any{"prefx": "typo"}) },
	} {
		t.Run(name, func(t *testing.T) {
			f := &fatal{TB: t}
			func() {
				defer func() { _ = recover() }()
				run(f)
			}()
			if !f.failed {
				t.Error("the test went on")
			}
		})
	}
}

func ExampleServe() {
	// The main of a plugin is one line: func main() { serve.Main(echoPlugin{}) }
	_ = serve.Main
	// In its tests, with t *testing.T:
	_ = func(t *testing.T) {
		provider := plugintest.Serve(t, echoPlugin{}, map[string]any{"prefix": "echo-"})
		result, err := provider.CreatePayment(t.Context(), sdk.PaymentRequest{})
		if err != nil || result.Outcome != sdk.OutcomeRequiresAction {
			t.Errorf("answer = %s, %v", result.Outcome, err)
		}
	}
}
