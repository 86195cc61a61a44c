package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

// script is what a conformance run orders. The decimals are none of the trigger
// table, but for those of what is declined.
func script() sandboxkit.Script {
	order := sandboxkit.Sample{
		Amount: "200.00", Currency: "EUR", Country: "FR", Method: "any", CustomerID: "1111222",
		Phone: "+33612345678", Name: "Aya", Surname: "Koné", Email: "aya@example.com",
	}
	cents, declined := order, order
	cents.Amount, cents.Currency, cents.Country = "4.35", "GBP", "GB"
	declined.Amount = "200.02"
	play := sandboxkit.Play{Orders: []sandboxkit.Sample{order, cents}, Declined: &declined}
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
