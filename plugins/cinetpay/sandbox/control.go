package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

func (s *Server) routeControl() {
	sandboxkit.Order(s.stage, "payments/{id}", s.orderDecision)
	sandboxkit.Order(s.stage, "notify/{id}", s.orderNotify)
}

// orderDecision answers with the row as it is then.
func (s *Server) orderDecision(id string, order Decision) (any, error) {
	if err := s.Decide(id, order); err != nil {
		return nil, err
	}
	if row, ok := s.Payment(id); ok {
		return row, nil
	}
	row, _ := s.Transfer(id)
	return row, nil
}

func (s *Server) orderNotify(id string, order Again) (any, error) {
	tried, err := s.Notify(id, order)
	if err != nil {
		return nil, err
	}
	return map[string][]Notification{"notifications": tried}, nil
}
