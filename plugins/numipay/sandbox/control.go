package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

func (s *Server) routeControl() {
	sandboxkit.Order(s.stage, "transactions/{id}", s.orderDecision)
	sandboxkit.Order(s.stage, "notify/{id}", s.orderNotify)
}

// orderDecision answers with the row as it is then.
func (s *Server) orderDecision(ref string, order Decision) (any, error) {
	if err := s.Decide(ref, order); err != nil {
		return nil, err
	}
	row, _ := s.Transaction(ref)
	return row, nil
}

func (s *Server) orderNotify(ref string, order Again) (any, error) {
	tried, err := s.Notify(ref, order)
	if err != nil {
		return nil, err
	}
	return map[string][]Notification{"notifications": tried}, nil
}
