package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// answer is what an operation answers, before a fault changes it.
type answer struct {
	status     int
	kind       string // Content type, empty for an answer without a body.
	body       []byte
	retryAfter int    // Seconds, zero for none.
	dropped    bool   // The connection closes without an answer.
	cut        bool   // Body is only the start of what Content-Length announces.
	length     int    // Announced length of a cut body.
	target     string // Of a redirect.
}

func (s *Server) write(w http.ResponseWriter, a answer) {
	if a.dropped {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	shown := s.clock.shown()
	s.mu.Unlock()
	w.Header().Set("Date", shown.Format(http.TimeFormat))
	if a.kind != "" {
		w.Header().Set("Content-Type", a.kind)
		w.Header().Set("Content-Length", strconv.Itoa(max(len(a.body), a.length)))
	}
	if a.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(a.retryAfter))
	}
	if a.target != "" {
		w.Header().Set("Location", a.target)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // A client that has gone needs no answer.
	if a.cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
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

// refusal is the body that errors are assumed to have.
func refusal(status int, message string) answer {
	return jsonAnswer(status, map[string]string{"message": message})
}
