package sandboxkit

import (
	"html/template"
	"net/http"
	"net/url"
)

// Page is a page on which a customer decides. Its functions are called without
// the lock.
type Page struct {
	// Path has a wildcard {id}, such as "/cashier/{id}".
	Path     string
	Template *template.Template
	// View returns what the template shows, and whether there is such an id.
	// Opened says that a person looks, which a HEAD request is not.
	View func(id string, opened bool) (view any, ok bool)
	// Press carries out a button's form, and leads back to the page. Its errors
	// are answered as those of an Order.
	Press func(id string, form url.Values) error
}

// Page serves a page.
func (s *Stage) Page(p Page) {
	s.HandleFunc("GET "+p.Path, func(w http.ResponseWriter, r *http.Request) { s.showPage(w, r, p) })
	s.HandleFunc("POST "+p.Path, p.post)
}

func (s *Stage) showPage(w http.ResponseWriter, r *http.Request, p Page) {
	view, ok := p.View(r.PathValue("id"), r.Method == http.MethodGet)
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.stamp(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = p.Template.Execute(w, view) // a browser that has gone needs no page
}

func (p Page) post(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, controlMax)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	err := p.Press(r.PathValue("id"), r.PostForm)
	switch {
	case err == nil:
		http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
	case statusOf(err) == http.StatusNotFound:
		http.NotFound(w, r)
	default:
		http.Error(w, err.Error(), statusOf(err))
	}
}
