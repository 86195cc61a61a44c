package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
)

// call is what the log says of a request.
type call struct {
	id      string
	started time.Time
	route   string
	actor   string
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// newRequestID returns an id to find a request in the log by. One that the client
// sends is not taken: it could be anything.
func newRequestID() string { return "req_" + rand.Text() }

// response remembers what was answered.
type response struct {
	http.ResponseWriter
	status int
	bytes  int
}

// WriteHeader keeps the status.
func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts.
func (w *response) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(data)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// headersOnly takes an answer that is not sent.
type headersOnly struct {
	header http.Header
	status int
}

// Header returns the headers of the answer.
func (w *headersOnly) Header() http.Header { return w.header }

// WriteHeader keeps the status.
func (w *headersOnly) WriteHeader(status int) { w.status = status }

// Write forgets.
func (w *headersOnly) Write(data []byte) (int, error) { return len(data), nil }

// logCall writes the access log: no body, no query, no key, and the path only as
// the pattern it matched, because anybody may write anything into a path.
func (s *server) logCall(w *response, r *http.Request, call *call) {
	level := hclog.Info
	if !strings.Contains(call.route, "/v1/") {
		level = hclog.Debug
	}
	fields := []any{
		"id", call.id, "method", knownMethod(r.Method), "route", call.route, "status", w.status, "bytes", w.bytes,
		"duration", s.Now().Sub(call.started).Round(time.Microsecond).String(), "peer", s.peer(r), "key", call.actor,
	}
	if id := r.PathValue("id"); validID(id) {
		fields = append(fields, "transaction", id)
	}
	s.Logger.Log(level, "request", fields...)
}

func validID(id string) bool {
	_, err := core.KindOf(id)
	_, err2 := core.ULIDOf(id)
	return err == nil && err2 == nil
}

// knownMethod keeps invented methods out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	default:
		return "other"
	}
}

// catch turns a panic into a 500 and a line in the log. Where the answer has begun
// the connection is cut, so that the client cannot take a part for the whole.
func (s *server) catch(w *response, r *http.Request) {
	value := recover()
	if value == nil {
		return
	}
	if gone(r.Context(), value) {
		s.Logger.Debug("client is gone", "id", callOf(r.Context()).id)
		panic(http.ErrAbortHandler)
	}
	s.Logger.Error("panic in a handler", "id", callOf(r.Context()).id, "panic", panicText(value), "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	s.write(w, s.internal(r.Context()))
}

// gone reports whether a panic only says that nobody listens any more.
func gone(ctx context.Context, value any) bool {
	err, ok := value.(error)
	return ok && (errors.Is(err, http.ErrAbortHandler) || ctx.Err() != nil)
}

// panicText is a runtime error's text, or only the type of anything else: a panic
// may carry whatever the code had in its hands.
func panicText(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", value)
}
