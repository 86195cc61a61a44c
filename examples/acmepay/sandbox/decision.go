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
	canceled = "canceled"
)

// usual is what becomes of a payment that nobody decides, or of a refund, by its amount.
func usual(amount, good string) string {
	if strings.HasSuffix(amount, "13") {
		return declined
	}
	return good
}

// decide ends an open payment and tells the merchant. The lock is held.
func (s *Server) decide(p *payment, status string) {
	if p.Status != "open" {
		return
	}
	if p.Status = status; status == declined {
		p.Code = "do_not_honour"
	}
	s.announce(p.ID, p.Reference, p.Status, p.NotifyURL)
}

// announce tells the merchant what became of a payment or a refund. The lock is held.
func (s *Server) announce(id, reference, status, to string) {
	body, err := json.Marshal(map[string]string{"id": id, "reference": reference, "status": status})
	if err != nil || to == "" {
		return
	}
	s.stage.Post(0, sandboxkit.Delivery{Ref: reference, Word: status, Requests: []sandboxkit.Request{{
		Method: http.MethodPost, URL: to, Body: body, Header: http.Header{"X-AcmePay-Signature": {signature(body)}},
	}}})
}

// cancel closes an open payment, as often as it is asked to. One that is over
// otherwise stays as it is.
func (s *Server) cancel(body []byte) sandboxkit.Answer {
	var asked payment
	if json.Unmarshal(body, &asked) != nil {
		return problem(http.StatusUnprocessableEntity, "invalid")
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	found := s.find(asked.Reference)
	if found == nil {
		return problem(http.StatusNotFound, "not_found")
	}
	s.decide(found, canceled)
	if found.Status != canceled {
		return problem(http.StatusConflict, "over")
	}
	return sandboxkit.JSON(http.StatusOK, found)
}

func signature(body []byte) string {
	mac := hmac.New(sha256.New, []byte(WebhookSecret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func page() *template.Template {
	return template.Must(template.New("pay").Parse(`<!doctype html><title>AcmePay sandbox</title>
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
