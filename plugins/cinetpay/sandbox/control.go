package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

func (s *Server) routeControl() {
	sandboxkit.Order(s.stage, "payments/{id}", func(id string, order Decision) (any, error) {
		if err := s.Decide(id, order); err != nil {
			return nil, err
		}
		if row, ok := s.Payment(id); ok {
			return row, nil
		}
		row, _ := s.Transfer(id)
		return row, nil
	})
	sandboxkit.Order(s.stage, "notify/{id}", func(id string, order Again) (any, error) {
		tried, err := s.Notify(id, order)
		return map[string][]Notification{"notifications": tried}, err
	})
}
