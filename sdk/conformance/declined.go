package conformance

import (
	"context"

	"github.com/paymux/paymux/sdk"
)

func declinedIsNoFault() clause {
	return clause{
		name:    "declined is not a fault",
		demands: "What the provider declines is a Result of DECLINED or DECLINED_FINAL with a reason, and no error.",
		mend:    "Return a Result with Outcome and Reason and a nil error. An error is for what could not be asked or read.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.declined(ctx, kind) })
		},
	}
}

func (b *bench) declined(ctx context.Context, kind sdk.Kind) (string, error) {
	sample := b.script.Plays[string(kind)].Declined
	if sample == nil {
		return "", moot("the sandbox's script declines nothing")
	}
	o, a, err := b.create(ctx, kind, *sample)
	if err != nil {
		return "", err
	}
	if a.err == nil && !isDecline(a.Outcome) && b.askable(kind) {
		if err := b.settle(ctx, o); err != nil {
			return "", err
		}
		a = b.ask(ctx, o)
	}
	if a.err != nil {
		return "", broken("it is a fault: %v", a.err)
	}
	if !isDecline(a.Outcome) {
		return "", broken("it is %s", a)
	}
	if a.Reason == sdk.ReasonNone && b.facts(kind).QueryBy != sdk.QueryByList {
		return "", broken("it is %s without a reason", a.Outcome)
	}
	return a.String(), nil
}

func isDecline(o sdk.Outcome) bool {
	return o == sdk.OutcomeDeclined || o == sdk.OutcomeDeclinedFinal
}
