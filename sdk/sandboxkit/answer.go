package sandboxkit

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
)

// requestMax bounds a request's body, in bytes; the largest real one is far smaller.
const requestMax = 1 << 20

// Operation is a call of the provider's API, by the name that faults use.
type Operation string

// OpAny is, in a Fault, whichever operation is called next.
const OpAny Operation = "any"

// Answer is what an operation answers, before a fault changes it.
type Answer struct {
	Status int
	// Header is what goes beyond Date, Content-Type and Content-Length.
	Header http.Header
	// Type is the content type, empty for an answer without a body.
	Type string
	Body []byte
	// Dropped closes the connection in place of the answer.
	Dropped bool

	cut    bool // Body is only the start of what Content-Length announces
	length int  // announced length of a cut body
}

// Text is an answer in plain text.
func Text(status int, text string) Answer {
	return Answer{Status: status, Type: "text/plain; charset=utf-8", Body: []byte(text)}
}

// JSON is an answer in JSON. It panics for a value that has no JSON form, which
// is a mistake of the sandbox and of no client.
func JSON(status int, value any) Answer {
	body, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("sandbox: encode an answer: %v", err))
	}
	return Answer{Status: status, Type: "application/json", Body: body}
}

// ReadBody reads the body of a request. It returns an error for one of more than
// 1 MiB, which is to be answered with http.StatusRequestEntityTooLarge.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(w, r.Body, requestMax))
}

// Serve acts and answers, as the fault wants it that is queued for the
// operation. The lock is not held; act takes it where it needs to.
func (s *Stage) Serve(w http.ResponseWriter, r *http.Request, op Operation, act func() Answer) {
	s.Write(w, s.underFault(op, r, act))
}

// Write answers a request, with the clock that clients see in Date. The lock is
// not held.
func (s *Stage) Write(w http.ResponseWriter, a Answer) {
	if a.Dropped {
		panic(http.ErrAbortHandler)
	}
	s.stamp(w)
	maps.Copy(w.Header(), a.Header)
	if a.Type != "" {
		w.Header().Set("Content-Type", a.Type)
		w.Header().Set("Content-Length", strconv.Itoa(max(len(a.Body), a.length)))
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that has gone needs no answer
	if a.cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// stamp shows the sandbox clock in the Date header.
func (s *Stage) stamp(w http.ResponseWriter) {
	s.mu.Lock()
	shown := s.Shown(s.Now())
	s.mu.Unlock()
	w.Header().Set("Date", shown.Format(http.TimeFormat))
}
