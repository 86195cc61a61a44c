package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

const problemType = "application/problem+json"

// The codes that only HTTP has.
const (
	codeMethod    = "method_not_allowed"
	codeTimeout   = "timeout"
	codeMediaType = "unsupported_media_type"
)

// The waits to advise where the engine names none.
const (
	retryInFlight    = time.Second
	retryUnavailable = 5 * time.Second
)

// refusal is a problem on its way out. huma writes it as the answer.
type refusal struct {
	api.Problem
	header http.Header
}

var (
	_ huma.StatusError       = (*refusal)(nil)
	_ huma.HeadersError      = (*refusal)(nil)
	_ huma.ContentTypeFilter = (*refusal)(nil)
)

// Error returns the code and the detail.
func (r *refusal) Error() string { return r.Code + ": " + r.Detail }

// GetStatus returns the HTTP status.
func (r *refusal) GetStatus() int { return r.Status }

// GetHeaders returns Retry-After, Allow and WWW-Authenticate as they are due.
func (r *refusal) GetHeaders() http.Header { return r.header }

// ContentType names the answer a problem.
func (r *refusal) ContentType(string) string { return problemType }

// methodError is a method that the path lacks.
type methodError struct{ allow string }

// Error names the methods that the path has.
func (e *methodError) Error() string { return "the methods here are " + e.allow }

func errMethod(allow string) error { return &methodError{allow: allow} }

func errNoRoute() error {
	return &core.Problem{Code: core.ErrUnknownTransaction.Code, Detail: "no such path: see /docs"}
}

func errUnknownTransaction() error {
	return &core.Problem{Code: core.ErrUnknownTransaction.Code, Detail: "no transaction has this id"}
}

func errUnknownTransfer() error {
	return &core.Problem{Code: core.ErrUnknownTransaction.Code, Detail: "no transfer has this id"}
}

func errUnknownAccount() error {
	return &core.Problem{Code: core.ErrUnknownTransaction.Code, Detail: "no provider account has this name"}
}

// inQuery places the fields that the engine refuses in a list's query.
func inQuery(err error) error {
	problem, ok := errors.AsType[*core.Problem](err)
	if !ok || len(problem.Fields) == 0 {
		return err
	}
	placed := *problem
	placed.Fields = slices.Clone(problem.Fields)
	for i := range placed.Fields {
		placed.Fields[i].Location = "query." + placed.Fields[i].Location
	}
	if placed.Detail == "" {
		placed.Detail = placed.Fields[0].Location + " " + placed.Fields[0].Message
	}
	return &placed
}

// invalid is a core.ErrInvalidRequest about one place.
func invalid(location, message string) error {
	return &core.Problem{
		Code: core.ErrInvalidRequest.Code, Detail: location + " " + message,
		Fields: []core.FieldError{{Location: location, Message: message}},
	}
}

// refuse turns an error into the answer. What is neither a problem nor
// core.ErrNotFound is a fault of ours: it is logged and not shown.
func (s *server) refuse(ctx context.Context, err error) *refusal {
	if method, ok := errors.AsType[*methodError](err); ok {
		public, _ := api.ProblemOf(&core.Problem{Code: codeMethod, Detail: method.Error()})
		return &refusal{Problem: public, header: http.Header{"Allow": {method.allow}}}
	}
	problem, ok := errors.AsType[*core.Problem](err)
	if !ok && errors.Is(err, core.ErrNotFound) {
		problem, ok = core.ErrUnknownTransaction, true
	}
	if !ok {
		level := hclog.Error
		if ctx.Err() != nil {
			level = hclog.Debug // The client is gone; nobody waits for an answer.
		}
		s.Logger.Log(level, "request failed", "id", callOf(ctx).id, "error", err)
		return s.internal(ctx)
	}
	public, known := api.ProblemOf(problem)
	if !known {
		s.Logger.Error("problem without a status", "id", callOf(ctx).id, "code", problem.Code)
		return s.internal(ctx)
	}
	return &refusal{Problem: public, header: headersFor(public.Status, problem)}
}

func headersFor(status int, problem *core.Problem) http.Header {
	header := http.Header{}
	wait := problem.RetryAfter
	switch {
	case status == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer realm="paymux"`)
	case wait == 0 && problem.Code == core.ErrIdempotencyInFlight.Code:
		wait = retryInFlight
	case wait == 0 && status == http.StatusServiceUnavailable:
		wait = retryUnavailable
	}
	if wait > 0 {
		seconds := (wait + time.Second - 1) / time.Second
		header.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	return header
}

// internal is the answer to a fault of ours. The id leads to the log.
func (s *server) internal(ctx context.Context) *refusal {
	public, _ := api.ProblemOf(&core.Problem{
		Code: api.CodeInternal, Detail: "something went wrong inside; the log has it under " + callOf(ctx).id,
	})
	return &refusal{Problem: public, header: http.Header{}}
}

// fail answers err outside of huma.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.write(w, s.refuse(r.Context(), err))
}

func (s *server) write(w http.ResponseWriter, refusal *refusal) {
	for name, values := range refusal.header {
		w.Header()[name] = values
	}
	writeJSON(w, refusal.Status, problemType, refusal)
}

// writeJSON writes value. A client that is gone is nobody's fault.
func writeJSON(w http.ResponseWriter, status int, contentType string, value any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
}

// ownWords makes every refusal of huma itself one of ours. Its texts name what is
// missing; the values it would repeat, and whatever stands behind a 500, are dropped.
func ownWords(_ huma.Context, _ string, value any) (any, error) {
	model, ok := value.(*huma.ErrorModel)
	if !ok {
		return value, nil
	}
	problem := &core.Problem{Code: core.ErrInvalidRequest.Code, Detail: model.Detail}
	if model.Status >= http.StatusInternalServerError {
		problem = &core.Problem{Code: api.CodeInternal}
	}
	public, _ := api.ProblemOf(problem)
	public.Status = model.Status
	return public, nil
}
