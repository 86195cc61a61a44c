package main

import (
	"fmt"
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
	testToken  = "sandbox-token"
	testClient = "sandbox-client"
	testSecret = "test_client_secret_key"
	testRef    = "p01j8xk2m4n6q8r0s2t4v6w81"
	testID     = "4c2a169dda4c54f61d33"
)

// with returns the settings of an account at base, changed by changes. Without
// a base it is one at the real address, which nothing in the tests calls.
func with(base string, changes map[string]any) map[string]any {
	raw := map[string]any{
		"base_url": base, "api_token": testToken, "client_secret_key": testSecret, "accept_assumed_contract": true,
	}
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

func live(t testing.TB) *provider { return open(t, with("", nil)) }

// local is an account at a server that answers with handler.
func local(t *testing.T, changes map[string]any, handler http.HandlerFunc) *provider {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return open(t, with(server.URL, changes))
}

// collection is a payment of 1000 XOF that EnovePay takes.
func collection(change func(*sdk.PaymentRequest)) sdk.PaymentRequest {
	req := sdk.PaymentRequest{
		Attempt: sdk.Attempt{
			TransactionID: "pay_01J8XK2M4N6Q8R0S2T4V6W8Y0Z", Kind: sdk.KindPayment, Ref: testRef, Amount: money.Of(1000, money.XOF),
		},
		Country: "CI", Method: "mobile_money", Network: "ORANGE", Description: "Basket 42",
		Customer: sdk.Customer{Name: "Aya", Surname: "Koné", Phone: "+2250707123456"}, NotifyURL: "https://pay.example.com/notify",
	}
	if change != nil {
		change(&req)
	}
	return req
}

// disbursement is a payout of 1000 XOF that EnovePay takes.
func disbursement(change func(*sdk.PayoutRequest)) sdk.PayoutRequest {
	paid := collection(nil)
	req := sdk.PayoutRequest{
		Attempt: paid.Attempt, Country: paid.Country, Method: paid.Method, Network: paid.Network,
		Recipient: paid.Customer, NotifyURL: paid.NotifyURL,
	}
	req.Kind = sdk.KindPayout
	if change != nil {
		change(&req)
	}
	return req
}

// asked is an attempt whose transaction at EnovePay is known.
func asked() sdk.Attempt {
	attempt := collection(nil).Attempt
	attempt.ProviderRef = testID
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
	return read(httpx.Response{Status: status, Header: http.Header{}, Body: []byte(body)}, sdk.NewSecret(testToken))
}

// says is an answer with nothing but a code.
func says(code string) string {
	return fmt.Sprintf(`{"success":%t,"status_code":%s,"message":"M"}`, code == "100", code)
}

// tells is a status answer with a code and a word.
func tells(code, word string) string {
	return fmt.Sprintf(`{"status_code":%s,"transaction_id":%q,"reference_number":%q,"transaction_amount":1000,"currency":"XOF","transaction_status":%q}`,
		code, testID, testRef, word)
}
