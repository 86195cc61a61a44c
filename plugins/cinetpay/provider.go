package main

import (
	"context"
	"fmt"
	"slices"
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

// plugin is CinetPay's checkout and transfer API.
type plugin struct{}

var (
	_ sdk.SettingsValidator   = plugin{}
	_ sdk.PaymentCreator      = (*provider)(nil)
	_ sdk.PayoutCreator       = (*provider)(nil)
	_ sdk.StatusQuerier       = (*provider)(nil)
	_ sdk.NotificationHandler = (*provider)(nil)
	_ sdk.BalanceReader       = (*provider)(nil)
)

// Describe returns what CinetPay guarantees and the settings of an account.
func (plugin) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "cinetpay", Version: version,
		Doc:      "CinetPay checkout v2 and transfer v1: payments by redirect and payouts in West and Central Africa",
		Settings: schema(),
		Facts:    map[sdk.Kind]sdk.Facts{sdk.KindPayment: paymentFacts(), sdk.KindPayout: payoutFacts()},
		Capabilities: sdk.Capabilities{
			Operations: sdk.OperationsOf(new(provider)),
			Corridors:  slices.Concat(capabilities(corridors()), payoutCapabilities(destinations())),
			Needs:      payoutNeeds(),
		},
	}
}

func paymentFacts() sdk.Facts {
	facts := payoutFacts()
	facts.TellsCurrency, facts.PaidByLink = true, true
	return facts
}

// payoutFacts are those of a transfer, which is told without its currency.
func payoutFacts() sdk.Facts {
	return sdk.Facts{
		Idempotency:  sdk.IdempotencyUniqueReference,
		QueryBy:      sdk.QueryByOurRef,
		LateSuccess:  lateSuccess,
		PushWebhooks: true,
		Poll:         []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute},
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
	return &provider{settings: s, http: client, session: newSession(time.Now)}, nil
}

// provider is one site at CinetPay. Between calls it keeps the transfer API's
// login token, and nothing about any attempt.
type provider struct {
	settings settings
	http     *httpx.Client
	session  *session
}

// Capabilities returns the corridors that the settings leave, those of payouts
// only with a transfer password. A payment needs no field beyond those that
// every payment has: a missing description is replaced, and the customer is optional.
func (p *provider) Capabilities() sdk.Capabilities {
	can := sdk.Capabilities{
		Operations: p.operations(),
		Corridors:  capabilities(p.settings.corridors),
	}
	if p.settings.paysOut() {
		can.Corridors = append(can.Corridors, payoutCapabilities(p.settings.destinations)...)
		can.Needs = payoutNeeds()
	}
	return can
}

// operations are those that the settings leave.
func (p *provider) operations() []sdk.Operation {
	_, currency := p.settings.balanceCurrency()
	return slices.DeleteFunc(sdk.OperationsOf(p), func(op sdk.Operation) bool {
		return op == sdk.OperationPayout && !p.settings.paysOut() ||
			op == sdk.OperationBalance && (!p.settings.paysOut() || !currency)
	})
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

// QueryStatus asks CinetPay what became of the payment or payout with the
// attempt's Ref.
func (p *provider) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	if attempt.Kind == sdk.KindPayout {
		return p.queryPayout(ctx, attempt)
	}
	answer, err := p.check(ctx, attempt.Ref)
	if err != nil {
		return sdk.Result{}, err
	}
	return p.checked(answer), nil
}
