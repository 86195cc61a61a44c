// Command acmepay is the plugin for AcmePay: payments by redirect.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
	"github.com/paymux/paymux/sdk/serve"
)

func main() { serve.Main(acmepay{}) }

type acmepay struct{}

func (acmepay) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "acmepay", Version: "0.1.0", Doc: "AcmePay: payments by redirect",
		Settings: sdk.Schema{
			{Name: "base_url", Kind: sdk.FieldURL, Default: "https://api.acmepay.example", Doc: "the address of the API"},
			{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "from AcmePay's dashboard"},
		},
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {
			Idempotency: sdk.IdempotencyUniqueReference, QueryBy: sdk.QueryByOurRef, TellsCurrency: true,
			LateSuccess: 48 * time.Hour,
			Poll:        []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute},
		}},
		Capabilities: new(account).Capabilities(),
	}
}

func (acmepay) Open(settings sdk.Settings) (sdk.Provider, error) {
	client, err := httpx.New(httpx.Options{UserAgent: "Paymux-AcmePay/0.1"})
	if err != nil {
		return nil, err
	}
	return &account{client, settings.Text("base_url"), settings.Secret("api_key")}, nil
}

// account is one configured account at AcmePay. It keeps nothing between calls.
type account struct {
	http *httpx.Client
	base string
	key  sdk.Secret
}

func (a *account) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Operations: sdk.OperationsOf(a),
		Corridors:  []sdk.Corridor{{Kind: sdk.KindPayment, Countries: []string{"FR", "DE"}}},
	}
}

func (a *account) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	body, err := json.Marshal(map[string]string{
		"reference": req.Ref, "amount": req.Amount.Decimal(), "currency": req.Amount.Currency().String(), "return_url": req.ReturnURL,
	})
	if err != nil {
		return sdk.Result{}, err
	}
	answer, err := a.http.Move(ctx, a.request(http.MethodPost, "/payments", body))
	if err != nil {
		return sdk.Result{}, err // Move has proved it not sent, or it counts as UNKNOWN.
	}
	if answer.Status == http.StatusUnprocessableEntity { // Documented: nothing was created.
		return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonInvalidRequest, Exchanges: answer.Exchanges}, nil
	}
	return read(answer), nil
}

// read tells what AcmePay said. What is not understood stays UNKNOWN, the zero value.
func read(answer httpx.Response) sdk.Result {
	result := sdk.Result{Exchanges: answer.Exchanges}
	var said struct{ ID, Reference, Status, Code, Amount, Currency, URL string }
	if !answer.OK() || json.Unmarshal(answer.Body, &said) != nil {
		return result
	}
	result.ProviderRef, result.ProviderStatus, result.ProviderCode = said.ID, said.Status, said.Code
	result.Told = sdk.Told{Amount: said.Amount, Currency: said.Currency, Reference: said.Reference}
	switch said.Status {
	case "open":
		result.Outcome = sdk.OutcomeRequiresAction
		result.NextAction = &sdk.NextAction{Type: sdk.ActionRedirect, URL: said.URL}
	case "paid":
		result.Outcome = sdk.OutcomeSucceeded
	case "declined":
		result.Outcome, result.Reason = sdk.OutcomeDeclined, sdk.ReasonDeclined
	}
	return result
}

func (a *account) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	answer, err := a.http.Ask(ctx, a.request(http.MethodGet, "/payments?reference="+url.QueryEscape(attempt.Ref), nil))
	if err != nil {
		return sdk.Result{}, err
	}
	return read(answer), nil
}

func (a *account) request(method, path string, body []byte) httpx.Request {
	header := http.Header{"Authorization": {"Bearer " + a.key.Reveal()}, "Content-Type": {"application/json"}}
	return httpx.Request{Method: method, URL: a.base + path, Header: header, Body: body}
}
