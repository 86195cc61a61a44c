package main

import (
	"maps"
	"net"
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
	plugintest.ServeIfStarted(plugin{}) // This binary is the plugin too.
	goleak.VerifyTestMain(m)
}

const (
	testKey      = "dev_key_of_a_test"
	testPassword = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF"
	testRef      = "p01j8xk2m4n6q8r0s2t4v6w81"
	theirID      = "r21nmrtpcmrcava"
	securePage   = "https://cashier.example.com/page/r21nmrtpcmrcava"
)

// began is when the attempts of most tests began.
func began() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// with returns the settings of an account at base, changed by changes.
func with(base string, changes map[string]any) map[string]any {
	raw := map[string]any{"base_url": base, "api_key": testKey, "signature_password": testPassword}
	maps.Copy(raw, changes)
	return raw
}

func open(t testing.TB, raw map[string]any) *provider {
	t.Helper()
	settings, found := plugin{}.Describe().Settings.Parse(raw)
	if found.Failed() {
		t.Fatal(found)
	}
	opened, err := plugin{}.Open(settings)
	if err != nil {
		t.Fatal(err)
	}
	p := opened.(*provider)
	t.Cleanup(p.http.Close)
	return p
}

// live is an account at an address that nothing in the tests calls.
func live(t testing.TB) *provider {
	return open(t, with("https://gateway.example.com/api", map[string]any{"accept_assumed_contract": true}))
}

// local is an account at a server that answers with handler.
func local(t *testing.T, handler http.HandlerFunc, changes map[string]any) *provider {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return open(t, with(server.URL, changes))
}

// closedAddress is the root of a server that refuses connections.
func closedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return "http://" + listener.Addr().String()
}

// request is a payment of 200 EUR that Numipay takes.
func request(change func(*sdk.PaymentRequest)) sdk.PaymentRequest {
	req := sdk.PaymentRequest{
		Attempt: sdk.Attempt{
			TransactionID: "pay_01J8XK2M4N6Q8R0S2T4V6W8Y0Z", Kind: sdk.KindPayment, Ref: testRef,
			Amount: money.Of(20_000, money.EUR), StartedAt: began(),
		},
		Country: "fr", Method: "any", Description: "Basket 42 & more", Language: "fr",
		Customer:  sdk.Customer{ID: "1111222", Name: "Aya", Surname: "Koné", Email: "aya@example.com", Phone: "+33612345678"},
		ReturnURL: "https://pay.example.com/return/1", NotifyURL: "https://pay.example.com/notify/numipay?a=1&b=2",
	}
	if change != nil {
		change(&req)
	}
	return req
}

// payout is one of 200 EUR that Numipay takes.
func payout(change func(*sdk.PayoutRequest)) sdk.PayoutRequest {
	req := sdk.PayoutRequest{
		Attempt: sdk.Attempt{
			TransactionID: "out_01J8XK2M4N6Q8R0S2T4V6W8Y0Z", Kind: sdk.KindPayout, Ref: testRef,
			Amount: money.Of(20_000, money.EUR), StartedAt: began(),
		},
		Country: "FR", Recipient: sdk.Customer{ID: "1111222"}, NotifyURL: "https://pay.example.com/notify/numipay",
	}
	if change != nil {
		change(&req)
	}
	return req
}

// about is the attempt of request, changed.
func about(change func(*sdk.Attempt)) sdk.Attempt {
	attempt := request(nil).Attempt
	if change != nil {
		change(&attempt)
	}
	return attempt
}

func sample(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func answered(status int, body string) answer {
	return read(httpx.Response{Status: status, Header: http.Header{}, Body: []byte(body)})
}

// outcomeOf is what a create call came to, a fault included.
func outcomeOf(result sdk.Result, err error) sdk.Outcome {
	if err != nil {
		return sdk.CreateOutcome(err)
	}
	return result.Outcome
}
