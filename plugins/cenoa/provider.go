package main

import (
	"context"
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
	"github.com/paymux/paymux/sdk/money"
)

const (
	userAgent = "Paymux/1.0"
	version   = "1.0.0"
	// lateSuccess is how long a transfer may still come in for an ended payment.
	lateSuccess = 48 * time.Hour
	// matchWindow is the default time to send the money.
	matchWindow = time.Hour
)

// plugin is Checkout with Cenoa, on a clock.
type plugin struct {
	now   func() time.Time
	pause func(context.Context, time.Duration) error
}

func newPlugin() plugin { return plugin{now: time.Now, pause: pause} }

var (
	_ sdk.SettingsValidator = plugin{}
	_ sdk.PaymentCreator    = (*provider)(nil)
	_ sdk.TransactionLister = (*provider)(nil)
	_ sdk.CustomerLooker    = (*provider)(nil)
)

// Describe returns what Cenoa guarantees and the settings of an account. Success
// and its reversal are seen in the list, so that no query tells them.
func (plugin) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: "cenoa", Version: version,
		Doc:      "Checkout with Cenoa: transfers inside the Cenoa app, found in the account's list",
		Settings: schema(),
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {
			Idempotency:   sdk.IdempotencyHarmless,
			QueryBy:       sdk.QueryByList,
			LateSuccess:   lateSuccess,
			TellsCurrency: true,
			Window:        matchWindow,
			Poll: []time.Duration{
				15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
				10 * time.Minute, 20 * time.Minute, 40 * time.Minute, time.Hour,
			},
		}},
		Capabilities: sdk.Capabilities{
			Operations: sdk.OperationsOf(new(provider)),
			Corridors:  []sdk.Corridor{corridor()},
		},
	}
}

// corridor is what Cenoa takes in the currencies; none means any.
func corridor(currencies ...money.Currency) sdk.Corridor {
	return sdk.Corridor{Kind: sdk.KindPayment, Currencies: currencies, Methods: []string{methodWallet, methodTransfer}}
}

// ValidateSettings returns what is wrong with the settings beyond their schema.
func (plugin) ValidateSettings(_ context.Context, raw sdk.Settings) sdk.Diagnostics {
	_, found := readSettings(raw)
	return found
}

// Open returns the account with the settings. It returns sdk.Diagnostics when a
// setting is wrong, and when assumed paths would be used against a real server
// that nobody has said to have them.
func (c plugin) Open(raw sdk.Settings) (sdk.Provider, error) {
	s, found := readSettings(raw)
	if found.Failed() {
		return nil, found
	}
	client, err := httpx.New(httpx.Options{UserAgent: userAgent, Timeout: s.timeout})
	if err != nil {
		return nil, fmt.Errorf("cenoa: %w", err)
	}
	return &provider{
		settings: s, http: client, pause: c.pause,
		clock: &clock{now: c.now, guard: s.clockGuard}, gate: &gate{gap: s.callGap},
	}, nil
}

// provider is one merchant account at Cenoa. Between calls it keeps how far
// Cenoa's clock is from ours and when the next call may go, and nothing about
// any payment.
type provider struct {
	settings settings
	http     *httpx.Client
	pause    func(context.Context, time.Duration) error
	clock    *clock
	gate     *gate
}

// Capabilities returns what the account takes. A payment needs the customer's
// phone or Cenoa's id of the customer, and Needs cannot say "or": what has
// neither is REJECTED. Identity is a fingerprint of the key: two accounts with
// one key would each match the same transfer.
func (p *provider) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Operations: sdk.OperationsOf(p),
		Corridors:  []sdk.Corridor{corridor(p.settings.currency)},
		Identity:   p.settings.identity(),
	}
}

// CreatePayment finds the customer's account and says what to send, from whom
// and until when. It creates nothing at Cenoa, so that whatever goes wrong is
// REJECTED or NOT_SENT and never UNKNOWN. A request with
// Customer.ProviderCustomer needs no call.
func (p *provider) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	if refused := p.objection(req); refused != nil {
		return refused.result(), nil
	}
	if at, ok := sdk.SendBy(ctx); ok && !time.Now().Before(at) {
		return sdk.Result{Outcome: sdk.OutcomeNotSent, Message: "send_by has passed, Cenoa was not asked"}, nil
	}
	if user := req.Customer.ProviderCustomer; user != "" {
		return p.ordered(req, found{userID: user, at: p.clock.theirs()}), nil
	}
	return p.answered(req, p.find(ctx, req.Customer.Phone)), nil
}

// LookupCustomer finds Cenoa's customer of a phone number: its id and masked
// e-mail. For a number that Cenoa does not know it returns a Customer whose
// NextAction says where to sign up, or sdk.ErrNotFound where no signup_url is
// set. Other errors are sdk.ErrInvalid, ErrAuthentication, ErrRateLimited,
// ErrUnavailable, and one of no kind for an unreadable answer.
func (p *provider) LookupCustomer(ctx context.Context, phone string) (sdk.Customer, error) {
	if !validPhone(phone) {
		return sdk.Customer{}, &sdk.Error{Kind: sdk.KindInvalid, Message: phoneForm, Sent: sdk.NotSent}
	}
	return p.customer(ctx, phone, p.find(ctx, phone))
}
