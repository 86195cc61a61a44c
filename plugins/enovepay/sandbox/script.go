package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

// script is what a conformance run orders. The phones are none of the trigger
// table, but for those of what is declined.
func script() sandboxkit.Script {
	order := sandboxkit.Sample{
		Amount: "1000", Currency: "XOF", Country: "CI", Method: "mobile_money", Network: "ORANGE",
		Phone: "+2250707123456", Name: "Aya", Surname: "Koné",
	}
	cedi, declined := order, order
	cedi.Amount, cedi.Currency, cedi.Country, cedi.Network, cedi.Phone = "4.35", "GHS", "GH", "MTN", "+233241234456"
	declined.Phone = "+2250707123112"
	play := sandboxkit.Play{Orders: []sandboxkit.Sample{order, cedi}, Declined: &declined}
	return sandboxkit.Script{SettleMS: 5000, Plays: map[string]sandboxkit.Play{KindPayment: play, KindPayout: play}}
}

// charges are the transactions that were made. The caller holds the lock.
func (s *Server) charges() []sandboxkit.Charge {
	all := make([]sandboxkit.Charge, len(s.order))
	for i, t := range s.order {
		all[i] = sandboxkit.Charge{Ref: t.Ref, Kind: t.Kind, Amount: t.Amount, Currency: t.Currency, Paid: t.Paid}
	}
	return all
}
