// Package sandbox is Acme on this machine: its API as its documents say, a page to
// pay on, a ledger of what really happened, and a clock that tests move. No money
// moves. A payment that nobody decides is paid after five seconds; one whose
// amount ends with 13 is declined.
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
	stage    *sandboxkit.Stage
	payments []*payment // In the order of making. The stage's lock guards it.
}

// payment is a payment as the API takes it and tells it.
type payment struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Status    string `json:"status"`
	Code      string `json:"code,omitempty"`
	URL       string `json:"url"`
	Page      string `json:"page"`
	ReturnURL string `json:"return_url,omitempty"`
	NotifyURL string `json:"notify_url,omitempty"`
}

// New returns a sandbox for the address, such as 127.0.0.1:0. Start starts it.
func New(addr string) *Server {
	s := &Server{}
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Addr: addr, Operations: []sandboxkit.Operation{OpPay, OpTell}, UserAgent: "Acme/1.0",
		State: s.state, Forget: func() { s.payments = nil },
		Pauses: []time.Duration{time.Minute, time.Hour}, Script: script(), Charges: s.charges,
	})
	s.Server = s.stage.Server()
	s.stage.HandleFunc("POST /payments", s.servePay)
	s.stage.HandleFunc("GET /payments", s.serveTell)
	s.stage.Page(sandboxkit.Page{Path: "/pay/{id}", Template: page(), View: s.view, Press: s.press})
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
		return s.pay(body, "http://"+r.Host)
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

func (s *Server) pay(body []byte, root string) sandboxkit.Answer {
	var asked payment
	if json.Unmarshal(body, &asked) != nil || asked.Reference == "" || !positive(asked) {
		return problem(http.StatusUnprocessableEntity, "invalid")
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	if s.find(asked.Reference) != nil {
		return problem(http.StatusConflict, "duplicate")
	}
	made := &asked
	made.ID, made.Status = fmt.Sprintf("ap_%d", s.stage.Next()), "open"
	made.URL = root + "/pay/" + made.ID
	s.payments = append(s.payments, made)
	s.stage.After(decidedAfter, func() { s.decide(made, usual(made)) })
	return sandboxkit.JSON(http.StatusCreated, made)
}

func positive(asked payment) bool {
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
func (s *Server) find(name string) *payment {
	for _, p := range s.payments {
		if p.Reference == name || p.ID == name {
			return p
		}
	}
	return nil
}
