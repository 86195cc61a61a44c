package account

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

const (
	// verdictMarginMax is how much earlier than the call itself the provider's
	// deadline passes, so that its own verdict arrives before ours.
	verdictMarginMax = time.Second
	// openMax bounds the check of an account's settings.
	openMax = 10 * time.Second
)

// inside is an account of a plugin in this process. Each call runs in its own
// goroutine: a panic ends that call alone, and a provider that ignores its
// deadline cannot hold up its caller.
type inside struct {
	plugin   string
	manifest sdk.Manifest
	provider sdk.FullProvider // Nil if it could not be opened.
	can      sdk.Capabilities
	fault    string // Why it could not be opened.
	secrets  *strings.Replacer
	log      hclog.Logger
}

var _ sdk.FullProvider = (*inside)(nil)

// open opens the account's Inside, and returns nil where it has none.
func open(account Account, log hclog.Logger) *inside {
	if account.Inside == nil {
		return nil
	}
	log = log.Named("plugin." + account.Plugin)
	in := &inside{plugin: account.Plugin, log: log}
	ctx, cancel := context.WithTimeout(context.Background(), openMax)
	defer cancel()
	_, err := protect(in.log, func() (struct{}, error) { return struct{}{}, in.open(ctx, account) })
	if err != nil {
		in.fault = err.Error()
		log.Error("account cannot be opened", "reason", in.fault)
	}
	return in
}

func (in *inside) open(ctx context.Context, account Account) error {
	in.manifest = account.Inside.Describe()
	in.secrets = secretsOf(in.manifest.Settings, account.Settings)
	if validator, ok := account.Inside.(sdk.SettingsValidator); ok {
		if found := validator.ValidateSettings(ctx, account.Settings); found.Failed() {
			return fmt.Errorf("settings: %w", found)
		}
	}
	provider, err := account.Inside.Open(account.Settings)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	in.can = sdk.CapabilitiesOf(provider)
	in.provider = sdk.Complete(provider)
	return nil
}

// secretsOf hides the texts of secret settings, as they are and as JSON has them.
func secretsOf(schema sdk.Schema, settings sdk.Settings) *strings.Replacer {
	var pairs []string
	add := func(text string) {
		if written, err := json.Marshal(text); err == nil && text != "" {
			pairs = append(pairs, text, "[redacted]", string(written[1:len(written)-1]), "[redacted]")
		}
	}
	for _, name := range schema.Secrets() {
		add(settings.Text(name))
		for _, text := range settings.List(name) {
			add(text)
		}
		for _, text := range settings.Map(name) {
			add(text)
		}
	}
	return strings.NewReplacer(pairs...)
}

// hide returns text without the account's secrets. The receiver is nil for an
// account that a process serves without telling what is secret.
func (in *inside) hide(text string) string {
	if in == nil || in.secrets == nil {
		return text
	}
	return in.secrets.Replace(text)
}

func (in *inside) standing() core.Standing {
	s := core.Standing{
		Plugin: in.plugin, Version: in.manifest.Version, Facts: in.manifest.Facts,
		Health: core.HealthFailed, Detail: in.fault, Generation: 1,
	}
	if in.provider != nil {
		s.Health, s.Capabilities = core.HealthReady, in.can
	}
	return s
}

// protect turns a panic of call into a fault: the request may have left by then.
func protect[T any](log hclog.Logger, call func() (T, error)) (answer T, err error) {
	defer func() {
		if value := recover(); value != nil {
			log.Error("plugin panicked", "panic", panicText(value), "stack", string(debug.Stack()))
			err = sdk.Errorf(sdk.KindPanic, "the plugin panicked: %s", panicText(value))
		}
	}()
	return call()
}

// panicText tells only what the runtime says: a plugin's own words could hold a secret.
func panicText(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a value of type %T", value)
}

type answer[T any] struct {
	value T
	err   error
}

