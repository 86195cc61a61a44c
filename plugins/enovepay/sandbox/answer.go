package sandbox

import (
	"net/http"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// call is one API request, read.
type call struct {
	request *http.Request
	body    []byte
	// values stand in the place of the path's placeholders.
	values map[string]string
}

// api serves the operation whose route the request fits.
func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	execute := map[Operation]func(call) sandboxkit.Answer{
		OpAuth: s.authorize, OpCollect: s.collect, OpPayout: s.payOut,
		OpStatus: s.status, OpStatusByReference: s.status, OpBalance: s.balance,
	}
	for _, one := range s.contract {
		if values, ok := one.match(r); ok {
			s.serve(w, r, one.op, values, execute[one.op])
			return
		}
	}
	s.stage.Write(w, sandboxkit.Text(http.StatusNotFound, "404 page not found"))
}

// serve executes one API call under the fault that is queued for it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, op Operation, values map[string]string, execute func(call) sandboxkit.Answer) {
	body, err := sandboxkit.ReadBody(w, r)
	if err != nil {
		s.stage.Write(w, sandboxkit.Text(http.StatusRequestEntityTooLarge, "request entity too large"))
		return
	}
	s.stage.Serve(w, r, op, func() sandboxkit.Answer { return execute(call{r, body, values}) })
}

// enveloped is an answer with the code, its text, and more fields.
func (s *Server) enveloped(code int, more map[string]any) sandboxkit.Answer {
	reply := map[string]any{"success": code == codeHandled, "status_code": code, "message": messageOf(code)}
	for name, value := range more {
		reply[name] = value
	}
	status := http.StatusOK
	if !s.options.Always200 {
		status = httpStatusOf(code)
	}
	return sandboxkit.JSON(status, reply)
}
