package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// The words of a payout that is over.
const (
	paid     = "paid"
	declined = "declined"
)

// usual is what becomes of a payout that nobody decides.
func usual(p *payout) string {
	if strings.HasSuffix(p.Phone, "000") {
		return declined
	}
	return paid
}

// decide ends an accepted payout and tells the merchant. The lock is held.
func (s *Server) decide(p *payout, status string) {
	if p.Status != "accepted" {
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

// decision is what becomes of a payout before its time.
type decision struct {
	Status string `json:"status"`
}

// press is POST /_sandbox/payouts/{id}: it is paid or declined.
func (s *Server) press(id string, order decision) (any, error) {
	if order.Status != paid && order.Status != declined {
		return nil, sandboxkit.ErrUnknownAction
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	found := s.find(id)
	if found == nil {
		return nil, sandboxkit.Refusal(http.StatusNotFound, "no such payout")
	}
	s.decide(found, order.Status)
	s.stage.Settle() // So that the notification is on its way.
	return *found, nil
}
