package main

import (
	"context"
	"net/url"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

type plugin struct{}

func (plugin) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "acme", Version: "0.1.0", Doc: "Acme: the customer sends a transfer, which is found in a list",
		Settings: sdk.Schema{
			{Name: "base_url", Kind: sdk.FieldURL, Default: "https://api.acme.example", Doc: "the root of the API"},
			{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "from the dashboard"},
			{Name: "account", Kind: sdk.FieldString, Required: true, Doc: "our number there, shown to customers"},
			{Name: "page", Kind: sdk.FieldString, Enum: []string{"50", "100"}, Default: "50", Doc: "transfers a page"},
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

func (a account) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}, Identity: a.settings.Text("account")}
}

// CreatePayment creates nothing at Acme: it says what the customer is to send.
func (a account) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	answer, err := a.api.Ask(ctx, "/customers?phone="+url.QueryEscape(req.Customer.Phone))
	return instruct(answer, err, req, a.settings.Text("account"))
}

func (a account) ListTransactions(ctx context.Context, req sdk.ListRequest) (sdk.ListPage, error) {
	return a.read(a.api.Ask(ctx, "/transfers?"+url.Values{
		"from": {req.From.UTC().Format(time.RFC3339Nano)}, "to": {req.To.UTC().Format(time.RFC3339Nano)},
		"limit": {a.settings.Text("page")}, "cursor": {req.Cursor},
	}.Encode()))
}
