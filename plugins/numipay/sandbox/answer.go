package sandbox

import (
	"net/http"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// call is one API request, read. Live says which key it came with.
type call struct {
	request *http.Request
	body    []byte
	live    bool
}

// serve executes one API call between the check of its key and the fault that is
// queued for it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, op Operation, execute func(call) sandboxkit.Answer) {
	body, err := sandboxkit.ReadBody(w, r)
	if err != nil {
		s.stage.Write(w, refusal(http.StatusRequestEntityTooLarge, "the request is too large"))
		return
	}
	s.stage.Serve(w, r, op, func() sandboxkit.Answer {
		key := r.Header.Get("X-Api-Key")
		if key != DevKey && key != LiveKey {
			return refusal(http.StatusUnauthorized, "unknown api key")
		}
		return execute(call{request: r, body: body, live: key == LiveKey})
	})
}

func jsonAnswer(status int, value any) sandboxkit.Answer {
	return sandboxkit.Answer{Status: status, Type: "application/json", Body: stringified(value)}
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

func refusal(status int, message string, faults ...fieldFault) sandboxkit.Answer {
	return jsonAnswer(status, problem{message, faults})
}
