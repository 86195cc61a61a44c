package main

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/plugintest"
)

func TestMain(m *testing.M) {
	plugintest.ServeIfStarted(newPlugin()) // This binary is the plugin too.
	goleak.VerifyTestMain(m)
}

const (
	testKey    = "sandbox-key"
	testSecret = "test_api_secret"
	testPhone  = "+905551112233"
	testRef    = "p01j8xk2m4n6q8r0s2t4v6w81"
	signupURL  = "https://cenoa.example.com/app"
)

// dawn is when the clocks of most tests stand still.
func dawn() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// with returns the settings of an account at base, changed by changes.
func with(base string, changes map[string]any) map[string]any {
	raw := map[string]any{"base_url": base, "api_key": testKey, "api_secret": testSecret, "currency": "USD", "signup_url": signupURL, "call_gap": "1ns"}
	maps.Copy(raw, changes)
	return raw
}

// ticking is the plugin on a clock that moves only while the plugin pauses.
func ticking() plugin {
	now := dawn()
	return plugin{
		now:   func() time.Time { return now },
		pause: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
	}
}

func open(t testing.TB, c plugin, raw map[string]any) *provider {
	t.Helper()
	settings, found := c.Describe().Settings.Parse(raw)
	if found.Failed() {
		t.Fatal(found)
	}
	opened, err := c.Open(settings)
	if err != nil {
		t.Fatal(err)
	}
	p := opened.(*provider)
	t.Cleanup(p.http.Close)
	return p
}

// live is an account at the real address; nothing in the tests calls it.
func live(t testing.TB) *provider {
	return open(t, ticking(), with("", map[string]any{"accept_assumed_contract": true}))
}

// local is an account at a server that answers with handler.
func local(t *testing.T, handler http.HandlerFunc) *provider {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return open(t, ticking(), with(server.URL, nil))
}

// request is a payment of 10.50 USD that the account takes.
func request(change func(*sdk.PaymentRequest)) sdk.PaymentRequest {
	req := sdk.PaymentRequest{
		Attempt: sdk.Attempt{
			TransactionID: "pay_01J8XK2M4N6Q8R0S2T4V6W8Y0Z", Kind: sdk.KindPayment, Ref: testRef, Amount: money.Of(1050, money.USD),
		},
		Country: "TR", Method: "wallet", Description: "Basket 42", Customer: sdk.Customer{Phone: testPhone},
	}
	if change != nil {
		change(&req)
	}
	return req
}

func sample(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answered is an answer of Cenoa's at dawn.
func answered(status int, body string) answer {
	header := http.Header{"Date": {dawn().Format(http.TimeFormat)}}
	return answer{Response: httpx.Response{Status: status, Header: header, Body: []byte(body)}}
}
