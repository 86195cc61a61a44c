package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/hashicorp/go-hclog"
)

// New returns the API as a handler that can be mounted anywhere. It returns an
// error that names what is missing in options or wrong with a key.
func New(options Options) (http.Handler, error) {
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("httpapi: %w", err)
	}
	access, err := NewAccess(options.Keys, options.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("httpapi: %w", err)
	}
	if options.Access == nil {
		options.Access = func(context.Context) *Access { return access }
	}
	if options.Logger == nil {
		options.Logger = hclog.NewNullLogger()
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	s := &server{Options: options, mux: http.NewServeMux()}
	s.api = newAPI(s.mux, options.Version)
	s.api.UseMiddleware(s.guard)
	s.addPayments()
	s.addPayouts()
	s.addRefunds()
	s.addTransactions()
	s.addTransfers()
	s.addOperator()
	s.addProviders()
	s.addProcesses()
	s.addAccounts()
	s.addStore()
	s.addReload()
	s.addStatements()
	s.addRouting()
	s.addInbound()
	s.addHealth()
	s.addMetrics()
	return s, s.addDocument()
}

func (o Options) check() error {
	var faults []error
	for name, part := range map[string]any{
		"Payments": o.Payments, "Payouts": o.Payouts, "Refunds": o.Refunds, "Accounts": o.Accounts, "Transactions": o.Transactions,
		"Transfers": o.Transfers, "Operator": o.Operator, "Providers": o.Providers, "Processes": o.Processes, "Statements": o.Statements, "Routing": o.Routing, "Inbound": o.Inbound, "Store": o.Store, "Reload": o.Reload, "Readiness": o.Readiness,
	} {
		if part == nil {
			faults = append(faults, fmt.Errorf("%s is missing", name))
		}
	}
	if len(o.FingerprintKey) < FingerprintKeyMin {
		faults = append(faults, fmt.Errorf("FingerprintKey must have at least %d bytes", FingerprintKeyMin))
	}
	return errors.Join(faults...)
}

// server is the thin handler in front of the routes.
type server struct {
	Options
	mux *http.ServeMux
	api huma.API
}

// ServeHTTP answers one request, whatever happens inside.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := &call{id: newRequestID(), started: s.Now()}
	resp := &response{ResponseWriter: w}
	secure(resp.Header())
	resp.Header().Set("X-Request-Id", call.id)
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, call))
	defer s.logCall(resp, r, call)
	defer s.catch(resp, r)
	s.route(resp, r, call)
}

// route serves r, or refuses it where no route has its path and method. The mux
// alone would answer that in plain text, and would redirect "//v1/payments".
func (s *server) route(w *response, r *http.Request, call *call) {
	if path.Clean(r.URL.Path) != r.URL.Path || r.URL.Path == "*" {
		s.fail(w, r, errNoRoute())
		return
	}
	handler, pattern := s.mux.Handler(r)
	if pattern == "" {
		s.fail(w, r, unrouted(handler, r))
		return
	}
	call.route = pattern
	s.mux.ServeHTTP(w, r)
}

// unrouted tells a path that nobody serves from a method that the path lacks.
func unrouted(handler http.Handler, r *http.Request) error {
	answer := &headersOnly{header: http.Header{}}
	handler.ServeHTTP(answer, r)
	if answer.status == http.StatusMethodNotAllowed {
		return errMethod(answer.header.Get("Allow"))
	}
	return errNoRoute()
}

// secure sets what no answer should lack: nothing is cached, framed, guessed or run.
func secure(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
}
