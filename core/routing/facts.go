package routing

import (
	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk/money"
)

// facts is a sample in the form that matchers compare. It is made once a
// decision, so that a rule costs a few comparisons and no allocation.
type facts struct {
	sample                *core.Sample
	kind, method, network set
	country               country
	currency              money.Currency
	minor                 int64
	// untold says that the last condition could not be told.
	untold bool
}

func factsOf(sample *core.Sample) facts {
	return facts{
		sample:   sample,
		kind:     kinds.bit(string(sample.Kind)),
		method:   methods.bit(methodOf(sample)),
		network:  networks.bit(sample.Network),
		country:  countryOf(sample.Country),
		currency: sample.Amount.Currency(),
		minor:    sample.Amount.Minor(),
	}
}

// methodOf returns the method, any for a request that has none.
func methodOf(sample *core.Sample) string {
	if sample.Method == "" {
		return methodAny
	}
	return sample.Method
}

// present reports whether the request has a field. Those that routing itself
// sees need not be named among the present ones.
func (f *facts) present(field string) bool {
	switch field {
	case "country":
		return f.sample.Country != ""
	case "network":
		return f.sample.Network != ""
	case "method":
		return methodOf(f.sample) != methodAny
	default:
		return f.sample.Present[field]
	}
}
