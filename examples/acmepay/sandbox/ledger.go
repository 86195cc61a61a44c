package sandbox

import (
	"maps"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// script is what a conformance run orders: three currencies, one of them without
// decimals, and what is declined.
func script() sandboxkit.Script {
	of := func(amount, currency string) sandboxkit.Sample {
		return sandboxkit.Sample{Amount: amount, Currency: currency, Country: "FR"}
	}
	refused, unreturned := of("10.13", "EUR"), of("1.13", "EUR")
	return sandboxkit.Script{SettleMS: decidedAfter.Milliseconds(), Plays: map[string]sandboxkit.Play{
		"payment": {Orders: []sandboxkit.Sample{of("4.35", "EUR"), of("1000", "XOF"), of("1.234", "KWD")}, Declined: &refused},
		// Of the first order above.
		"refund": {Orders: []sandboxkit.Sample{of("4.00", "EUR")}, Declined: &unreturned},
	}}
}

// charges are all payments and refunds that were made. The lock is held.
func (s *Server) charges() []sandboxkit.Charge {
	var all []sandboxkit.Charge
	for _, p := range s.payments {
		all = append(all, sandboxkit.Charge{
			Ref: p.Reference, Kind: "payment", Amount: p.Amount, Currency: p.Currency, Paid: p.Status == paid,
		})
	}
	for _, r := range s.refunds {
		all = append(all, sandboxkit.Charge{
			Ref: r.Reference, Kind: "refund", Amount: r.Amount, Currency: r.Currency, Paid: r.Status == "refunded",
		})
	}
	return all
}

// state is the ledger, at GET /_sandbox/state.
func (s *Server) state() any {
	s.stage.Lock()
	defer s.stage.Unlock()
	payments := []payment{}
	for _, p := range s.payments {
		payments = append(payments, *p)
	}
	refunds := []refund{}
	for _, r := range s.refunds {
		refunds = append(refunds, *r)
	}
	return map[string]any{"payments": payments, "refunds": refunds, "create_calls": maps.Clone(s.calls), "notifications": s.stage.Ledger().Tries}
}
