package sandbox

import (
	"maps"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// State is the ledger: what really happened, whatever the API told.
type State struct {
	Clock     sandboxkit.Clock `json:"clock"`
	Users     []User           `json:"users"`
	Transfers []Transfer       `json:"transfers"`
	// Calls counts the calls by operation, the refused ones among them.
	Calls map[Operation]int `json:"calls"`
	// Refused counts the calls that were not well signed, by the reason.
	Refused map[string]int `json:"refused"`
	// Faults are the ones that wait for their call.
	Faults []Fault `json:"faults"`
	// RedirectsFollowed counts the requests that a redirect fault led astray.
	RedirectsFollowed int `json:"redirects_followed"`
}

// State returns a copy of the ledger. Users and transfers are in the order in
// which they were made.
func (s *Server) State() State {
	s.stage.Lock()
	defer s.stage.Unlock()
	ledger := s.stage.Ledger()
	state := State{
		Clock:             ledger.Clock,
		Users:             make([]User, len(s.users)),
		Transfers:         make([]Transfer, len(s.transfers)),
		Calls:             maps.Clone(s.calls),
		Refused:           maps.Clone(s.refused),
		Faults:            ledger.Faults,
		RedirectsFollowed: ledger.RedirectsFollowed,
	}
	for i, user := range s.users {
		state.Users[i] = *user
	}
	for i, t := range s.transfers {
		state.Transfers[i] = s.row(t)
	}
	return state
}
