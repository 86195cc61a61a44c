package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

// script is what a conformance run orders: three currencies, one of them without
// decimals, and what is declined.
func script() sandboxkit.Script {
	of := func(amount, currency string) sandboxkit.Sample {
		return sandboxkit.Sample{Amount: amount, Currency: currency, Country: "CI", Phone: "+2250707123456"}
	}
	refused := of("1000", "XOF")
	refused.Phone = "+2250707123000"
	return sandboxkit.Script{SettleMS: decidedAfter.Milliseconds(), Plays: map[string]sandboxkit.Play{
		"payout": {Orders: []sandboxkit.Sample{of("1000", "XOF"), of("4.35", "EUR"), of("1.234", "KWD")}, Declined: &refused},
	}}
}

// charges are all payouts that were made. The lock is held.
func (s *Server) charges() []sandboxkit.Charge {
	var all []sandboxkit.Charge
	for _, p := range s.payouts {
		all = append(all, sandboxkit.Charge{
			Ref: p.Reference, Kind: "payout", Amount: p.Amount, Currency: p.Currency, Paid: p.Status == paid,
		})
	}
	return all
}

// state is the ledger, at GET /_sandbox/state.
func (s *Server) state() any {
	s.stage.Lock()
	defer s.stage.Unlock()
	payouts := []payout{}
	for _, p := range s.payouts {
		payouts = append(payouts, *p)
	}
	return map[string]any{"payouts": payouts, "notifications": s.stage.Ledger().Tries}
}
