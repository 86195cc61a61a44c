package wire

import (
	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

func resultToProto(s sdk.Result) *pb.Result {
	return &pb.Result{
		Outcome:        outcomes.proto[s.Outcome],
		Reason:         string(s.Reason),
		ProviderRef:    s.ProviderRef,
		ProviderStatus: s.ProviderStatus,
		ProviderCode:   s.ProviderCode,
		Message:        s.Message,
		Told:           toldToProto(s.Told),
		PaidWith:       s.PaidWith,
		NextAction:     nextActionToProto(s.NextAction),
		Held:           s.Held,
		Match:          matchToProto(s.Match),
		ProviderData:   s.ProviderData,
		RetryAfter:     durationToProto(s.RetryAfter),
		Alert:          s.Alert,
		Exchanges:      each(s.Exchanges, exchangeToProto),
	}
}

func (r *reader) result(p *pb.Result) sdk.Result {
	return sdk.Result{
		Outcome:        outcomes.sdk[p.GetOutcome()],
		Reason:         sdk.Reason(p.GetReason()),
		ProviderRef:    p.GetProviderRef(),
		ProviderStatus: p.GetProviderStatus(),
		ProviderCode:   p.GetProviderCode(),
		Message:        p.GetMessage(),
		Told:           toldFromProto(p.GetTold()),
		PaidWith:       p.GetPaidWith(),
		NextAction:     r.nextAction(p.GetNextAction()),
		Held:           p.GetHeld(),
		Match:          r.match(p.GetMatch()),
		ProviderData:   p.GetProviderData(),
		RetryAfter:     durationFromProto(p.GetRetryAfter()),
		Alert:          p.GetAlert(),
		Exchanges:      each(p.GetExchanges(), exchangeFromProto),
	}
}

func nextActionToProto(a *sdk.NextAction) *pb.NextAction {
	if a == nil {
		return nil
	}
	return &pb.NextAction{
		Type:         actions.proto[a.Type],
		Url:          a.URL,
		Message:      a.Message,
		Instructions: a.Instructions,
		Account:      a.Account,
		Amount:       moneyToProto(a.Amount),
		Until:        timeToProto(a.Until),
	}
}

func (r *reader) nextAction(a *pb.NextAction) *sdk.NextAction {
	if a == nil {
		return nil
	}
	return &sdk.NextAction{
		Type:         actions.sdk[a.GetType()],
		URL:          a.GetUrl(),
		Message:      a.GetMessage(),
		Instructions: a.GetInstructions(),
		Account:      a.GetAccount(),
		Amount:       r.amount("next_action.amount", a.GetAmount()),
		Until:        timeFromProto(a.GetUntil()),
	}
}

func matchToProto(m *sdk.Match) *pb.Match {
	if m == nil {
		return nil
	}
	return &pb.Match{
		Customer: m.Customer,
		Amount:   moneyToProto(m.Amount),
		From:     timeToProto(m.From),
		Until:    timeToProto(m.Until),
	}
}

func (r *reader) match(m *pb.Match) *sdk.Match {
	if m == nil {
		return nil
	}
	return &sdk.Match{
		Customer: m.GetCustomer(),
		Amount:   r.amount("match.amount", m.GetAmount()),
		From:     timeFromProto(m.GetFrom()),
		Until:    timeFromProto(m.GetUntil()),
	}
}

func exchangeToProto(e sdk.Exchange) *pb.Exchange {
	return &pb.Exchange{
		Method:     e.Method,
		Url:        e.URL,
		StartedAt:  timeToProto(e.StartedAt),
		Duration:   durationToProto(e.Duration),
		HttpStatus: int32Of(e.HTTPStatus),
		GotConn:    e.GotConn,
		Error:      e.Error,

		RequestBody: e.RequestBody,
		AnswerBody:  e.AnswerBody,
	}
}

func exchangeFromProto(e *pb.Exchange) sdk.Exchange {
	return sdk.Exchange{
		Method:     e.GetMethod(),
		URL:        e.GetUrl(),
		StartedAt:  timeFromProto(e.GetStartedAt()),
		Duration:   durationFromProto(e.GetDuration()),
		HTTPStatus: int(e.GetHttpStatus()),
		GotConn:    e.GetGotConn(),
		Error:      e.GetError(),

		RequestBody: e.GetRequestBody(),
		AnswerBody:  e.GetAnswerBody(),
	}
}

func decisionToProto(v sdk.VerdictResult) *pb.Decision {
	return &pb.Decision{
		Verdict:      verdicts.proto[v.Verdict],
		Reason:       string(v.Reason),
		ProviderCode: v.ProviderCode,
		Message:      v.Message,
		Alert:        v.Alert,
		ProviderData: v.ProviderData,
		Exchanges:    each(v.Exchanges, exchangeToProto),
	}
}

func decisionFromProto(p *pb.Decision) sdk.VerdictResult {
	return sdk.VerdictResult{
		Verdict:      verdicts.sdk[p.GetVerdict()],
		Reason:       sdk.Reason(p.GetReason()),
		ProviderCode: p.GetProviderCode(),
		Message:      p.GetMessage(),
		Alert:        p.GetAlert(),
		ProviderData: p.GetProviderData(),
		Exchanges:    each(p.GetExchanges(), exchangeFromProto),
	}
}
