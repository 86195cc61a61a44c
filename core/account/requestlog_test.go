package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/sdk"
)

// What must never be in a request log.
const (
	canaryKey   = `s"e<cret`
	canaryCard  = "4111111111111111"
	canaryCVV   = "739"
	canaryPhone = "+2250707123456"
	canaryMail  = "awa@example.com"
)

// gossip is a plugin that tells all it knows as soon as somebody wants bodies, and
// takes no care of what is in them.
type gossip struct{}

func (gossip) Describe() sdk.Manifest {
	return sdk.Manifest{Name: "gossip", Settings: sdk.Schema{{Name: "key", Kind: sdk.FieldString, Secret: true}}}
}

func (gossip) Open(sdk.Settings) (sdk.Provider, error) { return gossip{}, nil }

func (gossip) Capabilities() sdk.Capabilities { return sdk.Capabilities{} }

func (gossip) exchanges(ctx context.Context) []sdk.Exchange {
	e := sdk.Exchange{
		Method: "POST", URL: "https://api.example/pay/" + canaryPhone + "?key=" + canaryKey, HTTPStatus: 201,
		Duration: 120 * time.Millisecond, GotConn: true, Error: "no phone " + canaryPhone + " for " + canaryKey,
	}
	if sdk.WantsBodies(ctx) {
		e.RequestBody = `{"amount":"5000","x":` + quoted(canaryKey) + `,"card":{"number":"` + canaryCard + `"},"cvv":"` + canaryCVV +
			`","who":"` + canaryPhone + `","note":"` + canaryMail + ` pays with 4111 1111 1111 1111"}`
		e.AnswerBody = "status=PAID&cvv=" + canaryCVV + "&phone=" + canaryPhone
	}
	return []sdk.Exchange{e}
}

func quoted(text string) string {
	written, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(written)
}

func (g gossip) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	if req.Description == "fail" {
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Message: canaryPhone, Exchanges: g.exchanges(ctx)}
	}
	return sdk.Result{Outcome: sdk.OutcomePending, Exchanges: g.exchanges(ctx)}, nil
}

func (g gossip) ListTransactions(ctx context.Context, _ sdk.ListRequest) (sdk.ListPage, error) {
	return sdk.ListPage{Exchanges: g.exchanges(ctx)}, nil
}

func (gossip) GetBalance(context.Context) ([]sdk.Balance, error) {
	return nil, errors.New("nobody at " + canaryPhone)
}

func (gossip) HandleNotification(context.Context, sdk.NotificationRequest) (sdk.Notification, error) {
	return sdk.Notification{Ref: "ref-1", Body: []byte(`{"ok":true}`)}, nil
}

