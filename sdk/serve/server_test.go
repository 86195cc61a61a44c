package serve_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/plugintest"
	"github.com/paymux/paymux/sdk/wire"
)

func TestALateCreatingCallIsRefusedAndNotSent(t *testing.T) {
	full := account(t, plugintest.Client(t, actor{}), "7")
	creates := map[string]func(sendBy time.Time) error{
		"payment": func(sendBy time.Time) error {
			_, err := full.CreatePayment(t.Context(), sdk.PaymentRequest{SendBy: sendBy})
			return err
		},
		"payout": func(sendBy time.Time) error {
			_, err := full.CreatePayout(t.Context(), sdk.PayoutRequest{SendBy: sendBy})
			return err
		},
		"refund": func(sendBy time.Time) error {
			_, err := full.CreateRefund(t.Context(), sdk.RefundRequest{SendBy: sendBy})
			return err
		},
	}
	for name, create := range creates {
		t.Run(name, func(t *testing.T) {
			err := create(time.Now().Add(-time.Millisecond))
			if !errors.Is(err, sdk.ErrUnavailable) || sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
				t.Errorf("after send_by: %v, want ErrUnavailable that was not sent", err)
			}
			if err := create(time.Now().Add(time.Minute)); err != nil {
				t.Errorf("before send_by: %v", err)
			}
			if err := create(time.Time{}); err != nil {
				t.Errorf("without send_by: %v", err)
			}
		})
	}
}

// The deadline is long enough for all of the second by which a plugin is earlier,
// so that a busy machine does not decide it. Only the plugin can say that nothing
// was sent: an engine that gave up before knows nothing.
func TestThePluginsVerdictArrivesBeforeTheEngineGivesUp(t *testing.T) {
	full := account(t, plugintest.Client(t, actor{}), "7")
	var calls sync.WaitGroup
	for range 20 {
		calls.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			defer cancel()
			_, err := full.CreatePayment(ctx, payment("hang"))
			if sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
				t.Errorf("error = %v, want the plugin's own, that nothing was sent", err)
			}
		})
	}
	calls.Wait()
}

func TestACallEndsASecondOrAQuarterEarlier(t *testing.T) {
	full := account(t, plugintest.Client(t, actor{}), "7")
	for given, want := range map[time.Duration]time.Duration{
		time.Minute: 59 * time.Second, 8 * time.Second: 7 * time.Second,
		4 * time.Second: 3 * time.Second, 2 * time.Second: 1500 * time.Millisecond,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), given)
		defer cancel()
		begun := time.Now()
		result, err := full.CreatePayment(ctx, payment("left"))
		took := time.Since(begun)
		if err != nil {
			t.Fatalf("call: %v", err)
		}
		left, err := time.ParseDuration(result.Message)
		if err != nil || left > want || left < want-took-10*time.Millisecond {
			t.Errorf("of %s the plugin has %s, %v, want %s, less the %s of the call", given, result.Message, err, want, took)
		}
	}
}

