package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

// State is the ledger: what really happened, whatever the API told.
type State struct {
	Clock        sandboxkit.Clock `json:"clock"`
	Transactions []Transaction    `json:"transactions"`
	// Uncreated counts, by ref, the creating calls for which nothing was created to this day.
	Uncreated map[string]int `json:"uncreated"`
	// Notifications are the webhooks that were tried.
	Notifications []Notification `json:"notifications"`
	// Faults are the ones that wait for their call.
	Faults []Fault `json:"faults"`
	// RedirectsFollowed counts the requests that a redirect fault led astray.
	RedirectsFollowed int `json:"redirects_followed"`
}

// State returns a copy of the ledger. Transactions and notifications are in the
// order in which they were made.
func (s *Server) State() State {
	s.stage.Lock()
	defer s.stage.Unlock()
	ledger := s.stage.Ledger()
	state := State{
		Clock:             ledger.Clock,
		Transactions:      make([]Transaction, len(s.order)),
		Uncreated:         map[string]int{},
		Notifications:     notificationsOf(ledger.Tries),
		Faults:            ledger.Faults,
		RedirectsFollowed: ledger.RedirectsFollowed,
	}
	for i, t := range s.order {
		state.Transactions[i] = s.row(t)
	}
	for named, calls := range s.calls {
		if _, created := s.byRef[named]; !created {
			state.Uncreated[named.ref] += calls
		}
	}
	return state
}

// Transaction returns the ledger's row of the reference, and whether there is one.
func (s *Server) Transaction(ref string) (Transaction, bool) {
	s.stage.Lock()
	defer s.stage.Unlock()
	t, ok := s.byReference(ref)
	if !ok {
		return Transaction{}, false
	}
	return s.row(t), true
}

func (s *Server) row(t *transaction) Transaction {
	row := t.Transaction
	row.CreateCalls = s.calls[key{t.op, t.Ref}]
	return row
}
