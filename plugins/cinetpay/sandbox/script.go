package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

// script is what a conformance run orders. Amounts and phones are none of the
// trigger tables, but for those of what is declined.
func script() sandboxkit.Script {
	payment := sandboxkit.Sample{
		Amount: "1000", Currency: "XOF", Country: "CI", Method: "mobile_money", Network: "ORANGE",
		Phone: "+2250707123456", Name: "Aya", Surname: "Koné", Email: "aya@example.com",
	}
	dollars, refused := payment, payment
	dollars.Amount, dollars.Currency, dollars.Country, dollars.Phone = "12.00", "USD", "CD", "+243970000456"
	refused.Amount = "1105"
	francs, rejected := dollars, payment
	francs.Amount, francs.Currency, rejected.Phone = "2000.00", "CDF", "+2250707123101"
	return sandboxkit.Script{SettleMS: 5000, Plays: map[string]sandboxkit.Play{
		"payment": {Orders: []sandboxkit.Sample{payment, dollars}, Declined: &refused},
		"payout":  {Orders: []sandboxkit.Sample{payment, francs}, Declined: &rejected},
	}}
}

// charges are the payments and transfers that were made. The caller holds the lock.
func (s *Server) charges() []sandboxkit.Charge {
	var all []sandboxkit.Charge
	for _, p := range s.order {
		all = append(all, sandboxkit.Charge{Ref: p.Ref, Kind: "payment", Amount: p.Amount, Currency: p.Currency, Paid: p.Paid})
	}
	for _, t := range s.paidOut {
		all = append(all, sandboxkit.Charge{Ref: t.Ref, Kind: "payout", Amount: t.Amount, Currency: t.Currency, Paid: t.Paid})
	}
	return all
}
