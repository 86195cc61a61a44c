package httpapi

import "net/http"

type readiness struct {
	Ready   bool     `json:"ready"`
	Reasons []string `json:"reasons"`
}

// addHealth adds the two questions of whoever runs the engine: is it alive, may it
// get traffic.
func (s *server) addHealth() {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, "application/json", map[string]string{"status": "ok"})
	})
	s.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ready, reasons := s.Readiness.Ready(r.Context())
		status := http.StatusOK
		if !ready {
			status = http.StatusServiceUnavailable
		}
		if reasons == nil {
			reasons = []string{}
		}
		writeJSON(w, status, "application/json", readiness{Ready: ready, Reasons: reasons})
	})
}
