package conformance

import (
	"context"

	"github.com/paymux/paymux/sdk"
)

func lostAnswerIsUnknown() clause {
	return clause{
		name:    "a lost answer is UNKNOWN and can be resolved",
		demands: "A creating call that arrived and whose answer was lost is UNKNOWN (or NOT_SENT where it creates nothing), and QueryStatus by our reference alone, or the same call again where that is harmless, tells what became of it.",
		mend:    "Return the fault of the lost call as it is, and let QueryStatus find the attempt by Attempt.Ref while ProviderRef is empty.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.resolved(ctx, kind) })
		},
	}
}

func (b *bench) resolved(ctx context.Context, kind sdk.Kind) (string, error) {
	o, creates, err := b.unsent(ctx, kind)
	if err != nil {
		return "", err
	}
	b.proxy.set(creates, lost)
	a := o.send(ctx, b.account)
	b.proxy.clear()
	if !b.uncreated(kind, a.outcome()) {
		return "", broken("the lost answer is %s", a)
	}
	if b.harmless(kind) {
		return b.askedAgain(ctx, o)
	}
	if made, err := b.made(ctx, o); err != nil || made != 1 {
		return "", orBroken(err, "the call whose answer was lost made %s", plural(made, "charge"))
	}
	if b.facts(kind).QueryBy != sdk.QueryByOurRef {
		return "UNKNOWN, and the provider cannot be asked by our reference", nil
	}
	if err := b.settle(ctx, o); err != nil {
		return "", err
	}
	found := b.ask(ctx, o)
	if found.asked() == sdk.OutcomeUnknown || found.asked().CreateOnly() {
		return "", broken("asked by our reference it stays %s", found)
	}
	return "UNKNOWN, then asked: " + found.Outcome.String(), nil
}

// askedAgain makes a call that creates nothing once more.
func (b *bench) askedAgain(ctx context.Context, o *order) (string, error) {
	a := o.send(ctx, b.account)
	if a.outcome() == sdk.OutcomeUnknown || a.outcome().CreateOnly() {
		return "", broken("asked again it is %s", a)
	}
	return "nothing certain, then asked again: " + a.Outcome.String(), nil
}

// orBroken is the run's own fault where there is one.
func orBroken(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return broken(format, args...)
}
