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
	// watched is how long an ended attempt is asked about: a failed one may still
	// be paid, because no document calls a failure final, and a paid one refunded.
	watched = 48 * time.Hour
)

// plugin is EnovePay.
type plugin struct{}

var (
	_ sdk.SettingsValidator   = plugin{}
	_ sdk.PaymentCreator      = (*provider)(nil)
	_ sdk.PayoutCreator       = (*provider)(nil)
	_ sdk.StatusQuerier       = (*provider)(nil)
	_ sdk.NotificationHandler = (*provider)(nil)
	_ sdk.BalanceReader       = (*provider)(nil)
)

// Describe returns what EnovePay guarantees, which is little, and the settings
// of an account.
func (plugin) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "enovepay", Version: version,
		Doc:      "EnovePay: mobile money collections by phone prompt and payouts in seven African countries",
		Settings: schema(),
		Facts:    map[sdk.Kind]sdk.Facts{sdk.KindPayment: facts(), sdk.KindPayout: facts()},
		Capabilities: sdk.Capabilities{
			Operations: sdk.OperationsOf(new(provider)), Corridors: capabilities(), Needs: needs(),
		},
	}
}

func facts() sdk.Facts {
	return sdk.Facts{
		// Code 104 suggests a check of references; nothing promises it.
		Idempotency:  sdk.IdempotencyNone,
		QueryBy:      sdk.QueryByOurRef,
		LateSuccess:  watched,
		Reversals:    true,
		PushWebhooks: true,
		// Which field of a webhook echoes our reference is not documented.
		NotifiesByProviderRef: true,
		Poll: []time.Duration{
			15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
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
		return nil, fmt.Errorf("enovepay: %w", err)
	}
	return &provider{settings: s, http: client, session: newSession(time.Now)}, nil
}

// provider is one account at EnovePay. Between calls it keeps a login token and
// how often it was told to slow down, and nothing about any attempt.
type provider struct {
	settings settings
	http     *httpx.Client
	session  *session
	patience patience
}

// Capabilities returns what EnovePay serves. Country and network are needed
// because a phone number alone does not tell who holds the wallet.
func (p *provider) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Operations: sdk.OperationsOf(p), Corridors: capabilities(), Needs: needs(),
	}
}

// CreatePayment has a prompt sent to the customer's phone. What EnovePay would
// refuse is REJECTED before anything is sent.
func (p *provider) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	body, refused := p.collectionOf(req)
	if refused != nil {
		return refused.result(), nil
	}
	result, err := p.create(ctx, opCollect, body)
	if result.Outcome == sdk.OutcomeRequiresAction {
		result.NextAction = &sdk.NextAction{Type: sdk.ActionPrompt, Message: promptText(req.Language)}
	}
	return result, err
}

// CreatePayout pays to a wallet, or in Nigeria to a bank account, out of the
// float that is held at EnovePay.
func (p *provider) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	body, refused := p.payoutOf(req)
	if refused != nil {
		return refused.result(), nil
	}
	return p.create(ctx, opPayout, body)
}

// QueryStatus asks what became of an attempt: by EnovePay's own id once it is
// known, else by our reference, which also finds what a lost answer created.
func (p *provider) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	a, err := p.ask(ctx, p.settings.statusURL(attempt))
	if err != nil {
		return p.unasked(err)
	}
	return p.told(a, attempt), nil
}

func promptText(language string) string {
	if language == "fr" {
		return "Validez le paiement sur votre téléphone."
	}
	return "Approve the payment on your phone."
}
