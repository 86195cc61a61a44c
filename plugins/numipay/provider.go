package main

import (
	"context"
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

const (
	userAgent = "Paymux/1.0"
	version   = "1.0.0"
	// watched is how long an ended attempt is asked about: nothing says that a
	// rejection is final, and the cashier's page may still be open.
	watched = 48 * time.Hour
)

// plugin is the Numipay Gateway.
type plugin struct{}

var (
	_ sdk.SettingsValidator   = plugin{}
	_ sdk.PaymentCreator      = (*provider)(nil)
	_ sdk.PayoutCreator       = (*provider)(nil)
	_ sdk.PayoutDecider       = (*provider)(nil)
	_ sdk.StatusQuerier       = (*provider)(nil)
	_ sdk.TransactionLister   = (*provider)(nil)
	_ sdk.NotificationHandler = (*provider)(nil)
)

// Describe returns what Numipay guarantees, which is little, and the settings of
// an account.
func (plugin) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "numipay", Version: version,
		Doc:      "Numipay Gateway: payments by redirect to its cashier, and payouts that wait for an approval",
		Settings: schema(),
		Facts:    map[sdk.Kind]sdk.Facts{sdk.KindPayment: facts(), sdk.KindPayout: facts()},
		Capabilities: sdk.Capabilities{
			Operations: sdk.OperationsOf(new(provider)), Corridors: corridors(twoDecimals()), Needs: needs(), CardS2S: true,
		},
	}
}

// facts are the same for payments and payouts. PaidByLink is not among them,
// because a card that is sent server to server is charged without any link.
func facts() sdk.Facts {
	return sdk.Facts{
		Idempotency:   sdk.IdempotencyNone,
		QueryBy:       sdk.QueryByOurRef,
		LateSuccess:   watched,
		TellsCurrency: true,
		PushWebhooks:  true,
		Poll: []time.Duration{
			30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
		},
	}
}

// ValidateSettings returns what is wrong with the settings beyond their schema.
func (plugin) ValidateSettings(_ context.Context, raw sdk.Settings) sdk.Diagnostics {
	_, found := readSettings(raw)
	return found
}

// Open returns the account with the settings. It returns sdk.Diagnostics when a
// setting is wrong, and when assumed paths would be used against a real server
// that nobody has said to have them.
func (plugin) Open(raw sdk.Settings) (sdk.Provider, error) {
	s, found := readSettings(raw)
	if found.Failed() {
		return nil, found
	}
	client, err := httpx.New(httpx.Options{UserAgent: userAgent, Timeout: s.timeout})
	if err != nil {
		return nil, fmt.Errorf("numipay: %w", err)
	}
	return &provider{settings: s, http: client}, nil
}

// provider is one account at Numipay. It keeps nothing between calls.
type provider struct {
	settings settings
	http     *httpx.Client
}

// Capabilities returns what the settings leave: the account's currencies, cards
// only with allow_s2s, and payouts only where their paths may be used.
func (p *provider) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Operations: p.settings.operations(), Corridors: p.settings.corridors(), Needs: needs(), CardS2S: p.settings.allowS2S,
	}
}

// needs are the fields without which Numipay takes nothing: its user_id is the
// merchant's id of the customer.
func needs() map[sdk.Operation][]string {
	return map[sdk.Operation][]string{
		sdk.OperationPayment: {"customer.id"},
		sdk.OperationPayout:  {"recipient.id"},
	}
}

// CreatePayment asks for a page to send the customer to, or charges a card. What
// Numipay would refuse is REJECTED before anything is sent.
func (p *provider) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	req.Kind = sdk.KindPayment
	body, refused := p.paymentOf(req)
	if refused != nil {
		return refused.result(), nil
	}
	if req.Card != nil {
		return p.charge(ctx, body, req)
	}
	resp, err := p.create(ctx, p.settings.payment(), body)
	if err != nil {
		return sdk.Result{}, err
	}
	return p.created(read(resp), req.Attempt), nil
}

// CreatePayout asks for a payout, which Numipay holds until it is approved.
func (p *provider) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	req.Kind = sdk.KindPayout
	body, refused := p.payoutOf(req)
	if refused != nil {
		return refused.result(), nil
	}
	resp, err := p.create(ctx, opPayout, body)
	if err != nil {
		return sdk.Result{}, err
	}
	return p.created(read(resp), req.Attempt), nil
}
