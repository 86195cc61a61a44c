package sandbox

import (
	"maps"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// State is the ledger: what really happened, whatever the API told.
type State struct {
	Clock     sandboxkit.Clock `json:"clock"`
	Payments  []Payment        `json:"payments"`
	Transfers []Transfer       `json:"transfers"`
	// Uncreated counts, by ref, the init and send calls for which nothing was created to this day.
	Uncreated     map[string]int `json:"uncreated"`
	Notifications []Notification `json:"notifications"`
	// Faults are the ones that wait for their call.
	Faults []Fault `json:"faults"`
	// RedirectsFollowed counts the requests that a redirect fault led astray.
	RedirectsFollowed int `json:"redirects_followed"`
}

// State returns a copy of the ledger. Payments, transfers and notifications are in the order in
// which they were made.
func (s *Server) State() State {
	s.stage.Lock()
	defer s.stage.Unlock()
	ledger := s.stage.Ledger()
	state := State{
		Clock:             ledger.Clock,
		Payments:          make([]Payment, len(s.order)),
		Transfers:         make([]Transfer, len(s.paidOut)),
		Uncreated:         s.uncreated(),
		Notifications:     notificationsOf(ledger.Tries),
		Faults:            ledger.Faults,
		RedirectsFollowed: ledger.RedirectsFollowed,
	}
	for i, p := range s.order {
		state.Payments[i] = s.paymentRow(p)
	}
	for i, t := range s.paidOut {
		state.Transfers[i] = s.transferRow(t)
	}
	return state
}

// Payment returns the ledger's row of the id, and whether there is one.
func (s *Server) Payment(ref string) (Payment, bool) {
	s.stage.Lock()
	defer s.stage.Unlock()
	p, ok := s.payments[ref]
	if !ok {
		return Payment{}, false
	}
	return s.paymentRow(p), true
}

// Transfer returns the ledger's row of the id, and whether there is one.
func (s *Server) Transfer(ref string) (Transfer, bool) {
	s.stage.Lock()
	defer s.stage.Unlock()
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
