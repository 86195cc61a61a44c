package sandboxkit

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
	// ControlPrefix begins every path of the control endpoints. No operation may
	// be there.
	ControlPrefix = "/_sandbox/"
	// redirectPath is where FaultRedirect leads to.
	redirectPath = ControlPrefix + "redirected"
	// controlMax bounds the body of a control request and of a page's form, in bytes.
	controlMax = 64 << 10
	// clockStepMax bounds one move of the clock.
	clockStepMax = 10 * 365 * 24 * time.Hour
)

// Errors of what is done by hand, which a sandbox's own actions return too.
var (
	// ErrDecided says that something is in a state which the action cannot leave.
	ErrDecided = Refusal(http.StatusConflict, "already decided")
	// ErrUnknownAction says that the action, or a part of it, is no word of the sandbox.
	ErrUnknownAction = errors.New("unknown action")
	// errBadOrder says that a control request cannot be read, or asks for what cannot be.
	errBadOrder = errors.New("bad control request")
)

type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

// Refusal returns an error, to be compared with errors.Is, that control requests
// and pages answer with the status. They answer any other error with 400.
func Refusal(status int, text string) error { return &refusal{status, text} }

func statusOf(err error) int {
	if known, ok := errors.AsType[*refusal](err); ok {
		return known.status
	}
	return http.StatusBadRequest
}

func (s *Stage) routeControl() {
	s.HandleFunc("GET "+ControlPrefix+"state", func(w http.ResponseWriter, _ *http.Request) {
		s.Write(w, JSON(http.StatusOK, s.setup.State()))
	})
	s.HandleFunc("POST "+ControlPrefix+"reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Server().Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	s.HandleFunc("DELETE "+ControlPrefix+"faults", func(w http.ResponseWriter, _ *http.Request) {
		s.Server().ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	Order(s, "clock", s.orderClock)
	Order(s, "faults", s.orderFault)
	s.HandleFunc(redirectPath, s.redirected)
}

// Order serves POST requests to a path behind ControlPrefix, such as
// "payments/{id}". The body is a JSON object, read strictly, so that a misspelled
// field is not taken for its absence; an empty body is an empty object. It
// answers with what carryOut returns, or with the sentence of its error: see
// Refusal. CarryOut is called without the lock; id is empty for a path without
// {id}.
func Order[O any](s *Stage, path string, carryOut func(id string, order O) (any, error)) {
	s.HandleFunc("POST "+ControlPrefix+path, func(w http.ResponseWriter, r *http.Request) {
		told, err := ordered(w, r, carryOut)
		if err != nil {
			s.Write(w, JSON(statusOf(err), map[string]string{"error": err.Error()}))
			return
		}
		s.Write(w, JSON(http.StatusOK, told))
	})
}

func ordered[O any](w http.ResponseWriter, r *http.Request, carryOut func(string, O) (any, error)) (any, error) {
	var order O
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, controlMax))
	if err != nil {
		return nil, fmt.Errorf("%w: more than %d bytes", errBadOrder, controlMax)
	}
	if err := readOrder(body, &order); err != nil {
		return nil, err
	}
	return carryOut(r.PathValue("id"), order)
}

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

// clockOrder moves the clock.
type clockOrder struct {
	AdvanceMS *int64 `json:"advance_ms"`
	SkewMS    *int64 `json:"skew_ms"`
}

func (o clockOrder) check() error {
	const most = int64(clockStepMax / time.Millisecond)
	switch advance, skew := o.AdvanceMS, o.SkewMS; {
	case advance == nil && skew == nil:
		return fmt.Errorf("%w: give advance_ms, skew_ms or both", errBadOrder)
	case advance != nil && (*advance < 0 || *advance > most):
		return fmt.Errorf("%w: advance_ms %d: give 0 to %d", errBadOrder, *advance, most)
	case skew != nil && (*skew < -most || *skew > most):
		return fmt.Errorf("%w: skew_ms %d: give %d to %d", errBadOrder, *skew, -most, most)
	}
	return nil
}

func (s *Stage) orderClock(_ string, order clockOrder) (any, error) {
	if err := order.check(); err != nil {
		return nil, err
	}
	server := s.Server()
	if order.SkewMS != nil {
		server.Skew(time.Duration(*order.SkewMS) * time.Millisecond)
	}
	if order.AdvanceMS != nil {
		server.Advance(time.Duration(*order.AdvanceMS) * time.Millisecond)
	}
	return map[string]time.Time{"now": server.Now()}, nil
}

func (s *Stage) orderFault(_ string, fault Fault) (any, error) {
	if err := s.Server().Inject(fault); err != nil {
		return nil, err
	}
	s.Lock()
	defer s.Unlock()
	return map[string][]Fault{"faults": s.Ledger().Faults}, nil
}

// redirected is where no client of the provider should ever come.
func (s *Stage) redirected(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	s.redirects++
	s.mu.Unlock()
	s.Write(w, Text(http.StatusOK, "the redirect was followed"))
}
