package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// The words of a payment that is over.
const (
	paid     = "paid"
	declined = "declined"
)

// usual is what becomes of a payment that nobody decides.
func usual(p *payment) string {
	if strings.HasSuffix(p.Amount, "13") {
		return declined
	}
	return paid
}

// decide ends an open payment and tells the merchant. The lock is held.
func (s *Server) decide(p *payment, status string) {
	if p.Status != "open" {
		return
	}
	if p.Status = status; status == declined {
		p.Code = "do_not_honour"
	}
	body, err := json.Marshal(map[string]string{"id": p.ID, "reference": p.Reference, "status": p.Status})
	if err != nil || p.NotifyURL == "" {
		return
	}
	s.stage.Post(0, sandboxkit.Delivery{Ref: p.Reference, Word: p.Status, Requests: []sandboxkit.Request{{
		Method: http.MethodPost, URL: p.NotifyURL, Body: body, Header: http.Header{"X-Acme-Signature": {signature(body)}},
	}}})
}

func signature(body []byte) string {
	mac := hmac.New(sha256.New, []byte(WebhookSecret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func page() *template.Template {
	return template.Must(template.New("pay").Parse(`<!doctype html><title>Acme sandbox</title>
<h1>{{.Amount}} {{.Currency}}</h1><p>{{.Reference}} is {{.Status}}. No money moves here.</p>
<form method="post"><button name="action" value="paid">Pay</button> <button name="action" value="declined">Decline</button></form>
{{with .ReturnURL}}<p><a href="{{.}}">Back to the shop</a></p>{{end}}
`))
}

func (s *Server) view(id string, _ bool) (any, bool) {
	s.stage.Lock()
	defer s.stage.Unlock()
	if found := s.find(id); found != nil {
		return *found, true
	}
	return nil, false
}

func (s *Server) press(id string, form url.Values) error {
	action := form.Get("action")
	if action != paid && action != declined {
		return sandboxkit.ErrUnknownAction
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	if found := s.find(id); found != nil {
		s.decide(found, action)
		s.stage.Settle() // So that the notification is on its way.
	}
	return nil
}
