// Package sandbox is Acme on this machine: its API as its documents say, a ledger of
// what really happened, and a clock that tests move. No money moves. Every phone has
// a customer, but those that end with 000. What a customer sends is received after
// two seconds; an amount that ends with 13 fails.
package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// The credentials of the only merchant, and its number.
const (
	APIKey  = "acme-sandbox-key"
	Account = "MERCHANT-1"
)

// The operations, for faults.
const (
	OpLookUp sandboxkit.Operation = "look_up"
	OpList   sandboxkit.Operation = "list"
)

const receivedAfter = 2 * time.Second

// Server is the sandbox. Its methods may be called from any goroutine.
type Server struct {
	*sandboxkit.Server
	stage     *sandboxkit.Stage
	transfers []*transfer // In the order of sending. The stage's lock guards it.
}

// New returns a sandbox for the address, such as 127.0.0.1:0. Start starts it.
func New(addr string) *Server {
	s := &Server{}
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Addr: addr, Operations: []sandboxkit.Operation{OpLookUp, OpList}, UserAgent: "Acme/1.0",
		State: s.state, Forget: func() { s.transfers = nil }, Script: script(), Charges: charges,
	})
	s.Server = s.stage.Server()
	s.serve("GET /customers", OpLookUp, lookUp)
	s.serve("GET /transfers", OpList, s.list)
	sandboxkit.Order(s.stage, "pay", s.send)
	return s
}

// serve is an operation that the merchant's key opens.
func (s *Server) serve(pattern string, op sandboxkit.Operation, answer func(*http.Request) sandboxkit.Answer) {
	s.stage.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		s.stage.Serve(w, r, op, func() sandboxkit.Answer {
			if r.Header.Get("Authorization") != "Bearer "+APIKey {
				return problem(http.StatusUnauthorized, "key")
			}
			return answer(r)
		})
	})
}

func problem(status int, code string) sandboxkit.Answer {
	return sandboxkit.JSON(status, map[string]string{"code": code})
}

func lookUp(r *http.Request) sandboxkit.Answer {
	phone := r.URL.Query().Get("phone")
	if phone == "" || strings.HasSuffix(phone, "000") {
		return problem(http.StatusNotFound, "not_found")
	}
	return sandboxkit.JSON(http.StatusOK, map[string]string{"id": customerOf(phone)})
}

// customerOf is the id of the customer with a phone.
func customerOf(phone string) string {
	sum := sha256.Sum256([]byte(phone))
	return "cu_" + hex.EncodeToString(sum[:6])
}
