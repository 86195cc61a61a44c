package sandbox

import (
	"net/http"
	"net/url"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

const (
	dayForm     = "02-01-2006"
	windowMax   = 7 * 24 * time.Hour
	day         = 24 * time.Hour
	createdForm = time.RFC3339
)

// status answers by the merchant's id. It tells no amount.
func (s *Server) status(c call) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	t, ok := s.transactions[c.request.PathValue("id")]
	if !ok || t.Live != c.live {
		return refusal(http.StatusNotFound, "transaction not found")
	}
	t.Checks++
	word := s.shownStatus(t)
	told := struct {
		Status string `json:"transaction_status"`
		Reason string `json:"rejected_reason,omitempty"`
	}{Status: word}
	if word == wordRejected {
		told.Reason = t.Reason
	}
	return jsonAnswer(http.StatusOK, told)
}

// listed is an element of the list.
type listed struct {
	told
	CreatedAt string `json:"created_at"`
}

// list answers with what was created on the days from one to the other, both included.
func (s *Server) list(c call) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	from, to, fault := daysOf(c.request.URL.Query(), s.stage.Shown(s.stage.Now()))
	if fault != nil {
		return refusal(http.StatusBadRequest, "the range is not valid", *fault)
	}
	rows := []listed{}
	for _, t := range s.order {
		if t.Live == c.live && !t.listedAt.Before(from) && t.listedAt.Before(to.Add(day)) {
			rows = append(rows, listed{t.tell(t.Status), t.listedAt.Format(createdForm)})
		}
	}
	return jsonAnswer(http.StatusOK, rows)
}

// daysOf reads from and to, which are today when they are absent.
func daysOf(query url.Values, now time.Time) (from, to time.Time, fault *fieldFault) {
	ends := map[string]time.Time{}
	for _, name := range []string{"from", "to"} {
		ends[name] = now.Truncate(day)
		if !query.Has(name) {
			continue
		}
		given, err := time.Parse(dayForm, query.Get(name))
		if err != nil {
			return from, to, &fieldFault{name, "must be DD-MM-YYYY"}
		}
		ends[name] = given
	}
	from, to = ends["from"], ends["to"]
	switch {
	case to.Before(from):
		return from, to, &fieldFault{"to", "is before from"}
	case to.Sub(from) > windowMax:
		return from, to, &fieldFault{"to", "is more than 7 days after from"}
	default:
		return from, to, nil
	}
}
