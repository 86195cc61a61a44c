package routing

import (
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// lacks returns why an account with these capabilities cannot serve the
// transaction, "" if it can.
func lacks(c *sdk.Capabilities, f *facts) string {
	kind := f.sample.Kind
	if !c.Can(sdk.Operation(kind)) {
		return "offers no " + string(kind)
	}
	if f.sample.Card && !c.CardS2S {
		return "takes no raw card data"
	}
	missed, nearest := clauseNone, -1
	for i := range c.Corridors {
		clause := misses(&c.Corridors[i], f)
		if clause == clauseNone {
			return ""
		}
		if clause > missed {
			missed, nearest = clause, i
		}
	}
	if nearest < 0 || missed == clauseKind {
		return "serves no " + string(kind)
	}
	return shortfall(&c.Corridors[nearest], missed, f)
}

// misses returns the first clause in which a transaction does not fit a
// corridor, clauseNone if it fits. What the request leaves open fits.
func misses(c *sdk.Corridor, f *facts) clause {
	switch {
	case c.Kind != f.sample.Kind:
		return clauseKind
	case len(c.Currencies) > 0 && !slices.Contains(c.Currencies, f.currency):
		return clauseCurrency
	case !admits(c.Countries, f.sample.Country):
		return clauseCountry
	case methodOf(f.sample) != methodAny && !slices.Contains(c.Methods, methodAny) && !admits(c.Methods, f.sample.Method):
		return clauseMethod
	case !admits(c.Networks, f.sample.Network):
		return clauseNetwork
	case f.minor == 0:
		return clauseNone
	case below(f.sample.Amount, c.Min) || below(c.Max, f.sample.Amount) && !c.Max.IsZero():
		return clauseAmount
	case !c.Step.IsZero() && !fits(f.sample.Amount, c.Step):
		return clauseStep
	}
	return clauseNone
}

func admits(list []string, value string) bool {
	return len(list) == 0 || value == "" || slices.Contains(list, value)
}

// below reports whether a is less than b. A bound in another currency holds no
// amount back from being below it; zero is no bound.
func below(a, b money.Amount) bool {
	if a.IsZero() || b.IsZero() {
		return false
	}
	return a.Currency() != b.Currency() || a.Minor() < b.Minor()
}

func fits(amount, step money.Amount) bool {
	whole, err := amount.MultipleOf(step)
	return err == nil && whole
}

// shortfall says in words in what a transaction does not fit a corridor.
func shortfall(c *sdk.Corridor, missed clause, f *facts) string {
	amount := f.sample.Amount
	switch missed {
	case clauseCurrency:
		return "currency " + f.currency.String() + " is not served, only " + codes(c.Currencies)
	case clauseCountry:
		return "country " + f.sample.Country + " is not served, only " + strings.Join(c.Countries, ", ")
	case clauseMethod:
		return "method " + f.sample.Method + " is not served, only " + strings.Join(c.Methods, ", ")
	case clauseNetwork:
		return "network " + f.sample.Network + " is not served, only " + strings.Join(c.Networks, ", ")
	case clauseStep:
		return "amount " + amount.String() + " is not a multiple of " + c.Step.String()
	case clauseAmount:
		if below(amount, c.Min) {
			return "amount " + amount.String() + " is below its minimum " + c.Min.String()
		}
		return "amount " + amount.String() + " is above its maximum " + c.Max.String()
	default:
		return "serves no " + string(f.sample.Kind)
	}
}

func codes(currencies []money.Currency) string {
	list := make([]string, len(currencies))
	for i, c := range currencies {
		list[i] = c.String()
	}
	return strings.Join(list, ", ")
}
