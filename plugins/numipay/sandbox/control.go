package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// controlMax bounds the body of a control request and of a page's form.
	controlMax = 64 << 10
	// clockStepMax bounds one move of the clock.
	clockStepMax = 10 * 365 * 24 * time.Hour
)

func (s *Server) routeControl() {
	s.mux.HandleFunc("GET /_sandbox/state", func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, jsonAnswer(http.StatusOK, s.State()))
	})
	s.mux.HandleFunc("POST /_sandbox/reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.HandleFunc("DELETE /_sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.HandleFunc("POST /_sandbox/clock", s.control(s.orderClock))
	s.mux.HandleFunc("POST /_sandbox/faults", s.control(s.orderFault))
	s.mux.HandleFunc("POST /_sandbox/transactions/{ref}", s.control(s.orderDecision))
	s.mux.HandleFunc("POST /_sandbox/notify/{ref}", s.control(s.orderNotify))
	s.mux.HandleFunc(redirectPath, s.redirected)
}

// errBadOrder says that a control request cannot be read, or asks for what cannot be.
var errBadOrder = errors.New("bad control request")

// control answers a control request with what the order returns, or with 400, 404 or 409 and a
// sentence that says what to change.
func (s *Server) control(order func(ref string, body []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, controlMax))
		if err != nil {
			s.write(w, controlRefusal(fmt.Errorf("%w: more than %d bytes", errBadOrder, controlMax)))
			return
		}
		told, err := order(r.PathValue("ref"), body)
		if err != nil {
			s.write(w, controlRefusal(err))
			return
		}
		s.write(w, jsonAnswer(http.StatusOK, told))
	}
}

func controlRefusal(err error) answer {
	status := http.StatusBadRequest
	switch {
	case errors.Is(err, ErrUnknownRef):
		status = http.StatusNotFound
	case errors.Is(err, ErrDecided):
		status = http.StatusConflict
	}
	return jsonAnswer(status, map[string]string{"error": err.Error()})
}

// readOrder reads a JSON object strictly, so that a misspelled field is not taken for its absence.
// An empty body is an empty object.
func readOrder(body []byte, order any) error {
	if len(body) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(order); err != nil {
		return fmt.Errorf("%w: %w", errBadOrder, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: text after the JSON object", errBadOrder)
	}
	return nil
}

func (s *Server) orderClock(_ string, body []byte) (any, error) {
	var order struct {
		AdvanceMS *int64 `json:"advance_ms"`
		SkewMS    *int64 `json:"skew_ms"`
	}
	if err := readOrder(body, &order); err != nil {
		return nil, err
	}
	const most = int64(clockStepMax / time.Millisecond)
	switch advance, skew := order.AdvanceMS, order.SkewMS; {
	case advance == nil && skew == nil:
		return nil, fmt.Errorf("%w: give advance_ms, skew_ms or both", errBadOrder)
	case advance != nil && (*advance < 0 || *advance > most):
		return nil, fmt.Errorf("%w: advance_ms %d: give 0 to %d", errBadOrder, *advance, most)
	case skew != nil && (*skew < -most || *skew > most):
		return nil, fmt.Errorf("%w: skew_ms %d: give %d to %d", errBadOrder, *skew, -most, most)
	}
	if order.SkewMS != nil {
		s.Skew(time.Duration(*order.SkewMS) * time.Millisecond)
	}
	if order.AdvanceMS != nil {
		s.Advance(time.Duration(*order.AdvanceMS) * time.Millisecond)
	}
	return map[string]time.Time{"now": s.Now()}, nil
}

func (s *Server) orderFault(_ string, body []byte) (any, error) {
	var fault Fault
	if err := readOrder(body, &fault); err != nil {
		return nil, err
	}
	if err := s.Inject(fault); err != nil {
		return nil, err
	}
	return map[string][]Fault{"faults": s.State().Faults}, nil
}

// orderDecision answers with the row as it is then.
func (s *Server) orderDecision(ref string, body []byte) (any, error) {
	var order Decision
	if err := readOrder(body, &order); err != nil {
		return nil, err
	}
	if err := s.Decide(ref, order); err != nil {
		return nil, err
	}
	row, _ := s.Transaction(ref)
	return row, nil
}

func (s *Server) orderNotify(ref string, body []byte) (any, error) {
	var order Again
	if err := readOrder(body, &order); err != nil {
		return nil, err
	}
	tried, err := s.Notify(ref, order)
	if err != nil {
		return nil, err
	}
	return map[string][]Notification{"notifications": tried}, nil
}

// redirected is where no client of Numipay should ever come.
func (s *Server) redirected(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	s.redirectsHit++
	s.mu.Unlock()
	s.write(w, textAnswer(http.StatusOK, "the redirect was followed"))
}
