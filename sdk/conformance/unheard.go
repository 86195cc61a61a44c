package conformance

import (
	"bytes"
	"context"
	"fmt"

	"github.com/paymux/paymux/sdk"
)

// unheardWord is a status that no provider has.
const unheardWord = "Zz_Never-heard"

func unheardWordIsUnknown() clause {
	return clause{
		name:    "an unknown status word is UNKNOWN",
		demands: "A status word that nobody documented is UNKNOWN when it is asked for, and never SUCCEEDED.",
		mend:    "Let the default of the switch over the provider's words be UNKNOWN, with an alert.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.unheard(ctx, kind) })
		},
	}
}

func (b *bench) unheard(ctx context.Context, kind sdk.Kind) (string, error) {
	if !b.askable(kind) {
		return "", moot("it cannot be asked for")
	}
	o, clean, err := b.settled(ctx, kind, b.usual(kind))
	if err != nil {
		return "", err
	}
	if clean.ProviderStatus == "" {
		return "", moot("the plugin tells no status word")
	}
	mark := b.proxy.mark()
	got := b.askRewritten(ctx, o, clean.ProviderStatus, unheardWord)
	if !b.wasThere(mark, clean.ProviderStatus) {
		return "", moot("the word %q is in no answer", clean.ProviderStatus)
	}
	if got.asked() != sdk.OutcomeUnknown {
		return "", broken("%q in the place of %q is %s", unheardWord, clean.ProviderStatus, got)
	}
	return fmt.Sprintf("%q is %s, %q is UNKNOWN", clean.ProviderStatus, clean.Outcome, unheardWord), nil
}

// wasThere reports whether the sandbox said a word that the proxy could replace.
func (b *bench) wasThere(mark int, word string) bool {
	for _, e := range b.proxy.since(mark) {
		if !bytes.Equal(replaceWord(e.reply.body, word, unheardWord), e.reply.body) {
			return true
		}
	}
	return false
}
