package sandbox

import (
	"io"
	"net/http"
	"strconv"
)

// requestMax bounds a request's body; the largest real one is far smaller.
const requestMax = 1 << 20

// answer is what an operation answers, before a fault changes it.
type answer struct {
	status  int
	header  http.Header // beyond those of every answer
	kind    string      // content type, empty for an answer without a body
	body    []byte
	dropped bool // executed, but the connection closes without an answer
	cut     bool // body is only the start of what Content-Length announces
	length  int  // announced length of a cut body
}

// call is one API request, read. Live says which key it came with.
type call struct {
	request *http.Request
	body    []byte
	live    bool
}

// serve executes one API call between the check of its key and the fault that is
// queued for it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, op Operation, execute func(call) answer) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, requestMax))
	if err != nil {
		s.write(w, refusal(http.StatusRequestEntityTooLarge, "the request is too large"))
		return
	}
	run := func() answer {
		key := r.Header.Get("X-Api-Key")
		if key != DevKey && key != LiveKey {
			return refusal(http.StatusUnauthorized, "unknown api key")
		}
		return execute(call{request: r, body: body, live: key == LiveKey})
	}
	s.write(w, s.underFault(op, r, run))
}

func (s *Server) write(w http.ResponseWriter, a answer) {
	if a.dropped {
		panic(http.ErrAbortHandler)
	}
	s.stamp(w)
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.kind != "" {
		w.Header().Set("Content-Type", a.kind)
		w.Header().Set("Content-Length", strconv.Itoa(max(len(a.body), a.length)))
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
	return answer{status: status, kind: "application/json", body: stringified(value)}
}

// problem is an answer of an error.
type problem struct {
	Message string       `json:"message"`
	Errors  []fieldFault `json:"errors,omitempty"`
}

type fieldFault struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func refusal(status int, message string, faults ...fieldFault) answer {
	return jsonAnswer(status, problem{message, faults})
}
