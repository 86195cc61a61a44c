package conformance

import (
	"context"
	"fmt"

	"github.com/paymux/paymux/sdk"
)

func oneChargeAReference() clause {
	return clause{
		name:    "one charge a reference",
		demands: "The same creating call twice, with the same reference, makes one charge under exactly that reference, and the second answer is the first one or UNKNOWN.",
		mend:    "Send Attempt.Ref unchanged, and read the provider's \"duplicate reference\" as UNKNOWN, or as what a query for the reference tells, never as a refusal.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.repeated(ctx, kind) })
		},
	}
}

func (b *bench) repeated(ctx context.Context, kind sdk.Kind) (string, error) {
	before, err := b.desk.charges(ctx, kind)
	if err != nil {
		return "", err
	}
	o, first, err := b.create(ctx, kind, b.usual(kind))
	if err != nil {
		return "", err
	}
	second := o.send(ctx, b.account)
	if got := second.outcome(); got != first.outcome() && got != sdk.OutcomeUnknown {
		return "", broken("the first call answered %s, the second one %s", first, second)
	}
	want := 1
	if b.harmless(kind) {
		want = 0
	}
	charges, err := b.desk.charges(ctx, kind)
	if err != nil {
		return "", err
	}
	for _, c := range charges[len(before):] {
		if c.Ref != o.attempt.Ref {
			return "", broken("the provider was given another reference than the attempt's")
		}
	}
	if made := len(charges) - len(before); made != want {
		return "", broken("%s for two calls with one reference, want %d", plural(made, "charge"), want)
	}
	if err := b.stillKnown(ctx, o); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, then %s, %s", first.outcome(), second.outcome(), plural(want, "charge")), nil
}

// stillKnown asks for an order that was repeated.
func (b *bench) stillKnown(ctx context.Context, o *order) error {
	if !b.askable(o.kind) {
		return nil
	}
	if err := b.settle(ctx, o); err != nil {
		return err
	}
	if a := b.ask(ctx, o); a.asked() == sdk.OutcomeUnknown {
		return broken("after the second call the attempt is %s when it is asked for", a)
	}
	return nil
}
