package main

import (
	"context"
	"net/url"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

type plugin struct{}

func (plugin) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "acme", Version: "0.1.0", Doc: "Acme: the customer pays on its page",
		Settings: sdk.Schema{
			{Name: "base_url", Kind: sdk.FieldURL, Default: "https://api.acme.example", Doc: "the root of the API"},
			{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "from the dashboard"},
			{Name: "webhook_secret", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "signs notifications"},
			{Name: "page", Kind: sdk.FieldString, Enum: []string{"full", "plain"}, Default: "full", Doc: "its look"},
		},
		Facts:        map[sdk.Kind]sdk.Facts{sdk.KindPayment: facts()},
		Capabilities: sdk.CapabilitiesOf(account{}),
	}
}

func (plugin) Open(s sdk.Settings) (sdk.Provider, error) {
	api, err := httpx.NewAPI(s.Text("base_url"), httpx.Bearer(s.Secret("api_key")), httpx.Options{UserAgent: "Paymux-Acme/0.1.0"})
	return account{api, s}, err
}

// account is one account at Acme. It keeps nothing between calls.
type account struct {
	api      *httpx.API
	settings sdk.Settings
}

func (account) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}}
}

func (a account) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	answer, err := a.api.Move(ctx, "/payments", map[string]string{
		"reference": req.Ref, "amount": req.Amount.Decimal(), "currency": req.Amount.Currency().String(),
		"page": a.settings.Text("page"), "return_url": req.ReturnURL, "notify_url": req.NotifyURL,
	})
	if reason := refusal(answer.Status); reason != sdk.ReasonNone {
		return answer.Rejected(reason), nil
	}
	return a.read(answer, err)
}

func (a account) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	return a.read(a.api.Ask(ctx, "/payments?reference="+url.QueryEscape(attempt.Ref)))
}
