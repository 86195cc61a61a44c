package conformance

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

func amountsAreExact() clause {
	return clause{
		name:    "amounts are exact",
		demands: "In currencies with 0, 2 and 3 decimals, as far as the corridors name them, the provider is asked for exactly the amount and tells exactly it back.",
		mend:    "Write amounts with Amount.Decimal or from Amount.Minor, never through a float, and refuse what the provider cannot express instead of rounding it.",
		check: func(ctx context.Context, b *bench) (string, error) {
			return b.each(func(kind sdk.Kind) (string, error) { return b.exact(ctx, kind) })
		},
	}
}

func (b *bench) exact(ctx context.Context, kind sdk.Kind) (string, error) {
	var seen []string
	tried := map[int]bool{}
	for _, sample := range b.orders(kind) {
		o, err := b.order(ctx, kind, sample)
		if err != nil {
			return "", err
		}
		if err := b.exactly(ctx, o); err != nil {
			return "", err
		}
		tried[o.attempt.Amount.Currency().Exponent()] = true
		seen = append(seen, o.attempt.Amount.String())
	}
	for _, currency := range b.corridorCurrencies(kind) {
		if !tried[currency.Exponent()] {
			return "", broken("the corridors name %s, with %d decimals, and the sandbox's script orders nothing like it",
				currency, currency.Exponent())
		}
	}
	return strings.Join(seen, ", "), nil
}

func (b *bench) exactly(ctx context.Context, o *order) error {
	created := o.send(ctx, b.account)
	o.learn(created)
	if created.err != nil || created.Outcome.CreateOnly() {
		return broken("%s is not taken: %s", o.attempt.Amount, created)
	}
	if err := b.chargedExactly(ctx, o); err != nil {
		return err
	}
	if action := created.NextAction; action != nil && !action.Amount.IsZero() && action.Amount != o.attempt.Amount {
		return broken("the customer is told to pay %s, not %s", action.Amount, o.attempt.Amount)
	}
	if match := created.Match; match != nil && match.Amount != o.attempt.Amount {
		return broken("a transfer of %s pays %s", match.Amount, o.attempt.Amount)
	}
	if !b.askable(o.kind) {
		return nil
	}
	if err := b.settle(ctx, o); err != nil {
		return err
	}
	told := b.ask(ctx, o).Told
	if told.Amount != "" && !equalDecimals(told.Amount, o.attempt.Amount.Decimal()) {
		return broken("%s was paid, and the plugin tells of %q", o.attempt.Amount, told.Amount)
	}
	return nil
}

func (b *bench) chargedExactly(ctx context.Context, o *order) error {
	if b.harmless(o.kind) {
		return nil
	}
	charges, err := b.desk.charges(ctx, o.kind)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(charges, func(c sandboxkit.Charge) bool { return c.Ref == o.attempt.Ref })
	if at < 0 {
		return broken("%s was taken, and the sandbox's ledger has no charge of it", o.attempt.Amount)
	}
	c := charges[at]
	if c.Currency != o.attempt.Amount.Currency().String() || !equalDecimals(c.Amount, o.attempt.Amount.Decimal()) {
		return broken("for %s the provider was asked for %s", o.attempt.Amount, fmt.Sprint(c.Amount, " ", c.Currency))
	}
	return nil
}

// corridorCurrencies are those that the corridors of a kind name.
func (b *bench) corridorCurrencies(kind sdk.Kind) []money.Currency {
	var all []money.Currency
	for _, corridor := range b.can.Corridors {
		if corridor.Kind == kind {
			all = append(all, corridor.Currencies...)
		}
	}
	return all
}

// equalDecimals compares two amounts in major units, however many zeros they end with.
func equalDecimals(a, b string) bool {
	left, ok := new(big.Rat).SetString(strings.TrimSpace(a))
	right, also := new(big.Rat).SetString(b)
	return ok && also && left.Cmp(right) == 0
}
