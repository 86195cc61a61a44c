package coretest

import (
	"context"
	"fmt"
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
	// Facts are what the plugin declares for payments.
	Facts sdk.Facts
	// Script says what happens to a create call; nil means the zero Plan. A
	// repeated call with the same reference gets the plan of the first.
	Script func(sdk.PaymentRequest) Plan
	// Deliver takes a notification to the engine, as engine.Notify does; nil means
	// that none is sent. What is not answered with 2xx is sent again.
	Deliver func(ctx context.Context, account string, req sdk.NotificationRequest) (core.Reply, error)
	// CreatesTwice makes the provider not notice that it knows a reference: a
	// repeated create call is a second payment. No provider may be like that; it
	// is for controls, which must fail.
	CreatesTwice bool
	// CannotCancel takes away the operation to cancel.
	CannotCancel bool

	mu     sync.Mutex
	plans  map[string]Plan
	serial int
}

var (
	_ sdk.Plugin              = (*Provider)(nil)
	_ sdk.PaymentCreator      = (*account)(nil)
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
		plans:  map[string]Plan{},
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
		Facts:        map[sdk.Kind]sdk.Facts{sdk.KindPayment: p.Facts},
		Capabilities: p.capabilities(),
	}
}

// Open returns the account. It has no settings.
func (p *Provider) Open(sdk.Settings) (sdk.Provider, error) { return &account{p}, nil }

func (p *Provider) capabilities() sdk.Capabilities {
	c := sdk.Capabilities{Identity: p.Name, Corridors: []sdk.Corridor{{Kind: sdk.KindPayment}}}
	if p.CannotCancel {
		c.Operations = []sdk.Operation{sdk.OperationPayment, sdk.OperationQuery, sdk.OperationNotification}
	}
	return c
}

// plan returns the plan of a reference. The script is asked once for each.
func (p *Provider) plan(req sdk.PaymentRequest) Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	if plan, ok := p.plans[req.Ref]; ok || p.Script == nil {
		return plan
	}
	plan := p.Script(req)
	p.plans[req.Ref] = plan
	return plan
}

func (p *Provider) planOf(ref string) Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.plans[ref]
}

// account is the plugin's side: what the engine calls.
type account struct{ *Provider }

// Capabilities implements sdk.Provider.
func (a *account) Capabilities() sdk.Capabilities { return a.capabilities() }

// CreatePayment implements sdk.PaymentCreator as the plan of the reference says.
func (a *account) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	plan := a.plan(req)
	if plan.Answer == AnswerNotSent {
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Message: "connection refused", Sent: sdk.NotSent}
	}
	if plan.Answer == AnswerLostRequest {
		return sdk.Result{}, noAnswer(ctx, plan.Takes)
	}
	answers := make(chan sdk.Result, 1)
	time.AfterFunc(plan.Arrives, func() { answers <- a.arrive(req, plan) })
	if err := pause(ctx, max(plan.Takes, plan.Arrives)); err != nil {
		return sdk.Result{}, err
	}
	answer := <-answers
	if plan.Answer == AnswerLostResponse {
		return sdk.Result{}, noAnswer(ctx, 0)
	}
	if plan.Answer == AnswerPanic {
		panic("the scripted plugin panics as planned")
	}
	return answer, nil
}

// pause waits, and fails when the call's time is over first.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return sdk.Errorf(sdk.KindUnavailable, "no answer: %w", ctx.Err())
	}
}

func noAnswer(ctx context.Context, after time.Duration) error {
	if err := pause(ctx, after); err != nil {
		return err
	}
	return sdk.Errorf(sdk.KindUnavailable, "connection reset")
}

