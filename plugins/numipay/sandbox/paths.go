package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// Operation is a call of Numipay's API.
type Operation = sandboxkit.Operation

// The operations, as Options.Paths and faults name them.
const (
	OpHosted        Operation = "hosted"
	OpDirect        Operation = "direct"
	OpS2S           Operation = "s2s"
	OpPayout        Operation = "payout"
	OpPayoutReject  Operation = "payout_reject"
	OpPayoutApprove Operation = "payout_approve"
	OpStatus        Operation = "status"
	OpList          Operation = "list"
	// OpAny is a fault for whichever operation is called next.
	OpAny = sandboxkit.OpAny
)

// Fault changes the next answers of an operation.
type Fault = sandboxkit.Fault

func operations() []Operation {
	return []Operation{OpHosted, OpDirect, OpS2S, OpPayout, OpPayoutReject, OpPayoutApprove, OpStatus, OpList}
}

// usualPath is where an operation is unless Options.Paths says otherwise.
func usualPath(op Operation) string {
	switch op {
	case OpHosted:
		return "POST /payments/hosted"
	case OpDirect:
		return "POST /payments/direct"
	case OpS2S:
		return "POST /payments/s2s"
	case OpPayout:
		return "POST /payouts"
	case OpPayoutReject:
		return "POST /payouts/reject"
	case OpPayoutApprove:
		return "POST /payouts/approve"
	case OpStatus:
		return "GET /transactions/{id}"
	case OpList, OpAny:
		return "GET /transactions"
	}
	return ""
}

// ErrBadPath says that Options.Paths names no operation, or no path.
var ErrBadPath = errors.New("not a path of an operation")

// routeAPI serves the operations. It returns ErrBadPath.
func (s *Server) routeAPI() error {
	for name := range s.options.Paths {
		if !slices.Contains(operations(), Operation(name)) {
			return fmt.Errorf("%w: %q: give one of %v", ErrBadPath, name, operations())
		}
	}
	taken := map[string]Operation{}
	for _, op := range operations() {
		pattern, err := s.options.pattern(op)
		if err != nil {
			return err
		}
		if other, twice := taken[pattern]; twice {
			return fmt.Errorf("%w: %s and %s are both %s", ErrBadPath, other, op, pattern)
		}
		taken[pattern] = op
		execute := s.executor(op)
		s.stage.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, op, execute) })
	}
	return nil
}

// pattern is the operation's place as http.ServeMux takes it.
func (o Options) pattern(op Operation) (string, error) {
	usual := usualPath(op)
	text, moved := o.Paths[string(op)]
	if !moved {
		return usual, nil
	}
	method, path, two := strings.Cut(text, " ")
	if !two {
		method, path = strings.Fields(usual)[0], text
	}
	bare := path
	if op == OpStatus {
		bare = strings.Replace(path, "/{id}", "/id", 1)
	}
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch}
	switch {
	case !strings.HasPrefix(path, "/") || strings.ContainsAny(bare, "{}? \t") || strings.Contains(path, "//"):
		return "", fmt.Errorf("%w: %s: %q: give /path or METHOD /path", ErrBadPath, op, text)
	case op == OpStatus && bare == path:
		return "", fmt.Errorf("%w: status: %q: give a path with the part {id}", ErrBadPath, text)
	case !slices.Contains(methods, method):
		return "", fmt.Errorf("%w: %s: method %q: give one of %v", ErrBadPath, op, method, methods)
	}
	return method + " " + path, nil
}

func (s *Server) executor(op Operation) func(call) sandboxkit.Answer {
	switch op {
	case OpPayoutApprove:
		return s.approve
	case OpPayoutReject:
		return s.reject
	case OpStatus:
		return s.status
	case OpList:
		return s.list
	case OpHosted, OpDirect, OpS2S, OpPayout, OpAny:
	}
	return func(c call) sandboxkit.Answer { return s.create(op, c) }
}
