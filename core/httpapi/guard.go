package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

const (
	// BodyMax is the most bytes of a request's body, but of one with the rows of a statement.
	BodyMax = 64 << 10
	// NotificationMax is the most bytes of a provider's notification.
	NotificationMax = 256 << 10
	// bodyTimeout bounds the arrival of a body.
	bodyTimeout = 5 * time.Second
	// idempotencyKeyMax is the most characters of an Idempotency-Key.
	idempotencyKeyMax = 255
)

// guard lets a request through to its operation when it may: the key is known and
// within its rate, its scopes suffice, the query has known parameters, the body has arrived and is JSON.
func (s *server) guard(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	who, err := s.Access(r.Context()).ring.identify(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	callOf(r.Context()).actor = who.caller.Actor
	if err := who.meter.take(s.Now()); err != nil {
		s.fail(w, r, err)
		return
	}
	// There is one format. Left to negotiate, huma would label it "json" for who asks so.
	r.Header.Del("Accept")
	if err := s.admit(who, ctx.Operation(), w, r); err != nil {
		s.fail(w, r, err)
		return
	}
	// A writer that is no connection, as in a test, has no deadlines: nothing to extend.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTimeout))
	next(huma.WithValue(ctx, callerKey{}, who.caller))
}

func (s *server) admit(who identity, op *huma.Operation, w http.ResponseWriter, r *http.Request) error {
	if !who.may(op) {
		return &core.Problem{Code: core.ErrForbidden.Code, Detail: "the key lacks the scope " + scopesOf(op)}
	}
	if err := checkQuery(op, r.URL); err != nil {
		return err
	}
	if err := checkIdempotencyKey(r.Header); err != nil {
		return err
	}
	body, err := readBody(w, r, op.MaxBodyBytes-1)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return checkBody(op, r.Header, body)
}

// scopesOf names what one of an operation needs, such as "read or operator".
func scopesOf(op *huma.Operation) string {
	var words []string
	for _, alternative := range op.Security {
		words = append(words, strings.Join(alternative[securityScheme], " and "))
	}
	return strings.Join(words, " or ")
}

func checkQuery(op *huma.Operation, u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return invalid("query", "cannot be read: encode it as in a URL")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		known := slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "query" && p.Name == name })
		if !known {
			return invalid("query."+api.NameShown(name), "is not a parameter of this path: see /openapi.json")
		}
		if len(query[name]) > 1 {
			return invalid("query."+name, "is there twice: send it once")
		}
	}
	return nil
}

// checkIdempotencyKey looks at a key that is there; who needs one asks for it.
func checkIdempotencyKey(header http.Header) error {
	const location = "header.Idempotency-Key"
	values := header.Values("Idempotency-Key")
	if len(values) == 0 {
		return nil
	}
	key := values[0]
	switch {
	case len(values) > 1:
		return invalid(location, "is there twice: send it once")
	case len(key) > idempotencyKeyMax || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }):
		return invalid(location, "must be 1 to 255 printable ASCII characters")
	case core.HasCard(key):
		return invalid(location, "holds a card number: make a random key")
	default:
		return nil
	}
}

// readBody returns the whole body. Its arrival is bounded in size and time. The
// deadline is taken back afterwards: the server reads ahead while a provider is
// being asked, and a read that times out would end the request's context.
func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	controller := http.NewResponseController(w)
	// A writer that is no connection, as in a test, has no deadlines: nothing to bound.
	_ = controller.SetReadDeadline(time.Now().Add(bodyTimeout))
	body, err := io.ReadAll(http.MaxBytesReader(unwrapped(w), r.Body, most))
	if err == nil {
		_ = controller.SetReadDeadline(time.Time{})
		return body, nil
	}
	w.Header().Set("Connection", "close")
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, &core.Problem{
			Code: core.ErrTooLarge.Code, Detail: fmt.Sprintf("the body is larger than %d KiB, the most that this path takes", most>>10),
		}
	}
	if fault, ok := errors.AsType[net.Error](err); ok && fault.Timeout() {
		return nil, &core.Problem{Code: codeTimeout, Detail: "the body did not arrive within " + bodyTimeout.String()}
	}
	return nil, invalid("body", "ended before its announced length")
}

// unwrapped is the server's own writer, which MaxBytesReader tells to close the connection.
func unwrapped(w http.ResponseWriter) http.ResponseWriter {
	if wrapped, ok := w.(*response); ok {
		return wrapped.ResponseWriter
	}
	return w
}

// checkBody refuses a body that is not JSON, or that the operation does not take.
func checkBody(op *huma.Operation, header http.Header, body []byte) error {
	if len(body) == 0 {
		return missingBody(op)
	}
	if fault := mediaFault(header); fault != "" {
		return &core.Problem{Code: codeMediaType, Detail: fault}
	}
	if op.RequestBody != nil {
		return nil
	}
	parsed, err := api.ParseBody(body)
	if err == nil && !parsed.Empty() {
		return invalid("body", "must be empty: this path takes none")
	}
	return err
}

// missingBody refuses a request without a body where the operation needs one.
func missingBody(op *huma.Operation) error {
	if op.RequestBody == nil || !op.RequestBody.Required {
		return nil
	}
	return invalid("body", "is empty: send a JSON object")
}

func mediaFault(header http.Header) string {
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	charset := strings.ToLower(parameters["charset"])
	switch {
	case err != nil || kind != "application/json" || len(header.Values("Content-Type")) > 1:
		return "send the body with Content-Type: application/json"
	case charset != "" && charset != "utf-8":
		return "send the body in UTF-8"
	case header.Get("Content-Encoding") != "" && header.Get("Content-Encoding") != "identity":
		return "send the body without Content-Encoding"
	default:
		return ""
	}
}
