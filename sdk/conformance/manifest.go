package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk"
)

// noticeTimeout is how long a notification may take that is due already.
const noticeTimeout = 3 * time.Second

func manifestIsTrue() clause {
	return clause{
		name:    "the manifest agrees with the sandbox",
		demands: "What the manifest says of idempotency, questions, currencies, links and notifications is what the sandbox does, its script orders of every kind that the account creates, and a plain order succeeds.",
		mend:    "Correct Facts and Capabilities to what the provider does, or the sandbox where it does not behave as the provider or orders too little.",
		check:   checkManifest,
	}
}

func checkManifest(ctx context.Context, b *bench) (string, error) {
	for _, op := range b.can.Operations {
		if !b.manifest.Capabilities.Can(op) {
			return "", broken("the account offers %s, the manifest's capabilities do not", op)
		}
	}
	for _, kind := range b.created() {
		if len(b.orders(kind)) == 0 {
			return "", broken("%s: the account creates it, and the sandbox's script orders none that a corridor serves", kind)
		}
	}
	return b.each(func(kind sdk.Kind) (string, error) {
		facts, ok := b.manifest.Facts[kind]
		if !ok {
			return "", broken("the account creates it and the manifest has no facts of it")
		}
		if err := b.asksAsTold(kind, facts); err != nil {
			return "", err
		}
		return b.behavesAsTold(ctx, kind, facts)
	})
}

func (b *bench) asksAsTold(kind sdk.Kind, facts sdk.Facts) error {
	switch facts.Idempotency {
	case sdk.IdempotencyNone, sdk.IdempotencyKey, sdk.IdempotencyUniqueReference, sdk.IdempotencyHarmless:
	default:
		return broken("idempotency %q is no word of the manifest", facts.Idempotency)
	}
	if facts.QueryBy != sdk.QueryByNone && !b.askable(kind) {
		return broken("query_by is %q, and the account has no such operation", facts.QueryBy)
	}
	return nil
}

func (b *bench) behavesAsTold(ctx context.Context, kind sdk.Kind, facts sdk.Facts) (string, error) {
	before := len(b.post.all())
	o, created, err := b.create(ctx, kind, b.usual(kind))
	if err != nil {
		return "", err
	}
	if facts.PaidByLink && (created.NextAction == nil || created.NextAction.URL == "") {
		return "", broken("paid_by_link, and the creating call answered no link: %s", created)
	}
	if err := b.chargedAsTold(ctx, o, facts); err != nil {
		return "", err
	}
	if err := b.settle(ctx, o); err != nil {
		return "", err
	}
	if err := b.toldAsTold(ctx, o, facts); err != nil {
		return "", err
	}
	notices := b.notices(ctx, facts.PushWebhooks, before)
	if facts.PushWebhooks != (notices > 0) {
		return "", broken("push_webhooks is %t, and %s came", facts.PushWebhooks, plural(notices, "notification"))
	}
	return fmt.Sprintf("%s, query by %s, %s", facts.Idempotency, facts.QueryBy, plural(notices, "notification")), nil
}

// chargedAsTold repeats the creating call where the manifest promises that this is safe.
func (b *bench) chargedAsTold(ctx context.Context, o *order, facts sdk.Facts) error {
	want := 1
	switch facts.Idempotency {
	case sdk.IdempotencyHarmless:
		want = 0
	case sdk.IdempotencyKey, sdk.IdempotencyUniqueReference:
		_ = o.send(ctx, b.account) // What it answers is for another clause.
	case sdk.IdempotencyNone:
	}
	made, err := b.made(ctx, o)
	if err != nil {
		return err
	}
	if made != want {
		return broken("idempotency is %s, and the sandbox's ledger has %s of the reference", facts.Idempotency, plural(made, "charge"))
	}
	return nil
}

func (b *bench) toldAsTold(ctx context.Context, o *order, facts sdk.Facts) error {
	if !b.askable(o.kind) {
		return nil
	}
	a := b.ask(ctx, o)
	if a.asked() != sdk.OutcomeSucceeded {
		return broken("a plain order that is paid by now is %s", a)
	}
	if facts.TellsCurrency && a.Told.Currency == "" {
		return broken("tells_currency, and the success came without one")
	}
	return nil
}

// notices waits for a notification where one is due, and counts those that came
// after the first so many.
func (b *bench) notices(ctx context.Context, due bool, before int) int {
	if due {
		await(ctx, noticeTimeout, func() bool { return len(b.post.all()) > before })
	}
	return len(b.post.all()) - before
}
