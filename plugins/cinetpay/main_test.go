package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

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
	testKey    = "sandbox.00000000"
	testSite   = "123456"
	testSecret = "test-secret-key"
	testRef    = "p01j8xk2m4n6q8r0s2t4v6w81"

	testPassword = "sandbox-password"
)

// with returns the settings of an account at base, changed by changes.
func with(base string, changes map[string]any) map[string]any {
	raw := map[string]any{"base_url": base, "api_key": testKey, "site_id": testSite, "secret_key": testSecret}
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

// live is an account at the real address; nothing in the tests calls it.
func live(t testing.TB) *provider { return open(t, with("", nil)) }

// local is an account at a server that answers with handler.
func local(t *testing.T, handler http.HandlerFunc) *provider {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return open(t, with(server.URL, nil))
}

// request is a payment of 100 XOF that CinetPay takes.
func request(change func(*sdk.PaymentRequest)) sdk.PaymentRequest {
	req := sdk.PaymentRequest{
		Attempt: sdk.Attempt{
			TransactionID: "pay_01J8XK2M4N6Q8R0S2T4V6W8Y0Z", Kind: sdk.KindPayment, Ref: testRef, Amount: money.Of(100, money.XOF),
		},
		Country: "CI", Method: "mobile_money", Network: "ORANGE", Description: "Basket 42", Language: "fr",
		ReturnURL: "https://pay.example.com/return/1", NotifyURL: "https://pay.example.com/notify/cinetpay?a=1&b=2",
	}
	if change != nil {
		change(&req)
	}
	return req
}

// paying is an account that pays out, with its transfer API at base, changed by
// changes. An empty base is the real address, which nothing in the tests calls.
func paying(t testing.TB, base string, changes map[string]any) *provider {
	t.Helper()
	raw := map[string]any{"transfer_base_url": base, "transfer_password": testPassword}
	maps.Copy(raw, changes)
	return open(t, with(base, raw))
}

// payout is 500 XOF to a phone in Côte d'Ivoire that CinetPay takes.
func payout(change func(*sdk.PayoutRequest)) sdk.PayoutRequest {
	req := sdk.PayoutRequest{
		Attempt: sdk.Attempt{
			TransactionID: "po_01J8XK2M4N6Q8R0S2T4V6W8Y0Z", Kind: sdk.KindPayout, Ref: testRef, Amount: money.Of(500, money.XOF),
		},
		Country: "CI", Method: "mobile_money", Network: "ORANGE",
		Recipient: sdk.Customer{Name: "Koffi", Surname: "Ama", Email: "ama@example.com", Phone: "+2250700000001"},
		NotifyURL: "https://pay.example.com/notify/cinetpay?a=1&b=2",
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

func answered(status int, body string) httpx.Response {
	return httpx.Response{Status: status, Header: http.Header{}, Body: []byte(body)}
}