// gossiping returns accounts of a gossip and what is logged of them, a map a line.
func gossiping(t *testing.T, level hclog.Level) (*account.Accounts, func() (lines []map[string]any, text string)) {
	t.Helper()
	settings, faults := gossip{}.Describe().Settings.Parse(map[string]any{"key": canaryKey})
	if faults.Failed() {
		t.Fatal(faults)
	}
	var out bytes.Buffer
	all, err := account.New(account.Options{
		Accounts: map[string]account.Account{name: {Inside: gossip{}, Plugin: "gossip", Settings: settings, Enabled: true}},
		Logger:   hclog.New(&hclog.LoggerOptions{Name: "paymux", Level: level, Output: &out, JSONFormat: true}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, func() (lines []map[string]any, text string) {
		for line := range strings.Lines(out.String()) {
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			lines = append(lines, fields)
		}
		return lines, out.String()
	}
}

// callAll makes every call that a gossip has, and returns all that came back.
func callAll(t *testing.T, all *account.Accounts) []sdk.Exchange {
	t.Helper()
	provider := mustProvide(t, all)
	attempt := sdk.Attempt{TransactionID: "pay_1", Ref: "ref-1"}
	paid, err := provider.CreatePayment(t.Context(), sdk.PaymentRequest{Attempt: attempt})
	if err != nil {
		t.Error(err)
	}
	byCard, err := provider.CreatePayment(t.Context(), sdk.PaymentRequest{Attempt: attempt, Card: &sdk.Card{Number: canaryCard, CVV: canaryCVV}})
	if err != nil {
		t.Error(err)
	}
	_, failed := provider.CreatePayment(t.Context(), sdk.PaymentRequest{Attempt: attempt, Description: "fail"})
	if !errors.Is(failed, sdk.ErrUnavailable) {
		t.Errorf("error is %v", failed)
	}
	page, err := provider.ListTransactions(t.Context(), sdk.ListRequest{})
	if err != nil {
		t.Error(err)
	}
	if _, err := provider.GetBalance(t.Context()); err == nil {
		t.Error("the balance is told")
	}
	told := sdk.NotificationRequest{
		Method: "POST", Query: "key=" + canaryKey, Header: http.Header{"Content-Type": {"application/json"}, "X-Key": {canaryKey}},
		Body: []byte(`{"status":"PAID","phone":"` + canaryPhone + `","y":` + quoted(canaryKey) + `}`),
	}
	if _, err := provider.HandleNotification(t.Context(), told); err != nil {
		t.Error(err)
	}
	var back []sdk.Exchange
	for _, list := range [][]sdk.Exchange{paid.Exchanges, byCard.Exchanges, sdk.ExchangesOf(failed), page.Exchanges} {
		back = append(back, list...)
	}
	return back
}

func TestARequestLogTellsEverythingButSecrets(t *testing.T) {
	t.Parallel()
	for _, level := range []hclog.Level{hclog.Info, hclog.Error} {
		all, logged := gossiping(t, level)
		if err := all.LogRequests(name, time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		back := callAll(t, all)
		if len(back) != 4 {
			t.Errorf("%d exchanges came back, want 4", len(back))
		}
		for _, e := range back {
			if e.RequestBody != "" || e.AnswerBody != "" {
				t.Errorf("a body went further than the log: %+v", e)
			}
		}
		lines, text := logged()
		if len(lines) != 6 {
			t.Fatalf("%d lines, want 6:\n%s", len(lines), text)
		}
		leaks, told := 0, fmt.Sprint(gossip{}.exchanges(sdk.WithBodies(t.Context(), strings.Clone)))
		seen := 0
		canaries := map[string]string{
			"secret": canaryKey, "secret in JSON": strings.Trim(quoted(canaryKey), `"`), "secret in JSON in JSON": strings.Trim(quoted(strings.Trim(quoted(canaryKey), `"`)), `"`),
			"card": canaryCard, "card in groups": "4111 1111", "cvv": canaryCVV, "phone": canaryPhone, "phone without its sign": canaryPhone[1:], "e-mail": canaryMail,
		}
		for words, canary := range canaries {
			if strings.Contains(text, canary) {
				leaks++
				t.Errorf("%s is in the log:\n%s", words, text)
			}
			if strings.Contains(told, canary) {
				seen++
			}
		}
		t.Logf("chaos 34: the request log, with the others at %v, of a plugin that tells everything: %d canaries, %d leaks in %d lines; control, what the plugin told: %d of them in it",
			level, len(canaries), leaks, len(lines), seen)
		first := lines[0]
		delete(first, "@timestamp")
		want := map[string]any{
			"@level": first["@level"], "@module": "paymux.requests", "@message": "provider call", "account": name, "operation": "payment",
			"transaction": "pay_1", "attempt": "ref-1", "method": "POST", "url": "https://api.example/pay/•••••3456?[redacted]",
			"status": 201.0, "milliseconds": 120.0, "got_conn": true, "error": "no phone •••••3456 for [redacted]",
			"request": `{"amount":"5000","card":"[redacted]","cvv":"[redacted]","note":"(e-mail) pays with •••••1111","who":"•••••3456","x":"[redacted]"}`,
			"answer":  `"(40 bytes, application/json)"`,
		}
		if diff := cmp.Diff(want, first); diff != "" {
			t.Errorf("line (-want +got):\n%s", diff)
		}
		if lines[1]["request"] != "" || lines[1]["answer"] != "" {
			t.Errorf("a call with a card is logged with a body: %v", lines[1])
		}
		if got := lines[5]; got["request"] != `{"phone":"[redacted]","status":"PAID","y":"[redacted]"}` || got["answer"] != `{"ok":true}` || got["status"] != 200.0 {
			t.Errorf("the notification is logged as %v", got)
		}
	}
}

func TestNothingIsLoggedThatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	all, logged := gossiping(t, hclog.Trace)
	callAll(t, all)
	if lines, text := logged(); len(lines) > 0 {
		t.Errorf("it was never switched on:\n%s", text)
	}
	silent, logged := gossiping(t, hclog.Off)
	if err := silent.LogRequests(name, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	callAll(t, silent)
	if lines, text := logged(); len(lines) > 0 {
		t.Errorf("there is no log:\n%s", text)
	}
}

func TestARequestLogEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, logged := gossiping(t, hclog.Info)
		until := time.Now().Add(account.RequestLogMax)
		if err := all.LogRequests(name, until); err != nil {
			t.Fatal(err)
		}
		if standing, _ := all.Standing(name); !standing.LoggedUntil.Equal(until) {
			t.Errorf("it says until %v, want %v", standing.LoggedUntil, until)
		}
		callAll(t, all)
		before, _ := logged()
		time.Sleep(account.RequestLogMax)
		callAll(t, all)
		if after, text := logged(); len(before) == 0 || len(after) != len(before) {
			t.Errorf("%d lines became %d:\n%s", len(before), len(after), text)
		}
		if standing, _ := all.Standing(name); !standing.LoggedUntil.IsZero() {
			t.Errorf("it says until %v, want none", standing.LoggedUntil)
		}
	})
}

func TestARequestLogIsSwitchedOffAndBounded(t *testing.T) {
	t.Parallel()
	all, logged := gossiping(t, hclog.Info)
	if err := all.LogRequests(name, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := all.LogRequests(name, time.Time{}); err != nil {
		t.Fatal(err)
	}
	callAll(t, all)
	if lines, text := logged(); len(lines) > 0 {
		t.Errorf("it was switched off:\n%s", text)
	}
	if err := all.LogRequests(name, time.Now().Add(account.RequestLogMax+time.Minute)); err == nil {
		t.Error("it may be on for longer than the most")
	}
	if err := all.LogRequests("nobody", time.Now()); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("nobody: %v, want %v", err, core.ErrNotFound)
	}
}
