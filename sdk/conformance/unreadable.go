package conformance

import (
	"context"
	"fmt"
	"net/http"

	"github.com/paymux/paymux/sdk"
)

func unreadableIsUnknown() clause {
	return clause{
		name:    "an unreadable answer is UNKNOWN",
		demands: "An answer that is garbage, empty, half, cut off, no HTTP, or longer than 1 MiB is UNKNOWN, to a creating call (NOT_SENT will do where it creates nothing) and to a question.",
		mend:    "Decide only on an answer that was read whole and parsed; everything else is UNKNOWN, because the provider may have acted. httpx bounds and checks the reading.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.unreadable(ctx, kind) })
		},
	}
}

// spoiled is a way in which an answer cannot be read.
type spoiled struct {
	name  string
	spoil spoiler
}

func unreadables() []spoiled {
	return []spoiled{
		{"garbage with 200", garbage(http.StatusOK)},
		{"garbage with 502", garbage(http.StatusBadGateway)},
		{"an empty body", instead(empty)},
		{"half of the text", instead(half)},
		{"2 MiB", instead(huge)},
		{"cut before the body", cutAt(func(int) int { return 0 })},
		{"cut in the middle", cutAt(func(whole int) int { return whole / 2 })},
		{"cut before the last byte", cutAt(func(whole int) int { return max(0, whole-1) })},
		{"no HTTP", noHTTP},
	}
}

func (b *bench) unreadable(ctx context.Context, kind sdk.Kind) (string, error) {
	ways := unreadables()
	for _, way := range ways {
		if err := b.createdUnread(ctx, kind, way); err != nil {
			return "", err
		}
	}
	if !b.askable(kind) {
		return plural(len(ways), "way") + " to spoil the creating call", nil
	}
	o, _, err := b.settled(ctx, kind, b.usual(kind))
	if err != nil {
		return "", err
	}
	for _, way := range ways {
		b.proxy.set(every, way.spoil)
		a := b.askWith(ctx, b.account, o.attempt)
		b.proxy.clear()
		if a.asked() != sdk.OutcomeUnknown {
			return "", broken("%s as the answer to a question is %s", way.name, a)
		}
	}
	return fmt.Sprintf("%s to spoil a call and a question", plural(len(ways), "way")), nil
}

func (b *bench) createdUnread(ctx context.Context, kind sdk.Kind, way spoiled) error {
	o, creates, err := b.unsent(ctx, kind)
	if err != nil {
		return err
	}
	b.proxy.set(creates, way.spoil)
	defer b.proxy.clear()
	if a := o.send(ctx, b.account); !b.uncreated(kind, a.outcome()) {
		return broken("%s as the answer to a creating call is %s", way.name, a)
	}
	return nil
}
