package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// requestMax bounds a request's body; the largest real one is far smaller.
const requestMax = 1 << 20

// answer is what an operation answers, before a fault changes it.
type answer struct {
	status  int
	kind    string // content type, empty for an answer without a body
	body    []byte
	dropped bool   // executed, but the connection closes without an answer
	cut     bool   // body is only the start of what Content-Length announces
	length  int    // announced length of a cut body
	target  string // of a redirect
}

// Operation is a call of CinetPay's API.
type Operation string

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
	OpAny Operation = "any"
)

// call is one API request, read.
type call struct {
	request *http.Request
	body    []byte
}

func (s *Server) routeAPI(mux *http.ServeMux) {
	handle := func(pattern string, op Operation, execute func(call) answer) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, op, execute) })
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
func (s *Server) serve(w http.ResponseWriter, r *http.Request, op Operation, execute func(call) answer) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, requestMax))
	if err != nil {
		s.write(w, textAnswer(http.StatusRequestEntityTooLarge, "request entity too large"))
		return
	}
	run := func() answer {
		if refused, ok := edge(r); !ok {
			return refused
		}
		return execute(call{request: r, body: body})
	}
	s.write(w, s.underFault(op, r, run))
}

// edge answers as the firewall in front of CinetPay does, which refuses
// clients without a name of their own.
func edge(r *http.Request) (answer, bool) {
	agent := r.UserAgent()
	if agent == "" || strings.HasPrefix(agent, "Go-http-client/") {
		return textAnswer(http.StatusForbidden, "error code: 1010"), false
	}
	return answer{}, true
}

func (s *Server) write(w http.ResponseWriter, a answer) {
	if a.dropped {
		panic(http.ErrAbortHandler)
	}
	s.stamp(w)
	if a.kind != "" {
		w.Header().Set("Content-Type", a.kind)
		w.Header().Set("Content-Length", strconv.Itoa(max(len(a.body), a.length)))
	}
	if a.target != "" {
		w.Header().Set("Location", a.target)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that has gone needs no answer
	if a.cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// stamp shows the sandbox clock in the Date header.
func (s *Server) stamp(w http.ResponseWriter) {
	s.mu.Lock()
	shown := s.clock.shown()
	s.mu.Unlock()
	w.Header().Set("Date", shown.Format(http.TimeFormat))
}

func textAnswer(status int, text string) answer {
	return answer{status: status, kind: "text/plain; charset=utf-8", body: []byte(text)}
}

func jsonAnswer(status int, value any) answer {
	body, err := json.Marshal(value)
	if err != nil {
		// Only this package's own structs come here.
		panic(fmt.Sprintf("sandbox: encode an answer: %v", err))
	}
	return answer{status: status, kind: "application/json", body: body}
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
func (s *Server) checkoutAnswer(status int, code, description string, data any) answer {
	return jsonAnswer(status, checkoutReply{
		Code: code, Message: messageOf(code), Description: description, Data: data, ResponseID: s.responseID(),
	})
}

// responseID looks like "1632143554.8513"; the caller holds the lock.
func (s *Server) responseID() string {
	s.sequence++
	return fmt.Sprintf("%d.%04d", s.clock.shown().Unix(), s.sequence%10_000)
}
