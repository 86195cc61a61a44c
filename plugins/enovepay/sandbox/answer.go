package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
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

// call is one API request, read.
type call struct {
	request *http.Request
	body    []byte
	// values stand in the place of the path's placeholders.
	values map[string]string
}

// api serves the operation whose route the request fits.
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	execute := map[Operation]func(call) answer{
		OpAuth: s.authorize, OpCollect: s.collect, OpPayout: s.payOut,
		OpStatus: s.status, OpStatusByReference: s.status, OpBalance: s.balance,
	}
	for _, one := range s.contract {
		if values, ok := one.match(r); ok {
			s.serve(w, r, one.op, values, execute[one.op])
			return
		}
	}
	s.write(w, textAnswer(http.StatusNotFound, "404 page not found"))
}

// serve executes one API call under the fault that is queued for it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, op Operation, values map[string]string, execute func(call) answer) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, requestMax))
	if err != nil {
		s.write(w, textAnswer(http.StatusRequestEntityTooLarge, "request entity too large"))
		return
	}
	s.write(w, s.underFault(op, r, func() answer { return execute(call{r, body, values}) }))
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
		// Only this package's own values come here.
		panic(fmt.Sprintf("sandbox: encode an answer: %v", err))
	}
	return answer{status: status, kind: "application/json", body: body}
}

// enveloped is an answer with the code, its text, and more fields.
func (s *Server) enveloped(code int, more map[string]any) answer {
	reply := map[string]any{"success": code == codeHandled, "status_code": code, "message": messageOf(code)}
	for name, value := range more {
		reply[name] = value
	}
	status := http.StatusOK
	if !s.options.Always200 {
		status = httpStatusOf(code)
	}
	return jsonAnswer(status, reply)
}
