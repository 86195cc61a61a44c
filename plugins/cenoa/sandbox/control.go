package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

// userOrder adds a user.
type userOrder struct {
	Phone string `json:"phone"`
	Email string `json:"email"`
}

// statusOrder changes the status of a transfer.
type statusOrder struct {
	Status string `json:"status"`
}

func (s *Server) routeControl() {
	sandboxkit.Order(s.stage, "pay", s.pay)
	sandboxkit.Order(s.stage, "users", func(_ string, order userOrder) (any, error) {
		return s.AddUser(order.Phone, order.Email)
	})
	sandboxkit.Order(s.stage, "transfers", func(_ string, order Order) (any, error) {
		return s.Send(order)
	})
	sandboxkit.Order(s.stage, "transfers/{id}", func(id string, order statusOrder) (any, error) {
		return s.SetStatus(id, order.Status)
	})
}
