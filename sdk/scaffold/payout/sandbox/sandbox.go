// Package sandbox is Acme on this machine: its API as its documents say, a ledger of
// what really happened, and a clock that tests move. No money moves. A payout is
// paid after five seconds, unless somebody decided it before; one to a phone that
// ends with 000 is declined.
package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// The credentials of the only merchant.
const (
	APIKey        = "acme-sandbox-key"
	WebhookSecret = "acme-sandbox-secret"
)

// The operations, for faults.
const (
	OpPay  sandboxkit.Operation = "pay"
	OpTell sandboxkit.Operation = "tell"
)

const decidedAfter = 5 * time.Second

// Server is the sandbox. Its methods may be called from any goroutine.
type Server struct {
	*sandboxkit.Server
	stage   *sandboxkit.Stage
	payouts []*payout // In the order of making. The stage's lock guards it.
}

// payout is a payout as the API takes it and tells it.
type payout struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Status    string `json:"status"`
	Code      string `json:"code,omitempty"`
	Phone     string `json:"phone"`
	Speed     string `json:"speed"`
	NotifyURL string `json:"notify_url,omitempty"`
}

// New returns a sandbox for the address, such as 127.0.0.1:0. Start starts it.
func New(addr string) *Server {
	s := &Server{}
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Addr: addr, Operations: []sandboxkit.Operation{OpPay, OpTell}, UserAgent: "Acme/1.0",
		State: s.state, Forget: func() { s.payouts = nil },
		Pauses: []time.Duration{time.Minute, time.Hour}, Script: script(), Charges: s.charges,
	})
	s.Server = s.stage.Server()
	s.stage.HandleFunc("POST /payouts", s.servePay)
	s.stage.HandleFunc("GET /payouts", s.serveTell)
	sandboxkit.Order(s.stage, "payouts/{id}", s.press)
	return s
}

func (s *Server) servePay(w http.ResponseWriter, r *http.Request) {
	body, err := sandboxkit.ReadBody(w, r)
	if err != nil {
		s.stage.Write(w, problem(http.StatusRequestEntityTooLarge, "too_large"))
		return
	}
	s.stage.Serve(w, r, OpPay, func() sandboxkit.Answer {
		if !authorized(r) {
			return problem(http.StatusUnauthorized, "key")
		}
		return s.pay(body)
	})
}

func (s *Server) serveTell(w http.ResponseWriter, r *http.Request) {
	s.stage.Serve(w, r, OpTell, func() sandboxkit.Answer {
		if !authorized(r) {
			return problem(http.StatusUnauthorized, "key")
		}
		return s.tell(r.URL.Query().Get("reference"))
	})
}

func authorized(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+APIKey }

func problem(status int, code string) sandboxkit.Answer {
	return sandboxkit.JSON(status, map[string]string{"code": code})
}

func (s *Server) pay(body []byte) sandboxkit.Answer {
	var asked payout
	if json.Unmarshal(body, &asked) != nil || asked.Reference == "" || asked.Phone == "" || !positive(asked) {
		return problem(http.StatusUnprocessableEntity, "invalid")
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	if s.find(asked.Reference) != nil {
		return problem(http.StatusConflict, "duplicate")
	}
	made := &asked
	made.ID, made.Status = fmt.Sprintf("ap_%d", s.stage.Next()), "accepted"
	s.payouts = append(s.payouts, made)
	s.stage.After(decidedAfter, func() { s.decide(made, usual(made)) })
	return sandboxkit.JSON(http.StatusCreated, made)
}

func positive(asked payout) bool {
	currency, err := money.ParseCurrency(asked.Currency)
	if err != nil {
		return false
	}
	_, err = money.ParsePositive(asked.Amount, currency)
	return err == nil
}

func (s *Server) tell(reference string) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	if found := s.find(reference); found != nil {
		return sandboxkit.JSON(http.StatusOK, found)
	}
	return problem(http.StatusNotFound, "not_found")
}

// find looks for a reference or an id. The lock is held.
func (s *Server) find(name string) *payout {
	for _, p := range s.payouts {
		if p.Reference == name || p.ID == name {
			return p
		}
	}
	return nil
}
