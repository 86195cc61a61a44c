package httpapi

import (
	"net/http"
	"net/netip"
	"slices"

	"github.com/paymux/paymux/core"
)

// addMetrics serves what is measured. It names accounts and tells how much is
// paid, so that it is not for everybody who reaches the API.
func (s *server) addMetrics() {
	if s.Metrics == nil {
		return
	}
	s.mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if err := s.mayMeasure(r); err != nil {
			s.fail(w, r, err)
			return
		}
		s.Metrics.ServeHTTP(w, r)
	})
}

// mayMeasure lets in whoever asks from this machine itself, and operators from anywhere.
func (s *server) mayMeasure(r *http.Request) error {
	if len(s.Access(r.Context()).ring.entries) > 0 && fromThisMachine(r) {
		return nil
	}
	who, err := s.Access(r.Context()).ring.identify(r)
	if err != nil {
		return err
	}
	if !slices.Contains(who.scopes, ScopeOperator) {
		return &core.Problem{Code: core.ErrForbidden.Code, Detail: "the key lacks the scope " + string(ScopeOperator)}
	}
	return nil
}

// fromThisMachine reports whether r comes from this machine and through no proxy
// on it, as far as the proxy says so.
func fromThisMachine(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	socket, err := netip.ParseAddr(addressOf(r.RemoteAddr))
	return err == nil && socket.IsLoopback() && namesThisMachine(r.Host)
}
