package conformance

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"github.com/paymux/paymux/sdk"
)

func wordsAreVerbatim() clause {
	return clause{
		name:    "the provider's words are verbatim",
		demands: "ProviderStatus and ProviderCode are what the provider wrote, letter by letter, and a success and a decline have at least one of them.",
		mend:    "Copy the provider's words as they came. Outcome and Reason are the place for ours.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.verbatim(ctx, kind) })
		},
	}
}

func (b *bench) verbatim(ctx context.Context, kind sdk.Kind) (string, error) {
	seen, err := b.wordsOf(ctx, kind, "an order that is paid", func() (*order, answer, error) {
		return b.create(ctx, kind, b.usual(kind))
	})
	declined := b.script.Plays[string(kind)].Declined
	if err != nil || declined == nil {
		return seen, err
	}
	more, err := b.wordsOf(ctx, kind, "a declined order", func() (*order, answer, error) { return b.create(ctx, kind, *declined) })
	return joined(seen, more), err
}

// wordsOf makes an order, asks for it, and looks for the words of each answer in
// what the sandbox wrote for it.
func (b *bench) wordsOf(
	ctx context.Context, kind sdk.Kind, what string, create func() (*order, answer, error),
) (string, error) {
	mark := b.proxy.mark()
	o, last, err := create()
	if err != nil {
		return "", err
	}
	if err := b.wordsStand(last, mark); err != nil {
		return "", err
	}
	if b.askable(kind) {
		if err := b.settle(ctx, o); err != nil {
			return "", err
		}
		mark, last = b.proxy.mark(), b.ask(ctx, o)
		if err := b.wordsStand(last, mark); err != nil {
			return "", err
		}
	}
	if last.ProviderStatus == "" && last.code() == "" {
		return "", broken("%s has neither ProviderStatus nor ProviderCode: %s", what, last)
	}
	return fmt.Sprintf("%q %q", last.ProviderStatus, last.code()), nil
}

func (b *bench) wordsStand(a answer, mark int) error {
	written := b.proxy.since(mark)
	for _, word := range []string{a.ProviderStatus, a.code()} {
		if word != "" && !stands(written, word) {
			return broken("%q is in no answer of the provider's", word)
		}
	}
	return nil
}

// stands reports whether a word is in an answer, or is the HTTP status of one.
func stands(written []exchange, word string) bool {
	for _, e := range written {
		if bytes.Contains(e.reply.body, []byte(word)) || strconv.Itoa(e.reply.status) == word {
			return true
		}
	}
	return false
}
