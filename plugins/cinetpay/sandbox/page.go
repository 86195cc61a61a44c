package sandbox

import (
	_ "embed"
	"html/template"
	"net/url"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

//go:embed page.html
var pageText string

// The states that the page shows.
const (
	pageOpen       = "open"
	pageConfirming = "confirming"
	pagePaid       = "paid"
	pageRefused    = "refused"
)

// pageView is what the page tells a customer.
type pageView struct {
	Payment
	State   string
	Message string
	Methods []string
}

// routePage serves the page. Who opens it takes their time: the payment waits for an action from
// then on.
func (s *Server) routePage() {
	s.stage.Page(sandboxkit.Page{
		Path: "/payment/{id}", Template: template.Must(template.New("page").Parse(pageText)), View: s.visit, Press: s.press,
	})
}

func (s *Server) visit(token string, opened bool) (any, bool) {
	s.stage.Lock()
	defer s.stage.Unlock()
	p, ok := s.byToken[token]
	if !ok {
		return nil, false
	}
	if opened && p.Code == codeUnvisited {
		p.plan++ // the completion of a payment that nobody visits is void
	}
	p.Visited = p.Visited || opened
	return pageView{Payment: p.Payment, State: p.pageState(), Message: messageOf(p.Code), Methods: p.methods()}, true
}

func (p *payment) pageState() string {
	switch {
	case p.Paid:
		return pagePaid
	case p.Code == codePushed:
		return pageConfirming
	case p.DecidedAt != nil:
		return pageRefused
	}
	return pageOpen
}

// press is a button of the page.
func (s *Server) press(token string, form url.Values) error {
	action, method := Action(form.Get("action")), form.Get("method")
	s.stage.Lock()
	defer s.stage.Unlock()
	p, ok := s.byToken[token]
	if !ok {
		return ErrUnknownRef
	}
	p.Visited = true
	if action == Pay {
		if method == "" {
			method = p.methods()[0]
		}
		return s.push(p, method)
	}
	if err := s.decidePayment(p, Decision{Action: action}); err != nil {
		return err
	}
	s.stage.Settle()
	return nil
}
