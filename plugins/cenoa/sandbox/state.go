package sandbox

import (
	"maps"
	"time"
)

// State is the ledger: what really happened, whatever the API told.
type State struct {
	Clock     Clock      `json:"clock"`
	Users     []User     `json:"users"`
	Transfers []Transfer `json:"transfers"`
	// Calls counts the calls by operation, the refused ones among them.
	Calls map[Operation]int `json:"calls"`
	// Refused counts the calls that were not well signed, by the reason.
	Refused map[string]int `json:"refused"`
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

// State returns a copy of the ledger. Users and transfers are in the order in
// which they were made.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{
		Clock:             Clock{Now: s.clock.now(), SkewMS: s.clock.skew.Milliseconds()},
		Users:             make([]User, len(s.users)),
		Transfers:         make([]Transfer, len(s.transfers)),
		Calls:             maps.Clone(s.calls),
		Refused:           maps.Clone(s.refused),
		Faults:            make([]Fault, len(s.faults)),
		RedirectsFollowed: s.redirects,
	}
	for i, user := range s.users {
		state.Users[i] = *user
	}
	for i, t := range s.transfers {
		state.Transfers[i] = s.row(t)
	}
	for i, fault := range s.faults {
		state.Faults[i] = *fault
	}
	return state
}