// within makes a call and returns at the deadline of ctx at the latest.
func within[T any](ctx context.Context, in *inside, call func(context.Context) (T, error)) (T, error) {
	answers := make(chan answer[T], 1)
	go func() {
		inner, cancel := earlier(ctx)
		defer cancel()
		value, err := protect(in.log, func() (T, error) { return call(inner) })
		answers <- answer[T]{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
	}
	select {
	case a := <-answers: // It came at the same instant: what was said counts.
		return a.value, a.err
	default:
		var none T
		return none, sdk.Errorf(sdk.KindUnknown, "no answer in time, the outcome is unknown: %w", ctx.Err())
	}
}

// earlier returns ctx with its deadline brought forward by the verdict margin.
func earlier(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	margin := min(verdictMarginMax, time.Until(deadline)/4)
	return context.WithDeadline(ctx, deadline.Add(-margin))
}

// create makes a call that creates something, unless it is too late to send it.
func create(ctx context.Context, in *inside, sendBy time.Time, call func(context.Context) (sdk.Result, error)) (sdk.Result, error) {
	if !sendBy.IsZero() && !time.Now().Before(sendBy) {
		return sdk.Result{}, notSent("the time to send it was over before it was handed to the plugin")
	}
	if ctx.Err() != nil {
		return sdk.Result{}, notSent("the deadline passed before it was handed to the plugin")
	}
	return within(sdk.WithSendBy(ctx, sendBy), in, call)
}

func notSent(message string) error {
	return &sdk.Error{Kind: sdk.KindUnavailable, Message: message, Sent: sdk.NotSent}
}

// Capabilities returns what the account can do, as it said when it was opened.
func (in *inside) Capabilities() sdk.Capabilities { return in.can }

// CreatePayment asks the plugin.
func (in *inside) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	return create(ctx, in, req.SendBy, func(ctx context.Context) (sdk.Result, error) { return in.provider.CreatePayment(ctx, req) })
}

// CreatePayout asks the plugin.
func (in *inside) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return create(ctx, in, req.SendBy, func(ctx context.Context) (sdk.Result, error) { return in.provider.CreatePayout(ctx, req) })
}

// CreateRefund asks the plugin.
func (in *inside) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	return create(ctx, in, req.SendBy, func(ctx context.Context) (sdk.Result, error) { return in.provider.CreateRefund(ctx, req) })
}

// Cancel asks the plugin.
func (in *inside) Cancel(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return within(ctx, in, func(ctx context.Context) (sdk.VerdictResult, error) { return in.provider.Cancel(ctx, a) })
}

// ApprovePayout asks the plugin.
func (in *inside) ApprovePayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return within(ctx, in, func(ctx context.Context) (sdk.VerdictResult, error) { return in.provider.ApprovePayout(ctx, a) })
}

// RejectPayout asks the plugin.
func (in *inside) RejectPayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return within(ctx, in, func(ctx context.Context) (sdk.VerdictResult, error) { return in.provider.RejectPayout(ctx, a) })
}

// QueryStatus asks the plugin.
func (in *inside) QueryStatus(ctx context.Context, a sdk.Attempt) (sdk.Result, error) {
	return within(ctx, in, func(ctx context.Context) (sdk.Result, error) { return in.provider.QueryStatus(ctx, a) })
}

// ListTransactions asks the plugin.
func (in *inside) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	return within(ctx, in, func(ctx context.Context) (sdk.ListPage, error) { return in.provider.ListTransactions(ctx, req) })
}

// HandleNotification asks the plugin.
func (in *inside) HandleNotification(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	return within(ctx, in, func(ctx context.Context) (sdk.Notification, error) { return in.provider.HandleNotification(ctx, req) })
}

// LookupCustomer asks the plugin.
func (in *inside) LookupCustomer(ctx context.Context, phone string) (sdk.Customer, error) {
	return within(ctx, in, func(ctx context.Context) (sdk.Customer, error) { return in.provider.LookupCustomer(ctx, phone) })
}

// GetBalance asks the plugin.
func (in *inside) GetBalance(ctx context.Context) ([]sdk.Balance, error) {
	return within(ctx, in, in.provider.GetBalance)
}
