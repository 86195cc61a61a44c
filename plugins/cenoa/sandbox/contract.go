package sandbox

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// Operation is a call of Cenoa's API.
type Operation = sandboxkit.Operation

// The operations, as faults and paths name them.
const (
	OpUserAccount  Operation = "user_account"
	OpTransactions Operation = "transactions"
	// OpAny is a fault for whichever operation is called next.
	OpAny = sandboxkit.OpAny
)

// Fault changes the next answers of an operation.
type Fault = sandboxkit.Fault

// assumedPaths are where the operations are unless Options.Paths moves them.
func assumedPaths() map[Operation]string {
	return map[Operation]string{
		OpUserAccount:  "GET /v1/checkout/user-account?phone={phone}",
		OpTransactions: "GET /v1/checkout/transactions?page=&limit=&userId=&from=&to=",
	}
}

// place is where an operation is, and which parameter of the query has which value.
type place struct {
	pattern    string
	parameters map[string]string // The parameter of a value.
}

// readPlace reads "/path" or "METHOD /path". A value in the path, such as
// {phone}, is a wildcard of net/http's mux as it stands.
func readPlace(text string) (place, error) {
	method, path := http.MethodGet, strings.TrimSpace(text)
	if first, rest, two := strings.Cut(path, " "); two {
		method, path = first, strings.TrimSpace(rest)
	}
	path, query, _ := strings.Cut(path, "?")
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, sandboxkit.ControlPrefix) {
		return place{}, fmt.Errorf("path %q: give /path or METHOD /path", text)
	}
	p := place{pattern: method + " " + path, parameters: map[string]string{}}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		if value == "" {
			value = "{" + name + "}"
		}
		p.parameters[strings.Trim(value, "{}")] = name
	}
	return p, nil
}

// value is what a call has in the place of a value.
func (p place) value(r *http.Request, name string) string {
	if inPath := r.PathValue(name); inPath != "" {
		return inPath
	}
	return r.URL.Query().Get(p.parameters[name])
}

// routeAPI puts the operations on the mux, which panics when two of them meet.
func (s *Server) routeAPI() (err error) {
	defer func() {
		if clash := recover(); clash != nil {
			err = fmt.Errorf("paths: %v", clash)
		}
	}()
	paths := assumedPaths()
	for name, path := range s.options.Paths {
		if _, ok := paths[Operation(name)]; !ok {
			return fmt.Errorf("paths: %q is no operation", name)
		}
		paths[Operation(name)] = path
	}
	for op, execute := range map[Operation]func(*http.Request, place) sandboxkit.Answer{
		OpUserAccount: s.lookUp, OpTransactions: s.list,
	} {
		at, err := readPlace(paths[op])
		if err != nil {
			return fmt.Errorf("paths: %s: %w", op, err)
		}
		s.stage.HandleFunc(at.pattern, func(w http.ResponseWriter, r *http.Request) {
			s.stage.Serve(w, r, op, func() sandboxkit.Answer { return s.serve(op, r, at, execute) })
		})
	}
	return nil
}

// serve executes one call with the lock held.
func (s *Server) serve(op Operation, r *http.Request, at place, execute func(*http.Request, place) sandboxkit.Answer) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	s.calls[op]++
	if refused, ok := s.admit(r.Header); !ok {
		return refused
	}
	return execute(r, at)
}
