package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

func (s *Server) routeControl() {
	sandboxkit.Order(s.stage, "transactions/{id}", func(ref string, order Decision) (any, error) {
		err := s.Decide(ref, order)
		row, _ := s.Transaction(ref)
		return row, err
	})
	sandboxkit.Order(s.stage, "notify/{id}", func(ref string, order Again) (any, error) {
		tried, err := s.Notify(ref, order)
		return map[string][]Notification{"notifications": tried}, err
	})
}
