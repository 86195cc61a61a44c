package sandbox

import (
	_ "embed"
	"errors"
	"html/template"
	"net/http"
)

//go:embed page.html
var pageText string

func (s *Server) routePage() {
	page := template.Must(template.New("page").Parse(pageText))
	s.mux.HandleFunc("GET /cashier/{id}", func(w http.ResponseWriter, r *http.Request) { s.showPage(w, r, page) })
	s.mux.HandleFunc("POST /cashier/{id}", s.postPage)
}

// showPage is the cashier. Who opens it takes their time: the transaction waits
// for an action from then on.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request, page *template.Template) {
	row, ok := s.visit(r.PathValue("id"), r.Method == http.MethodGet)
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.stamp(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = page.Execute(w, row) // a browser that has gone needs no page
}

func (s *Server) visit(id string, opened bool) (Transaction, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	t, ok := s.byID[id]
	if !ok {
		return Transaction{}, false
	}
	if opened && t.Status == wordPending && t.Decision == "" {
		t.plan++ // the end of a transaction that nobody visits is void
	}
	t.Visited = t.Visited || opened
	return t.Transaction, true
}

// postPage is a button of the cashier.
func (s *Server) postPage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, controlMax)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	id := r.PathValue("id")
	err := s.press(id, Action(r.PostForm.Get("action")))
	switch {
	case err == nil:
		http.Redirect(w, r, "/cashier/"+id, http.StatusSeeOther)
	case errors.Is(err, ErrUnknownRef):
		http.NotFound(w, r)
	case errors.Is(err, ErrDecided):
		http.Error(w, err.Error(), http.StatusConflict)
	default:
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

// press does what a customer does: pay ends as the amount wants it, at once, and
// a payout's recipient has then named where the money goes.
func (s *Server) press(id string, action Action) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
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
		s.settle()
	}
	return nil
}
