package sandbox

import (
	_ "embed"
	"html/template"
	"net/url"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

//go:embed page.html
var pageText string

// routePage serves the cashier. Who opens it takes their time: the transaction
// waits for an action from then on.
func (s *Server) routePage() {
	s.stage.Page(sandboxkit.Page{
		Path: "/cashier/{id}", Template: template.Must(template.New("page").Parse(pageText)), View: s.visit, Press: s.press,
	})
}

func (s *Server) visit(id string, opened bool) (any, bool) {
	s.stage.Lock()
	defer s.stage.Unlock()
	t, ok := s.byID[id]
	if !ok {
		return nil, false
	}
	if opened && t.Status == wordPending && t.Decision == "" {
		t.plan++ // the end of a transaction that nobody visits is void
	}
	t.Visited = t.Visited || opened
	return t.Transaction, true
}

// press does what a customer does: pay ends as the amount wants it, at once, and
// a payout's recipient has then named where the money goes.
func (s *Server) press(id string, form url.Values) error {
	action := Action(form.Get("action"))
	s.stage.Lock()
	defer s.stage.Unlock()
	t, ok := s.byID[id]
	if !ok {
		return ErrUnknownRef
	}
	t.Visited = true
	if action == Expire {
		return ErrUnknownAction
	}
	if action == Refuse {
		return s.decide(t, Decision{Action: Refuse})
	}
	if err := t.may(action); err != nil {
		return err
	}
	if !s.held(t) {
		s.endAfter(t, 0)
		s.stage.Settle()
	}
	return nil
}
