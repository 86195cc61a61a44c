package sandbox

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"
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

func (s *Server) routePage(mux *http.ServeMux) {
	page := template.Must(template.New("page").Parse(pageText))
	mux.HandleFunc("GET /payment/{token}", func(w http.ResponseWriter, r *http.Request) { s.showPage(w, r, page) })
	mux.HandleFunc("POST /payment/{token}", s.postPage)
}

// showPage is the page itself. Who opens it takes their time: the payment waits for an action from
// then on.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request, page *template.Template) {
	view, ok := s.visit(r.PathValue("token"), r.Method == http.MethodGet)
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.stamp(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = page.Execute(w, view) // a browser that has gone needs no page
}

func (s *Server) visit(token string, opened bool) (pageView, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	p, ok := s.byToken[token]
	if !ok {
		return pageView{}, false
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

// postPage is a button of the page.
func (s *Server) postPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, controlMax)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	token := r.PathValue("token")
	err := s.press(token, Action(r.PostForm.Get("action")), r.PostForm.Get("method"))
	switch {
	case err == nil:
		http.Redirect(w, r, "/payment/"+token, http.StatusSeeOther)
	case errors.Is(err, ErrUnknownRef):
		http.NotFound(w, r)
	case errors.Is(err, ErrDecided):
		http.Error(w, err.Error(), http.StatusConflict)
	default:
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (s *Server) press(token string, action Action, method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
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
	s.settle()
	return nil
}
