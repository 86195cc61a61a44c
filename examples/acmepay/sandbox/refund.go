package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// refund is a refund as the API takes it and tells it.
type refund struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	// Payment is the reference of the payment that is given back.
	Payment   string `json:"payment"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Status    string `json:"status"`
	Code      string `json:"code,omitempty"`
	NotifyURL string `json:"notify_url,omitempty"`
}

// giveBack takes a refund of what is left of a payment that was paid.
func (s *Server) giveBack(body []byte) sandboxkit.Answer {
	var asked refund
	if json.Unmarshal(body, &asked) != nil || asked.Reference == "" {
		return problem(http.StatusUnprocessableEntity, "invalid")
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	s.calls[asked.Reference]++
	if s.findRefund(asked.Reference) != nil {
		return problem(http.StatusConflict, "duplicate")
	}
	payment := s.find(asked.Payment)
	if payment == nil || payment.Status != paid || !s.covers(payment, parse(asked.Amount, asked.Currency)) {
		return problem(http.StatusUnprocessableEntity, "not_refundable")
	}
	made := &asked
	made.ID, made.Status = fmt.Sprintf("re_%d", s.stage.Next()), "underway"
	s.refunds = append(s.refunds, made)
	s.stage.After(refundedAfter, func() {
		if made.Status = usual(made.Amount, "refunded"); made.Status == declined {
			made.Code = "account_closed"
		}
		s.announce(made.ID, made.Reference, made.Status, made.NotifyURL)
	})
	return sandboxkit.JSON(http.StatusCreated, made)
}

// covers reports whether so much is left of a payment. The lock is held.
func (s *Server) covers(p *payment, amount money.Amount) bool {
	left := parse(p.Amount, p.Currency)
	for _, r := range s.refunds {
		if r.Payment != p.Reference || r.Status == declined {
			continue
		}
		rest, err := left.Sub(parse(r.Amount, r.Currency))
		if err != nil {
			return false
		}
		left = rest
	}
	order, err := amount.Compare(left)
	return err == nil && order <= 0 && !amount.IsZero()
}

func (s *Server) tellRefund(reference string) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	if found := s.findRefund(reference); found != nil {
		return sandboxkit.JSON(http.StatusOK, found)
	}
	return problem(http.StatusNotFound, "not_found")
}

// findRefund looks for a reference. The lock is held.
func (s *Server) findRefund(reference string) *refund {
	for _, r := range s.refunds {
		if r.Reference == reference {
			return r
		}
	}
	return nil
}