// arrive is the request at the provider: it is entered, its future begins, and
// it is answered.
func (p *Provider) arrive(req sdk.PaymentRequest, plan Plan) sdk.Result {
	entry, created := p.receive(p.Name, req, plan.Answer != AnswerRejected, p.CreatesTwice)
	switch {
	case plan.Answer == AnswerRejected:
		return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: plan.Reason, ProviderCode: "REJECTED"}
	case !created:
		return sdk.Result{ProviderCode: "DUPLICATE_REFERENCE", ProviderRef: entry.ProviderRef}
	}
	if plan.Answer == AnswerDeclined || plan.Answer == AnswerDeclinedFinal {
		entry, _ = p.turn(req.Ref, Declined, entry.Amount)
	}
	if plan.Answer == AnswerPaid {
		entry, _ = p.turn(req.Ref, Paid, entry.Amount)
	}
	if entry.Created == 1 {
		for _, turn := range plan.Then {
			time.AfterFunc(turn.After, func() { p.take(req.Ref, turn) })
		}
	}
	return p.answer(entry, plan)
}

// answer is what the call that created the entry is answered.
func (p *Provider) answer(entry Entry, plan Plan) sdk.Result {
	result := resultOf(entry)
	switch plan.Answer {
	case AnswerLink:
		result.Outcome = sdk.OutcomeRequiresAction
		result.NextAction = &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://" + p.Name + ".example/pay/" + entry.Ref}
	case AnswerDeclined:
		result.Reason = plan.Reason
	case AnswerDeclinedFinal:
		result.Outcome, result.Reason = sdk.OutcomeDeclinedFinal, plan.Reason
	case AnswerGarbage:
		result.Outcome, result.ProviderStatus = sdk.Outcome(77), "PERHAPS"
	case AnswerPending, AnswerPaid, AnswerRejected, AnswerNotSent, AnswerLostRequest, AnswerLostResponse, AnswerPanic:
		// As the entry stands, or nothing that anybody hears.
	}
	return result
}

// resultOf is an entry as the provider tells it.
func resultOf(entry Entry) sdk.Result {
	result := sdk.Result{
		Outcome: entry.Status.outcome(), ProviderRef: entry.ProviderRef, ProviderStatus: string(entry.Status),
	}
	if entry.Status == Declined {
		result.Reason = sdk.ReasonDeclined
	}
	if entry.Status == Paid {
		result.Told = sdk.Told{Amount: entry.Paid.Decimal(), Currency: entry.Paid.Currency().String(), Reference: entry.Ref}
	}
	return result
}

// QueryStatus implements sdk.StatusQuerier.
func (a *account) QueryStatus(_ context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	plan := a.planOf(attempt.Ref)
	entry, asked, known := a.ask(attempt.Ref, plan.Lag)
	switch {
	case !known, time.Since(entry.OpenedAt) < plan.Hidden:
		return sdk.Result{ProviderStatus: "NOT_FOUND"}, nil
	case asked >= plan.Silent:
		return resultOf(entry), nil
	}
	switch asked % 3 {
	case 0:
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Message: "connection refused", Sent: sdk.NotSent}
	case 1:
		return sdk.Result{Outcome: sdk.Outcome(77), ProviderStatus: "PERHAPS"}, nil
	default:
		return sdk.Result{Outcome: sdk.OutcomeRejected, ProviderCode: "404"}, nil
	}
}

// Cancel implements sdk.Canceler: what waits is canceled.
func (a *account) Cancel(_ context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	entry, known := a.Entry(attempt.Ref)
	verdict := sdk.VerdictResult{Verdict: sdk.VerdictRefused, Message: fmt.Sprintf("it is %s", entry.Status)}
	if known && entry.Status == Waiting {
		if _, done := a.turn(attempt.Ref, Canceled, entry.Amount); done {
			verdict = sdk.VerdictResult{Verdict: sdk.VerdictAccepted}
		}
	}
	if a.planOf(attempt.Ref).CancelLost {
		return sdk.VerdictResult{}, sdk.Errorf(sdk.KindUnavailable, "connection reset")
	}
	return verdict, nil
}