func TestNoSecretIsInAnyAnswer(t *testing.T) {
	full := account(t, plugintest.Client(t, actor{}), "7")
	answers := map[string]func() (sdk.Result, error){
		"payment": func() (sdk.Result, error) { return full.CreatePayment(t.Context(), payment("leak")) },
		"payout":  func() (sdk.Result, error) { return full.CreatePayout(t.Context(), sdk.PayoutRequest{}) },
		"refund":  func() (sdk.Result, error) { return full.CreateRefund(t.Context(), sdk.RefundRequest{}) },
		"query":   func() (sdk.Result, error) { return full.QueryStatus(t.Context(), sdk.Attempt{}) },
		"cancel":  func() (sdk.Result, error) { return asResult(full.Cancel(t.Context(), sdk.Attempt{})) },
		"approve": func() (sdk.Result, error) { return asResult(full.ApprovePayout(t.Context(), sdk.Attempt{})) },
		"reject":  func() (sdk.Result, error) { return asResult(full.RejectPayout(t.Context(), sdk.Attempt{})) },
		"list": func() (sdk.Result, error) {
			page, err := full.ListTransactions(t.Context(), sdk.ListRequest{})
			return sdk.Result{Message: "with [redacted]", Alert: page.Alert, Exchanges: page.Exchanges}, err
		},
		"notification": func() (sdk.Result, error) {
			notification, err := full.HandleNotification(t.Context(), sdk.NotificationRequest{})
			if notification.Alert != "look at [redacted]" {
				t.Errorf("notification: alert = %q", notification.Alert)
			}
			return notification.Result, err
		},
	}
	want := sdk.Result{
		Message: "with [redacted]",
		Alert:   "look at [redacted]",
		Exchanges: []sdk.Exchange{{
			URL: "https://api.example/pay?key=[redacted]", Error: "bad key [redacted]",
			RequestBody: `{"x":"[redacted]"}`, AnswerBody: `{"y":"[redacted]"}`,
		}},
	}
	for name, answer := range answers {
		got, err := answer()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got.ProviderStatus = "" // The provider's own word is never touched.
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	_, err := full.CreatePayment(t.Context(), payment("fail"))
	var fault *sdk.Error
	if !errors.As(err, &fault) {
		t.Fatalf("error = %v, want a fault", err)
	}
	if fault.Message != "refused [redacted]" {
		t.Errorf("fault = %q", fault.Message)
	}
	if diff := cmp.Diff(want.Exchanges, fault.Exchanges); diff != "" {
		t.Errorf("exchanges of the fault (-want +got):\n%s", diff)
	}
}

func asResult(v sdk.VerdictResult, err error) (sdk.Result, error) {
	return sdk.Result{Message: v.Message, Alert: v.Alert, Exchanges: v.Exchanges}, err
}

func TestTheProvidersOwnWordsAreNeverTouched(t *testing.T) {
	result, err := account(t, plugintest.Client(t, actor{}), "7").QueryStatus(t.Context(), sdk.Attempt{})
	if err != nil || result.ProviderStatus != apiKey {
		t.Errorf("status = %q, %v, want it verbatim", result.ProviderStatus, err)
	}
}

func TestConfigure(t *testing.T) {
	client := plugintest.Client(t, actor{})
	tests := map[string]struct {
		site string
		want string
	}{
		"settings that Open refuses":       {"wrong", "api_key: wrong value: [redacted]"},
		"an Open that fails":               {"broken", "invalid: open with [redacted]: "},
		"an Open that returns nothing":     {"nothing", "invalid: the plugin's Open returned no provider and no error"},
		"an Open that panics":              {"panic", "panic: opened with [redacted]"},
		"settings that the schema refuses": {"", "site_id: required"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var settings sdk.Settings
			if test.site != "" {
				settings = settingsOf(t, test.site)
			}
			_, err := client.Configure(t.Context(), "actor-ci", settings)
			if err == nil || err.Error() != test.want {
				t.Errorf("configure = %v, want %q", err, test.want)
			}
			_, err = client.Account("actor-ci", wire.SettingsHash(settings)).CreatePayment(t.Context(), payment(""))
			if sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
				t.Errorf("a call to it: %v, want one that was not sent", err)
			}
		})
	}
	capabilities, err := client.Configure(t.Context(), "actor-ci", settingsOf(t, "7"))
	want := sdk.Capabilities{Identity: "site 7", Operations: []sdk.Operation{
		sdk.OperationPayment, sdk.OperationPayout, sdk.OperationRefund, sdk.OperationCancel, sdk.OperationPayoutDecider,
		sdk.OperationQuery, sdk.OperationList, sdk.OperationNotification,
	}}
	if diff := cmp.Diff(want, capabilities); diff != "" || err != nil {
		t.Errorf("capabilities: %v (-want +got):\n%s", err, diff)
	}
}

func TestValidateSettings(t *testing.T) {
	client := plugintest.Client(t, actor{})
	tests := map[string]struct {
		settings sdk.Settings
		want     sdk.Diagnostics
	}{
		"nothing wrong": {settingsOf(t, "7"), nil},
		"what the schema finds": {
			sdk.Settings{}, sdk.Diagnostics{{Path: "site_id", Summary: "required"}},
		},
		"what the plugin finds": {
			settingsOf(t, "bad"), sdk.Diagnostics{{Path: "site_id", Summary: "no such site", Detail: "asked with [redacted]"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := client.ValidateSettings(t.Context(), test.settings)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("diagnostics: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestSettingsAreKeptUntilTheyAreRemoved(t *testing.T) {
	client := plugintest.Client(t, actor{})
	before, after := account(t, client, "7"), account(t, client, "8")
	site := func(full sdk.FullProvider) string {
		result, err := full.CreatePayment(t.Context(), payment(""))
		if err != nil {
			return err.Error()
		}
		return result.ProviderRef
	}
	const gone = "unavailable: account actor-ci is not configured with these settings (not sent)"
	steps := []struct {
		does string
		do   func() error
		want [2]string
	}{
		{"both configured", func() error { return nil }, [2]string{"7", "8"}},
		{"the first removed", remove(t, client, "7"), [2]string{gone, "8"}},
		{"removed again", remove(t, client, "7"), [2]string{gone, "8"}},
		{"configured again", func() error { account(t, client, "7"); return nil }, [2]string{"7", "8"}},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.does, err)
		}
		if got := [2]string{site(before), site(after)}; got != step.want {
			t.Errorf("%s: sites = %q, want %q", step.does, got, step.want)
		}
	}
}

func remove(t *testing.T, client *wire.Client, site string) func() error {
	return func() error {
		return client.Remove(t.Context(), "actor-ci", wire.SettingsHash(settingsOf(t, site)))
	}
}

func TestANotificationHasTwoSeconds(t *testing.T) {
	full := account(t, plugintest.Client(t, actor{}), "7")
	began := time.Now()
	_, err := full.HandleNotification(t.Context(), sdk.NotificationRequest{Body: []byte("hang")})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v, want DeadlineExceeded", err)
	}
	if took := time.Since(began); took < 2*time.Second || took > patience {
		t.Errorf("it took %s, want 2s", took)
	}
}

func TestWhatIsNotASecretIsLeftAlone(t *testing.T) {
	plain := map[string]any{"site_id": "7"} // No secret at all: control of the redaction.
	full := plugintest.Serve(t, actor{}, plain)
	result, err := full.CreatePayment(t.Context(), payment("leak"))
	if err != nil || strings.Contains(result.Message, "redacted") {
		t.Errorf("message = %q, %v", result.Message, err)
	}
}
