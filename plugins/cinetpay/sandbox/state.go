package sandbox

import (
	"maps"
	"time"
)

// State is the ledger: what really happened, whatever the API told.
type State struct {
	Clock     Clock      `json:"clock"`
	Payments  []Payment  `json:"payments"`
	Transfers []Transfer `json:"transfers"`
	// Uncreated counts, by ref, the init and send calls for which nothing was created to this day.
	Uncreated     map[string]int `json:"uncreated"`
	Notifications []Notification `json:"notifications"`
	// Faults are the ones that wait for their call.
	Faults []Fault `json:"faults"`
	// RedirectsFollowed counts the requests that a redirect fault led astray.
	RedirectsFollowed int `json:"redirects_followed"`
}

// Clock is the time of the sandbox.
type Clock struct {
	Now time.Time `json:"now"`
	// SkewMS is how far the clock that clients see differs from Now, in milliseconds.
	SkewMS int64 `json:"skew_ms"`
}

// State returns a copy of the ledger. Payments, transfers and notifications are in the order in
// which they were made.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	state := State{
		Clock:             Clock{Now: s.clock.now().UTC(), SkewMS: s.clock.skew.Milliseconds()},
		Payments:          make([]Payment, len(s.order)),
		Transfers:         make([]Transfer, len(s.paidOut)),
		Uncreated:         s.uncreated(),
		Notifications:     append([]Notification{}, s.notified...),
		Faults:            make([]Fault, len(s.faults)),
		RedirectsFollowed: s.redirectsHit,
	}
	for i, p := range s.order {
		state.Payments[i] = s.paymentRow(p)
	}
	for i, t := range s.paidOut {
		state.Transfers[i] = s.transferRow(t)
	}
	for i, fault := range s.faults {
		state.Faults[i] = *fault
	}
	return state
}

// Payment returns the ledger's row of the id, and whether there is one.
func (s *Server) Payment(ref string) (Payment, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	p, ok := s.payments[ref]
	if !ok {
		return Payment{}, false
	}
	return s.paymentRow(p), true
}

// Transfer returns the ledger's row of the id, and whether there is one.
func (s *Server) Transfer(ref string) (Transfer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	t, ok := s.transfers[ref]
	if !ok {
		return Transfer{}, false
	}
	return s.transferRow(t), true
}

func (s *Server) paymentRow(p *payment) Payment {
	row := p.Payment
	row.CreateCalls = s.paymentCalls[p.Ref]
	return row
}

func (s *Server) transferRow(t *transfer) Transfer {
	row := t.Transfer
	row.CreateCalls = s.transferCalls[t.Ref]
	return row
}

func (s *Server) uncreated() map[string]int {
	left := maps.Clone(s.paymentCalls)
	for ref, calls := range s.transferCalls {
		left[ref] += calls
	}
	maps.DeleteFunc(left, func(ref string, _ int) bool {
		_, paid := s.payments[ref]
		_, sent := s.transfers[ref]
		return paid || sent
	})
	return left
}
