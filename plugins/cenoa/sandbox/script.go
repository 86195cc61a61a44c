package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

// script is what a conformance run orders. The decimals are none of the trigger
// table, but for those of the transfer that fails.
func script() sandboxkit.Script {
	order := sandboxkit.Sample{Amount: "10.50", Currency: "USD", Country: "TR", Method: "wallet", Phone: "+905551112233"}
	cents, failed := order, order
	cents.Amount, failed.Amount = "4.35", "10.01"
	return sandboxkit.Script{SettleMS: 1000, Plays: map[string]sandboxkit.Play{
		"payment": {Orders: []sandboxkit.Sample{order, cents}, Declined: &failed},
	}}
}

// charges are none: an order is an instruction to the customer, and nothing is
// made for it here.
func (*Server) charges() []sandboxkit.Charge { return nil }

// pay sends a transfer of the user with the sample's phone, as the customer does
// who was told to.
func (s *Server) pay(_ string, sample sandboxkit.Sample) (any, error) {
	user, err := s.AddUser(sample.Phone, "")
	if err != nil {
		return nil, err
	}
	return s.Send(Order{UserID: user.ID, Amount: sample.Amount, Currency: sample.Currency})
}
