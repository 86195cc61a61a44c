package coretest

import (
	"context"
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk"
)

// account is the plugin's side: what the engine calls.
type account struct{ *Provider }

// Capabilities implements sdk.Provider.
func (a *account) Capabilities() sdk.Capabilities { return a.capabilities() }

// CreatePayment implements sdk.PaymentCreator as the plan of the reference says.
func (a *account) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	return a.create(ctx, Creation{Attempt: req.Attempt, Description: req.Description})
}

// CreatePayout implements sdk.PayoutCreator.
func (a *account) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return a.create(ctx, Creation{Attempt: req.Attempt, Description: req.Description})
}

// CreateRefund implements sdk.RefundCreator. Like a provider that trusts whoever
// has its keys it gives back more than was paid, if it is asked to.
func (a *account) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	payment, _ := a.Entry(req.Payment.Ref)
	return a.create(ctx, Creation{Attempt: req.Attempt, Description: payment.Description, Payment: req.Payment.Ref})
}

func (a *account) create(ctx context.Context, c Creation) (sdk.Result, error) {
	plan := a.plan(c)
	if plan.Answer == AnswerNotSent {
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Message: "connection refused", Sent: sdk.NotSent}
	}
	if plan.Answer == AnswerLostRequest {
		return sdk.Result{}, noAnswer(ctx, plan.Takes)
	}
	answers := make(chan sdk.Result, 1)
	time.AfterFunc(plan.Arrives, func() { answers <- a.arrive(c, plan) })
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
func (p *Provider) arrive(c Creation, plan Plan) sdk.Result {
	entry, created := p.receive(p.Name, c, plan.first(c.Kind), p.CreatesTwice, p.Facts.DeclinedIsFinal && c.Kind == sdk.KindPayout)
	switch {
	case plan.Answer == AnswerRejected:
		return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: plan.Reason, ProviderCode: "REJECTED"}
	case !created:
		return sdk.Result{ProviderCode: "DUPLICATE_REFERENCE", ProviderRef: entry.ProviderRef}
	}
	if plan.Answer == AnswerDeclined || plan.Answer == AnswerDeclinedFinal {
		entry, _ = p.turn(c.Ref, Declined, entry.Amount)
	}
	if plan.Answer == AnswerPaid {
		entry, _ = p.turn(c.Ref, Paid, entry.Amount)
	}
	switch {
	case entry.Created > 1:
	case entry.Status == Held:
		p.begin(c.Ref, plan.Portal)
	default:
		p.begin(c.Ref, plan.Then)
	}
	return p.answer(entry, plan)
}

// first is the status of what a call of this plan creates, empty if it creates nothing.
func (p Plan) first(kind sdk.Kind) Status {
	switch {
	case p.Answer == AnswerRejected:
		return ""
	case p.Held && kind == sdk.KindPayout:
		return Held
	default:
		return Waiting
	}
}

// begin lets the turns come, each at its time.
func (p *Provider) begin(ref string, turns []Turn) {
	for _, turn := range turns {
		time.AfterFunc(turn.After, func() { p.take(ref, turn) })
	}
}

// answer is what the call that created the entry is answered.
func (p *Provider) answer(entry Entry, plan Plan) sdk.Result {
	result := resultOf(entry)
	switch plan.Answer {
	case AnswerLink:
		if entry.Kind != sdk.KindPayment {
			break
		}
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
		Held: entry.Status == Held,
	}
	if entry.Status == Declined {
		result.Reason = sdk.ReasonDeclined
	}
	if entry.Status == Paid || entry.Status == Reversed {
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

// Cancel implements sdk.Canceler: what is held or waits is canceled.
func (a *account) Cancel(_ context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	entry, known := a.Entry(attempt.Ref)
	done := false
	if known && (entry.Status == Waiting || entry.Status == Held) {
		_, done = a.turn(attempt.Ref, Canceled, entry.Amount)
	}
	return a.verdict(attempt.Ref, done)
}

// ApprovePayout implements sdk.PayoutDecider: what is held begins.
func (a *account) ApprovePayout(_ context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	if a.deaf(attempt.Ref) {
		return sdk.VerdictResult{}, sdk.Errorf(sdk.KindUnavailable, "no answer")
	}
	done := a.decide(attempt.Ref, Waiting)
	if done {
		a.begin(attempt.Ref, a.planOf(attempt.Ref).Then)
	}
	return a.verdict(attempt.Ref, done)
}

// RejectPayout implements sdk.PayoutDecider: what is held is declined.
func (a *account) RejectPayout(_ context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	if a.deaf(attempt.Ref) {
		return sdk.VerdictResult{}, sdk.Errorf(sdk.KindUnavailable, "no answer")
	}
	return a.verdict(attempt.Ref, a.decide(attempt.Ref, Declined))
}

// deaf reports whether a decision does not arrive.
func (p *Provider) deaf(ref string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unheard[ref] >= p.plans[ref].Deaf {
		return false
	}
	p.unheard[ref]++
	return true
}

func (a *account) verdict(ref string, done bool) (sdk.VerdictResult, error) {
	entry, _ := a.Entry(ref)
	switch {
	case a.planOf(ref).VerdictLost:
		return sdk.VerdictResult{}, sdk.Errorf(sdk.KindUnavailable, "connection reset")
	case done:
		return sdk.VerdictResult{Verdict: sdk.VerdictAccepted}, nil
	default:
		return sdk.VerdictResult{Verdict: sdk.VerdictRefused, Message: fmt.Sprintf("it is %s", entry.Status)}, nil
	}
}
