package conformance

import (
	"context"
	"regexp"

	"github.com/paymux/paymux/sdk"
)

func differencesAreTold() clause {
	return clause{
		name:    "a difference is told as the provider said it",
		demands: "Where the provider tells of another amount or currency than ours, Told has theirs.",
		mend:    "Fill Told from the provider's answer alone. The plugin never compares and never falls back on the request: the engine compares.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.differs(ctx, kind) })
		},
	}
}

func (b *bench) differs(ctx context.Context, kind sdk.Kind) (string, error) {
	if !b.askable(kind) {
		return "", moot("it cannot be asked for")
	}
	o, clean, err := b.settled(ctx, kind, b.usual(kind))
	if err != nil {
		return "", err
	}
	if clean.Told.Amount == "" {
		return "", moot("the provider tells no amount")
	}
	other := otherDigits(clean.Told.Amount)
	if got := b.askRewritten(ctx, o, clean.Told.Amount, other); got.Told.Amount != other {
		return "", broken("the provider said %q, and the plugin told %q: %s", other, got.Told.Amount, got)
	}
	if clean.Told.Currency == "" {
		return "amount " + other, nil
	}
	currency := "XAF"
	if clean.Told.Currency == currency {
		currency = "XOF"
	}
	if got := b.askRewritten(ctx, o, clean.Told.Currency, currency); got.Told.Currency != currency {
		return "", broken("the provider said %s, and the plugin told %q: %s", currency, got.Told.Currency, got)
	}
	return "amount " + other + ", currency " + currency, nil
}

// askRewritten asks without evidence, while the proxy writes another word in the
// place of one that the provider says.
func (b *bench) askRewritten(ctx context.Context, o *order, word, other string) answer {
	b.proxy.set(every, instead(func(a reply) reply {
		a.body = replaceWord(a.body, word, other)
		return a
	}))
	defer b.proxy.clear()
	return b.askWith(ctx, b.account, o.attempt)
}

// replaceWord puts another word in the place of one: as the text of a JSON value
// where it is one, also in capitals, and else wherever it stands by itself.
func replaceWord(text []byte, word, other string) []byte {
	quoted := regexp.QuoteMeta(word)
	for _, pattern := range []string{
		`(:\s*")` + quoted + `(")`, `(?i)(:\s*")` + quoted + `(")`,
		`(^|[^A-Za-z0-9_.])` + quoted + `([^A-Za-z0-9_.]|$)`, `(?i)(^|[^A-Za-z0-9_.])` + quoted + `([^A-Za-z0-9_.]|$)`,
	} {
		if found := regexp.MustCompile(pattern); found.Match(text) {
			return found.ReplaceAll(text, []byte("${1}"+other+"${2}"))
		}
	}
	return text
}

// otherDigits is another number of the same form: its first digit that is not
// zero is another one.
func otherDigits(number string) string {
	changed := []byte(number)
	for i, c := range changed {
		if c >= '1' && c <= '9' {
			changed[i] = '1' + (c-'0')%9
			break
		}
	}
	return string(changed)
}
