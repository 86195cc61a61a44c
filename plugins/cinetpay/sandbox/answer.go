package sandbox

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// Operation is a call of CinetPay's API.
type Operation = sandboxkit.Operation

// The operations, as faults name them.
const (
	OpPayment    Operation = "payment"
	OpCheck      Operation = "check"
	OpLogin      Operation = "login"
	OpContact    Operation = "contact"
	OpSend       Operation = "send"
	OpCheckMoney Operation = "check_money"
	OpBalance    Operation = "balance"
	// OpAny is a fault for whichever operation is called next.
	OpAny = sandboxkit.OpAny
)

func operations() []Operation {
	return []Operation{OpPayment, OpCheck, OpLogin, OpContact, OpSend, OpCheckMoney, OpBalance}
}

// call is one API request, read.
type call struct {
	request *http.Request
	body    []byte
}

func (s *Server) routeAPI() {
	handle := func(pattern string, op Operation, execute func(call) sandboxkit.Answer) {
		s.stage.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, op, execute) })
	}
	handle("POST /v2/payment", OpPayment, s.initiate)
	handle("POST /v2/payment/check", OpCheck, s.check)
	handle("POST /v1/auth/login", OpLogin, s.login)
	handle("POST /v1/transfer/contact", OpContact, s.addContacts)
	handle("POST /v1/transfer/money/send/contact", OpSend, s.send)
	handle("GET /v1/transfer/check/money", OpCheckMoney, s.checkMoney)
	handle("GET /v1/transfer/check/balance", OpBalance, s.checkBalance)
}

// serve executes one API call between the edge's checks and the fault that is
// queued for it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, op Operation, execute func(call) sandboxkit.Answer) {
	body, err := sandboxkit.ReadBody(w, r)
	if err != nil {
		s.stage.Write(w, sandboxkit.Text(http.StatusRequestEntityTooLarge, "request entity too large"))
		return
	}
	s.stage.Serve(w, r, op, func() sandboxkit.Answer {
		if refused, ok := edge(r); !ok {
			return refused
		}
		return execute(call{request: r, body: body})
	})
}

// edge answers as the firewall in front of CinetPay does, which refuses
// clients without a name of their own.
func edge(r *http.Request) (sandboxkit.Answer, bool) {
	agent := r.UserAgent()
	if agent == "" || strings.HasPrefix(agent, "Go-http-client/") {
		return sandboxkit.Text(http.StatusForbidden, "error code: 1010"), false
	}
	return sandboxkit.Answer{}, true
}

// checkoutReply is the envelope of checkout v2.
type checkoutReply struct {
	Code        string `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description,omitempty"`
	Data        any    `json:"data,omitempty"`
	ResponseID  string `json:"api_response_id"`
}

// checkoutAnswer wraps data; the caller holds the lock.
func (s *Server) checkoutAnswer(status int, code, description string, data any) sandboxkit.Answer {
	return sandboxkit.JSON(status, checkoutReply{
		Code: code, Message: messageOf(code), Description: description, Data: data, ResponseID: s.responseID(),
	})
}

// responseID looks like "1632143554.8513"; the caller holds the lock.
func (s *Server) responseID() string {
	return fmt.Sprintf("%d.%04d", s.stage.Shown(s.stage.Now()).Unix(), s.stage.Next()%10_000)
}
