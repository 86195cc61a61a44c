package coretest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// Provider is a payment provider in memory, and its plugin. One value is one
// account. Set its fields before it is used; its methods may be called concurrently.
type Provider struct {
	Ledger
	// Name is the account's name and the plugin's.
	Name string
	// Facts are what the plugin declares for payments, payouts and refunds alike.
	Facts sdk.Facts
	// Script says what happens to a create call; nil means the zero Plan. A
	// repeated call with the same reference gets the plan of the first.
	Script func(Creation) Plan
	// Deliver takes a notification to the engine, as engine.Notify does; nil means
	// that none is sent. What is not answered with 2xx is sent again.
	Deliver func(ctx context.Context, account string, req sdk.NotificationRequest) (core.Reply, error)
	// CreatesTwice makes the provider not notice that it knows a reference: a
	// repeated create call is a second payment. No provider may be like that; it
	// is for controls, which must fail.
	CreatesTwice bool
	// CannotCancel takes away the operation to cancel.
	CannotCancel bool

	mu      sync.Mutex
	plans   map[string]Plan
	unheard map[string]int // Decisions that did not arrive, by reference.
	serial  int
}

var (
	_ sdk.Plugin              = (*Provider)(nil)
	_ sdk.PaymentCreator      = (*account)(nil)
	_ sdk.PayoutCreator       = (*account)(nil)
	_ sdk.RefundCreator       = (*account)(nil)
	_ sdk.PayoutDecider       = (*account)(nil)
	_ sdk.StatusQuerier       = (*account)(nil)
	_ sdk.Canceler            = (*account)(nil)
	_ sdk.NotificationHandler = (*account)(nil)
)

// NewProvider returns a provider that refuses a known reference, tells amount,
// currency and reference, and may be paid two days late.
func NewProvider(name string) *Provider {
	return &Provider{
		Ledger: Ledger{entries: map[string]*Entry{}},
		Name:   name,
		plans:  map[string]Plan{}, unheard: map[string]int{},
		Facts: sdk.Facts{
			Idempotency: sdk.IdempotencyUniqueReference, QueryBy: sdk.QueryByOurRef,
			LateSuccess: 48 * time.Hour, TellsCurrency: true, PushWebhooks: true,
			Poll: []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute},
		},
	}
}

// Describe returns the manifest.
func (p *Provider) Describe() sdk.Manifest {
	return sdk.Manifest{
		Name: p.Name, Version: "1.0.0", Doc: "A provider in memory.",
		Facts:        map[sdk.Kind]sdk.Facts{sdk.KindPayment: p.Facts, sdk.KindPayout: p.Facts, sdk.KindRefund: p.Facts},
		Capabilities: p.capabilities(),
	}
}

// Open returns the account. It has no settings.
func (p *Provider) Open(sdk.Settings) (sdk.Provider, error) { return &account{p}, nil }

func (p *Provider) capabilities() sdk.Capabilities {
	c := sdk.Capabilities{Operations: sdk.OperationsOf(&account{p}), Corridors: []sdk.Corridor{
		{Kind: sdk.KindPayment}, {Kind: sdk.KindPayout}, {Kind: sdk.KindRefund},
	}}
	if p.CannotCancel {
		c.Operations = slices.DeleteFunc(c.Operations, func(op sdk.Operation) bool { return op == sdk.OperationCancel })
	}
	return c
}

// plan returns the plan of a reference. The script is asked once for each.
func (p *Provider) plan(c Creation) Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	if plan, ok := p.plans[c.Ref]; ok || p.Script == nil {
		return plan
	}
	plan := p.Script(c)
	p.plans[c.Ref] = plan
	return plan
}

func (p *Provider) planOf(ref string) Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.plans[ref]
}
