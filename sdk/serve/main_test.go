package serve_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/serve"
)

// pluginVariable makes this test binary the plugin that it tests, in a process of its own.
const pluginVariable = "SERVE_TEST_PLUGIN"

func TestMain(m *testing.M) {
	if os.Getenv(pluginVariable) == "" {
		goleak.VerifyTestMain(m)
		return
	}
	fmt.Println("main prints before the plugin is served")
	serve.Main(newActor())
}

// apiKey is the secret of every test.
const apiKey = "k/Secret+Key=42"

// actor does what the description of a request says.
type actor struct{}

func newActor() actor {
	fmt.Println("the plugin prints while it is built")
	return actor{}
}

var (
	_ sdk.SettingsValidator   = actor{}
	_ sdk.PaymentCreator      = (*role)(nil)
	_ sdk.PayoutCreator       = (*role)(nil)
	_ sdk.RefundCreator       = (*role)(nil)
	_ sdk.Canceler            = (*role)(nil)
	_ sdk.PayoutDecider       = (*role)(nil)
	_ sdk.StatusQuerier       = (*role)(nil)
	_ sdk.TransactionLister   = (*role)(nil)
	_ sdk.NotificationHandler = (*role)(nil)
)

func (actor) Describe() sdk.Manifest {
	return sdk.Manifest{Name: "actor", Version: "1.2.3", Settings: sdk.Schema{
		{Name: "site_id", Kind: sdk.FieldString, Required: true},
		{Name: "api_key", Kind: sdk.FieldString, Secret: true},
		{Name: "pins", Kind: sdk.FieldMap, Secret: true},
	}}
}

func (actor) ValidateSettings(_ context.Context, settings sdk.Settings) sdk.Diagnostics {
	if settings.Text("site_id") != "bad" {
		return nil
	}
	return sdk.Diagnostics{{Path: "site_id", Summary: "no such site", Detail: "asked with " + settings.Text("api_key")}}
}

func (actor) Open(settings sdk.Settings) (sdk.Provider, error) {
	switch settings.Text("site_id") {
	case "wrong":
		return nil, sdk.Diagnostics{{Path: "api_key", Summary: "wrong value", Detail: settings.Text("api_key")}}
	case "broken":
		return nil, fmt.Errorf("open with %s: %w", settings.Text("api_key"), sdk.ErrInvalid)
	case "nothing":
		return nil, nil
	case "panic":
		panic("opened with " + settings.Text("api_key"))
	}
	return &role{site: settings.Text("site_id"), key: settings.Secret("api_key")}, nil
}

// role is one account.
type role struct {
	site string
	key  sdk.Secret
}

func (r *role) Capabilities() sdk.Capabilities { return sdk.Capabilities{Identity: "site " + r.site} }

func (r *role) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	word, argument, _ := strings.Cut(req.Description, " ")
	switch word {
	case "panic":
		panic("held " + r.key.Reveal() + " for +2250707123456")
	case "wait":
		return sdk.Result{Outcome: sdk.OutcomePending}, wait(ctx, argument)
	case "hang":
		<-ctx.Done()
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Message: "no connection", Sent: sdk.NotSent, Err: ctx.Err()}
	case "left":
		deadline, _ := ctx.Deadline()
		return sdk.Result{Message: time.Until(deadline).String()}, nil
	case "log":
		r.tell(ctx)
	case "print":
		fmt.Println("printed in a call")
	case "stdin":
		read, err := io.ReadAll(os.Stdin)
		return sdk.Result{Message: fmt.Sprintf("%d bytes", len(read))}, err
	case "fail":
		return r.leak(), &sdk.Error{
			Kind: sdk.KindAuthentication, Message: "refused " + r.key.Reveal(), Exchanges: r.leak().Exchanges,
		}
	case "leak":
		return r.leak(), nil
	}
	return sdk.Result{Outcome: sdk.OutcomePending, ProviderRef: r.site}, nil
}

// wait asks gate and returns when it answers.
func wait(ctx context.Context, gate string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, gate, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// leak has the secret wherever people read, and in the provider's words.
func (r *role) leak() sdk.Result {
	key := r.key.Reveal()
	return sdk.Result{
		ProviderStatus: key,
		Message:        "with " + key,
		Alert:          "look at " + key,
		Exchanges: []sdk.Exchange{{
			URL: "https://api.example/pay?key=" + url.QueryEscape(key), Error: "bad key " + key,
			RequestBody: `{"x":"` + key + `"}`, AnswerBody: `{"y":"` + key + `"}`,
		}},
	}
}

// tell logs in every way there is, mostly with the secret.
func (r *role) tell(ctx context.Context) {
	key := r.key.Reveal()
	slog.InfoContext(ctx, "message with "+key)
	slog.Info("text", "text", key, "number", 7, "truth", true)
	slog.Info("kept inside", "value", struct{ key string }{key})
	slog.Info("escaped", "url", "https://api.example/?key="+url.QueryEscape(key))
	slog.Info("listed", "pin", "pin is pin#94x17")
	slog.With("with", key).WithGroup("group").Info("grouped", "inner", key, slog.Group("deep", "er", key))
	slog.Error("error", "error", errors.New("bad "+key))
	slog.Info("reserved", "@level", 5, "@message", 6, "@timestamp", 7, "timestamp", 8)
	slog.Info("long", "one", strings.Repeat("\x00", 32<<10), "two", strings.Repeat("b", 32<<10), "three", strings.Repeat("c", 32<<10))
	slog.Debug("debug line")
	log.Print("old log with " + key)
}

func (r *role) CreatePayout(context.Context, sdk.PayoutRequest) (sdk.Result, error) {
	return r.leak(), nil
}

func (r *role) CreateRefund(context.Context, sdk.RefundRequest) (sdk.Result, error) {
	return r.leak(), nil
}

func (r *role) verdict() (sdk.VerdictResult, error) {
	leak := r.leak()
	return sdk.VerdictResult{Message: leak.Message, Alert: leak.Alert, Exchanges: leak.Exchanges}, nil
}

func (r *role) Cancel(context.Context, sdk.Attempt) (sdk.VerdictResult, error) { return r.verdict() }

func (r *role) ApprovePayout(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return r.verdict()
}

func (r *role) RejectPayout(context.Context, sdk.Attempt) (sdk.VerdictResult, error) {
	return r.verdict()
}

func (r *role) QueryStatus(context.Context, sdk.Attempt) (sdk.Result, error) { return r.leak(), nil }

func (r *role) ListTransactions(context.Context, sdk.ListRequest) (sdk.ListPage, error) {
	leak := r.leak()
	return sdk.ListPage{Alert: leak.Alert, Exchanges: leak.Exchanges}, nil
}

func (r *role) HandleNotification(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	if string(req.Body) == "hang" {
		<-ctx.Done()
		return sdk.Notification{}, ctx.Err()
	}
	return sdk.Notification{Alert: r.leak().Alert, Result: r.leak()}, nil
}
