package main

import (
	"context"
	"net/http"
	"slices"

	"github.com/paymux/paymux/sdk"
)

// decided marks, in the attempt's provider data, that Numipay took our decision.
// Its word stays pending before and after, so that nothing else tells whether a
// pending payout still waits for us.
const decided = "decided"

// decisionTaken reports whether Numipay took our decision about the payout. One
// that is recorded and not taken, because its answer was lost or because it is
// older than the payout, still waits for our call.
func decisionTaken(attempt sdk.Attempt) bool {
	return attempt.Decision != "" && string(attempt.ProviderData) == decided
}

// ApprovePayout approves a payout by our own id, which is the one that Numipay's
// documentation of approve asks for. Approved is not paid.
func (p *provider) ApprovePayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	answered, err := p.decide(ctx, opPayoutApprove, attempt.Ref)
	if err != nil {
		return sdk.VerdictResult{}, err
	}
	first := read(answered)
	if first.Status != http.StatusNotFound {
		return p.verdict(first), nil
	}
	theirs, exchanges := p.theirID(ctx, attempt)
	first.Exchanges = slices.Concat(first.Exchanges, exchanges)
	return p.again(ctx, opPayoutApprove, theirs, first)
}

// RejectPayout rejects a payout by Numipay's id, which is the one that its
// documentation of reject asks for. While nobody knows it the payout is left
// alone and awaits a decision again.
func (p *provider) RejectPayout(ctx context.Context, attempt sdk.Attempt) (sdk.VerdictResult, error) {
	theirs, exchanges := p.theirID(ctx, attempt)
	if theirs == "" {
		return sdk.VerdictResult{
			Verdict: sdk.VerdictRefused, Exchanges: exchanges,
			Message: "Numipay's id of the payout is not known yet, neither from a webhook nor from the list: try again later",
		}, nil
	}
	answered, err := p.decide(ctx, opPayoutReject, theirs)
	if err != nil {
		return sdk.VerdictResult{}, sdk.Preceded(err, exchanges)
	}
	first := read(answered)
	first.Exchanges = slices.Concat(exchanges, first.Exchanges)
	if first.Status != http.StatusNotFound {
		return p.verdict(first), nil
	}
	return p.again(ctx, opPayoutReject, attempt.Ref, first)
}

// again repeats a decision once with the other id, after an answer that says
// that the first one is not known.
func (p *provider) again(ctx context.Context, name operation, id string, first answer) (sdk.VerdictResult, error) {
	if id == "" {
		return p.verdict(first), nil
	}
	answered, err := p.decide(ctx, name, id)
	if err != nil {
		return sdk.VerdictResult{}, sdk.Preceded(err, first.Exchanges)
	}
	second := read(answered)
	second.Exchanges = slices.Concat(first.Exchanges, second.Exchanges)
	return p.verdict(second), nil
}

// theirID is Numipay's id of the attempt: from a verified webhook, from an
// earlier answer, or from the list.
func (p *provider) theirID(ctx context.Context, attempt sdk.Attempt) (string, []sdk.Exchange) {
	if attempt.Evidence != nil && attempt.Evidence.ProviderRef != "" {
		return attempt.Evidence.ProviderRef, nil
	}
	if attempt.ProviderRef != "" {
		return attempt.ProviderRef, nil
	}
	looked := p.find(ctx, attempt)
	if !looked.there {
		return "", looked.exchanges
	}
	return looked.entry.text("transaction_id"), looked.exchanges
}

// verdict says what became of a decision, and nothing of the money. What answers
// 2xx with something else than an object may be anybody: that is asked again.
func (p *provider) verdict(a answer) sdk.VerdictResult {
	result := sdk.VerdictResult{Message: p.sentence(a), Exchanges: a.Exchanges}
	switch {
	case a.OK() && !a.readable && !a.empty():
	case a.OK():
		result.Verdict, result.ProviderData = sdk.VerdictAccepted, []byte(decided)
	case a.refusedAccount():
		result.Verdict, result.Reason, result.Alert = sdk.VerdictRefused, sdk.ReasonAuthentication, alertAccount
	case a.Status == http.StatusMethodNotAllowed:
		result.Verdict, result.Reason, result.Alert = sdk.VerdictRefused, sdk.ReasonProviderUnavailable, alertPath
	case a.Status == http.StatusBadRequest, a.Status == http.StatusUnprocessableEntity:
		result.Verdict, result.Reason = sdk.VerdictRefused, sdk.ReasonInvalidRequest
	case a.Status == http.StatusNotFound:
		result.Verdict, result.Alert = sdk.VerdictRefused, "Numipay knows the payout by neither id, or has no such call: check paths"
	}
	return result
}
