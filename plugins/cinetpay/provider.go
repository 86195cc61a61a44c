package main

import (
	"context"
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

const (
	// userAgent is sent with every call: CinetPay's firewall answers clients
	// without a name of their own with "error code: 1010".
	userAgent = "Paymux/1.0"
	version   = "1.0.0"
	// lateSuccess is how long a refused payment is watched, because the
	// customer may pay on the same page after a refusal.
	lateSuccess = 48 * time.Hour
)

// plugin is CinetPay's checkout.
type plugin struct{}

var (
	_ sdk.SettingsValidator   = plugin{}
	_ sdk.PaymentCreator      = (*provider)(nil)
	_ sdk.StatusQuerier       = (*provider)(nil)
	_ sdk.NotificationHandler = (*provider)(nil)
)

// Describe returns what CinetPay guarantees and the settings of an account.
func (plugin) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "cinetpay", Version: version,
		Doc:      "CinetPay checkout v2: payments by redirect in West and Central Africa",
		Settings: schema(),
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {
			Idempotency:   sdk.IdempotencyUniqueReference,
			QueryBy:       sdk.QueryByOurRef,
			LateSuccess:   lateSuccess,
			TellsCurrency: true,
			PushWebhooks:  true,
			PaidByLink:    true,
			Poll:          []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute},
		}},
		Capabilities: sdk.Capabilities{
			Operations: sdk.OperationsOf(new(provider)),
			Corridors:  capabilities(corridors()),
		},
	}
}

// ValidateSettings returns what is wrong with the settings beyond their schema.
func (plugin) ValidateSettings(_ context.Context, raw sdk.Settings) sdk.Diagnostics {
	_, found := readSettings(raw)
	return found
}

// Open returns the account with the settings. It returns sdk.Diagnostics when a
// setting is wrong.
func (plugin) Open(raw sdk.Settings) (sdk.Provider, error) {
	s, found := readSettings(raw)
	if found.Failed() {
		return nil, found
	}
	client, err := httpx.New(httpx.Options{UserAgent: userAgent, Timeout: s.timeout})
	if err != nil {
		return nil, fmt.Errorf("cinetpay: %w", err)
	}
	return &provider{settings: s, http: client}, nil
}

// provider is one site at CinetPay.
type provider struct {
	settings settings
	http     *httpx.Client
}

// Capabilities returns the corridors that the settings leave. No request field
// is needed beyond those that every payment has: a missing description is
// replaced, and the customer is optional.
func (p *provider) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Operations: sdk.OperationsOf(p),
		Corridors:  capabilities(p.settings.corridors),
		Identity:   p.settings.host + "/" + p.settings.siteID,
	}
}

// CreatePayment asks CinetPay for a payment page. What CinetPay would refuse or
// cut silently is REJECTED before anything is sent.
func (p *provider) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	body, refused := p.orderOf(req)
	if refused != nil {
		return refused.result(), nil
	}
	answer, err := p.create(ctx, body)
	if err != nil {
		return sdk.Result{}, err
	}
	return p.initiated(answer), nil
}

// QueryStatus asks CinetPay what became of the payment with the attempt's Ref.
func (p *provider) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	answer, err := p.check(ctx, attempt.Ref)
	if err != nil {
		return sdk.Result{}, err
	}
	return p.checked(answer), nil
}
