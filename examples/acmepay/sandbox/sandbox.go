// Package sandbox is AcmePay on this machine: its API as its documents say, a page to
// pay on, a ledger of what really happened, and a clock that tests move. No money
// moves. A payment that nobody decides is paid after five seconds, unless it was
// canceled; a refund takes two. An amount that ends with 13 is declined.
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
	APIKey        = "acmepay-sandbox-key"
	WebhookSecret = "acmepay-sandbox-secret"
)

// The operations, for faults.
const (
	OpPay    sandboxkit.Operation = "pay"
	OpRefund sandboxkit.Operation = "refund"
	OpCancel sandboxkit.Operation = "cancel"
	OpTell   sandboxkit.Operation = "tell"
)

const (
	decidedAfter  = 5 * time.Second
	refundedAfter = 2 * time.Second
)

// Server is the sandbox. Its methods may be called from any goroutine.
type Server struct {
	*sandboxkit.Server
	stage    *sandboxkit.Stage
	payments []*payment // In the order of making. The stage's lock guards both.
	refunds  []*refund
	calls    map[string]int // Creating calls by reference. The lock guards it too.
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
	s := &Server{calls: map[string]int{}}
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Addr: addr, Operations: []sandboxkit.Operation{OpPay, OpRefund, OpCancel, OpTell}, UserAgent: "AcmePay/1.0",
		State: s.state, Forget: func() { s.payments, s.refunds, s.calls = nil, nil, map[string]int{} },
		Pauses: []time.Duration{time.Minute, time.Hour}, Script: script(), Charges: s.charges,
	})
	s.Server = s.stage.Server()
	s.serve("POST /payments", OpPay, func(r *http.Request, body []byte) sandboxkit.Answer {
		return s.pay(body, "http://"+r.Host)
	})
	s.serve("POST /payments/cancel", OpCancel, func(_ *http.Request, body []byte) sandboxkit.Answer { return s.cancel(body) })
	s.serve("POST /refunds", OpRefund, func(_ *http.Request, body []byte) sandboxkit.Answer { return s.giveBack(body) })
	s.serve("GET /payments", OpTell, func(r *http.Request, _ []byte) sandboxkit.Answer {
		return s.tell(r.URL.Query().Get("reference"))
	})
	s.serve("GET /refunds", OpTell, func(r *http.Request, _ []byte) sandboxkit.Answer {
		return s.tellRefund(r.URL.Query().Get("reference"))
	})
	s.stage.Page(sandboxkit.Page{Path: "/pay/{id}", Template: page(), View: s.view, Press: s.press})
	return s
}

// serve is an operation that the merchant's key opens.
func (s *Server) serve(pattern string, op sandboxkit.Operation, act func(r *http.Request, body []byte) sandboxkit.Answer) {
	s.stage.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		body, err := sandboxkit.ReadBody(w, r)
		if err != nil {
			s.stage.Write(w, problem(http.StatusRequestEntityTooLarge, "too_large"))
			return
		}
		s.stage.Serve(w, r, op, func() sandboxkit.Answer {
			if r.Header.Get("Authorization") != "Bearer "+APIKey {
				return problem(http.StatusUnauthorized, "key")
			}
			return act(r, body)
		})
	})
}

func problem(status int, code string) sandboxkit.Answer {
	return sandboxkit.JSON(status, map[string]string{"code": code})
}

func (s *Server) pay(body []byte, root string) sandboxkit.Answer {
	var asked payment
	if json.Unmarshal(body, &asked) != nil || asked.Reference == "" || parse(asked.Amount, asked.Currency).IsZero() {
		return problem(http.StatusUnprocessableEntity, "invalid")
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	s.calls[asked.Reference]++
	if s.find(asked.Reference) != nil {
		return problem(http.StatusConflict, "duplicate")
	}
	made := &asked
	made.ID, made.Status = fmt.Sprintf("ap_%d", s.stage.Next()), "open"
	made.URL = root + "/pay/" + made.ID
	s.payments = append(s.payments, made)
	s.stage.After(decidedAfter, func() { s.decide(made, usual(made.Amount, paid)) })
	return sandboxkit.JSON(http.StatusCreated, made)
}

// parse reads an amount, zero for what is none.
func parse(amount, currency string) money.Amount {
	known, err := money.ParseCurrency(currency)
	if err != nil {
		return money.Amount{}
	}
	parsed, err := money.ParsePositive(amount, known)
	if err != nil {
		return money.Amount{}
	}
	return parsed
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
